"""Delimited text as rows: encoding, delimiter, quotes, header.

Source: RFC 4180, and what Swedish systems write: semicolons, Windows-1252, UTF-8 with a mark.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from adapters.document import Unreadable
from mappings.source_fit import FileFit
from mappings.source_node import SourceNode

MOST = 10 * 1024 * 1024
"""The longest field, in signs."""
DELIMITERS = ";\t|,"


@dataclass(frozen=True, slots=True)
class Lines:
    """A file's rows with the line that each begins on, and its header if it has one."""

    header: tuple[str, ...] | None
    rows: list[tuple[int, list[str]]]


def decoded(content: bytes, encoding: str | None) -> str:
    """Return a file's text; without an encoding by its mark, else UTF-8 or Windows-1252.

    Raises:
        Unreadable: it is in another encoding than the profile says.
    """
    marked = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    by_mark = next((name for mark, name in marked.items() if content.startswith(mark)), None)
    for each in (by_mark,) if by_mark else (encoding,) if encoding else ("utf-8", "windows-1252"):
        try:
            text = content.decode(each)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    remedy = "the file is not in the encoding that is expected; say which in encoding:"
    raise Unreadable("wrong-encoding", "line 1", remedy)


def read_lines(text: str, fit: FileFit) -> Lines:
    """Return the rows of a file.

    Raises:
        Unreadable: a quote is never closed, or a field is longer than any text.
    """
    delimiter = fit.delimiter or guessed(text)
    csv.field_size_limit(MOST)
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        quotechar=fit.quote or None,
        quoting=csv.QUOTE_MINIMAL if fit.quote else csv.QUOTE_NONE,
        strict=True,
    )
    rows: list[tuple[int, list[str]]] = []
    try:
        rows.extend((reader.line_num, row) for row in reader if any(map(str.strip, row)))
    except csv.Error:
        remedy = (
            "the file breaks off within quotes or holds a loose quote; check that the whole file "
            'was sent, or write quote: "" in the profile if it does not use quotes'
        )
        raise Unreadable("not-delimited", f"line {reader.line_num}", remedy) from None
    header = tuple(cell.strip() for cell in rows.pop(0)[1]) if fit.header and rows else None
    return Lines(header, rows)


def guessed(text: str) -> str:
    """Return the delimiter that the first line has most of."""
    first = text.partition("\n")[0]
    return max(DELIMITERS, key=lambda sign: (first.count(sign), -DELIMITERS.index(sign)))


def nodes(lines: Lines, fit: FileFit, top: SourceNode) -> Iterator[SourceNode]:
    """Yield a node for each row, its cells as attributes by column name (or number)."""
    columns = fit.columns or lines.header or ()
    for line, row in lines.rows:
        cells = {
            columns[n] if n < len(columns) and columns[n] else str(n + 1): cell.strip()
            for n, cell in enumerate(row)
            if cell.strip()
        }
        if fit.items is not None:
            cells["items"] = str(len(row))
        yield SourceNode(fit.table, cells, parent=top, origin=line)
