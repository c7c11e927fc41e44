"""What stands in an export beside its persons: of no person, and not kept.

Source: DESIGN P6, SVOD 1:3. It is counted, so that a system manager sees what was left.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from adapters.document import Note
from adapters.fitted.around import absolute_paths, paths_around
from adapters.fitted.scope import counted
from mappings.source_node import SourceNode
from mappings.source_path import Path
from mappings.source_profile import SourceProfile


class Beside:
    """Counts what stands outside the persons, piece by piece."""

    def __init__(self, top: SourceNode, profile: SourceProfile) -> None:
        self.top = top
        self._withhold = [rule for rule in profile.withhold if rule.each.absolute]
        self._kept = absolute_paths(profile)
        if profile.organisations is not None:
            self._kept.append(profile.organisations.each)
        self._around = paths_around(profile)
        self._as_of = profile.as_of
        self.as_of: str | None = None
        """When the export says that it is of, once a piece has said it."""
        self._left_out = [
            rule.path
            for rule in profile.left_out
            if rule.path.absolute and rule.path.attribute is None
        ]
        self._counts: Counter[str] = Counter()
        self._unknown: Counter[str] = Counter()

    def see(self, piece: SourceNode, persons: Sequence[SourceNode]) -> bool:
        """Count what of a piece is of no person; tell whether it holds what goes with all parts.

        The piece stands among its parent's children.
        """
        if list(persons) == [piece]:
            return False
        known = set(persons)
        for rule in self._withhold:
            for node in self._within(rule.each, piece):
                if not _inside(node, persons) and (
                    rule.when is None or rule.when.holds(node, self.top)
                ):
                    self._counts[rule.reason] += 1
                    known.add(node)
        kept = {node for path in self._kept for node in self._within(path, piece)}
        kept |= set(self._read_around(piece, persons))
        left = {node for path in self._left_out for node in self._within(path, piece)}
        left |= set(self._of_when(piece))
        self._unknown.update(_unknown([piece], known | kept | left, self.top))
        return any(not _inside(node, persons) for node in kept)

    def _of_when(self, piece: SourceNode) -> Iterator[SourceNode]:
        """Yield what of a piece says of when the export is; it goes with no part."""
        if self._as_of is None:
            return
        self.as_of = self.as_of or self._as_of.find(self.top, self.top).value
        for path in self._as_of.every_path():
            found = list(self._within(path, piece))
            if not found and path.attribute is None and path.steps[1:]:
                # A key, or a column, may be written as an element.
                found = list(self._within(replace(path, steps=path.steps[:-1]), piece))
            yield from found

    def _read_around(
        self, piece: SourceNode, persons: Sequence[SourceNode]
    ) -> Iterator[SourceNode]:
        """Yield what of a piece the profile may read as standing around persons."""
        around = {each for person in persons for each in person.ancestors()}
        for holder in around or [*piece.ancestors()]:
            for path in self._around:
                for node in path.nodes(holder, self.top):
                    if node not in around and (node is piece or piece in node.ancestors()):
                        yield node

    def notes(self) -> Iterator[Note]:
        """Say what stands outside the persons."""
        for why, number in sorted(self._counts.items()):
            yield counted(why, number, self.top.name)
        for path, number in self._unknown.items():
            yield counted("undescribed", number, f"{self.top.name}/{path}")

    def _within(self, path: Path, piece: SourceNode) -> Iterator[SourceNode]:
        if not _may_meet(path, piece.path_from(self.top).split("/")):
            return
        for node in path.nodes(self.top, self.top):
            if node is piece or piece in node.ancestors():
                yield node


def beside(top: SourceNode, persons: Sequence[SourceNode], profile: SourceProfile) -> list[Note]:
    """Say what stands outside the persons of a whole tree."""
    seen = Beside(top, profile)
    for piece in top.children:
        seen.see(piece, [each for each in persons if each is piece or piece in each.ancestors()])
    return list(seen.notes())


def _inside(node: SourceNode, persons: Sequence[SourceNode]) -> bool:
    return any(each in persons for each in (node, *node.ancestors()))


def _may_meet(path: Path, names: Sequence[str]) -> bool:
    """Tell whether a path from the top may lead to a piece, into it, or past it."""
    for step, name in zip(path.steps, names, strict=False):
        if step.name in ("**", "..", "."):
            return True
        if step.name not in ("*", name):
            return False
    return True


def _unknown(
    pieces: Sequence[SourceNode], known: set[SourceNode], top: SourceNode
) -> Iterator[str]:
    around = {each for node in known for each in node.ancestors()}
    waiting = list(pieces)
    while waiting:
        node = waiting.pop()
        if node in around and node not in known:
            waiting.extend(node.children)
        elif node not in known and any(n.attributes or n.text for n in node.walk()):
            yield node.path_from(top)
