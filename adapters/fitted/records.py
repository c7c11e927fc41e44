"""One person's records from a document of which only what is in scope is left.

A body that is read takes its own fields; the person's own record also carries every place that no
record used, under its path in the source, so that the mapping tables report it as unmapped.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from msgspec.structs import replace

from adapters.document import AccessHeader, Note, Record, Tree, WrittenIdentity
from adapters.fitted.headers import Headers
from adapters.fitted.needs import Needs
from adapters.fitted.reading import Reading, identifier_of
from adapters.fitted.scope import HEALTH_CARE, Placed, Verdict
from mappings.source_node import TEXT, SourceNode

UNSEEN = "…"
"""Stands for a value that is not kept, where only its path may be told."""


@dataclass(frozen=True, slots=True)
class Read:
    """What became of one person: the records, and what the sender should know."""

    records: tuple[Record, ...]
    notes: tuple[Note, ...]


def read_records(
    reading: Reading,
    person: SourceNode,
    verdict: Verdict,
    identity: WrittenIdentity,
    undescribed: Iterable[str] = (),
) -> Read:
    """Return the person's records: who they are, and everything documented that may be kept."""
    headers = Headers(reading, person, identity, verdict.records)
    needs = Needs(reading, verdict.records)
    _mark_left_out(reading, person)
    own = {placed.node for placed in verdict.records}
    notes: list[Note] = []
    made: list[Record] = []
    taken: set[str] = set()
    for placed in verdict.records:
        for expression in placed.fit.header.values():
            expression.find(placed.node, reading.top)
        header = headers.header(placed)
        table = _table(placed, header)
        identity_here = _record_id(placed, reading, table, taken, notes, person)
        header = replace(header, record_id=identity_here)
        body = _once(_body(reading, placed, header, own, needs))
        made.append(Record(header, table, placed.node.place(person), body))
    if not made:
        return Read((), tuple(notes))
    bodies = [record.body for record in made]
    if "person" in person.purged:
        for each in bodies:
            each()
        return Read(tuple(made), (*notes, *reading.notes.values()))
    header = _header_of_person(reading, person, headers, [record.header for record in made])
    body = _once(_body_of_person(reading, person, own, identity, bodies, list(undescribed)))
    # What could not be read is known only when it has been tried, and belongs in the part's notes.
    body()
    demographics = Record(header, "sol/person", person.name, body)
    return Read((demographics, *made), (*notes, *reading.notes.values()))


def _table(placed: Placed, header: AccessHeader) -> str:
    if placed.fit.concept == "note" and header.regime in HEALTH_CARE:
        return "sol/health_note"
    return f"sol/{placed.fit.concept}"


def _record_id(
    placed: Placed,
    reading: Reading,
    table: str,
    taken: set[str],
    notes: list[Note],
    person: SourceNode,
) -> str:
    """Return the table's name and the own id; ids of different concepts may be equal."""
    expression = placed.fit.fields.get("id")
    own = expression.find(placed.node, reading.top).value if expression else None
    place = placed.node.place(person)
    wanted = f"{table.removeprefix('sol/')}/{own or place}"
    if own is None:
        notes.append(
            Note("warning", "no-id", place, "the record has no id; its place stands for it")
        )
    if wanted in taken:
        notes.append(Note("warning", "repeated-id", place, "another record has the same id"))
        wanted = f"{wanted}#{place}"
    taken.add(wanted)
    return wanted


def _body(
    reading: Reading, placed: Placed, header: AccessHeader, own: set[SourceNode], needs: Needs
) -> Callable[[], Tree]:
    def body() -> Tree:
        tree = needs.linked(placed, reading.tree(placed.fit, placed.node))
        if header.service is not None:
            tree["section"] = header.service
        tree.update(_leftover(placed.node, own - {placed.node}, reading.top))
        return tree

    return body


def _mark_left_out(reading: Reading, person: SourceNode) -> None:
    for rule in reading.profile.left_out:
        _mark(rule.path.nodes(person, reading.top), rule.path.attribute)
    organisations = reading.profile.organisations
    if organisations is not None:
        for node in organisations.each.nodes(reading.top, reading.top):
            organisations.id.find(node, reading.top)
            if organisations.name is not None:
                organisations.name.find(node, reading.top)


def _mark(nodes: Iterable[SourceNode], attribute: str | None) -> None:
    for node in nodes:
        if attribute is not None:
            node.used.add(attribute)
        else:
            for each in node.walk():
                each.used.update(each.attributes, [TEXT])


def _body_of_person(
    reading: Reading,
    person: SourceNode,
    own: set[SourceNode],
    identity: WrittenIdentity,
    bodies: list[Callable[[], Tree]],
    undescribed: list[str],
) -> Callable[[], Tree]:
    def body() -> Tree:
        for other in bodies:
            other()
        tree = reading.tree(reading.profile.person, person)
        identifier = identifier_of(identity.value)
        if identifier is not None:
            tree["identifier"] = identifier
        tree.update(_leftover(reading.top, own, reading.top))
        for path in undescribed:
            tree[f"{reading.top.name}/{path}"] = UNSEEN
        return tree

    return body


def _leftover(top: SourceNode, apart: set[SourceNode], root: SourceNode) -> Tree:
    """Return what nobody read below a node, by path in the source, except what stands apart."""
    tree = Tree()
    waiting = [top]
    while waiting:
        node = waiting.pop(0)
        path = "/".join(part for part in (root.name, node.path_from(root)) if part)
        for name, value in node.attributes.items():
            if name not in node.used and value.strip():
                tree.setdefault(f"{path}/@{name}", value)
        if TEXT not in node.used and node.text.strip():
            tree.setdefault(path, node.text)
        waiting.extend(child for child in node.children if child not in apart)
    return tree


def _header_of_person(
    reading: Reading, person: SourceNode, headers: Headers, others: list[AccessHeader]
) -> AccessHeader:
    """Return the header of the person's own record, which belongs to the file it was found in.

    Where anything is social care's, it is that file's, under the first service that the list now
    in force holds; in an export with health care only, it is the first record's.
    """
    social = [each for each in others if each.regime not in HEALTH_CARE]
    listed = [each for each in social if each.service and not each.service.startswith("SoL2001")]
    like = (listed or social or others)[0]
    fitted = headers.header(Placed(reading.profile.person, person, None, like.recipient))
    owner, unit = (fitted.owner, fitted.unit) if social else (None, None)
    return replace(
        like,
        record_id="person",
        info_type="demographics",
        owner=owner or like.owner,
        unit=unit or like.unit,
        date_from=None,
        date_to=None,
        nullified=False,
        not_for_patient=fitted.not_for_patient,
    )


def _once(make: Callable[[], Tree]) -> Callable[[], Tree]:
    """Return a body that is read when it is first asked for, and then kept."""
    kept: list[Tree] = []

    def body() -> Tree:
        if not kept:
            kept.append(make())
        return kept[0]

    return body
