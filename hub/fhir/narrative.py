"""The narrative of a resource: XHTML that can be shown without running anything.

Source: FHIR R4 narrative.html#xhtml (txt-1, txt-2): the formatting elements of HTML 4.0, no script,
no form, no event handler, nothing fetched from elsewhere by a style.
"""

import re

from lxml import etree

from hub.fhir.json_value import JsonValue

_XHTML = "{http://www.w3.org/1999/xhtml}"
_ELEMENTS = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "address",
        "area",
        "b",
        "bdo",
        "big",
        "blockquote",
        "br",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "font",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "kbd",
        "li",
        "map",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
    ]
)
_ATTRIBUTES = frozenset(
    [
        "abbr",
        "accesskey",
        "align",
        "alt",
        "axis",
        "bgcolor",
        "border",
        "cellhalign",
        "cellpadding",
        "cellspacing",
        "cellvalign",
        "char",
        "charoff",
        "charset",
        "cite",
        "class",
        "clear",
        "color",
        "colspan",
        "compact",
        "coords",
        "dir",
        "face",
        "frame",
        "headers",
        "height",
        "href",
        "hreflang",
        "hspace",
        "id",
        "idref",
        "ismap",
        "lang",
        "longdesc",
        "name",
        "nohref",
        "noshade",
        "nowrap",
        "rel",
        "rev",
        "rowspan",
        "rules",
        "scope",
        "shape",
        "size",
        "span",
        "src",
        "start",
        "style",
        "summary",
        "tabindex",
        "title",
        "type",
        "usemap",
        "valign",
        "value",
        "vspace",
        "width",
        "{http://www.w3.org/XML/1998/namespace}lang",
        "{http://www.w3.org/XML/1998/namespace}space",
        "{http://www.w3.org/XML/1998/namespace}id",
    ]
)
_LINKS = frozenset({"href", "src", "cite", "longdesc"})
_SCHEME = re.compile(r"([^/?#]*?):")
_SAFE_SCHEMES = frozenset({"http", "https", "mailto", "tel", "urn"})
_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*")
_RUNNING_STYLE = re.compile(
    r"url\s*\(|expression|javascript|@import|behaviou?r|-moz-binding|/\*|\\", re.IGNORECASE
)
_MAX_LENGTH = 1024 * 1024


def wrong_in_narrative(text: JsonValue) -> str | None:
    """Return what makes a narrative's div unfit to be shown, or None."""
    if type(text) is not str:
        return "must be a JSON string of XHTML"
    if len(text) > _MAX_LENGTH:
        return f"is longer than {_MAX_LENGTH} characters"
    if "<!DOCTYPE" in text or "<!ENTITY" in text or "<?" in text:
        return "must not hold a DOCTYPE, an entity declaration or a processing instruction"
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return "is not well-formed XHTML; named entities such as &nbsp; are not allowed"
    if root.tag != _XHTML + "div":
        return 'must be one <div xmlns="http://www.w3.org/1999/xhtml">'
    for element in root.iter():
        wrong = _wrong_in_element(element)
        if wrong is not None:
            return wrong
    if not "".join(map(str, root.itertext())).strip() and root.find(f".//{_XHTML}img") is None:
        return "must show something: a text or an image"
    return None


def _wrong_in_element(element: JsonValue) -> str | None:
    if element.tag is etree.Comment:
        return None
    if not isinstance(element.tag, str):
        return "holds an entity or a processing instruction; write the character itself"
    if not element.tag.startswith(_XHTML) or element.tag.removeprefix(_XHTML) not in _ELEMENTS:
        return "holds an element that is not HTML formatting (no script, form, object, style)"
    for name, value in element.items():
        if name not in _ATTRIBUTES:
            return "holds an attribute that a narrative must not have, such as an event handler"
        if name in _LINKS and not _safe_link(value, image=name == "src"):
            return "holds a link that can run something; use http, https, mailto, tel or #id"
        if name == "style" and _RUNNING_STYLE.search(value):
            return "holds a style that can fetch or run something"
    return None


def _safe_link(value: str, *, image: bool) -> bool:
    # Whatever stands before the colon is the scheme: what a browser would drop from it makes it
    # one that is not listed.
    value = value.strip()
    scheme = _SCHEME.match(value)
    if scheme is None or scheme[1].lower() in _SAFE_SCHEMES:
        return True
    return image and _IMAGE.fullmatch(value) is not None
