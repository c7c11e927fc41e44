"""A JSON export as pieces: an object is a node; its single values are attributes; lists are flat.

Source: DESIGN P6.
"""

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from adapters.document import Note
from adapters.fitted.unit import Pattern, Piece, Place
from adapters.incoming import Content, opened
from adapters.json_export.nodes import (
    DEEPEST,
    ITEM,
    KEY,
    ROOT,
    element_of,
    is_data,
    keyed,
    scalar,
)
from adapters.json_export.values import Values, Written, is_lines, too_deep, value_at, written_in
from mappings.source_node import SourceNode


class JsonPieces:
    """Goes through a JSON document, or through JSON lines, whose values are items of a list."""

    def __init__(self, content: Content, encoding: str | None, pattern: Pattern) -> None:
        self.top = SourceNode(ROOT)
        self._content = content
        self._written: Written = written_in(content, encoding)
        self._lines = is_lines(content, self._written)
        self._pattern = pattern
        self._known: list[SourceNode] = []
        self._met = 0
        self._file: BinaryIO | None = None

    def through(self) -> Iterator[Piece]:
        """Yield the pieces in order.

        Raises:
            Unreadable: the document is damaged from there on.
        """
        self._met = 0
        with opened(self._content) as file:
            values = Values(file, self._written)
            if self._lines:
                while values.sign():
                    yield from self._value(values, self.top, (ITEM,))
                return
            match values.sign():
                case "{":
                    yield from self._object(values, self.top, ())
                case "[":
                    yield from self._list(values, self.top, (ITEM,))
                case _:
                    self.top.text = scalar(values.value()[0]) or ""
            if values.sign():
                raise values.broken()

    def at(self, place: Place, table: str) -> SourceNode:
        """Return the piece at a place again."""
        if self._file is None:
            self._file = opened(self._content)
        self._file.seek(place.offset)
        key, value = value_at(self._file.read(place.length), self._written.encoding)
        if key is not None:
            return keyed(key, value, None)
        return element_of(value, table.rpartition("/")[2], None)

    def notes(self) -> Sequence[Note]:
        """Return nothing: what is wrong with a document is told where it is read."""
        return ()

    def close(self) -> None:
        """Close the document; reading opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _object(self, values: Values, node: SourceNode, names: tuple[str, ...]) -> Iterator[Piece]:
        if len(names) > DEEPEST:
            raise too_deep()
        values.take("{")
        if values.sign() == "}":
            values.take("}")
            return
        while True:
            if values.sign() != '"':
                raise values.broken()
            written, offset, _ = values.value()
            key = str(written)
            values.take(":")
            if is_data(key, scalar=values.sign() not in ("{", "[")):
                yield from self._keyed(values, node, (*names, ITEM), key, offset)
            elif values.sign() == "[":
                yield from self._list(values, node, (*names, key))
            elif values.sign() == "{":
                yield from self._value(values, node, (*names, key))
            else:
                text = scalar(values.value()[0])
                if text is not None:
                    node.attributes[key] = text
            if values.take(",}") == "}":
                return

    def _list(self, values: Values, parent: SourceNode, names: tuple[str, ...]) -> Iterator[Piece]:
        values.take("[")
        if values.sign() == "]":
            values.take("]")
            return
        while True:
            yield from self._value(values, parent, names)
            if values.take(",]") == "]":
                return

    def _row(self, values: Values, row: SourceNode, names: tuple[str, ...]) -> Iterator[Piece]:
        """Yield the pieces in a list within a list, whose single values are its columns."""
        values.take("[")
        place = 0
        while values.sign() != "]":
            place += 1
            if values.sign() in ("{", "["):
                yield from self._value(values, row, names)
            elif (text := scalar(values.value()[0])) is not None:
                row.attributes[str(place)] = text
            if values.take(",]") == "]":
                return
        values.take("]")

    def _value(self, values: Values, parent: SourceNode, names: tuple[str, ...]) -> Iterator[Piece]:
        sought = self._pattern.finds(names)
        sign = values.sign()
        if not sought and sign in ("{", "[") and sign and self._pattern.holds(names):
            holder = self._holder(parent, names[-1])
            if sign == "{":
                yield from self._object(values, holder, names)
            else:
                yield from self._row(values, holder, (*names, ITEM))
            return
        value, offset, length = values.value()
        if value is not None:
            node = element_of(value, names[-1], parent, len(names))
            yield Piece(parent, node, "/".join(names), sought, Place(0, offset, length))

    def _keyed(
        self,
        values: Values,
        parent: SourceNode,
        names: tuple[str, ...],
        key: str,
        offset: int,
    ) -> Iterator[Piece]:
        """Yield what stands under a key that is a number: an item of its own."""
        sought = self._pattern.finds(names)
        if not sought and values.sign() == "{" and self._pattern.holds(names):
            holder = self._holder(parent, ITEM)
            holder.attributes[KEY] = key
            yield from self._object(values, holder, names)
            return
        value, begins, length = values.value()
        if value is not None:
            node = keyed(key, value, parent, len(names))
            place = Place(0, offset, begins + length - offset)
            yield Piece(parent, node, "/".join(names), sought, place)

    def _holder(self, parent: SourceNode, name: str) -> SourceNode:
        """Return the node that holds pieces, the same one each time through."""
        if self._met == len(self._known):
            holder = SourceNode(name, parent=parent)
            parent.children.append(holder)
            self._known.append(holder)
        self._met += 1
        return self._known[self._met - 1]
