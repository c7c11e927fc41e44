"""The adapter: from the bytes of an export to a delivery with one part for each person.

Source: DESIGN P6; reference/sol.md §5 (no vendor publishes a schema, so names come from a profile).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from lxml import etree

from adapters.document import Delivery, Note, Part, Unreadable
from adapters.fitted import kept_tree
from adapters.fitted.beside import beside
from adapters.fitted.fitting import fitted_to
from adapters.fitted.repeated import repeated
from adapters.fitted.tree_part import read_tree
from adapters.xml_export.nodes import local_name, node_of
from adapters.xml_export.part import Head, read_head, read_part
from adapters.xml_export.text import decoded
from mappings.source_node import SourceNode
from mappings.source_profile import SourceProfile

NOT_OURS = (b"urn:riv", b"http://hl7.org/fhir", b"schemas.xmlsoap.org")


@dataclass(frozen=True, slots=True)
class XmlExport:
    """Reads nested XML exports; which names they use is a profile's to say."""

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
        content: bytes,
        name: str,  # noqa: ARG002 - the protocol's signature
        profile: Mapping[str, object] | None,
    ) -> Delivery:
        """Return the persons of an export.

        Raises:
            Unreadable: no profile fits, or the document is damaged or hostile.
        """
        fitted = fitted_to(profile, ("xml",))
        if content.startswith(kept_tree.MARK):
            return read_tree(kept_tree.read(content), fitted, [])
        root = decoded(content, fitted.encoding)
        if local_name(root.tag) != fitted.root:
            text = (
                f"the outermost element is not {fitted.root}, which the profile {fitted.name} "
                "asks for; give the source another profile, or correct root: in it"
            )
            raise Unreadable("wrong-profile", "line 1", text)
        top = node_of(root)
        if fitted.joins or fitted.persons:
            # Rows that are put together are no passage of the document: they are kept as a tree.
            return read_tree(top, fitted, [])
        persons = list(fitted.person.each.nodes(top, top))
        if not persons:
            text = (
                f"no person stands at {fitted.person.each.written}; if there should be any, "
                f"correct person.each in the profile {fitted.name}"
            )
            notes = (Note("warning", "no-person", top.name, text), *beside(top, [], fitted))
            return Delivery(fitted.name, notes=notes)
        head = read_head(top, fitted)
        return Delivery(
            fitted.name,
            parts=lambda: _parts(top, persons, head, fitted),
            notes=tuple(beside(top, persons, fitted)),
        )


def _parts(
    top: SourceNode, persons: list[SourceNode], head: Head, profile: SourceProfile
) -> Iterator[Part]:
    several = repeated(top, persons, profile)
    for number, person in enumerate(persons, 1):
        element = person.origin
        if isinstance(element, etree._Element):
            part = read_part(element, head, profile, f"{person.name}[{number}]")
            yield replace(part, alone=False) if person in several else part
