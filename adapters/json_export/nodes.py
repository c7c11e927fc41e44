"""JSON values as the nodes that a profile's paths walk."""

from adapters.json_export.values import too_deep
from mappings.source_node import SourceNode

DEEPEST = 100
ROOT = "export"
ITEM = "item"
"""What the values of a list that has no key are called, and so the lines of JSON lines."""


def node_of(
    value: object, name: str = ROOT, parent: SourceNode | None = None, deep: int = 0
) -> SourceNode:
    """Return the node of a JSON value and of everything within it."""
    if deep > DEEPEST:
        raise too_deep()
    node = SourceNode(name, parent=parent)
    if isinstance(value, dict):
        for key, inner in value.items():
            _add(node, str(key), inner, deep)
    elif isinstance(value, list):
        _add(node, ITEM, value, deep)
    else:
        node.text = scalar(value) or ""
    return node


def _add(node: SourceNode, key: str, value: object, deep: int) -> None:
    if isinstance(value, list):
        node.children += [node_of(each, key, node, deep + 1) for each in value if each is not None]
    elif isinstance(value, dict):
        node.children.append(node_of(value, key, node, deep + 1))
    else:
        text = scalar(value)
        if text is not None:
            node.attributes[key] = text


def scalar(value: object) -> str | None:
    """Return a single value as text; None for null."""
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
