"""An XML export as pieces: an element is a node; its attributes are the node's.

Source: DESIGN P6.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from adapters.document import Note, Unreadable
from adapters.fitted.unit import Pattern, Piece, Place
from adapters.incoming import Content, opened
from adapters.xml_export.encoding import written_in
from adapters.xml_export.markup import Markup
from mappings.source_node import SourceNode

CHUNK = 256 * 1024
_ROW = 1024
"""What is read beyond a row's end tag, whose length is not noted."""


class XmlPieces:
    """Goes through an XML document; `root` is what its outermost element must be called."""

    def __init__(
        self, content: Content, encoding: str | None, pattern: Pattern, root: str | None = None
    ) -> None:
        self.top = SourceNode("")
        self.root = root
        self.pattern = pattern
        self._content = content
        self._written = written_in(content, encoding)
        self._known: list[SourceNode] = []
        self._file: BinaryIO | None = None

    def through(self) -> Iterator[Piece]:
        """Yield the pieces in order.

        Raises:
            Unreadable: the document is damaged from there on.
        """
        if not self.top.name:
            self._look()
        walk = _Walk(self)
        with opened(self._content) as file:
            markup = Markup(file, self._written, walk.opens, walk.closes)
            more = True
            while more:
                try:
                    more = markup.feed(CHUNK)
                finally:
                    ready, walk.ready = walk.ready, []
                    yield from ready

    def at(self, place: Place, table: str) -> SourceNode:  # noqa: ARG002 - an element has its name
        """Return the piece at a place again."""
        if self._file is None:
            self._file = opened(self._content)
        found: list[SourceNode] = []

        def closes(node: SourceNode | None, _begins: int, _length: int) -> None:
            if node is not None:
                found.append(node)
                raise _Found

        written = type(self._written)(self._written.encoding, place.offset)
        markup = Markup(self._file, written, lambda *_: True, closes)
        try:
            while markup.feed(place.length + _ROW):
                pass
        except _Found:
            pass
        return found[0]

    def notes(self) -> Sequence[Note]:
        """Return nothing: what is wrong with a document is told where it is read."""
        return ()

    def close(self) -> None:
        """Close the document; reading opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def tree(self) -> SourceNode:
        """Return the whole document as one tree, for what is small.

        Raises:
            Unreadable: it is damaged.
        """
        self._look()
        found: list[SourceNode] = []

        def closes(node: SourceNode | None, _begins: int, _length: int) -> None:
            found.extend([] if node is None else [node])

        with opened(self._content) as file:
            markup = Markup(file, self._written, lambda *_: True, closes)
            while markup.feed(CHUNK):
                pass
        self.top = found[0]
        return self.top

    def _look(self) -> None:
        """Look at the document's beginning: harm is told before that it is another export.

        Raises:
            Unreadable: it is hostile, or its outermost element is another than the profile's.
        """
        names: list[str] = []

        def opens(name: str, _attributes: dict[str, str], _depth: int) -> bool:
            names.append(name)
            return False

        with opened(self._content) as file:
            try:
                Markup(file, self._written, opens, lambda *_: None).feed(CHUNK)
            except Unreadable as why:
                if why.hostile:
                    raise
        if names and self.root not in (None, names[0]):
            text = (
                f"the outermost element is not {self.root}, which the profile asks for; give the "
                "source another profile, or correct root: in it"
            )
            raise Unreadable("wrong-profile", "line 1", text)

    def holder(self, number: int, made: SourceNode) -> SourceNode:
        """Return the node that holds pieces, the same one each time through."""
        if number == len(self._known):
            self._known.append(made)
            if made.parent is not None:
                made.parent.children.append(made)
        return self._known[number]


class _Found(Exception):
    pass


@dataclass(slots=True)
class _Walk:
    """One time through a document: where it is, and the pieces that have been read."""

    pieces: XmlPieces
    ready: list[Piece] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    holders: list[SourceNode] = field(default_factory=list)
    met: int = 0
    sought: bool = False

    def opens(self, name: str, attributes: dict[str, str], depth: int) -> bool:
        """Tell whether a piece begins with an element; go down into it otherwise."""
        if depth == 1:
            self.pieces.top.name = name
            self.pieces.top.attributes.update(attributes)
            self.holders.append(self.pieces.top)
            return False
        names = [*self.names, name]
        self.sought = self.pieces.pattern.finds(names)
        if not self.sought and self.pieces.pattern.holds(names):
            made = SourceNode(name, attributes, parent=self.holders[-1])
            self.holders.append(self.pieces.holder(self.met, made))
            self.met += 1
            self.names = names
            return False
        return True

    def closes(self, node: SourceNode | None, begins: int, length: int) -> None:
        """Note a piece that has been read, or go up again."""
        if node is None:
            self.holders.pop()
            self.names = self.names[:-1]
            return
        node.parent = self.holders[-1]
        names = "/".join([*self.names, node.name])
        self.ready.append(Piece(node.parent, node, names, self.sought, Place(0, begins, length)))
