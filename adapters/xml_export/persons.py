"""The persons of a large XML export, one at a time.

Source: DESIGN P6. The export is parsed twice as it is read. The first time leaves, of the whole
document, what stands beside the persons; the second gives each person's part.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from adapters.document import Delivery, Part, Unreadable
from adapters.fitted.beside import Beside
from adapters.fitted.repeated import Repeated
from adapters.fitted.row_index import RowIndex
from adapters.fitted.tree_part import no_person
from adapters.fitted.unit import Pattern, names_of
from adapters.incoming import Content
from adapters.xml_export.nodes import local_name, node_of, shell_of
from adapters.xml_export.part import Head, read_head, read_part
from adapters.xml_export.text import elements
from mappings.source_node import SourceNode
from mappings.source_profile import SourceProfile


def read_persons(content: Content, profile: SourceProfile) -> tuple[Delivery, SourceNode]:
    """Return the persons of an export that is read one at a time, and what stands beside them.

    Raises:
        Unreadable: it is another export than the profile's, hostile, or breaks off before anybody
            has been read whole.
    """
    return _Persons(content, profile).delivery()


class _Persons:
    def __init__(self, content: Content, profile: SourceProfile) -> None:
        self.content = content
        self.profile = profile
        self.names = names_of(profile.person.each.steps)
        self.pattern = Pattern((self.names,))
        self.index = RowIndex()
        self.count = 0
        self.broken: Unreadable | None = None
        # From which person on they stand in which element of what is left of the document.
        self.firsts: list[int] = []
        self.holders: list[etree._Element] = []

    def delivery(self) -> tuple[Delivery, SourceNode]:
        """Go through the export for the first time, and return what it turned out to be."""
        root: list[etree._Element] = []
        repeated = Repeated(self.index, self.profile, SourceNode(""))
        try:
            for element, persons in self._through(root):
                holder = element.getparent()
                if holder is not None and (not self.holders or self.holders[-1] is not holder):
                    self.firsts.append(self.count)
                    self.holders.append(holder)
                for person in persons:
                    self.count += 1
                    repeated.learn(person)
        except Unreadable as why:
            if why.hostile or not self.count:
                raise
            self.broken = why
        top = node_of(root[0])
        notes = [] if self.count else [no_person(top, self.profile)]
        delivery = Delivery(
            self.profile.name,
            parts=lambda after=0: self._parts(read_head(top, self.profile), after),
            notes=(*notes, *self._beside(top).notes()),
            persons=self.count,
            broken=self.broken,
        )
        return delivery, top

    def _beside(self, top: SourceNode) -> Beside:
        """Count what is left of the document; a holder of persons is known, and not its rest."""
        seen = Beside(top, self.profile)
        holding = set(self.holders)
        stubs = [
            SourceNode(self.names[-1], parent=node) for node in top.walk() if node.origin in holding
        ]
        for piece in top.children:
            seen.see(piece, [each for each in stubs if piece in each.ancestors()])
        return seen

    def _through(
        self, root: list[etree._Element]
    ) -> Iterator[tuple[etree._Element, list[SourceNode]]]:
        """Yield each element that persons stand in, or are, with them; then it is taken out."""
        taken: etree._Element | None = None
        shells: dict[etree._Element, SourceNode] = {}
        try:
            for element in elements(self.content, self.profile.encoding, self.names[-1], root):
                self._check(root[0])
                around = list(element.iterancestors())
                if not self._sought(element, around):
                    continue
                if any(each not in shells for each in around):
                    shells = shell_of(around)
                persons = self._persons(element, around, shells)
                if not persons:
                    continue
                yield element, persons
                # An element may get its tail later: it is taken out when the next one has come.
                _take_out(taken)
                taken = element
                element.clear()
        finally:
            _take_out(taken)
        self._check(root[0])

    def _check(self, root: etree._Element) -> None:
        if local_name(root.tag) != self.profile.root:
            raise wrong_root(self.profile)

    def _sought(self, element: etree._Element, around: list[etree._Element]) -> bool:
        """Tell whether a person's path leads to an element, and to none that it stands in."""
        names = [local_name(each.tag) for each in reversed(around[:-1])]
        if not around or not self.pattern.finds([*names, local_name(element.tag)]):
            return False
        return not any(self.pattern.finds(names[:end]) for end in range(1, len(names) + 1))

    def _persons(
        self,
        element: etree._Element,
        around: list[etree._Element],
        shells: dict[etree._Element, SourceNode],
    ) -> list[SourceNode]:
        parent = shells[around[0]]
        parent.children = [node_of(element, parent)]
        top = shells[around[-1]]
        return list(self.profile.person.each.nodes(top, top))

    def _parts(self, head: Head, after: int) -> Iterator[Part]:
        number = 0
        repeated = Repeated(self.index, self.profile, SourceNode(""))
        try:
            for element, persons in self._through([]):
                holder = self.holders[bisect_right(self.firsts, number) - 1]
                same = dict(
                    zip(element.iterancestors(), [holder, *holder.iterancestors()], strict=True)
                )
                for person in persons:
                    number += 1
                    origin = person.origin
                    if number <= after or not isinstance(origin, etree._Element):
                        continue
                    name = f"{person.name}[{number}]"
                    part = read_part(origin, head, self.profile, name, same)
                    alone = self.broken is None and not repeated.several(person)
                    yield replace(part, alone=alone, number=number)
                if number >= self.count:
                    return
        except Unreadable:
            if self.broken is None:
                raise


def wrong_root(profile: SourceProfile) -> Unreadable:
    """Return that a document is another export than a profile's."""
    text = (
        f"the outermost element is not {profile.root}, which the profile {profile.name} asks for; "
        "give the source another profile, or correct root: in it"
    )
    return Unreadable("wrong-profile", "line 1", text)


def _take_out(element: etree._Element | None) -> None:
    parent = None if element is None else element.getparent()
    if element is not None and parent is not None:
        parent.remove(element)
