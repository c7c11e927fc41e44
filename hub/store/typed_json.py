"""Frozen dataclasses as JSON text and back, by their own annotations.

Every field is written, so that a default that changes later does not change what was recorded.
A field that the text lacks takes its default, because it is newer than the text; a field that the
class lacks is an error, because reading on without it could widen access (P5).
"""

import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import TypeVar, Union, cast, get_args, get_origin, get_type_hints

from hub.store.instant import at_micros, micros

T = TypeVar("T")
Read = Callable[[object], object]


class UnreadableContentError(Exception):
    """Stored content is not of the type that it is read as; names the type, never a value."""

    def __init__(self, expected: str) -> None:
        super().__init__(
            f"stored content is not a readable {expected}: it was written by a newer version or "
            "changed behind the hub's back; upgrade, or restore it from a backup"
        )


def to_json(value: object) -> str:
    """Return a frozen dataclass as JSON text; equal values give equal text."""
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def from_json(kind: type[T], text: str) -> T:
    """Return the value of type `kind` that `to_json` wrote.

    Raises:
        UnreadableContentError: the text is not one.
    """
    try:
        value = json.loads(text)
    except ValueError:
        raise UnreadableContentError(kind.__name__) from None
    return cast("T", _reader(cast("Hashable", kind))(value))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return micros(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, frozenset):
        return sorted((_plain(each) for each in value), key=str)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value


@cache
def _reader(kind: Hashable) -> Read:
    """Return the function that reads one annotated type."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _optional(kind)
    if origin in (tuple, frozenset):
        return _several(origin, _reader(get_args(kind)[0]))
    if not isinstance(kind, type):
        raise TypeError(f"{kind} cannot be stored")
    if kind is datetime:
        return _instant
    if issubclass(kind, StrEnum):
        return _code(kind)
    if is_dataclass(kind):
        return _record(kind)
    return _exactly(kind)


def _optional(kind: Hashable) -> Read:
    inner = [each for each in get_args(kind) if each is not NoneType]
    if len(inner) != 1:
        raise TypeError(f"{kind} cannot be stored")
    read = _reader(inner[0])
    return lambda value: None if value is None else read(value)


def _several(container: Callable[[list[object]], object], read: Read) -> Read:
    def several(value: object) -> object:
        if not isinstance(value, list):
            raise UnreadableContentError("list")
        return container([read(each) for each in value])

    return several


def _instant(value: object) -> datetime:
    if type(value) is not int:
        raise UnreadableContentError("instant")
    return at_micros(value)


def _code(kind: type[StrEnum]) -> Read:
    codes: Mapping[object, StrEnum] = {each.value: each for each in kind}

    def code(value: object) -> object:
        if not isinstance(value, str) or value not in codes:
            raise UnreadableContentError(kind.__name__)
        return codes[value]

    return code


def _exactly(kind: type) -> Read:
    def exactly(value: object) -> object:
        if type(value) is not kind:
            raise UnreadableContentError(kind.__name__)
        return value

    return exactly


def _record(kind: type) -> Read:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}
    required = {
        field.name
        for field in fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    }

    def record(value: object) -> object:
        if not isinstance(value, dict) or not required <= value.keys() <= readers.keys():
            raise UnreadableContentError(kind.__name__)
        return kind(**{name: readers[name](each) for name, each in value.items()})

    return record
