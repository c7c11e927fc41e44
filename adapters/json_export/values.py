"""JSON values read one after another out of a file, with where each of them stands.

Only one value and a little after it are in memory. Numbers stay as they were written.

Source: RFC 8259 (JSON is UTF-8; municipal systems also write it in the encoding of Windows).
"""

import codecs
import json
from dataclasses import dataclass
from typing import BinaryIO

from adapters.document import Unreadable
from adapters.incoming import CHUNK, Content, beginning, opened

ENCODINGS = ("utf-8", "windows-1252")
LARGEST = 64 * CHUNK
"""The most that one value may take, in signs: a person's documentation, with much to spare."""
_AHEAD = 256 * 1024
_UNFINISHED = 12
"""How near its end a text may break off within a word or an escape that could still be right."""
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


@dataclass(frozen=True, slots=True)
class Written:
    """In which encoding a document is written, and after how many bytes it begins."""

    encoding: str
    mark: int


def written_in(content: Content, encoding: str | None) -> Written:
    """Return the encoding of a JSON document: by its mark, the profile's, or the one that fits.

    Raises:
        Unreadable: it is in none that is expected.
    """
    start = beginning(content, 4)
    for mark, name in _MARKS.items():
        if start.startswith(mark):
            return _fitting(content, (name,), len(mark))
    if encoding is None and start[1:2] == b"\x00" and start[:1] != b"\x00":
        return _fitting(content, ("utf-16-le",), 0)
    if encoding is None and start[:1] == b"\x00" and start[1:2] not in (b"", b"\x00"):
        return _fitting(content, ("utf-16-be",), 0)
    return _fitting(content, (encoding,) if encoding else ENCODINGS, 0)


def _fitting(content: Content, encodings: tuple[str, ...], mark: int) -> Written:
    for each in encodings:
        try:
            # What is cut off within a sign is told where it is read, not here.
            decoder = codecs.getincrementaldecoder(each)()
            with opened(content) as file:
                file.seek(mark)
                while chunk := file.read(CHUNK):
                    decoder.decode(chunk)
        except (LookupError, UnicodeDecodeError):
            continue
        return Written(each, mark)
    remedy = "the document is not in the encoding that is expected; say which in encoding:"
    raise Unreadable("wrong-encoding", "line 1", remedy)


class Values:
    """A JSON document that is gone through from its beginning."""

    def __init__(self, file: BinaryIO, written: Written) -> None:
        self._file = file
        self._encoding = written.encoding
        self._decoder = codecs.getincrementaldecoder(written.encoding)()
        self._text = ""
        self._at = 0
        self._ended = False
        self.byte = written.mark
        self.line = 1
        file.seek(written.mark)

    def sign(self) -> str:
        """Return the next sign that is not blank, without taking it; "" at the end."""
        while True:
            before = self._at
            while self._at < len(self._text) and self._text[self._at] in " \t\r\n\ufeff":
                self._at += 1
            self._passed(before)
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def take(self, expected: str) -> str:
        """Take the next sign, which must be one of these, and return it.

        Raises:
            Unreadable: it is another one, or the document ends.
        """
        sign = self.sign()
        if not sign or sign not in expected:
            raise self.broken()
        self._at += 1
        self._passed(self._at - 1)
        return sign

    def value(self) -> tuple[object, int, int]:
        """Take a whole value; return it with the byte that it begins on and its length in bytes.

        Raises:
            Unreadable: it is damaged, too deep or too large, or the document ends within it.
        """
        self.sign()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._may_go_on(error) or not self._more(double=True):
                    raise self.broken() from None
            except RecursionError:
                raise too_deep() from None
            else:
                # A number may go on in what has not been read yet.
                if end < len(self._text) or not self._more():
                    break
        begins, before = self.byte, self._at
        self._at = end
        self._passed(before)
        return value, begins, self.byte - begins

    def broken(self) -> Unreadable:
        """Return that the document is damaged here."""
        place = f"line {self.line}, byte {self.byte}"
        remedy = "the document is not whole JSON; check that the whole file was sent"
        return Unreadable("not-json", place, remedy)

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        if error.msg.startswith("Unterminated string"):
            return True
        return len(self._text[error.pos :].strip()) <= _UNFINISHED

    def _passed(self, before: int) -> None:
        """Count the bytes and lines between a place and the present one."""
        passed = self._text[before : self._at]
        self.byte += len(passed.encode(self._encoding, "surrogatepass"))
        self.line += passed.count("\n")

    def _more(self, *, double: bool = False) -> bool:
        """Read on; False at the end of the document."""
        if self._ended:
            return False
        waiting = len(self._text) - self._at
        if waiting > LARGEST:
            text = "one value of the document is larger than any person's documentation"
            raise Unreadable("too-large", f"line {self.line}", text, hostile=True)
        chunk = self._file.read(max(_AHEAD, waiting if double else 0))
        try:
            more = self._decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError:
            raise self.broken() from None
        self._ended = not chunk
        self._text, self._at = self._text[self._at :] + more, 0
        return bool(more) or self._more(double=double)


def too_deep() -> Unreadable:
    """Return that a document is nested more deeply than any export is."""
    return Unreadable("too-deep", "document", "the document is nested too deeply", hostile=True)


def is_lines(content: Content, written: Written) -> bool:
    """Tell whether a document is JSON lines: a whole value on its first line, and more after it."""
    ahead = beginning(content, LARGEST // 4)[written.mark :]
    text = codecs.getincrementaldecoder(written.encoding)().decode(ahead).lstrip()
    first, _, rest = text.partition("\n")
    if not rest.strip():
        return False
    try:
        return isinstance(json.loads(first), dict | list)
    except (json.JSONDecodeError, RecursionError):
        return False


def value_at(raw: bytes, encoding: str) -> tuple[str | None, object]:
    """Return the value of the bytes that stand at a place, and its key if that stands there too."""
    text = raw.decode(encoding, "surrogatepass")
    value, end = _DECODER.raw_decode(text)
    rest = text[end:].lstrip()
    return (value, _DECODER.decode(rest[1:])) if rest.startswith(":") else (None, value)
