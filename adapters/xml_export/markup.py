"""XML as nodes, as it is read: which element begins a piece, where it stands, and what is in it.

Nothing is fetched or expanded: a DOCTYPE is refused where it stands, so that there are no entities;
depth, texts and pieces are limited. Names are without namespace prefixes. Comments and processing
instructions are no documentation and may say anything: they are passed over.

Source: XML 1.0; DESIGN P6; reference/stack.md §1 and §4. Expat and not lxml, because it tells where
in the file an element stands, so that a row can be read again without holding its table.
"""

from collections.abc import Callable
from typing import BinaryIO
from xml.parsers import expat  # nosec B405  # entities cannot be declared: see above

from adapters.document import Unreadable
from adapters.xml_export.encoding import Written, wrong_encoding
from mappings.source_node import SourceNode

MEGABYTE = 1024 * 1024
DEEPEST = 256
LONGEST = 10 * MEGABYTE
"""The longest text of an element, in signs, and the longest tag or comment, in bytes."""
LARGEST = 64 * MEGABYTE
"""The most that one piece may take, in bytes: a person's documentation, with much to spare."""
_BROKEN_SIGN, _CUT_SIGN, _ENTITY = 4, 6, 11
_ENCODINGS = (18, 19)

Opens = Callable[[str, dict[str, str], int], bool]
"""Told each element that no piece is around (name, attributes, depth); whether a piece begins."""
Closes = Callable[[SourceNode | None, int, int], None]
"""Told what ends outside pieces: a piece and where it stands, or what holds pieces (None)."""


class Markup:
    """Reads XML piece by piece: a piece's nodes are made, of what holds pieces only its name."""

    def __init__(self, file: BinaryIO, written: Written, opens: Opens, closes: Closes) -> None:
        self._file = file
        self._opens, self._closes = opens, closes
        self._written = written
        self._fed = 0
        self._depth = 0
        self._begins = 0
        self._stack: list[SourceNode] = []
        self._inside: list[list[list[str] | SourceNode]] = []
        self._long = 0
        file.seek(written.begins)
        self._parser = expat.ParserCreate(written.encoding)
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, most: int) -> bool:
        """Read on; False at the end of the document.

        Raises:
            Unreadable: the document is damaged, hostile, or in another encoding.
        """
        chunk = self._file.read(most)
        self._fed += len(chunk)
        try:
            self._parser.Parse(chunk, not chunk)
        except expat.ExpatError as error:
            raise self._broken(error) from None
        if self._fed - self._parser.CurrentByteIndex > LONGEST + most:
            raise self._too("long")
        return bool(chunk)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._too("deep")
        named = {
            _local(key): value
            for key, value in attributes.items()
            if key != "xmlns" and not key.startswith("xmlns:")
        }
        if not self._stack:
            if not self._opens(_local(name), named, self._depth):
                return
            self._begins = self._parser.CurrentByteIndex
        elif self._parser.CurrentByteIndex - self._begins > LARGEST:
            raise self._too("large")
        node = SourceNode(_local(name), named, prefix=name.rpartition(":")[0])
        if self._stack:
            node.parent = self._stack[-1]
            node.parent.children.append(node)
            self._inside[-1].append(node)
        self._stack.append(node)
        self._inside.append([])
        self._long = 0

    def _text(self, text: str) -> None:
        if not self._stack:
            return
        inside = self._inside[-1]
        self._long += len(text)
        if self._long > LONGEST:
            raise self._too("long")
        if inside and isinstance(inside[-1], list):
            inside[-1].append(text)
        else:
            inside.append([text])

    def _end(self, _name: str) -> None:
        self._depth -= 1
        if not self._stack:
            self._closes(None, 0, 0)
            return
        node = self._stack.pop()
        pieces = ["".join(each) if isinstance(each, list) else each for each in self._inside.pop()]
        own = [stripped for each in pieces if isinstance(each, str) and (stripped := each.strip())]
        node.text = " ".join(own)
        if own and node.children:
            node.mixed = pieces
        self._long = 0
        if not self._stack:
            length = self._parser.CurrentByteIndex - self._begins
            self._closes(node, self._begins + self._written.begins, length)

    def _doctype(self, *_declared: object) -> None:
        text = "the document has a DOCTYPE, which is never accepted; send it without one"
        raise Unreadable("doctype", self._line(), text, hostile=True)

    def _line(self) -> str:
        return f"line {self._parser.CurrentLineNumber}"

    def _too(self, what: str) -> Unreadable:
        text = "the document is nested too deeply, or one text or person of it is larger than any"
        return Unreadable(f"too-{what}", self._line(), text, hostile=True)

    def _broken(self, error: expat.ExpatError) -> Unreadable:
        line = error.lineno
        if error.code == _ENTITY:
            text = "the document uses an entity, which is never accepted"
            return Unreadable("entity", f"line {line}", text, hostile=True)
        if error.code in _ENCODINGS or (
            error.code in (_BROKEN_SIGN, _CUT_SIGN) and self._is_no_sign()
        ):
            return wrong_encoding(line)
        why = expat.ErrorString(error.code)
        text = f"the document is not whole XML ({why}); check that the whole file was sent"
        return Unreadable("not-well-formed", f"line {line}", text)

    def _is_no_sign(self) -> bool:
        """Tell whether what cannot be read is no sign in UTF-8, which the document claims."""
        if self._written.encoding != "UTF-8":
            return False
        self._file.seek(self._parser.ErrorByteIndex + self._written.begins)
        start = self._file.read(4)
        try:
            start.decode()
        except UnicodeDecodeError as error:
            return error.start == 0 and error.reason != "unexpected end of data"
        return False


def _local(name: str) -> str:
    return name.rpartition(":")[2]
