"""What a reader of a large export gives, one after another: pieces that can be held in memory.

A piece is one subtree of the export: a person, a row of a table, or something that stands beside
them. It is yielded with the node that it stands in; that node's own pieces are never all there at
once. Readers go through the export twice: first to learn what stands beside the persons, whether
the export is whole and whom it names several times, then for the persons themselves.

Source: DESIGN P6 (a part is one person's documentation; nothing out of scope is stored).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from adapters.document import Note
from mappings.source_node import SourceNode
from mappings.source_path import Path, Step


@dataclass(frozen=True, slots=True)
class Place:
    """Where a piece stands: which file, from which byte, how many, and on which line if known."""

    file: int
    offset: int
    length: int
    line: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """One subtree, not yet among its parent's children; `sought` if a wanted path may lead to it.

    `table` is its path of names from the top.
    """

    parent: SourceNode
    node: SourceNode
    table: str
    sought: bool
    place: Place


class Pieces(Protocol):
    """An export that can be gone through again, and read at a place."""

    @property
    def top(self) -> SourceNode:
        """Return the export's top, which the first time through fills with what holds others."""

    def through(self) -> Iterator[Piece]:
        """Yield the pieces in order.

        Raises:
            Unreadable: the export breaks off, or is damaged from there on.
        """

    def at(self, place: Place, table: str) -> SourceNode:
        """Return the piece at a place again."""

    def notes(self) -> Sequence[Note]:
        """Return what the sender should know, once it has been gone through."""

    def close(self) -> None:
        """Close what is open; reading opens it again."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Paths of names that a reader looks for: where it must go down, and where a piece begins."""

    paths: tuple[tuple[str, ...], ...]

    def finds(self, names: Sequence[str]) -> bool:
        """Tell whether a path of names is one of them."""
        return any(_match(path, names, prefix=False) for path in self.paths)

    def holds(self, names: Sequence[str]) -> bool:
        """Tell whether one of them may lie within a path of names."""
        return any(_match(path, names, prefix=True) for path in self.paths)


def names_of(steps: Sequence[Step]) -> tuple[str, ...]:
    """Return the names of steps that go down."""
    return tuple(step.name for step in steps if step.name != ".")


def goes_down(path: Path) -> bool:
    """Tell whether a path leads only down, and at least one step, so that pieces can be cut."""
    names = names_of(path.steps)
    return bool(names) and ".." not in names and names[-1] != "**"


def _match(path: Sequence[str], names: Sequence[str], *, prefix: bool) -> bool:
    if not path:
        return not names and not prefix
    if path[0] == "**":
        # Any depth: none of the names, or one and still looking.
        return (
            _match(path[1:], names, prefix=prefix)
            or (bool(names) and _match(path, names[1:], prefix=prefix))
            or (prefix and not names)
        )
    if not names:
        return prefix
    return path[0] in ("*", names[0]) and _match(path[1:], names[1:], prefix=prefix)
