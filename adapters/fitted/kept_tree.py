"""A part of a JSON or delimited export as it is kept: the tree of one person, written exactly.

Rows that a profile joins stand under their person already, so that reading a part again needs
neither the other tables nor the joins, and gives the same records.
"""

import json
from typing import Any

from adapters.document import Unreadable
from mappings.source_node import SourceNode

MARK = b'{"samvy-part":'


def write(top: SourceNode) -> bytes:
    """Return a tree as bytes: name, attributes, text, what is within, and the order of both."""
    return json.dumps(
        {"samvy-part": _plain(top)}, ensure_ascii=False, separators=(",", ":")
    ).encode()


def read(content: bytes) -> SourceNode:
    """Return the tree that `write` wrote.

    Raises:
        Unreadable: it is not of that form.
    """
    try:
        return _node(json.loads(content)["samvy-part"], None)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        text = "the document is not of the form that a part is kept in; send the export itself"
        raise Unreadable("not-a-part", "document", text) from None


def _plain(node: SourceNode) -> list[Any]:
    written: list[Any] = [
        [node.prefix, node.name] if node.prefix else node.name,
        node.attributes,
        node.text,
        [_plain(child) for child in node.children],
    ]
    if node.mixed is not None:
        at = {child: number for number, child in enumerate(node.children)}
        written.append([each if isinstance(each, str) else at[each] for each in node.mixed])
    if node.purged:
        written += [] if node.mixed is not None else [None]
        written.append(sorted(node.purged))
    return written


def _node(written: Any, parent: SourceNode | None) -> SourceNode:  # noqa: ANN401  # JSON
    name, attributes, text, children, *more = written
    mixed = more[0] if more else None
    purged = more[1] if len(more) > 1 else ()
    pairs = {str(key): str(value) for key, value in attributes.items()}
    prefix, name = name if isinstance(name, list) else ("", name)
    node = SourceNode(str(name), pairs, str(text), parent=parent, prefix=str(prefix))
    node.children = [_node(child, node) for child in children]
    node.purged = frozenset(map(str, purged))
    if mixed is not None:
        node.mixed = [each if isinstance(each, str) else node.children[int(each)] for each in mixed]
    return node
