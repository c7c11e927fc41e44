"""Delimited text as rows, one at a time: encoding, delimiter, quotes, header, and their places.

Source: RFC 4180, and what Swedish systems write: semicolons, Windows-1252, UTF-8 with a mark.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from adapters.document import Unreadable
from adapters.incoming import CHUNK
from mappings.source_fit import FileFit
from mappings.source_node import SourceNode

MOST = 10 * CHUNK
"""The longest field, in signs."""
DELIMITERS = ";\t|,"
SOME = 64 * 1024
"""Enough of a file to tell its layout from."""
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_ONE_BYTE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")


@dataclass(frozen=True, slots=True)
class Row:
    """A row's cells, the line that it ends on, and where its bytes stand."""

    cells: list[str]
    line: int
    offset: int
    length: int


def encoding_of(file: BinaryIO, encoding: str | None) -> tuple[str, int]:
    """Return a file's encoding, and after how many bytes its text begins.

    By its mark; else the profile's; else UTF-8, UTF-16 without a mark, or Windows-1252.

    Raises:
        Unreadable: it is in another encoding than is expected.
    """
    file.seek(0)
    start = file.read(512)
    by_mark = next((mark for mark in _MARKS if start.startswith(mark)), b"")
    if by_mark:
        tried: Sequence[str] = (_MARKS[by_mark],)
    elif encoding is not None:
        tried = ("utf-16-le" if encoding.lower() in ("utf-16", "utf16") else encoding,)
    elif start[1::2].count(0) > len(start) // 4:
        tried = ("utf-16-le",)
    elif start[::2].count(0) > len(start) // 4:
        tried = ("utf-16-be",)
    else:
        tried = ("utf-8", "windows-1252")
    for each in tried:
        if _decodes(file, each, len(by_mark)):
            return each, len(by_mark)
    remedy = "the file is not in the encoding that is expected; say which in encoding:"
    raise Unreadable("wrong-encoding", "line 1", remedy)


def _decodes(file: BinaryIO, encoding: str, mark: int) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(mark)
    try:
        while chunk := file.read(CHUNK):
            if "\x00" in decoder.decode(chunk):
                return False
    except UnicodeDecodeError:
        return False
    return True


