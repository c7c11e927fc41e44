"""One person's document out of a tree: what may be kept, and nothing else.

Source: DESIGN P6, SVOD 1:1 and 1:3.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import partial

from adapters.document import Delivery, Note, Part, Record, WrittenIdentity
from adapters.fitted import kept_tree
from adapters.fitted.around import Head, copied, forget_around, head_of
from adapters.fitted.beside import beside
from adapters.fitted.headers import identity_of
from adapters.fitted.joined import join
from adapters.fitted.kept_tree import write
from adapters.fitted.reading import Reading
from adapters.fitted.records import Read, read_records
from adapters.fitted.repeated import repeated
from adapters.fitted.scope import Judge, counted_all, nothing
from adapters.fitted.taken_out import take_out
from adapters.fitted.unread import forget_unread
from mappings.source_node import SourceNode
from mappings.source_profile import SourceProfile


def read_tree(top: SourceNode, profile: SourceProfile, notes: list[Note]) -> Delivery:
    """Return the persons of an export whose whole tree is read."""
    notes = [*notes, *join(top, profile)]
    persons = list(profile.person.each.nodes(top, top))
    if not persons:
        notes.append(no_person(top, profile))
    notes += beside(top, persons, profile)
    kept = head_of(top, persons, profile)
    return Delivery(
        profile.name,
        parts=lambda after=0: _parts(top, persons[after:], kept, profile, after),
        notes=tuple(notes),
        persons=len(persons),
    )


def no_person(top: SourceNode, profile: SourceProfile) -> Note:
    """Return the note that nobody was found where the profile looks for persons."""
    text = (
        f"no person stands at {profile.person.each.written}; if there should be any, correct "
        f"person.each in the profile {profile.name}"
    )
    return Note("warning", "no-person", top.name, text)


def _parts(
    top: SourceNode,
    persons: list[SourceNode],
    kept: Head,
    profile: SourceProfile,
    after: int,
) -> Iterator[Part]:
    several = repeated(top, persons, profile)
    for number, person in enumerate(persons, after + 1):
        name = f"{person.name}[{number}]"
        copy, own = copied(top, person, kept)
        for part in read_part(copy, own, profile, name):
            yield replace(part, alone=part.alone and person not in several, number=number)


def read_part(
    top: SourceNode, person: SourceNode, profile: SourceProfile, name: str
) -> Iterator[Part]:
    """Yield one person's part, and a second one for what breaks a rule; both empty of what goes."""
    counts: Counter[str] = Counter()
    undescribed: list[str] = []
    while True:
        reading = Reading(profile, top)
        verdict = Judge(reading, person).verdict_on_all()
        if not verdict.outside:
            break
        counts += verdict.counts()
        undescribed += verdict.undescribed
        if person in verdict.outside:
            yield nothing(name, counts)
            return
        for node in verdict.outside:
            if node.parent is not None:
                node.parent.remove(node)
    if not verdict.records:
        yield nothing(name, counts)
        return
    broken = _broken(reading, person, profile)
    told = counted_all(name, counts)
    identity = identity_of(reading, person)
    if identity is None:
        read_records(reading, person, verdict, WrittenIdentity(""))
        forget_unread(person, verdict, profile)
        forget_around(top, person, profile)
        remedy = (
            "the person has no number; correct it in the source, or person.number in the profile"
        )
        yield Part(
            name, write(top), None, (), (*told, Note("error", "no-person-number", name, remedy))
        )
        return
    errors = {node: n for node, n in broken.items() if n.severity == "error"}
    warned = tuple(n for n in broken.values() if n.severity != "error")
    read = read_records(reading, person, verdict, identity, dict.fromkeys(undescribed))
    forget_unread(person, verdict, profile)
    forget_around(top, person, profile)
    if not errors:
        yield _part(name, write(top), identity, read, (*told, *warned), profile)
        return
    whole, alone = write_without(top, person, set(errors)), write_only(top, person, set(errors))
    for node in errors:
        if node.parent is not None:
            node.parent.children.remove(node)
    reading = Reading(profile, top)
    left = Judge(reading, person).verdict_on_all()
    if left.records:
        read = read_records(reading, person, left, identity, dict.fromkeys(undescribed))
        yield _part(name, whole, identity, read, (*told, *warned), profile)
    why = tuple(errors.values())
    yield Part(f"{name}: broken", alone, identity, (), () if left.records else told, refused=why)


def _part(
    name: str,
    raw: bytes,
    identity: WrittenIdentity,
    read: Read,
    notes: tuple[Note, ...],
    profile: SourceProfile,
) -> Part:
    without = partial(_without, raw, profile, name)
    return Part(name, raw, identity, read.records, (*notes, *read.notes), without=without)


def _without(
    raw: bytes, profile: SourceProfile, name: str, gone: Collection[Record]
) -> Part | None:
    """Return the part without these records; None: no other is left."""
    top = kept_tree.read(raw)
    (person,) = profile.person.each.nodes(top, top)
    if not take_out(top, person, profile, gone):
        return None
    return next((part for part in read_part(top, person, profile, name) if part.records), None)


def write_without(top: SourceNode, person: SourceNode, rows: set[SourceNode]) -> bytes:
    """Return the person's tree without some rows."""
    return _written_as(top, person, [c for c in person.children if c not in rows])


def write_only(top: SourceNode, person: SourceNode, rows: set[SourceNode]) -> bytes:
    """Return the person's tree with only some rows."""
    return _written_as(top, person, [c for c in person.children if c in rows])


def _written_as(top: SourceNode, person: SourceNode, children: list[SourceNode]) -> bytes:
    before = person.children
    person.children = children
    try:
        return write(top)
    finally:
        person.children = before


def _broken(reading: Reading, person: SourceNode, profile: SourceProfile) -> dict[SourceNode, Note]:
    found: dict[SourceNode, Note] = {}
    for rule in profile.rules:
        for node in rule.each.nodes(person, reading.top):
            if node.purged:
                continue
            value = rule.value.find(node, reading.top).value or ""
            if bool(rule.pattern.fullmatch(value)) != rule.negated:
                continue
            place = f"row {node.origin}" if isinstance(node.origin, int) else node.place(person)
            known = found.get(node)
            if known is None or known.severity == "warning":
                found[node] = Note(rule.severity, "breaks-rule", place, rule.because)
    return found
