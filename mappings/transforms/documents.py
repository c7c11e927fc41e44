"""Notes and attachments: plain text, DocBook with a readable rendering, files.

Source: rivta.md §4.1 (DocBook 5 within the element, detected by trying to parse; entity expansion
and network off) and §7.6; FHIR Attachment (base64).
"""

import html
import re
import threading
from base64 import b64encode
from binascii import Error, a2b_base64
from typing import TYPE_CHECKING

from lxml import etree

from mappings.paths import Value, leaf
from mappings.transforms.registry import Transform, transform
from mappings.transforms.text import clean

if TYPE_CHECKING:
    from mappings.engine import Frame

PLAIN = "text/plain; charset=utf-8"
DOCBOOK = "application/docbook+xml"
_HTML = frozenset({"html", "body", "div", "p", "span", "table", "ul", "ol", "b", "i", "br"})
_DOCBOOK = frozenset({"article", "book", "chapter", "section", "para", "info"})
_HEADS = frozenset({"title", "subtitle", "h1", "h2", "h3", "h4"})
_BLOCKS = frozenset(
    {
        "para",
        "simpara",
        "section",
        "article",
        "info",
        "listitem",
        "row",
        "entry",
        "bibliography",
        "p",
        "div",
        "li",
        "tr",
        "br",
        "itemizedlist",
        "orderedlist",
        "table",
    }
)
_DECLARATION = re.compile(r"^<\?xml[^>]*\?>")
_BLANKS = re.compile(r"\s+")
_PARSERS = threading.local()
_MEDIA = re.compile(r"[\w.+-]+/[\w.+-]+(?:\s*;.*)?")


def encoded(text: str) -> str:
    """Return text as FHIR's base64Binary of its UTF-8 bytes."""
    return b64encode(text.encode()).decode()


def rendered(markup: str) -> tuple[str, str] | None:
    """Return the media type of marked-up text and its words as plain text; None if it is plain."""
    text = markup
    if text.startswith("&lt;"):
        text = html.unescape(text)
    if not text.startswith("<") or "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None
    body = _DECLARATION.sub("", text)
    try:
        root = etree.fromstring(body.encode(), _parser())
    except etree.XMLSyntaxError:
        return None
    name = etree.QName(root).localname.lower()
    if name in _DOCBOOK:
        media = DOCBOOK
    elif name in _HTML:
        media = "text/html"
    else:
        return None
    return media, _words(root)


def _parser() -> etree.XMLParser:
    """Return this thread's own parser: to make one costs as much as a short text."""
    found: etree.XMLParser | None = getattr(_PARSERS, "own", None)
    if found is None:
        found = _PARSERS.own = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
            encoding="utf-8",
        )
    return found


def _words(root: etree._Element) -> str:
    pieces: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag
        name = tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""
        if event == "start":
            if name in _BLOCKS or name in _HEADS:
                pieces.append("\n")
            if name not in {"script", "style"}:
                pieces.append(_BLANKS.sub(" ", element.text or ""))
        else:
            if name in _BLOCKS or name in _HEADS:
                pieces.append("\n")
            if element is not root:
                pieces.append(_BLANKS.sub(" ", element.tail or ""))
    lines = [line.strip() for line in "".join(pieces).split("\n")]
    return "\n".join(line for line in lines if line)


def attachment_of(text: str, media: str, title: str | None) -> dict[str, object]:
    """Return a content element that holds a text."""
    made: dict[str, object] = {"contentType": media, "data": encoded(text)}
    if title is not None:
        made["title"] = clean(title)
    return {"attachment": made}


@transform("note_content", takes=("clinicalDocumentNoteText", "clinicalDocumentNoteTitle"))
def note_content() -> Transform:
    """DocumentReference.content of a note: its text, and for marked-up text the original too."""

    def convert(value: Value, _frame: "Frame") -> object | None:
        text = leaf(value, "clinicalDocumentNoteText")
        if text is None:
            return None
        return text_content(text, leaf(value, "clinicalDocumentNoteTitle"))

    return convert


@transform("text_content")
def text_content_of() -> Transform:
    """DocumentReference.content of a text, and for marked-up text the original too."""

    def convert(value: Value, _frame: "Frame") -> object | None:
        text = leaf(value)
        return None if text is None else text_content(text, None)

    return convert


def text_content(text: str, title: str | None) -> list[dict[str, object]]:
    """Return content elements: a plain reading first, and the original of marked-up text."""
    text = clean(text)
    found = rendered(text)
    if found is None:
        return [attachment_of(text, PLAIN, title)]
    media, words = found
    return [attachment_of(words, PLAIN, title), attachment_of(text, media, title)]


def _is_base64(text: str) -> bool:
    try:
        a2b_base64(text, strict_mode=True)
    except (Error, ValueError):  # a sign beyond ASCII is a ValueError
        return False
    return True


@transform("attachment", takes=("mediaType", "value", "reference", "id"))
def attachment() -> Transform:
    """An Attachment from a multimedia entry: media type, and the bytes or the address."""

    def convert(value: Value, frame: "Frame") -> object | None:
        made: dict[str, object] = {}
        media = leaf(value, "mediaType")
        if media is not None and _MEDIA.fullmatch(media):
            made["contentType"] = media
        data = leaf(value, "value")
        if data is not None:
            data = "".join(data.split())
            if _is_base64(data):
                made["data"] = data
                made.setdefault("contentType", "application/octet-stream")
            else:
                frame.note("damaged-attachment", "the attachment is not base64 and is left out")
        address = leaf(value, "reference")
        if address is not None and not any(sign.isspace() for sign in address):
            made["url"] = address
        own_id = leaf(value, "id")
        if own_id is not None and ("data" in made or "url" in made):
            made["title"] = clean(own_id)
        return made if "data" in made or "url" in made else None

    return convert
