"""The adapter: from delimited files (one, or several that belong together) to a part per person.

Source: DESIGN P6; reference/sol.md §1.4 (register files) and §5.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.delimited.pieces import DelimitedPieces
from adapters.document import Delivery
from adapters.fitted import kept_tree
from adapters.fitted.as_of import dated
from adapters.fitted.fitting import fitted_to
from adapters.fitted.joined import join
from adapters.fitted.streamed import cut, read_pieces
from adapters.fitted.tree_part import read_tree
from adapters.incoming import Content, beginning, whole
from mappings.source_fit import SourceProfile
from mappings.source_node import SourceNode


@dataclass(frozen=True, slots=True)
class Delimited:
    """Reads delimited files; what their columns mean is a profile's to say."""

    name: str = "delimited"

    def recognises(self, content: bytes, name: str) -> bool:
        """Tell whether the document looks like delimited text."""
        if name.lower().endswith((".csv", ".tsv")):
            return True
        first = content[:4096].replace(b"\x00", b"").partition(b"\n")[0]
        return not first.lstrip().startswith((b"<", b"{", b"[")) and b";" in first

    def read(self, content: Content, name: str, profile: Mapping[str, object] | None) -> Delivery:
        """Return the persons of the files.

        Raises:
            Unreadable: no profile fits, or nobody in the files can be read.
        """
        fitted = fitted_to(profile, ("delimited", "register"))
        if beginning(content, len(kept_tree.MARK)) == kept_tree.MARK:
            return read_tree(kept_tree.read(whole(content)), fitted, [])
        pieces = DelimitedPieces(content, name, fitted)
        if cut(fitted) is None:
            delivery = read_tree(pieces.tree(), fitted, list(pieces.notes()))
        else:
            delivery = read_pieces(pieces, fitted)
        return dated(delivery, pieces.top, fitted, " ".join([name, *pieces.names]))

    def tree(self, content: Content, name: str, fitted: SourceProfile) -> SourceNode:
        """Return the tree of the files, put together, as a profile's paths walk it.

        Raises:
            Unreadable: a file is damaged.
        """
        top = DelimitedPieces(content, name, fitted).tree()
        join(top, fitted)
        return top
