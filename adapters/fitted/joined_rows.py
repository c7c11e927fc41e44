"""Rows of a large export put together person by person, without holding their tables.

Source: DESIGN P6. The same rules as adapters/fitted/joined.py, which joins a tree in memory.
"""

from collections.abc import Iterator, Sequence

from adapters.document import Note
from adapters.fitted.joined import PERSON, unplaced, value_of
from adapters.fitted.row_index import RowIndex
from adapters.fitted.table_rows import joining_columns, table_rows
from adapters.fitted.unit import Piece, Pieces, Place
from mappings.source_fit import Join, SourceProfile
from mappings.source_node import SourceNode

_GROUPS = -1
"""The relation of rows that are made into persons."""


class JoinedRows:
    """The persons of an export whose rows a profile joins."""

    def __init__(self, pieces: Pieces, profile: SourceProfile, index: RowIndex) -> None:
        self.pieces = pieces
        self.index = index
        self._joins = [_without_person(each, profile) for each in profile.joins]
        self._persons = {_plain(table, profile): col for table, col in profile.persons.items()}
        joined = {table_rows(n).table for each in self._joins for n in (each.rows, each.under)}
        self._tables = sorted({*joined, *self._persons}, key=self._order)
        self._lost: dict[str, int] = {}
        self._roots = 0
        self._parents: list[tuple[int, SourceNode]] = []
        self._used = joining_columns((j.rows, [own for own, _ in j.on]) for j in self._joins)

    def _order(self, table: str) -> tuple[int, str]:
        made = list(self._persons)
        return (made.index(table) if table in made else len(made), table)

    def note(self, piece: Piece) -> bool:
        """Take a row into the index; False if it is of none of the tables that are joined."""
        if piece.table not in self._tables:
            if piece.sought:
                self._tables.append(piece.table)
            else:
                return False
        table = self._tables.index(piece.table)
        child = False
        for relation, join in enumerate(self._joins):
            if table_rows(join.under).admits(piece.table, piece.node):
                self.index.parent(relation, _values(piece.node, join, own=False))
            if table_rows(join.rows).admits(piece.table, piece.node):
                child = True
                own = _values(piece.node, join, own=True)
                self._count(join.rows, self.index.child(relation, own, table, piece.place))
        column = self._persons.get(piece.table)
        if column is not None:
            child = True
            value = value_of(piece.node, column)
            self._count(PERSON, self.index.child(_GROUPS, [value], table, piece.place), piece.table)
        if not child:
            self.index.root(table, piece.place)
            if not self._parents or self._parents[-1][1] is not piece.parent:
                self._parents.append((self._roots, piece.parent))
            self._roots += 1
        return True

    def _count(self, why: str, placed: bool, table: str = "") -> None:  # noqa: FBT001  # an answer
        if not placed:
            key = f"{why} {table}"
            self._lost[key] = self._lost.get(key, 0) + 1

    def notes(self) -> Iterator[Note]:
        """Say how many rows are of nobody: they are not kept."""
        for table in self._persons:
            lost = self._lost.get(f"{PERSON} {table}", 0)
            if lost:
                yield unplaced(lost, "have no person number", table)
        for relation, join in enumerate(self._joins):
            lost, several = self.index.unplaced(relation)
            lost += self._lost.get(f"{join.rows} ", 0)
            if lost:
                yield unplaced(lost, f"name no row of {join.under}", join.rows)
            if several:
                yield unplaced(several, f"name several rows of {join.under} alike", join.rows)

    def through(self) -> Iterator[tuple[SourceNode, SourceNode]]:
        """Yield, with the node that it stands in, each row that names no other, and what names it.

        Persons that are made of rows come first.
        """
        for key in self.index.groups(_GROUPS):
            yield from self._made(key)
        holders = iter([*self._parents, (self._roots, self.pieces.top)])
        parent, (until, following) = self.pieces.top, next(holders)
        for number, (table, place) in enumerate(self.index.roots()):
            while number >= until:
                parent = following
                until, following = next(holders)
            yield parent, self._row(self._tables[table], place, parent)

    def _made(self, key: int) -> Iterator[tuple[SourceNode, SourceNode]]:
        # Two values may have the same hash; what stands in the rows decides.
        made: dict[str, SourceNode] = {}
        for table, place in self.index.of_group(_GROUPS, key):
            name = self._tables[table]
            row = self._row(name, place, None)
            value = value_of(row, self._persons[name])
            person = made.setdefault(value, SourceNode(PERSON, parent=self.pieces.top))
            row.parent = person
            person.children.append(row)
        for person in made.values():
            yield self.pieces.top, person

    def _row(self, table: str, place: Place, parent: SourceNode | None) -> SourceNode:
        row = self.pieces.at(place, table)
        row.parent = parent
        for node in row.walk():
            node.used.update(self._used.get(node.name, ()))
        for relation, join in enumerate(self._joins):
            if not table_rows(join.under).admits(table, row):
                continue
            wanted = _values(row, join, own=False)
            for child_table, where in self.index.named(relation, wanted):
                child = self._row(self._tables[child_table], where, row)
                if _values(child, join, own=True) == wanted:
                    row.children.append(child)
        return row


def _values(row: SourceNode, join: Join, *, own: bool) -> Sequence[str]:
    return [value_of(row, mine if own else there) for mine, there in join.on]


def _plain(table: str, profile: SourceProfile) -> str:
    return table.removeprefix(f"{PERSON}/") if profile.persons else table


def _without_person(join: Join, profile: SourceProfile) -> Join:
    return Join(_plain(join.rows, profile), _plain(join.under, profile), join.on)
