"""What an unknown export looks like: its places, and the columns of what stands at each.

A column of a row is an attribute, an element with a text alone, or either of these in an element
that stands once in each row. What may stand several times in a row is a place of its own.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from adapters.fitted.draft.yaml_text import step
from adapters.json_export.nodes import ITEM
from mappings.date_forms import read_in
from mappings.source_node import SourceNode

NUMBER = re.compile(
    r"(?:1[89]|20)?\d\d(?:0[1-9]|1[0-2])(?:[06][1-9]|[1278]\d|[39][01])[-+ ]?[0-9T]\d{3}"
    r"|(?:1[89]|20)\d{6}-\d{4}"
)
"""A personnummer or samordningsnummer with two or four digits of the year."""
FORMS = tuple(
    date + time
    for date in ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y.%m.%d",
                 "%d %B %Y", "%d %b %Y", "%Y%m%d", "%y%m%d")
    for time in ("", " %H:%M", " %H:%M:%S", " %H.%M", " kl %H.%M", " kl %H:%M", " %I:%M %p",
                 "T%H%M")
)  # fmt: skip
_COUNTS = {"epoch_ms": re.compile(r"1[0-9]{12}"), "epoch_s": re.compile(r"1[0-9]{9}")}
_DEEPEST = 2


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the rows at a place: how a profile reads it, its last name, and its values."""

    at: str
    name: str
    values: tuple[str, ...]

    @property
    def codes(self) -> list[str]:
        """Return its different values."""
        return sorted(set(self.values))

    def forms(self) -> tuple[str, ...] | None:
        """Return the forms of dates that its values have; empty for ISO, None for no dates."""
        found: dict[str, None] = {}
        for value in self.values:
            if read_in(value, ()) and len(value) > len("202602"):
                continue
            form = next((f for f in (*found, *FORMS, *_COUNTS) if _is(value, f)), None)
            if form is None:
                return None
            found.setdefault(form)
        # A form that all have is likelier than one for each.
        whole = next((f for f in FORMS if found and all(_is(v, f) for v in self.values)), None)
        if not self.values:
            return None
        return (whole,) if whole else tuple(found)


def _is(value: str, form: str) -> bool:
    if form in _COUNTS:
        return _COUNTS[form].fullmatch(value) is not None
    found = read_in(value, (form,))
    return found is not None and read_in(value, ()) is None


@dataclass(slots=True)
class Place:
    """What stands at one path: its rows, and their columns by how they are read."""

    path: str
    rows: list[SourceNode]
    columns: dict[str, Column] = field(default_factory=dict)
    holder: "Place | None" = None

    @property
    def holds_only(self) -> bool:
        """Tell whether it says nothing itself, as a list or a journal around its entries."""
        return all("/" in at for at in self.columns)

    @property
    def last(self) -> str:
        """Return the last name of the path."""
        return self.path.rpartition("/")[2]

    @property
    def called(self) -> tuple[str, ...]:
        """Return what its rows may be called: their name, and that of what only holds them."""
        held = self.holder is not None and self.holder.holds_only
        names = (self.last,) if self.last != ITEM else ()
        return (*names, self.holder.last) if held and self.holder is not None else names

    def only(self, condition: tuple[str, str] | None) -> "Place":
        """Return the place with only the rows whose column has a value."""
        if condition is None:
            return self
        at, value = condition
        rows = [row for row in self.rows if any(v == value for a, v in values_of(row) if a == at)]
        return Place(self.path, rows, columns_of(rows), self.holder)


class Shape:
    """The places of an export by their paths from the top."""

    def __init__(self, top: SourceNode) -> None:
        self.top = top
        rows: dict[str, list[SourceNode]] = {}
        for node in top.walk():
            if node is not top:
                rows.setdefault(node.path_from(top), []).append(node)
        self.places: dict[str, Place] = {}
        for path, found in rows.items():
            holder = self.places.get(path.rpartition("/")[0])
            self.places[path] = Place(path, found, columns_of(found), holder)

    def within(self, path: str) -> Iterator[Place]:
        """Yield the places below a path."""
        for each in self.places.values():
            if each.path.startswith(f"{path}/"):
                yield each


def columns_of(rows: Iterable[SourceNode]) -> dict[str, Column]:
    """Return the columns of rows, in the order in which they are met."""
    rows = list(rows)
    several = {prefix for row in rows for prefix in _repeated(row)}
    values: dict[str, list[str]] = {}
    for row in rows:
        for at, value in values_of(row):
            if not any(at.startswith(each) or f"{at}/" == each for each in several):
                values.setdefault(at, []).append(value)
    return {
        at: Column(at, re.sub(r"[@{}]", "", at.rpartition("/")[2]), tuple(found))
        for at, found in values.items()
    }


def _repeated(row: SourceNode, prefix: str = "") -> Iterator[str]:
    """Yield where something stands several times within a row."""
    names = Counter(child.name for child in row.children)
    for name, number in names.items():
        if number > 1:
            yield f"{prefix}{step(name)}/"
    for child in row.children:
        if names[child.name] == 1 and prefix.count("/") < _DEEPEST:
            yield from _repeated(child, f"{prefix}{step(child.name)}/")


def values_of(row: SourceNode, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield how a row's values are read, and the values that are not empty."""
    for name, value in row.attributes.items():
        if value.strip():
            yield f"{prefix}@{step(name)}", value.strip()
    if row.text.strip() and (prefix or row.attributes):
        yield (prefix.rstrip("/") or "."), row.text.strip()
    names = Counter(child.name for child in row.children)
    for child in row.children:
        if names[child.name] == 1 and prefix.count("/") < _DEEPEST:
            yield from values_of(child, f"{prefix}{step(child.name)}/")
