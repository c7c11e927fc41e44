"""One person's document out of an export: what may be kept, and nothing else.

The part is a document of the export's own form: its outermost element, the elements around the
person, the organisations that the person's documents name, and the person, pruned. Comments and
processing instructions are no documentation and may say anything: they go.

Source: DESIGN P6, SVOD 1:1 and 1:3.
"""

import copy
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

from lxml import etree

from adapters.document import Note, Part, WrittenIdentity
from adapters.fitted.beside import absolute_paths
from adapters.fitted.headers import identity_of
from adapters.fitted.reading import Reading
from adapters.fitted.records import read_records
from adapters.fitted.scope import Judge, Verdict, counted_all, nothing
from adapters.fitted.unread import forget_unread
from adapters.xml_export.nodes import local_name, node_of
from mappings.source_node import SourceNode
from mappings.source_profile import SourceProfile


@dataclass(frozen=True, slots=True)
class Head:
    """What an export says once for all persons: its outermost element and its organisations.

    `always` are the organisations that the profile itself looks for; `dropped` are attributes of
    the outermost element that the profile leaves out, such as the time of the export: kept, they
    would make every part a new one every night.
    """

    root: etree._Element
    organisations: tuple[tuple[str, etree._Element], ...] = ()
    always: frozenset[etree._Element] = frozenset()
    dropped: frozenset[str] = frozenset()


def read_head(top: SourceNode, profile: SourceProfile) -> Head:
    """Return what an export says for all persons; `top` is its outermost element."""
    root = _element(top)
    dropped = frozenset(
        rule.path.attribute
        for rule in profile.left_out
        if rule.path.absolute and not rule.path.steps and rule.path.attribute is not None
    )
    fitted = profile.organisations
    if fitted is None:
        return Head(root, dropped=dropped)
    listed = {node: fitted.id.find(node, top).value or "" for node in fitted.each.nodes(top, top)}
    sought = {node for path in absolute_paths(profile) for node in path.nodes(top, top)}
    return Head(
        root,
        tuple((identity, _element(node)) for node, identity in listed.items()),
        frozenset(_element(node) for node in listed if node in sought),
        dropped,
    )


def read_part(
    person: etree._Element,
    head: Head,
    profile: SourceProfile,
    name: str,
    around: Mapping[etree._Element, etree._Element] = MappingProxyType({}),
) -> Part:
    """Return one person's part; without raw and records when nothing of it is in scope.

    `around` says which elements of the head's tree those around the person are.
    """
    own = copy.deepcopy(person)
    own.tail = None
    etree.strip_elements(own, etree.Comment, etree.ProcessingInstruction, with_tail=False)
    counts: Counter[str] = Counter()
    undescribed: list[str] = []
    while True:
        shell = _document(own, person, head, around)
        top = node_of(shell)
        node = next(profile.person.each.nodes(top, top))
        own = _element(node)
        reading = Reading(profile, top)
        verdict = Judge(reading, node).verdict_on_all()
        if not verdict.outside:
            break
        counts += verdict.counts()
        undescribed += verdict.undescribed
        if node in verdict.outside:
            return nothing(name, counts)
        _prune(verdict)
    if not verdict.records:
        return nothing(name, counts)
    identity = identity_of(reading, node)
    written = identity or WrittenIdentity("")
    read = read_records(reading, node, verdict, written, dict.fromkeys(undescribed))
    for changed in forget_unread(node, verdict, profile):
        _forget(changed)
    raw = etree.tostring(shell, encoding="UTF-8", xml_declaration=True)
    if identity is None:
        remedy = (
            "the person has no number; correct it in the source, or person.number in the profile"
        )
        notes = (*counted_all(name, counts), Note("error", "no-person-number", name, remedy))
        return Part(name, raw, None, (), notes)
    return Part(name, raw, identity, read.records, (*counted_all(name, counts), *read.notes))


def _forget(node: SourceNode) -> None:
    """Take out of an element what its node no longer has."""
    element = _element(node)
    for name in list(element.attrib):
        if local_name(name) not in node.attributes:
            del element.attrib[name]
    if not node.text:
        element.text = None
        for child in element:
            child.tail = None


def _prune(verdict: Verdict) -> None:
    """Take elements out, with the loose text after them, which may belong to them."""
    for node in verdict.outside:
        element = _element(node)
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)


def _document(
    own: etree._Element,
    person: etree._Element,
    head: Head,
    same: Mapping[etree._Element, etree._Element],
) -> etree._Element:
    """Return a new document around a person, with the organisations that it names."""
    named = {str(value) for each in own.iter() for value in each.attrib.values()}
    named |= {(each.text or "").strip() for each in own.iter()}
    for around in person.iterancestors():
        named |= {str(value) for value in around.attrib.values()}
    if person is head.root:
        return own
    shells = {head.root: _shell(head.root, head.dropped)}
    for identity, element in head.organisations:
        if element in head.always or identity in named:
            _graft(copy.deepcopy(element), element, shells, same)
    _graft(own, person, shells, same)
    return shells[head.root]


def _graft(
    made: etree._Element,
    original: etree._Element,
    shells: dict[etree._Element, etree._Element],
    same: Mapping[etree._Element, etree._Element],
) -> None:
    made.tail = None
    parent = original.getparent()
    parent = None if parent is None else same.get(parent, parent)
    if parent is None:
        raise ValueError("the outermost element is never grafted")
    if parent not in shells:
        shells[parent] = _shell(parent)
        _graft(shells[parent], parent, shells, same)
    shells[parent].append(made)


def _shell(element: etree._Element, dropped: frozenset[str] = frozenset()) -> etree._Element:
    made = etree.Element(element.tag, nsmap=_prefixes(element))
    for name, value in element.attrib.items():
        if local_name(name) not in dropped:
            made.set(name, value)
    return made


def _prefixes(element: etree._Element) -> dict[str, str]:
    # The stubs do not know that the default namespace's prefix is None; lxml does.
    return cast("dict[str, str]", element.nsmap)


def _element(node: SourceNode) -> etree._Element:
    if not isinstance(node.origin, etree._Element):
        raise TypeError("a node of another format than XML")
    return node.origin