@dataclass(slots=True)
class Lines:
    """A delimited file that is gone through from its beginning, or read at a place."""

    open: Callable[[], BinaryIO]
    fit: FileFit
    encoding: str
    mark: int
    delimiter: str
    header: tuple[str, ...] | None = None
    opened: BinaryIO | None = None

    @classmethod
    def of(cls, open: Callable[[], BinaryIO], fit: FileFit, encoding: str | None) -> "Lines":  # noqa: A002  # what it does
        """Return a file with its header read; it is opened when it is first read, until `close`.

        Raises:
            Unreadable: it is in another encoding, or its header cannot be used.
        """
        with open() as file:
            name, mark = encoding_of(file, encoding)
            start = some(file, name, mark)
        lines = cls(open, fit, name, mark, fit.delimiter or guessed(start))
        if fit.header:
            try:
                first = next(lines.all(), None)
            finally:
                lines.close()
            lines.header = None if first is None else tuple(c.strip() for c in first.cells)
            _check_header(lines.header)
        return lines

    @property
    def file(self) -> BinaryIO:
        """Return the file, open."""
        if self.opened is None:
            self.opened = self.open()
        return self.opened

    def close(self) -> None:
        """Close the file; reading opens it again."""
        if self.opened is not None:
            self.opened.close()
            self.opened = None

    def all(self) -> Iterator[Row]:
        """Yield every row that holds anything, the header too.

        Raises:
            Unreadable: a quote is never closed, or a field is longer than any text.
        """
        met = 0
        begins = ends = self.mark

        def text() -> Iterator[str]:
            nonlocal met, ends
            for line in _lines(self.file, self.encoding, self.mark):
                met += 1
                ends += len(line)
                try:
                    yield line.decode(self.encoding)
                except UnicodeDecodeError:
                    raise self._broken(met) from None

        reader = self._reader(text())
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                raise self._broken(met) from None
            if any(map(str.strip, cells)):
                yield Row(cells, met, begins, ends - begins)
            begins = ends

    def rows(self) -> Iterator[Row]:
        """Yield every row below the header.

        Raises:
            Unreadable: a quote is never closed, or the last row breaks off.
        """
        found = self.all()
        if self.fit.header:
            next(found, None)
        whole = True
        for row in found:
            # A last row without its line's end and with fewer cells than all others is cut off.
            if whole and self.fit.items is None and self._short(row) and self._breaks_off(row):
                raise self._broken(row.line)
            whole = whole and not self._short(row)
            yield row

    def at(self, offset: int, length: int, line: int) -> SourceNode:
        """Return the row at a place."""
        self.file.seek(offset)
        text = self.file.read(length).decode(self.encoding)
        cells = next(self._reader(io.StringIO(text, newline="")))
        return self.node(Row(cells, line, offset, length))

    def node(self, row: Row) -> SourceNode:
        """Return a row as a node, its cells as attributes by column name (or number)."""
        columns = self.fit.columns or self.header or ()
        cells = {
            columns[n] if n < len(columns) and columns[n] else str(n + 1): cell.strip()
            for n, cell in enumerate(row.cells)
            if cell.strip()
        }
        if self.fit.items is not None:
            cells["items"] = str(len(row.cells))
        return SourceNode(self.fit.table, cells, origin=row.line)

    def _short(self, row: Row) -> bool:
        return len(row.cells) < len(self.fit.columns or self.header or ())

    def _breaks_off(self, row: Row) -> bool:
        self.file.seek(row.offset)
        last = self.file.read(row.length).decode(self.encoding)
        more = bool(self.file.read(1))
        return not more and not last.endswith(("\n", "\r"))

    def _reader(self, lines: Iterable[str]) -> Iterator[list[str]]:
        csv.field_size_limit(MOST)
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.fit.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.fit.quote else csv.QUOTE_NONE,
            strict=True,
        )

    def _broken(self, line: int) -> Unreadable:
        remedy = (
            "the file breaks off, or holds a loose quote; check that the whole file was sent, or "
            'write quote: "" in the profile if it does not use quotes'
        )
        return Unreadable("not-delimited", f"line {line}", remedy)


def some(file: BinaryIO, encoding: str, mark: int) -> str:
    """Return the first lines of a file."""
    file.seek(mark)
    return codecs.getincrementaldecoder(encoding)("replace").decode(file.read(SOME))


def guessed(text: str) -> str:
    """Return the delimiter that the first line has most of."""
    first = text.partition("\n")[0]
    return max(DELIMITERS, key=lambda sign: (first.count(sign), -DELIMITERS.index(sign)))


def _check_header(header: tuple[str, ...] | None) -> None:
    if header is not None and len(set(filter(None, header))) != len(list(filter(None, header))):
        text = "two columns of the header have the same name; rename one, or use columns: for them"
        raise Unreadable("repeated-column", "line 1", text)


def _lines(file: BinaryIO, encoding: str, mark: int) -> Iterator[bytes]:
    """Yield the lines of a file with their ends, whatever they end with, as bytes.

    The file may be read elsewhere between two of them.
    """
    position, waiting = mark, b""
    wide = encoding.startswith("utf-16")
    while True:
        file.seek(position)
        chunk = file.read(CHUNK)
        position += len(chunk)
        waiting += chunk
        begins = 0
        for ends in _wide_ends(waiting, encoding) if wide else _ends(waiting):
            yield waiting[begins:ends]
            begins = ends
        waiting = waiting[begins:]
        if not chunk:
            if waiting:
                yield waiting
            return
        if len(waiting) > 2 * MOST:
            text = "a line of the file is longer than any text; check delimiter: and quote:"
            raise Unreadable("too-large", "document", text, hostile=True)


def _ends(text: bytes) -> Iterator[int]:
    # A carriage return at the very end waits for what follows it.
    for match in _ONE_BYTE_END.finditer(text):
        yield match.end()


def _wide_ends(text: bytes, encoding: str) -> Iterator[int]:
    end = "\n".encode(encoding)
    found = text.find(end)
    while found != -1:
        if found % 2 == 0:
            yield found + 2
        found = text.find(end, found + 1)
