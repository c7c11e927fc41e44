"""The adapter: from the bytes of an export to a delivery with one part for each person.

Source: DESIGN P6; reference/sol.md §5 (no vendor publishes a schema, so names come from a profile).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from lxml import etree

from adapters.document import Delivery, Part
from adapters.fitted import kept_tree
from adapters.fitted.as_of import dated
from adapters.fitted.beside import beside
from adapters.fitted.fitting import fitted_to
from adapters.fitted.tree_part import no_person, read_tree
from adapters.fitted.unit import goes_down
from adapters.incoming import Content, beginning, whole
from adapters.xml_export.nodes import local_name, node_of
from adapters.xml_export.part import read_head, read_part
from adapters.xml_export.persons import read_persons, wrong_root
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
        if fitted.joins or fitted.persons:
            # Rows that are put together are no passage of the document: they are kept as a tree.
            top = node_of(_root(content, fitted))
            return dated(read_tree(top, fitted, []), top, fitted, name)
        if not goes_down(fitted.person.each):
            top = node_of(_root(content, fitted))
            return dated(_read_whole(top, fitted), top, fitted, name)
        delivery, top = read_persons(content, fitted)
        return dated(delivery, top, fitted, name)


def _root(content: Content, profile: SourceProfile) -> etree._Element:
    root = decoded(whole(content), profile.encoding)
    if local_name(root.tag) != profile.root:
        raise wrong_root(profile)
    return root


def _read_whole(top: SourceNode, profile: SourceProfile) -> Delivery:
    """Return the one person that a whole document is about."""
    persons = list(profile.person.each.nodes(top, top))
    head = read_head(top, profile)

    def parts(after: int = 0) -> Iterator[Part]:
        for number, person in enumerate(persons[after:], after + 1):
            if isinstance(person.origin, etree._Element):
                part = read_part(person.origin, head, profile, f"{person.name}[{number}]")
                yield replace(part, alone=len(persons) == 1, number=number)

    notes = [] if persons else [no_person(top, profile)]
    return Delivery(
        profile.name,
        parts=parts,
        notes=(*notes, *beside(top, persons, profile)),
        persons=len(persons),
    )
