"""The adapter: from a JSON export, nested, in flat tables or in lines, to one part for each person.

Source: DESIGN P6; reference/sol.md §5.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from adapters.document import Delivery, Unreadable
from adapters.fitted import kept_tree
from adapters.fitted.as_of import dated
from adapters.fitted.fitting import fitted_to
from adapters.fitted.streamed import cut, read_pieces
from adapters.fitted.tree_part import read_tree
from adapters.fitted.unit import Pattern
from adapters.incoming import Content, beginning, whole
from adapters.json_export.nodes import node_of
from adapters.json_export.pieces import JsonPieces
from adapters.json_export.values import is_lines, too_deep, written_in


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
        content: Content,
        name: str,
        profile: Mapping[str, object] | None,
    ) -> Delivery:
        """Return the persons of an export.

        Raises:
            Unreadable: no profile fits, or nobody in the document can be read.
        """
        fitted = fitted_to(profile, ("json",))
        if beginning(content, len(kept_tree.MARK)) == kept_tree.MARK:
            return read_tree(kept_tree.read(whole(content)), fitted, [])
        paths = cut(fitted)
        if paths is None:
            top = node_of(parsed(content, fitted.encoding))
            return dated(read_tree(top, fitted, []), top, fitted, name)
        pieces = JsonPieces(content, fitted.encoding, Pattern(paths))
        return dated(read_pieces(pieces, fitted), pieces.top, fitted, name)


def parsed(content: Content, encoding: str | None) -> object:
    """Return the values of a whole JSON document (of lines: a list), its numbers as written.

    Raises:
        Unreadable: it is damaged, too deep, or in another encoding.
    """
    written = written_in(content, encoding)
    lines = is_lines(content, written)
    text = whole(content)[written.mark :].decode(written.encoding, "replace")
    try:
        if lines:
            return [_loaded(line) for line in text.splitlines() if line.strip()]
        return _loaded(text)
    except json.JSONDecodeError as error:
        remedy = "the document is not whole JSON; check that the whole file was sent"
        raise Unreadable("not-json", f"line {error.lineno}", remedy) from None
    except RecursionError:
        raise too_deep() from None


def _loaded(text: str) -> object:
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
