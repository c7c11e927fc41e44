"""Which column of a place is which field, and what its codes may mean."""

from collections.abc import Iterable, Iterator, Mapping

from adapters.fitted.draft.shape import Column, Place
from adapters.fitted.draft.yaml_text import quoted
from adapters.fitted.words import AREAS, CODES, FIELD_WORDS, plain

LONG = 4
"""Shorter words hide in others by chance."""
_CODE = 40
_MOST_CODES = 60
_DATES = ("date", "time", "from", "to", "start", "end", "opened", "closed", "started", "finished",
          "sent", "received", "appealed")  # fmt: skip
_TEXTS = 20
_MOST_AREAS = 20


def fields(place: Place, names: Iterable[str], taken: set[str]) -> Iterator[tuple[str, Column]]:
    """Yield which column each field is in; a column is one field, and those taken are none."""
    wanted = list(names)
    found: dict[str, Column] = {}
    for whole in (True, False):
        for name in wanted:
            if name in found:
                continue
            column = _by_name(place, name, taken, whole=whole)
            if column is not None:
                found[name] = column
                taken.add(column.at)
    if "id" in wanted and "id" not in found:
        number = own_number(place, taken)
        if number is not None:
            found["id"] = number
            taken.add(number.at)
    if "text" in wanted and "text" not in found:
        longest = max(
            (c for c in place.columns.values() if c.at not in taken and _is_text(c)),
            key=lambda c: max(map(len, c.values)),
            default=None,
        )
        if longest is not None:
            found["text"] = longest
            taken.add(longest.at)
    yield from ((name, found[name]) for name in wanted if name in found)


def _by_name(place: Place, name: str, taken: set[str], *, whole: bool) -> Column | None:
    for word in FIELD_WORDS[name]:
        for column in sorted(place.columns.values(), key=lambda c: (c.at.count("/"), c.at)):
            own = plain(column.name)
            around = plain(column.at.rpartition("/")[0])
            fits = own == word if whole else len(word) >= LONG and word in own
            # A value in an element that is named as the field: outcome/@code.
            fits = fits or (whole and around == word and own in ("code", "kod", "value", "varde"))
            if fits and column.at not in taken and _could_be(name, column):
                return column
    return None


def own_number(place: Place, taken: set[str]) -> Column | None:
    """Return the column that numbers the rows: BeslutsId, DecisionKey."""
    for column in place.columns.values():
        word = plain(column.name)
        alone = len(set(column.values)) == len(place.rows)
        if alone and column.at not in taken and word.endswith(("id", "nr", "key", "nummer")):
            return column
    return None


def _could_be(name: str, column: Column) -> bool:
    if name in _DATES:
        return column.forms() is not None
    if name in ("date", "time"):
        return True
    if name in CODES and name not in ("type", "unit", "status", "days", "protected"):
        return any(meaning(value, CODES[name]) for value in column.codes)
    return name != "quantity" or all(_is_amount(value) for value in column.values)


def _is_amount(value: str) -> bool:
    return value.replace(",", "").replace(".", "").replace(" ", "").isdigit()


def _is_text(column: Column) -> bool:
    return column.forms() is None and max(map(len, column.values), default=0) > _TEXTS


def meaning(value: str, known: Mapping[str, str]) -> str | None:
    """Return what a code may mean by the words that it holds."""
    word = plain(value)
    own = known.get(word)
    return own or next((m for w, m in known.items() if len(w) >= LONG - 1 and w in word), None)


def codes(column: Column, known: Mapping[str, str], other: str | None = None) -> str:
    """Return the codes of a column with what they may mean, as a profile writes them."""
    pairs = [
        f"{quoted(value)}: {quoted(found)}"
        for value in column.codes[:_MOST_CODES]
        if len(value) <= _CODE and (found := meaning(value, known) or other) is not None
    ]
    return "{" + ", ".join(pairs) + "}"


def area_column(place: Place) -> Column | None:
    """Return the column that says for whom something is: by its name, and by what it says.

    A name that says nothing else is enough: then all is out until somebody has decided.
    """
    for certain in (False, True):
        for word in AREAS["words"][: AREAS["certain"] if certain else None]:
            for column in place.columns.values():
                own = plain(column.name)
                named = own == word or (len(word) >= LONG and word in own)
                said = any(meaning(value, AREAS["codes"]) for value in column.codes)
                if named and (said or (certain and len(column.codes) <= _MOST_AREAS)):
                    return column
    return None


def areas(column: Column) -> str:
    """Return what the codes of such a column may mean; what is not known is out."""
    return codes(column, AREAS["codes"], "out")
