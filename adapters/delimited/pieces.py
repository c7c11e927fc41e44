"""Delimited files as pieces: a row is a node, its cells are attributes.

Source: DESIGN P6.
"""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatch

from adapters.delimited.members import Member, members
from adapters.delimited.rows import Lines, encoding_of, guessed, some
from adapters.document import Note, Unreadable
from adapters.fitted.streamed import cut
from adapters.fitted.unit import Pattern, Piece, Place
from adapters.incoming import Content
from mappings.source_fit import FileFit, SourceProfile
from mappings.source_node import SourceNode

ROOT = "tables"


class DelimitedPieces:
    """Goes through the files of a delivery, each row a piece."""

    def __init__(self, content: Content, name: str, profile: SourceProfile) -> None:
        self.top = SourceNode(ROOT)
        self._pattern = Pattern(cut(profile) or ())
        self._notes: list[Note] = []
        self._files: list[Lines] = []
        given: set[str] = set()
        self.names: list[str] = []
        for member in members(content, name):
            self.names.append(member.name)
            fit = _fit(profile, member, _some(member, _encoding(profile, member.name)))
            if fit is None:
                note = "no entry of the profile's files: is for this file; it is not kept"
                self._notes.append(Note("warning", "unknown-file", "document", note))
                continue
            encoding = fit.encoding or profile.encoding
            self._files.append(Lines.of(member.open, fit, encoding))
            given.add(fit.table)
        lacking = [fit.table for fit in profile.files if fit.table not in given]
        if lacking:
            text = f"the delivery has no {', '.join(lacking)}, so that it does not hold everything"
            self._notes.append(Note("information", "missing-file", "document", text))

    def through(self) -> Iterator[Piece]:
        """Yield the rows in order, file by file.

        Raises:
            Unreadable: a file is damaged from there on.
        """
        for number, each in enumerate(self._files):
            table = each.fit.table
            sought = self._pattern.finds((table,))
            for row in each.rows():
                node = each.node(row)
                node.parent = self.top
                place = Place(number, row.offset, row.length, row.line)
                yield Piece(self.top, node, table, sought, place)

    def at(self, place: Place, table: str) -> SourceNode:  # noqa: ARG002 - a file is one table
        """Return the row at a place again."""
        return self._files[place.file].at(place.offset, place.length, place.line)

    def notes(self) -> Sequence[Note]:
        """Return which files are unknown and which are missing."""
        return self._notes

    def close(self) -> None:
        """Close the files; reading opens them again."""
        for each in self._files:
            each.close()

    def tree(self) -> SourceNode:
        """Return all rows as one tree, for what is small."""
        self.top.children = [piece.node for piece in self.through()]
        self.close()
        return self.top


def _some(member: Member, encoding: str | None) -> str:
    with member.open() as file:
        try:
            return some(file, *encoding_of(file, encoding))
        except Unreadable:
            return ""


def _encoding(profile: SourceProfile, name: str) -> str | None:
    named = next((f for f in profile.files if fnmatch(name.lower(), f.pattern.lower())), None)
    return (named.encoding if named else None) or profile.encoding


def _fit(profile: SourceProfile, member: Member, text: str) -> FileFit | None:
    """Return the entry for a file: by its name, or the only one whose layout it has."""
    for fit in profile.files:
        if fnmatch(member.name.lower(), fit.pattern.lower()):
            return fit
    if len(profile.files) == 1:
        return profile.files[0]
    found = [fit for fit in profile.files if _has_layout(fit, text)]
    return found[0] if len(found) == 1 else None


def _has_layout(fit: FileFit, text: str) -> bool:
    line = next((line for line in text.splitlines() if line.strip()), "")
    cells = line.split(fit.delimiter or guessed(text))
    if fit.header:
        names = {cell.strip().strip(fit.quote or None) for cell in cells}
        return bool(fit.columns) and set(fit.columns) <= names
    return bool(line) and len(cells) == len(fit.columns)
