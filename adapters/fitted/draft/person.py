"""Where persons stand in an unknown export, and where their numbers do."""

from collections import Counter
from dataclasses import dataclass

from adapters.fitted.draft.shape import NUMBER, Column, Place, Shape
from adapters.fitted.draft.yaml_text import step
from adapters.fitted.words import CONCEPT_WORDS, FIELD_WORDS, KIN_WORDS, plain

_MOST = 0.5


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """The place of persons and the column of their number.

    `grouped`: every row repeats the number, so that persons are made of rows.
    """

    place: Place
    number: Column
    grouped: bool


def find_person(shape: Shape) -> FoundPerson | None:
    """Return where persons stand, None where nothing looks like a person."""
    found = [
        (place, column)
        for place in shape.places.values()
        for column in place.columns.values()
        if sum(map(_is_number, column.values)) > _MOST * len(place.rows)
    ]
    if not found:
        return None
    place, number = min(found, key=lambda each: _rank(*each))
    repeated = max(Counter(number.values).values()) > 1
    while repeated and (around := _around(shape, place, number)) is not None:
        # Rows that hold their person are the rows: {"vem": {"nr": ...}, "text": ...}.
        place, number = around
    return FoundPerson(place, number, repeated)


def _around(shape: Shape, place: Place, number: Column) -> tuple[Place, Column] | None:
    outer = shape.places.get(place.path.rpartition("/")[0])
    if outer is None or len(outer.rows) != len(place.rows):
        return None
    found = outer.columns.get(f"{step(place.last)}/{number.at}")
    return None if found is None else (outer, found)


def is_number_column(column: Column) -> bool:
    """Tell whether most of a column's values are person numbers."""
    return sum(map(_is_number, column.values)) > _MOST * len(column.values)


def _is_number(value: str) -> bool:
    return NUMBER.fullmatch(value.strip()) is not None


def _rank(place: Place, column: Column) -> tuple[bool, bool, bool, int, int, int]:
    word = plain(place.last)
    names = [plain(each) for each in place.path.split("/")]
    kin = any(each in name for name in names for each in KIN_WORDS)
    named = any(each in word for each in CONCEPT_WORDS["person"])
    told = any(each in plain(column.name) for each in FIELD_WORDS["number"])
    # A place that is named as persons are, or else the outermost one that has the number.
    return kin, not named, not told, place.path.count("/"), column.at.count("/"), -len(place.rows)
