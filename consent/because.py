"""The facts that a condition looked at: what made it true, false or unknown.

Source: issue of explanations: the trail names the fact. Nothing is written twice for it: the
condition's own test runs against a situation that notes what is read of it.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import partial
from types import FunctionType
from typing import Any, cast

from consent.facts import Item
from consent.predicate import (
    Absent,
    All,
    Before,
    Column,
    Not,
    OneOf,
    Predicate,
    Some,
    value_of,
)
from consent.situation import Situation, Testable

Looked = dict[str, Any]
"""What was read, by where it stands: `request.purpose`, `facts.consents[0].answer`, `item.unit`."""

REGISTERS = ("facts.blocks", "facts.consents", "facts.lifts")


def looked_at(situation: Situation, condition: Testable, item: Item) -> tuple[Predicate, Looked]:
    """Return what the condition comes to, and the facts and columns that it looked at."""
    looked: Looked = {}
    predicate = condition.test(cast("Situation", _Watched(situation, "", looked)))
    for column in _columns(predicate):
        looked[f"item.{column.value}"] = value_of(item, column)
    return predicate, looked


def unknown(situation: Situation, looked: Looked) -> bool:
    """Tell whether what was looked at is not known, rather than known to be otherwise."""
    if not situation.request.registers_reachable and any(
        name.startswith(REGISTERS) for name in looked
    ):
        return True
    unlisted = any(
        name.startswith("facts.organisations[") and value is None for name, value in looked.items()
    )
    since = "facts.person.lacking_since"
    return unlisted or (since in looked and looked[since] is None)


def written(value: object) -> str:
    """Return a fact's value as people write it."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case Enum():
            return str(value.value)
        case frozenset():
            return ", ".join(sorted(map(written, value))) or "none"
        case _:
            return str(value)


def _columns(predicate: Predicate) -> set[Column]:
    match predicate:
        case OneOf() | Absent() | Before():
            return {predicate.column}
        case Not():
            return _columns(predicate.other)
        case All() | Some():
            return {column for part in predicate.parts for column in _columns(part)}
    return set()


class _Watched:
    """A value that notes which of its fields are read, and hands out watched ones in turn."""

    __slots__ = ("_looked", "_path", "_value")

    def __init__(self, value: object, path: str, looked: Looked) -> None:
        self._value, self._path, self._looked = value, path, looked

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # as the watched value
        kind = type(self._value)
        if name == "_tested":  # what was tested before was not seen
            return {}
        if name not in {each.name for each in fields(cast("Any", kind))}:
            own = getattr(kind, name)
            if isinstance(own, property) and own.fget is not None:
                return own.fget(self)
            return partial(cast("FunctionType", own), self)
        path = f"{self._path}.{name}" if self._path else name
        return _watch(getattr(self._value, name), path, self._looked)


class _WatchedMapping:
    """A mapping that notes which keys are asked for."""

    __slots__ = ("_looked", "_mapping", "_path")

    def __init__(self, mapping: Mapping[Any, Any], path: str, looked: Looked) -> None:
        self._mapping, self._path, self._looked = mapping, path, looked

    def get(self, key: object) -> Any:  # noqa: ANN401  # as the mapping's values
        path = f"{self._path}[{written(key)}]"
        found = self._mapping.get(key)
        if found is None:
            self._looked[path] = None
        return _watch(found, path, self._looked)

    def __getitem__(self, key: object) -> Any:  # noqa: ANN401  # as the mapping's values
        return _watch(self._mapping[key], f"{self._path}[{written(key)}]", self._looked)

    def values(self) -> list[Any]:
        return [self[key] for key in self._mapping]


def _watch(value: Any, path: str, looked: Looked) -> Any:  # noqa: ANN401  # any fact
    if is_dataclass(value) and not isinstance(value, type):
        return _Watched(value, path, looked)
    if isinstance(value, tuple):
        looked[path] = len(value)
        return [_watch(each, f"{path}[{number}]", looked) for number, each in enumerate(value)]
    if isinstance(value, Mapping):
        return _WatchedMapping(value, path, looked)
    looked[path] = value
    return value
