"""The tree that a source profile's paths walk, the same for XML, JSON and tables."""

from collections.abc import Iterator
from dataclasses import dataclass, field

TEXT = "."
BREAKS = frozenset({"br", "p", "div", "li", "tr"})
"""Elements that begin a new line within a text, in exports whose texts are written as web pages."""


@dataclass(eq=False, slots=True)
class SourceNode:
    """One element, object or row: its attributes, its own text and what lies within it.

    `used` names the attributes (and TEXT) that some expression has read, so that what nobody reads
    can be told. `origin` is whatever the adapter needs to find the same place in its own document.
    `mixed` is the order of text and elements where an element holds both; `text` has only its own.
    `prefix` stands before an element's name in XML. `purged` names the concepts of the records that
    were taken out here, and are not read again.
    """

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list["SourceNode"] = field(default_factory=list)
    parent: "SourceNode | None" = None
    used: set[str] = field(default_factory=set)
    origin: object = None
    mixed: "list[str | SourceNode] | None" = None
    prefix: str = ""
    purged: frozenset[str] = frozenset()

    def said(self, *, within: bool = True) -> str:
        """Return the text as somebody reads it, with what is set off in it, and mark it as read.

        A sentence with a word in bold is the whole sentence. `within`: of an element without text
        of its own, its paragraphs are the text.
        """
        self.used.add(TEXT)
        if self.mixed is not None:
            text = ""
            for piece in self.mixed:
                if isinstance(piece, str):
                    text += piece
                else:
                    line = "\n" if piece.name.casefold() in BREAKS else ""
                    text += f"{line}{piece.said()}{line}"
            return "\n".join(line for each in text.split("\n") if (line := each.strip()))
        if self.text or not within or not self._is_paragraphs():
            return self.text.strip()
        return "\n".join(text for child in self.children if (text := child.said()))

    def _is_paragraphs(self) -> bool:
        names = {child.name for child in self.children}
        return len(names) == 1 or {name.casefold() for name in names} <= BREAKS

    def remove(self, child: "SourceNode") -> None:
        """Take something out, with the loose text after it, which may belong to it."""
        self.children.remove(child)
        if self.mixed is None:
            return
        at = self.mixed.index(child)
        end = at + 1
        while end < len(self.mixed) and isinstance(self.mixed[end], str):
            end += 1
        del self.mixed[at:end]
        own = [each.strip() for each in self.mixed if isinstance(each, str)]
        self.text = " ".join(each for each in own if each)

    def is_blank(self) -> bool:
        """Tell whether neither this node nor anything within it holds a value."""
        return not any(each.attributes or each.text for each in self.walk())

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
