"""The adapter: from the bytes of an export to a delivery with one part for each person.

Source: DESIGN P6; reference/sol.md §5 (no vendor publishes a schema, so names come from a profile).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.document import Delivery
from adapters.fitted import kept_tree
from adapters.fitted.as_of import dated
from adapters.fitted.fitting import fitted_to
from adapters.fitted.streamed import cut, read_pieces
from adapters.fitted.tree_part import read_tree
from adapters.fitted.unit import Pattern
from adapters.incoming import Content, beginning, whole
from adapters.xml_export.pieces import XmlPieces

NOT_OURS = (b"urn:riv", b"http://hl7.org/fhir", b"schemas.xmlsoap.org")


@dataclass(frozen=True, slots=True)
class XmlExport:
    """Reads XML exports; which names they use is a profile's to say."""

    name: str = "xml_export"

    def recognises(self, content: bytes, name: str) -> bool:  # noqa: ARG002 - the protocol's signature
        """Tell whether the document looks like XML that no other adapter reads."""
        start = content[:4096]
        for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
            start = start.removeprefix(mark)
        start = start.replace(b"\x00", b"").lstrip()
        return start.startswith(b"<") and not any(word in start for word in NOT_OURS)

    def read(
        self,
        content: Content,
        name: str,
        profile: Mapping[str, object] | None,
    ) -> Delivery:
        """Return the persons of an export.

        Raises:
            Unreadable: no profile fits, the document is hostile, or nobody in it can be read.
        """
        fitted = fitted_to(profile, ("xml",))
        if beginning(content, len(kept_tree.MARK)) == kept_tree.MARK:
            return read_tree(kept_tree.read(whole(content)), fitted, [])
        paths = cut(fitted)
        pieces = XmlPieces(content, fitted.encoding, Pattern(paths or ()), fitted.root)
        if paths is None:
            top = pieces.tree()
            return dated(read_tree(top, fitted, []), top, fitted, name)
        return dated(read_pieces(pieces, fitted), pieces.top, fitted, name)
