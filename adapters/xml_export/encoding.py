"""In which encoding an XML export is written: by its mark, the profile's word, or its declaration.

Source: XML 1.0 §4.3.3 and appendix F; what Swedish systems write (Windows-1252 that is declared as
ISO-8859-1, as browsers read it too: the two differ in signs that no text has).
"""

import codecs
import re
from dataclasses import dataclass

from adapters.document import Unreadable
from adapters.incoming import Content, beginning

_DECLARED = re.compile(r"""\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"'>]*)["']""")
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_WIDE = {b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}
# UTF-32 in its two orders with and without a mark, and EBCDIC: nobody sends them in good faith.
_FOUR_BYTES = frozenset(
    {b"\x00\x00\x00<", b"<\x00\x00\x00", b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff", b"Lo\xa7\x94"}
)
# By Python's name of a codec: what the parser calls it.
_READ_AS = {
    "utf-8": "UTF-8",
    "ascii": "UTF-8",
    "iso8859-1": "windows-1252",
    "cp1252": "windows-1252",
    "iso8859-15": "iso-8859-15",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16LE",
    "utf-16-be": "UTF-16BE",
}


@dataclass(frozen=True, slots=True)
class Written:
    """What the parser is to call the encoding, and after how many bytes the document begins."""

    encoding: str
    begins: int


def written_in(content: Content, encoding: str | None) -> Written:
    """Return how an export is written; `encoding` is the profile's word, for one without a mark.

    Raises:
        Unreadable: it is in an encoding that is not read, or not in the one that it declares.
    """
    start = beginning(content, 4096)
    if start[:4] in _FOUR_BYTES:
        raise wrong_encoding(1, hostile=True)
    mark = next((mark for mark in _MARKS if start.startswith(mark)), b"")
    wide = _MARKS[mark] if mark else _WIDE.get(start[:2])
    if wide is not None:
        declared = _DECLARED.match(start.removeprefix(mark).decode(wide, "replace"))
        if declared is not None and _name(declared[1]).startswith("utf-16") != ("16" in wide):
            raise wrong_encoding(1)
        return Written(_READ_AS[wide], len(mark))
    blank = len(start) - len(start.lstrip(b" \t\r\n"))
    if encoding is not None:
        return Written(_READ_AS.get(_name(encoding)) or encoding, blank)
    declared = _DECLARED.match(start.decode("latin-1"))
    name = "utf-8" if declared is None else _name(declared[1])
    if name not in _READ_AS or name.startswith("utf-16"):
        raise wrong_encoding(1, hostile=True)
    return Written(_READ_AS[name], blank)


def _name(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return "unknown"


def wrong_encoding(line: int, *, hostile: bool = False) -> Unreadable:
    """Return that a document is not written as it says."""
    text = (
        "the document is not in the encoding that it declares, or in one that is not read; say in "
        "the profile's encoding: which it is (often windows-1252), or send UTF-8"
    )
    return Unreadable("wrong-encoding", f"line {line}", text, hostile=hostile)
