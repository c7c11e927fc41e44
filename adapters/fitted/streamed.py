"""The persons of a large export, one at a time: what may be kept of each, and nothing else.

Source: DESIGN P6, SVOD 1:1 and 1:3. The export is gone through twice. The first time nothing is
kept but what stands beside the persons and goes with each of them, and numbers: what is out of
scope is neither held nor written anywhere.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

from adapters.document import Delivery, Part, Unreadable
from adapters.fitted.around import Head, copied, head_of
from adapters.fitted.as_of import moment
from adapters.fitted.beside import Beside
from adapters.fitted.joined import PERSON
from adapters.fitted.joined_rows import JoinedRows
from adapters.fitted.repeated import Repeated
from adapters.fitted.row_index import RowIndex
from adapters.fitted.table_rows import table_rows
from adapters.fitted.tree_part import no_person, read_part
from adapters.fitted.unit import Pieces, goes_down, names_of
from mappings.source_node import SourceNode
from mappings.source_profile import SourceProfile

Held = tuple[SourceNode, SourceNode]
"""What a piece stands in, and the piece."""


def cut(profile: SourceProfile) -> tuple[tuple[str, ...], ...] | None:
    """Return the paths of names by which an export is cut into pieces; None if it cannot be."""
    if not goes_down(profile.person.each):
        return None
    written = {each for join in profile.joins for each in (join.rows, join.under)}
    tables = {table_rows(each).table for each in (*written, *profile.persons)}
    paths = {tuple(table.removeprefix(f"{PERSON}/").split("/")) for table in tables}
    if not profile.persons:
        paths.add(names_of(profile.person.each.steps))
    return tuple(sorted(paths))


def read_pieces(pieces: Pieces, profile: SourceProfile) -> Delivery:
    """Return the persons of an export that is read piece by piece.

    Raises:
        Unreadable: it breaks off before anybody has been read whole.
    """
    return _Streamed(pieces, profile).delivery()


class _Streamed:
    def __init__(self, pieces: Pieces, profile: SourceProfile) -> None:
        self.pieces = pieces
        self.profile = profile
        self.index = RowIndex()
        joined = bool(profile.joins or profile.persons)
        self.joined = JoinedRows(pieces, profile, self.index) if joined else None
        self.repeated = Repeated(self.index, profile, pieces.top)
        self.beside = Beside(pieces.top, profile)
        self.persons = 0
        self.broken: Unreadable | None = None

    def delivery(self) -> Delivery:
        """Go through the export for the first time, and return what it turned out to be."""
        with closing(self.pieces):
            self._first()
        notes = [*self.pieces.notes(), *(self.joined.notes() if self.joined else ())]
        if not self.persons:
            notes.append(no_person(self.pieces.top, self.profile))
        notes += self.beside.notes()
        return Delivery(
            self.profile.name,
            parts=self.parts,
            notes=tuple(notes),
            persons=self.persons,
            broken=self.broken,
            as_of=moment(self.beside.as_of, self.pieces.top, self.profile),
        )

    def _first(self) -> None:
        try:
            for piece in self.pieces.through():
                if self.joined is None or not self.joined.note(piece):
                    self._learn(piece.parent, piece.node)
        except Unreadable as why:
            # Rows that belong to one person stand in several places: then nobody is whole.
            if why.hostile or self.joined is not None or not self.persons:
                raise
            self.broken = why
        if self.joined is not None:
            self.index.ready()
            for held in self.joined.through():
                self._learn(*held)

    def _learn(self, parent: SourceNode, node: SourceNode) -> None:
        """Learn whom a piece names and what of it is of nobody; keep only what goes with all."""
        parent.children.append(node)
        persons = self._persons(parent)
        for person in persons:
            self.persons += 1
            self.repeated.learn(person)
        if not self.beside.see(node, persons) or persons:
            parent.children.pop()

    def _persons(self, parent: SourceNode) -> list[SourceNode]:
        """Return the persons in the last of a node's children, by the profile's path to them."""
        found = self.profile.person.each.nodes(self.pieces.top, self.pieces.top)
        last = parent.children[-1]
        return [each for each in found if each is last or last in each.ancestors()]

    def parts(self, after: int = 0) -> Iterator[Part]:
        """Yield the parts of the persons after the first so many."""
        head = head_of(self.pieces.top, [], self.profile)
        number = 0
        with closing(self.pieces):
            for parent, node in self._again():
                parent.children.append(node)
                try:
                    persons = self._persons(parent)
                finally:
                    parent.children.pop()
                for person in persons:
                    number += 1
                    if number > after:
                        yield from self._parts(person, number, head)
                if number >= self.persons:
                    return

    def _again(self) -> Iterator[Held]:
        if self.joined is not None:
            yield from self.joined.through()
            return
        for piece in self.pieces.through():
            if piece.sought:
                yield piece.parent, piece.node

    def _parts(self, person: SourceNode, number: int, head: Head) -> Iterator[Part]:
        alone = self.broken is None and not self.repeated.several(person)
        copy, own = copied(self.pieces.top, person, head)
        for part in read_part(copy, own, self.profile, f"{person.name}[{number}]"):
            yield replace(part, alone=alone and part.alone, number=number)
