"""The tree that a source profile's paths walk, the same for XML, JSON and tables."""

from collections.abc import Iterator
from dataclasses import dataclass, field

TEXT = "."


@dataclass(eq=False, slots=True)
class SourceNode:
    """One element, object or row: its attributes, its own text and what lies within it.

    `used` names the attributes (and TEXT) that some expression has read, so that what nobody reads
    can be told. `origin` is whatever the adapter needs to find the same place in its own document.
    """

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list["SourceNode"] = field(default_factory=list)
    parent: "SourceNode | None" = None
    used: set[str] = field(default_factory=set)
    origin: object = None

    def walk(self) -> Iterator["SourceNode"]:
        """Yield this node and everything within it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def ancestors(self) -> Iterator["SourceNode"]:
        """Yield the nodes around this one, the nearest first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def path_from(self, top: "SourceNode") -> str:
        """Return the names from `top` down to this node, without positions; "" for `top` itself."""
        names: list[str] = []
        node: SourceNode | None = self
        while node is not None and node is not top:
            names.append(node.name)
            node = node.parent
        return "/".join(reversed(names))

    def place(self, top: "SourceNode") -> str:
        """Return where this node stands within `top`, with positions among equal names."""
        steps: list[str] = []
        node: SourceNode | None = self
        while node is not None and node is not top:
            steps.append(f"{node.name}[{node.position()}]")
            node = node.parent
        return "/".join([top.name, *reversed(steps)])

    def position(self) -> int:
        """Return the node's number among its siblings of the same name, from 1."""
        if self.parent is None:
            return 1
        same = [child for child in self.parent.children if child.name == self.name]
        return same.index(self) + 1
