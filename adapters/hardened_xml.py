"""One way to parse XML that a stranger sent: nothing is fetched, expanded or allowed to explode.

Any DOCTYPE is refused before a parser sees it, so that there are no entities to expand; size,
depth and the length of a text are limited (the two last by libxml2 itself). A message never holds
content: it says what is wrong, on which line, and what to do.

Source: stack.md §1 (XML with a DTD was accepted by default) and §4; DESIGN P6.
"""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from lxml import etree

from adapters.document import Unreadable

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may be at most. Depth (256) and text (10 MB) are libxml2's own limits."""

    size: int = 64 * MEGABYTE
    depth: int = 256


LIMITS = Limits()

SAFELY: Mapping[str, bool] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
    "collect_ids": False,
}
"""How every parser here is made."""

_ENCODINGS = frozenset(
    {
        "utf-8",
        "utf8",
        "us-ascii",
        "ascii",
        "iso-8859-1",
        "latin1",
        "iso-8859-15",
        "windows-1252",
        "utf-16",
        "utf-16le",
        "utf-16be",
    }
)
_DECLARATION = re.compile(r"""\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"'>]*)["'][^>]*\?>""")
_PROLOG = re.compile(r"\s*(?:<\?(?:.*?)\?>|<!--(?:.*?)-->)", re.DOTALL)
_UTF16 = {
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
    b"<\x00": "utf-16-le",
    b"\x00<": "utf-16-be",
}
# UTF-32 in its two orders with and without a mark, and EBCDIC: nobody sends them in good faith.
_FOUR_BYTES = frozenset(
    {b"\x00\x00\x00<", b"<\x00\x00\x00", b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff", b"Lo\xa7\x94"}
)
_UTF8_BOM = b"\xef\xbb\xbf"


def parse(
    content: bytes, *, limits: Limits = LIMITS, keep_comments: bool = False
) -> etree._Element:
    """Return the root element; comments and processing instructions are passed over.

    Raises:
        Unreadable: it is too large or deep, has a DOCTYPE, an encoding that is not allowed, or is
            not well-formed; hostile where it could have done harm.
    """
    if len(content) > limits.size:
        raise Unreadable(
            "too-large",
            "line 1",
            f"the document is larger than {limits.size // MEGABYTE} MB; send it in smaller parts",
            hostile=True,
        )
    text = _without_bom(content)
    _refuse_doctype(text)
    parser = _parser(keep_comments=keep_comments)
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise unreadable(error) from None
    except ValueError:
        raise Unreadable(
            "not-xml", "line 1", "the document is not XML; check that the whole file was sent"
        ) from None
    return without_dtd(root)


def _parser(*, keep_comments: bool) -> etree.XMLParser:
    """Return this thread's own parser: to make one costs half as much as a small message."""
    name = "keeping" if keep_comments else "passing_over"
    found: etree.XMLParser | None = getattr(_PARSERS, name, None)
    if found is None:
        found = etree.XMLParser(**{**SAFELY, "remove_comments": not keep_comments})  # type: ignore[arg-type]
        setattr(_PARSERS, name, found)
    return found


_PARSERS = threading.local()


def without_dtd(root: etree._Element) -> etree._Element:
    """Return the outermost element of a document that has no DOCTYPE.

    Raises:
        Unreadable: it has one.
    """
    # The stubs say that there always is one.
    if cast("Any", root.getroottree()).docinfo.internalDTD is not None:
        raise _doctype()
    return root


def _without_bom(content: bytes) -> bytes:
    """Return the document as bytes that begin with its first sign, in an encoding we allow."""
    if content[:4] in _FOUR_BYTES:
        raise _wrong_encoding(hostile=True)
    content = content.removeprefix(_UTF8_BOM)
    for mark, encoding in _UTF16.items():
        if content.startswith(mark):
            try:
                text = content.decode(encoding).lstrip("\ufeff")
            except UnicodeDecodeError:
                raise _wrong_encoding() from None
            declared = _DECLARATION.match(text)
            if declared is not None and not declared[1].lower().startswith("utf-16"):
                raise _wrong_encoding()
            # Its declaration would contradict the bytes once they are UTF-8.
            return re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1).encode()
    return content.lstrip(b" \t\r\n")


def _refuse_doctype(content: bytes) -> None:
    """Look through the prolog, as text, for a DOCTYPE or an encoding that could hide one."""
    head = content[:4096].decode("latin-1")
    declared = _DECLARATION.match(head)
    if declared is not None and declared[1].lower() not in _ENCODINGS:
        raise _wrong_encoding(hostile=True)
    # Comments of any length may stand before the DOCTYPE: go on until something else is met.
    text = content.decode("latin-1") if b"<!DOCTYPE" in content or b"<!ENTITY" in content else head
    position = 0
    while (match := _PROLOG.match(text, position)) is not None:
        position = match.end()
    rest = text[position : position + 64].lstrip()
    if rest.startswith("<!") and not rest.startswith("<!--"):
        raise _doctype()
    if not rest and len(content) >= MEGABYTE:
        raise _doctype()  # nothing but comments for a megabyte: what they hide is not looked for


def _doctype() -> Unreadable:
    return Unreadable(
        "doctype",
        "line 1",
        "the document has a DOCTYPE, which is never accepted; send it without one",
        hostile=True,
    )


def _wrong_encoding(*, hostile: bool = False) -> Unreadable:
    return Unreadable(
        "wrong-encoding",
        "line 1",
        "the document is not in the encoding it declares, or in one that is not accepted; send "
        "UTF-8",
        hostile=hostile,
    )


_UNKNOWN_ENTITY = frozenset(
    {"ERR_NAME_REQUIRED", "ERR_UNDECLARED_ENTITY", "ERR_ENTITYREF_SEMICOL_MISSING"}
)


def unreadable(error: etree.XMLSyntaxError) -> Unreadable:
    """Return what is wrong from the parser's error type; its message may quote the document."""
    last = cast("Any", error.error_log).last_error  # the stubs know nothing of the log
    kind = last.type_name if last is not None else "unknown"
    message = (last.message if last is not None else "").lower()
    place = f"line {error.lineno or 1}"
    if "excessive depth" in message or "huge" in message or "too long" in message:
        return Unreadable(
            "too-deep-or-long",
            place,
            "the document is nested too deeply or holds a text of more than 10 MB; send it in "
            "smaller parts",
            hostile=True,
        )
    if kind in _UNKNOWN_ENTITY and (kind != "ERR_NAME_REQUIRED" or "entity" in message):
        # Without a DOCTYPE no entity can be declared: this is damage, and nothing to fear.
        return Unreadable(
            "unknown-entity",
            place,
            "the document has an & that begins nothing XML knows; write it as &amp;, a sign such"
            " as &nbsp; as itself or by its number, and send it again",
        )
    if "entity" in message or "ENTITY" in kind:
        return Unreadable(
            "entity", place, "the document uses an entity, which is never accepted", hostile=True
        )
    if "encoding" in message or kind in {"ERR_INVALID_ENCODING", "ERR_UNSUPPORTED_ENCODING"}:
        found = _wrong_encoding()
        return Unreadable(found.code, place, found.text)
    if kind == "ERR_DOCUMENT_EMPTY" or "document is empty" in message:
        return Unreadable("not-xml", place, "the document is empty or not XML")
    return Unreadable(
        "not-well-formed",
        place,
        f"the document is not well-formed XML ({kind}); check that the whole file was sent",
    )
