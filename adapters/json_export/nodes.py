"""JSON values as the nodes that a profile's paths walk."""

import re

from adapters.json_export.values import too_deep
from mappings.source_node import SourceNode

DEEPEST = 100
ROOT = "export"
ITEM = "item"
"""What the values of a list that has no key are called, and so the lines of JSON lines."""
KEY = "key"
_NUMBER = re.compile(r"\d[\d +-]*")
_PERSON_NUMBER = re.compile(r"(\d\d)?\d{6}[-+ ]?\d{4}")


def node_of(
    value: object, name: str = ROOT, parent: SourceNode | None = None, deep: int = 0
) -> SourceNode:
    """Return the node of a JSON value and of everything within it."""
    if deep > DEEPEST:
        raise too_deep()
    node = SourceNode(name, parent=parent)
    if isinstance(value, dict):
        for key, inner in value.items():
            if is_data(str(key), scalar=not isinstance(inner, dict | list)):
                node.children.append(keyed(str(key), inner, node, deep + 1))
            else:
                _add(node, str(key), inner, deep)
    elif isinstance(value, list):
        _add(node, ITEM, value, deep)
    else:
        node.text = scalar(value) or ""
    return node


def is_data(key: str, *, scalar: bool) -> bool:
    """Tell whether a key is no name but a number, as where persons stand under their numbers.

    Such a number is a value: it must be readable by a profile, and must not stand in any path.
    """
    if not key[:1].isdigit() and not key[:1].isspace():
        return False
    return (_PERSON_NUMBER if scalar else _NUMBER).fullmatch(key.strip()) is not None


def keyed(key: str, value: object, parent: SourceNode | None, deep: int = 0) -> SourceNode:
    """Return what stands under a number: an item with the number as its attribute `key`."""
    node = node_of(value, ITEM, parent, deep)
    node.attributes[KEY if KEY not in node.attributes else f"{KEY}_"] = key
    return node


def _add(node: SourceNode, key: str, value: object, deep: int) -> None:
    if isinstance(value, list):
        node.children += [element_of(v, key, node, deep + 1) for v in value if v is not None]
    elif isinstance(value, dict):
        node.children.append(node_of(value, key, node, deep + 1))
    else:
        text = scalar(value)
        if text is not None:
            node.attributes[key] = text


def element_of(value: object, name: str, parent: SourceNode | None, deep: int = 0) -> SourceNode:
    """Return what stands in a list. A list in it is a row, with columns by their place: `@1`, `@2`.

    Objects and lists in a row are its items.
    """
    if not isinstance(value, list):
        return node_of(value, name, parent, deep)
    if deep > DEEPEST:
        raise too_deep()
    node = SourceNode(name, parent=parent)
    for place, each in enumerate(value, 1):
        if isinstance(each, dict | list):
            _add(node, ITEM, [each], deep)
        elif (text := scalar(each)) is not None:
            node.attributes[str(place)] = text
    return node


def scalar(value: object) -> str | None:
    """Return a single value as text; None for null."""
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
