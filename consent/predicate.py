"""The closed set of predicates over the columns of an item: what a scope can be made of.

A predicate is data, so that one text of a condition serves a single item, a whole record and a
database. Every predicate is true or false for every item, never unknown: a column without a value
equals nothing, and `Not` turns that around.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from consent.code import Code
from consent.facts import Item


class Column(Code):
    """The columns of an item that a predicate may ask about."""

    OWNER = "owner"
    AUTHORITY = "authority"
    UNIT = "unit"
    PROCESS = "process"
    REGIME = "regime"
    SERVICE = "service"
    RECIPIENT = "recipient"
    INFO_TYPE = "info_type"
    DATE_FROM = "date_from"
    DATE_TO = "date_to"
    COLLECTED_FOR = "collected_for"
    PER_PERSON_FILE = "per_person_file"
    INFORMED = "informed"
    AVAILABILITY = "availability"
    AVAILABLE_SINCE = "available_since"
    SECRET_FROM_PERSON = "secret_from_person"  # noqa: S105  # nosec B105 - a column
    WITHDRAWN = "withdrawn"


Value = str | bool | datetime | None


def place_of(column: Column) -> str:
    """Return where an item has the column's value: the name of a field, or of a field in one."""
    spans = {Column.DATE_FROM: "date.start", Column.DATE_TO: "date.end"}
    return spans.get(column, column.value)


READ: Mapping[Column, Callable[[Item], Any]] = {
    column: attrgetter(place_of(column)) for column in Column
}


def value_of(item: Item, column: Column) -> Value:
    """Return the item's value in a column; None where it has none."""
    value: Value = READ[column](item)
    return value


class Predicate:
    """Something that is true or false of an item."""

    __slots__ = ()

    def holds(self, item: Item) -> bool:
        """Tell whether it is true of `item`."""
        raise NotImplementedError  # each kind below answers


@dataclass(frozen=True, slots=True)
class Constant(Predicate):
    """True of every item, or of none."""

    value: bool

    def holds(self, item: Item) -> bool:  # noqa: ARG002  # the same for every item
        """Return the constant."""
        return self.value


TRUE = Constant(value=True)
FALSE = Constant(value=False)


@dataclass(frozen=True, slots=True)
class OneOf(Predicate):
    """The column has one of the values."""

    column: Column
    values: frozenset[str | bool]

    def holds(self, item: Item) -> bool:
        """Tell whether the item's value is among them."""
        return value_of(item, self.column) in self.values


@dataclass(frozen=True, slots=True)
class Absent(Predicate):
    """The column has no value."""

    column: Column

    def holds(self, item: Item) -> bool:
        """Tell whether the item has no value there."""
        return value_of(item, self.column) is None


@dataclass(frozen=True, slots=True)
class Before(Predicate):
    """The column has an instant, and it is earlier than `at`."""

    column: Column
    at: datetime

    def holds(self, item: Item) -> bool:
        """Tell whether the item's instant is earlier."""
        value = value_of(item, self.column)
        return isinstance(value, datetime) and value < self.at


@dataclass(frozen=True, slots=True)
class Not(Predicate):
    """The other predicate is false."""

    other: Predicate

    def holds(self, item: Item) -> bool:
        """Tell whether the other is false of the item."""
        return not self.other.holds(item)


@dataclass(frozen=True, slots=True)
class All(Predicate):
    """Every one is true."""

    parts: tuple[Predicate, ...]

    def holds(self, item: Item) -> bool:
        """Tell whether each part is true of the item."""
        return all(part.holds(item) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Some(Predicate):
    """At least one is true."""

    parts: tuple[Predicate, ...]

    def holds(self, item: Item) -> bool:
        """Tell whether any part is true of the item."""
        return any(part.holds(item) for part in self.parts)


def constant(value: bool) -> Constant:  # noqa: FBT001  # the value is all there is to it
    """Return the predicate that is `value` for every item."""
    return TRUE if value else FALSE


def equals(column: Column, value: str | bool | None) -> Predicate:  # noqa: FBT001  # a column's value
    """Return the predicate that the column has exactly this value, or none at all for None."""
    return Absent(column) if value is None else OneOf(column, frozenset({value}))


def one_of(column: Column, values: Iterable[str]) -> Predicate:
    """Return the predicate that the column has one of the values; false when there are none."""
    wanted: frozenset[str | bool] = frozenset(values)
    return OneOf(column, wanted) if wanted else FALSE


def negate(predicate: Predicate) -> Predicate:
    """Return the opposite, simplified."""
    match predicate:
        case Constant(value=value):
            return constant(not value)
        case Not(other=other):
            return other
        case _:
            return Not(predicate)


def all_of(parts: Iterable[Predicate]) -> Predicate:
    """Return the conjunction, simplified: true parts vanish, a false one decides."""
    kept: list[Predicate] = []
    for part in parts:
        if isinstance(part, Constant):
            if not part.value:
                return FALSE
        elif part not in kept:
            kept.extend(part.parts if isinstance(part, All) else (part,))
    return TRUE if not kept else kept[0] if len(kept) == 1 else All(tuple(kept))


def any_of(parts: Iterable[Predicate]) -> Predicate:
    """Return the disjunction, simplified: false parts vanish, a true one decides."""
    kept: list[Predicate] = []
    for part in parts:
        if isinstance(part, Constant):
            if part.value:
                return TRUE
        elif part not in kept:
            kept.extend(part.parts if isinstance(part, Some) else (part,))
    return FALSE if not kept else kept[0] if len(kept) == 1 else Some(tuple(kept))
