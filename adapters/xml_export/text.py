"""The bytes of an export as parsed XML, also when its encoding is not the one that it declares.

An export is fed to the parser as it is read, with the same precautions as any XML of a stranger
(adapters/hardened_xml.py).
"""

import codecs
import re
from collections.abc import Iterator
from typing import cast

from lxml import etree

from adapters.document import Unreadable
from adapters.hardened_xml import (
    MEGABYTE,
    SAFELY,
    Limits,
    parse,
    safe_start,
    unreadable,
    without_dtd,
)
from adapters.incoming import Content, opened

LARGE = Limits(size=512 * MEGABYTE)
"""A whole municipality's export is larger than any answer of one person."""

_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*\?>")


def decoded(content: bytes, encoding: str | None) -> etree._Element:
    """Return the outermost element; `encoding` is what the profile says instead of the export.

    Raises:
        Unreadable: the document is damaged, hostile, or in another encoding.
    """
    if encoding is None:
        return parse(content, limits=LARGE)
    try:
        text = content.decode(encoding)
    except (LookupError, UnicodeDecodeError):
        raise _not_in(encoding) from None
    body = _DECLARATION.sub(b"", text.lstrip("\ufeff").encode())
    return parse(body, limits=LARGE)


def elements(
    content: Content, encoding: str | None, name: str, root: list[etree._Element]
) -> Iterator[etree._Element]:
    """Yield the elements of a local name ("*": all) as each ends; put the outermost in `root`.

    What is not taken out of its parent stays in the tree.

    Raises:
        Unreadable: the document is damaged from there on, hostile, or in another encoding.
    """
    tag = "*" if name == "*" else f"{{*}}{name}"
    # The stubs lack the parser's options; they are those of XMLParser.
    parser = etree.XMLPullParser(events=("start", "end"), tag=tag, **SAFELY)  # type: ignore[arg-type]
    for chunk in _chunks(content, encoding):
        try:
            parser.feed(chunk)
        except etree.XMLSyntaxError as error:
            yield from _ended(parser, root)
            raise unreadable(error) from None
        yield from _ended(parser, root)
    try:
        found = parser.close()
    except etree.XMLSyntaxError as error:
        yield from _ended(parser, root)
        raise unreadable(error) from None
    yield from _ended(parser, root)
    root[:] = root or [without_dtd(found)]


def _ended(parser: etree.XMLPullParser, root: list[etree._Element]) -> Iterator[etree._Element]:
    # The stubs know of events without an element, which were not asked for.
    events = cast("Iterator[tuple[str, etree._Element]]", parser.read_events())
    for event, element in events:
        if not root:
            root.append(without_dtd(element.getroottree().getroot()))
        if event == "end":
            yield element


def _chunks(content: Content, encoding: str | None) -> Iterator[bytes]:
    """Yield a document as the parser is to see it: safe at its start, in an encoding it knows."""
    with opened(content) as file:
        if encoding is None:
            start, transcoded = safe_start(file.read(MEGABYTE))
            if transcoded is None:
                yield start
                while chunk := file.read(MEGABYTE):
                    yield chunk
                return
            encoding = transcoded
            file.seek(0)
        try:
            decoder = codecs.getincrementaldecoder(encoding)()
            first = decoder.decode(file.read(MEGABYTE)).lstrip("\ufeff").encode()
            start, _ = safe_start(_DECLARATION.sub(b"", first))
            yield start
            while chunk := file.read(MEGABYTE):
                yield decoder.decode(chunk).encode()
        except (LookupError, UnicodeDecodeError):
            raise _not_in(encoding) from None


def _not_in(encoding: str) -> Unreadable:
    remedy = f"the document is not in {encoding}, which the profile's encoding: says; correct it"
    return Unreadable("wrong-encoding", "line 1", remedy)
