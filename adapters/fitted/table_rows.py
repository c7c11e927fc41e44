"""Which rows a profile's joins mean: those of a table, or only those of one kind in it.

beslut                   the table, by its name or its path of names
item[@typ='beslut']      of its rows those whose column has a value: lines of several kinds
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from mappings.source_node import SourceNode
from mappings.source_path import Step, compile_path


@dataclass(frozen=True, slots=True)
class TableRows:
    """Rows of a table; `only` is the last step of its path, with what a row must be."""

    table: str
    only: Step | None = None

    def admits(self, table: str, row: SourceNode) -> bool:
        """Tell whether a row of a table is one of them."""
        return table == self.table and (self.only is None or self.only.admits(row))


@cache
def table_rows(written: str) -> TableRows:
    """Return the rows that the name of a table, or a path to it, means."""
    if "[" not in written:
        return TableRows(written)
    steps = compile_path(written).steps
    return TableRows("/".join(step.name for step in steps), steps[-1])


def rows_of(top: SourceNode, written: str) -> list[SourceNode]:
    """Return the rows of an export that is held as a tree."""
    rows = table_rows(written)
    return [node for node in _at(top, rows.table) if rows.admits(rows.table, node)]


def _at(top: SourceNode, table: str) -> Iterator[SourceNode]:
    found = [top]
    for name in table.split("/"):
        found = [child for node in found for child in node.children if child.name == name]
    yield from found


def joining_columns(joins: Iterator[tuple[str, list[str]]]) -> dict[str, list[str]]:
    """Return, by the name of rows, the columns that join them: each has its use."""
    found: dict[str, list[str]] = {}
    for written, columns in joins:
        found.setdefault(table_rows(written).table.rpartition("/")[2], []).extend(columns)
    return found
