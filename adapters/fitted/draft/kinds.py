"""Which concept the rows at a place are: by its name, by a column that says it, or by content."""

from collections.abc import Iterator
from dataclasses import dataclass

from adapters.fitted.draft.columns import meaning
from adapters.fitted.draft.shape import Column, Place
from adapters.fitted.words import CODES, CONCEPT_WORDS, FIELD_WORDS, plain

_MOST_KINDS = 12
_TEXT = 20


OF_PERSON = ("narstaende", "anhorig", "foretradare", "godman", "nextofkin", "guardian")
"""People around the person, who are groups of theirs."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A concept, and the column and value that tell its rows from others at the same place."""

    concept: str
    condition: tuple[str, str] | None = None


def kinds_of(place: Place, *, grouped: bool) -> Iterator[Kind]:
    """Yield the concepts of a place's rows; nothing where they look like none."""
    of_person = any(word in plain(name) for name in place.called for word in OF_PERSON)
    if place.holds_only or of_person:
        return
    named = next((found for name in place.called if (found := _named(name))), None)
    if grouped or named is None:
        column = _kind_column(place)
        if column is not None:
            for value in column.codes:
                concept = _named(value)
                if concept is not None:
                    yield Kind(concept, (column.at, value))
            return
    if named is not None:
        yield Kind(named)
        return
    concept = _by_content(place)
    if concept is not None:
        yield Kind(concept)
    elif grouped:
        yield Kind("note")


def _named(word: str) -> str | None:
    own = plain(word)
    for concept, words in CONCEPT_WORDS.items():
        if concept not in ("person", "case") and any(each in own for each in words):
            return concept
    return None


def _kind_column(place: Place) -> Column | None:
    """Return a column whose few values are names of concepts."""
    for column in place.columns.values():
        several = 1 < len(column.codes) <= min(_MOST_KINDS, len(place.rows))
        if several and sum(_named(value) is not None for value in column.codes) > 1:
            return column
    return None


def _by_content(place: Place) -> str | None:
    names = {plain(column.name) for column in place.columns.values()}
    columns = place.columns.values()
    lawful = any(_is_law(value) for column in columns for value in column.codes[:20])
    decided = any(
        names & set(FIELD_WORDS["outcome"]) and meaning(value, CODES["outcome"])
        for column in columns
        for value in column.codes[:20]
    )
    if lawful and (decided or names & set(FIELD_WORDS["type"])):
        return "decision"
    timed = [column for column in columns if column.forms() is not None]
    text = any(
        max(map(len, column.values)) > _TEXT and column.forms() is None for column in columns
    )
    return "note" if timed and text else None


def _is_law(value: str) -> bool:
    word = plain(value)
    return "§" in value or (word.startswith(("sol", "lss")) and any(map(str.isdigit, word)))
