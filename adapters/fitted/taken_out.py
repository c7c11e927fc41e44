"""Records taken out of a person's kept tree: what no other record reads of them goes with them.

A record's element may hold other records, and those may read what stands around them. Where one
was, its place stays, empty but for what others read there, and marked: read again, it gives no
record, and the places of the others, which may be all that they are known by, are as they were.

Source: DESIGN §4 "Leaving" (nothing is kept of a record that was purged), P6.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

from adapters.document import Record, WrittenIdentity
from adapters.fitted.headers import identity_of
from adapters.fitted.reading import Reading
from adapters.fitted.records import read_records
from adapters.fitted.scope import Judge
from mappings.source_node import TEXT, SourceNode
from mappings.source_profile import SourceProfile

_CONCEPT = {"health_note": "note"}
"""Of tables that are not named for their concept."""


def take_out(
    top: SourceNode, person: SourceNode, profile: SourceProfile, gone: Collection[Record]
) -> bool:
    """Take records out of a person's tree; tell whether any other is left."""
    marked = _mark(person, gone)
    reading = Reading(profile, top)
    verdict = Judge(reading, person).verdict_on_all()
    kept = {placed.node for placed in verdict.records}
    if not kept:
        return False
    judged = {node: set(node.used) for node in person.walk()}
    _forget_use(top)
    identity = identity_of(reading, person) or WrittenIdentity("")
    # what the profile leaves out of a record goes with it
    read_records(Reading(replace(profile, left_out=()), top), person, verdict, identity)
    for case in verdict.cases:
        if _holds(case, marked) and not _holds(case, kept):
            case.purged |= {"case"}
            marked.add(case)
    for node in marked:
        _empty(node, kept, judged if _holds(node, kept) else {})
    _forget_use(top)
    return True


def _mark(person: SourceNode, gone: Collection[Record]) -> set[SourceNode]:
    concepts: dict[str, set[str]] = {}
    for record in gone:
        table = record.table.partition("/")[2]
        concepts.setdefault(record.path, set()).add(_CONCEPT.get(table, table))
    marked = set()
    for node in person.walk():
        found = concepts.get(node.place(person))
        if found:
            node.purged |= found
            marked.add(node)
    return marked


def _holds(node: SourceNode, others: Collection[SourceNode]) -> bool:
    return any(each in others for each in node.walk())


def _empty(
    node: SourceNode, kept: Collection[SourceNode], judged: dict[SourceNode, set[str]]
) -> None:
    """Take out what neither another record nor the judgement on one has read."""
    for each in _own(node, kept):
        used = each.used | judged.get(each, set())
        for name in [name for name in each.attributes if name not in used]:
            del each.attributes[name]
        if TEXT not in used:
            each.text, each.mixed = "", None
    if not _holds(node, kept):
        node.children = [each for each in node.children if not each.is_blank()]


def _own(node: SourceNode, kept: Collection[SourceNode]) -> Iterator[SourceNode]:
    """Yield a node, and what is within it up to other records."""
    yield node
    for child in node.children:
        if child not in kept:
            yield from _own(child, kept)


def _forget_use(top: SourceNode) -> None:
    for node in top.walk():
        node.used.clear()
