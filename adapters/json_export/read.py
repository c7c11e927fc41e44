"""The adapter: from a JSON export, nested or in flat tables, to one part for each person.

An object is a node; its single values are attributes; objects and lists within are nodes of their
key's name.

Source: DESIGN P6; reference/sol.md §5.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from adapters.document import Delivery, Unreadable
from adapters.fitted import kept_tree
from adapters.fitted.fitting import fitted_to
from adapters.fitted.tree_part import read_tree
from mappings.source_node import SourceNode

DEEPEST = 100
ENCODINGS = ("utf-8-sig", "windows-1252")
ROOT = "export"


@dataclass(frozen=True, slots=True)
class JsonExport:
    """Reads JSON exports; which names they use is a profile's to say."""

    name: str = "json_export"

    def recognises(self, content: bytes, name: str) -> bool:  # noqa: ARG002 - the protocol's signature
        """Tell whether the document looks like JSON that no other adapter reads."""
        start = content[:4096].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
        return start[:1] in (b"{", b"[") and b'"resourceType"' not in start

    def read(
        self,
        content: bytes,
        name: str,  # noqa: ARG002 - the protocol's signature
        profile: Mapping[str, object] | None,
    ) -> Delivery:
        """Return the persons of an export.

        Raises:
            Unreadable: no profile fits, or the document is damaged.
        """
        fitted = fitted_to(profile, ("json",))
        if content.startswith(kept_tree.MARK):
            top = kept_tree.read(content)
        else:
            top = node_of(parsed(content, fitted.encoding))
        return read_tree(top, fitted, [])


def parsed(content: bytes, encoding: str | None) -> object:
    """Return the values of a JSON document, its numbers as they were written.

    Raises:
        Unreadable: it is damaged, too deep, or in another encoding.
    """
    text = _decoded(content, encoding)
    try:
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as error:
        remedy = "the document is not whole JSON; check that the whole file was sent"
        raise Unreadable("not-json", f"line {error.lineno}", remedy) from None
    except RecursionError:
        raise _too_deep() from None


def _too_deep() -> Unreadable:
    return Unreadable("too-deep", "document", "the document is nested too deeply", hostile=True)


def _decoded(content: bytes, encoding: str | None) -> str:
    if encoding is None and content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    # JSON is UTF-8 (RFC 8259); municipal systems also write it in the encoding of Windows.
    for each in (encoding,) if encoding else ENCODINGS:
        try:
            return content.decode(each).removeprefix("\ufeff")
        except (LookupError, UnicodeDecodeError):
            continue
    remedy = "the document is not in the encoding that is expected; say which in encoding:"
    raise Unreadable("wrong-encoding", "line 1", remedy)


def node_of(
    value: object, name: str = ROOT, parent: SourceNode | None = None, deep: int = 0
) -> SourceNode:
    """Return the node of a JSON value and of everything within it."""
    if deep > DEEPEST:
        raise _too_deep()
    node = SourceNode(name, parent=parent)
    if isinstance(value, dict):
        for key, inner in value.items():
            _add(node, str(key), inner, deep)
    elif isinstance(value, list):
        _add(node, "item", value, deep)
    else:
        node.text = _text(value) or ""
    return node


def _add(node: SourceNode, key: str, value: object, deep: int) -> None:
    if isinstance(value, list):
        node.children += [node_of(each, key, node, deep + 1) for each in value if each is not None]
    elif isinstance(value, dict):
        node.children.append(node_of(value, key, node, deep + 1))
    else:
        text = _text(value)
        if text is not None:
            node.attributes[key] = text


def _text(value: object) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
