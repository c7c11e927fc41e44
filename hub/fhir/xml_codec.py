"""FHIR XML read and written by the tables of R4, as the same resource that JSON holds.

Source: FHIR R4 xml.html, json.html#xml. Both ways keep the digits of a decimal, the order of what
repeats, ids and extensions of primitives, and the narrative as it stands.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from adapters.document import Unreadable
from adapters.hardened_xml import Limits, parse
from hub.errors import BadRequest, TooLarge
from hub.fhir.json_codec import MAX_BYTES, MAX_DEPTH, Malformed, number
from hub.fhir.shape import PRIMITIVES, Element, elements, is_type, resource_types

FHIR = "http://hl7.org/fhir"
XHTML = "http://www.w3.org/1999/xhtml"
_IN_FHIR = f"{{{FHIR}}}"
_NUMBERS = frozenset({"decimal", "integer", "positiveInt", "unsignedInt"})
_LIMITS = Limits(size=MAX_BYTES, depth=MAX_DEPTH)
_NEVER_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Node = etree._Element


class MalformedXml(Malformed):
    """The body is not XML that FHIR allows; says where and what to send instead."""

    code = "xml"


def decode_xml(data: bytes) -> dict[str, Any]:
    """Return the resource that the XML holds, as JSON would.

    Raises:
        BadRequest: it is no FHIR XML; says where.
        TooLarge: it is larger than the hub takes.
    """
    try:
        root = parse(data, limits=_LIMITS)
    except Unreadable as wrong:
        if wrong.code == "too-large":
            raise TooLarge(wrong.text) from None
        raise MalformedXml(f"{wrong.place}: {wrong.text}") from None
    return _resource(root, 0)


def encode_xml(resource: Mapping[str, Any]) -> bytes:
    """Return the XML of a resource, with its elements in the order of the definitions."""
    root = _written_resource(resource)
    etree.cleanup_namespaces(root)
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return content


# Reading


def _resource(node: Node, depth: int) -> dict[str, Any]:
    name = _local(node)
    if name not in resource_types():
        raise MalformedXml(
            f"line {node.sourceline}: this is no resource of R4 in the namespace {FHIR}"
        )
    return {"resourceType": name, **_object(node, name, depth)}


def _object(node: Node, kind: str, depth: int) -> dict[str, Any]:
    if depth > MAX_DEPTH:
        raise MalformedXml(f"the body is nested deeper than {MAX_DEPTH} levels; flatten it")
    found: dict[str, Any] = dict(_attributes(node, kind))
    names = _names(kind)
    for child in node:
        _no_text(node, child.tail)
        if child.tag == f"{{{XHTML}}}div" and kind == "Narrative":
            found["div"] = _narrative(child)
            continue
        written = _local(child)
        element = names.get(written)
        if element is None:
            raise MalformedXml(f"line {child.sourceline}: this is no element of {kind}")
        _put(found, written, element, child, depth)
    _no_text(node, node.text)
    return _shortened(found)


def _no_text(node: Node, text: str | None) -> None:
    if text and text.strip():
        raise MalformedXml(f"line {node.sourceline}: text stands where elements do")


def _put(found: dict[str, Any], written: str, element: Element, child: Node, depth: int) -> None:
    kind = element.json_names()[written]
    beside: dict[str, Any] | None = None
    value: Any
    if kind in PRIMITIVES:
        value, beside = _primitive(child, kind, depth)
    elif kind in ("Resource", "DomainResource"):
        inner = list(child)
        _no_text(child, child.text)
        if len(inner) != 1:
            raise MalformedXml(f"line {child.sourceline}: this holds exactly one resource")
        value = _resource(inner[0], depth + 1)
    else:
        value = _object(child, kind, depth + 1)
    if not element.many:
        if written in found or f"_{written}" in found:
            raise MalformedXml(f"line {child.sourceline}: this element does not repeat")
        if value is not None:
            found[written] = value
        if beside is not None:
            found[f"_{written}"] = beside
        return
    found.setdefault(written, []).append(value)
    if kind in PRIMITIVES:
        found.setdefault(f"_{written}", []).append(beside)


def _shortened(found: dict[str, Any]) -> dict[str, Any]:
    """Without the lists beside primitives that hold nothing, and of values that hold none."""
    for name in [name for name in found if isinstance(found[name], list)]:
        of_primitives = name.startswith("_") or f"_{name}" in found
        if of_primitives and all(each is None for each in found[name]):
            del found[name]
    return found


def _primitive(node: Node, kind: str, depth: int) -> tuple[Any, dict[str, Any] | None]:
    beside: dict[str, Any] = {}
    if "id" in node.attrib:
        beside["id"] = str(node.attrib["id"])
    for child in node:
        _no_text(node, child.tail)
        if child.tag != f"{_IN_FHIR}extension":
            raise MalformedXml(f"line {child.sourceline}: a value has no elements but extensions")
        beside.setdefault("extension", []).append(_object(child, "Extension", depth + 1))
    if set(node.attrib) - {"id", "value"} or (node.text and node.text.strip()):
        raise MalformedXml(f"line {node.sourceline}: a value stands in the attribute value")
    value = node.get("value")
    return (None if value is None else _typed(value, kind, node)), beside or None


def _typed(value: str, kind: str, node: Node) -> Any:  # noqa: ANN401  # a JSON value
    if kind == "boolean":
        if value not in ("true", "false"):
            raise MalformedXml(f"line {node.sourceline}: a boolean is true or false")
        return value == "true"
    if kind in _NUMBERS:
        try:
            return number(value)
        except BadRequest as wrong:
            raise MalformedXml(f"line {node.sourceline}: {wrong}") from None
    return value


def _narrative(node: Node) -> str:
    text: str = etree.tostring(node, encoding="unicode", with_tail=False)
    return text


def _attributes(node: Node, kind: str) -> Iterator[tuple[str, str]]:
    allowed = {"url", "id"} if kind == "Extension" else {"id"}
    for name, value in node.attrib.items():
        if str(name) not in allowed:
            if str(name).startswith("{http://www.w3.org/2001/XMLSchema-instance}"):
                continue
            raise MalformedXml(f"line {node.sourceline}: this attribute is none of {kind}")
        yield str(name), str(value)


def _local(node: Node) -> str:
    name = etree.QName(node)
    if name.namespace != FHIR:
        raise MalformedXml(f"line {node.sourceline}: an element is not in the namespace {FHIR}")
    return name.localname


def _names(kind: str) -> dict[str, Element]:
    if not is_type(kind):
        return {}
    return {name: each for each in elements(kind).values() for name in each.json_names()}


# Writing


def _written_resource(resource: Mapping[str, Any]) -> Node:
    kind = str(resource.get("resourceType"))
    spaces: dict[Any, str] = {None: FHIR}  # the stubs know nothing of the default namespace
    node = etree.Element(f"{_IN_FHIR}{kind}", nsmap=spaces)
    _write(node, resource, kind)
    return node


def _write(node: Node, value: Mapping[str, Any], kind: str) -> None:
    for element in elements(kind).values():
        for name, each in element.json_names().items():
            if name in value or f"_{name}" in value:
                _write_element(node, name, each, value)


def _write_element(node: Node, name: str, kind: str, holder: Mapping[str, Any]) -> None:
    values, beside = holder.get(name), holder.get(f"_{name}")
    if not isinstance(values, list) and not isinstance(beside, list):
        values, beside = [values], [beside]
    values = values if isinstance(values, list) else [None] * len(beside or [])
    besides = beside if isinstance(beside, list) else [None] * len(values)
    for value, at_it in zip(values, besides, strict=False):
        _write_one(node, name, kind, value, at_it)


def _write_one(node: Node, name: str, kind: str, value: Any, beside: Any) -> None:  # noqa: ANN401  # JSON
    if kind == "xhtml":
        node.append(etree.fromstring(str(value), etree.XMLParser(resolve_entities=False)))
    elif _is_attribute(node, name):
        node.set(name, _text(value))
    elif kind in PRIMITIVES:
        child = etree.SubElement(node, f"{_IN_FHIR}{name}")
        if isinstance(beside, Mapping):
            if "id" in beside:
                child.set("id", _text(beside["id"]))
            _write(child, {k: v for k, v in beside.items() if k != "id"}, "Element")
        if value is not None:
            child.set("value", _text(value))
    elif kind in ("Resource", "DomainResource"):
        etree.SubElement(node, f"{_IN_FHIR}{name}").append(_written_resource(value))
    elif isinstance(value, Mapping):
        _write(etree.SubElement(node, f"{_IN_FHIR}{name}"), value, kind)


def _is_attribute(node: Node, name: str) -> bool:
    """The id of an element that is no resource, and the url of an extension."""
    local = etree.QName(node).localname
    if name == "id":
        return local not in resource_types()
    return name == "url" and local in ("extension", "modifierExtension")


def _text(value: Any) -> str:  # noqa: ANN401  # a JSON value
    if isinstance(value, bool):
        return "true" if value else "false"
    text = getattr(value, "text", None)
    return _NEVER_IN_XML.sub("\ufffd", text if isinstance(text, str) else str(value))
