"""The bytes of an export as parsed XML, also when its encoding is not the one that it declares."""

import re

from lxml import etree

from adapters.document import Unreadable
from adapters.hardened_xml import MEGABYTE, Limits, parse

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
        remedy = (
            f"the document is not in {encoding}, which the profile's encoding: says; correct it"
        )
        raise Unreadable("wrong-encoding", "line 1", remedy) from None
    body = _DECLARATION.sub(b"", text.lstrip("\ufeff").encode())
    return parse(body, limits=LARGE)
