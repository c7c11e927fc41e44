"""One part into the store, in one transaction: all of it, or nothing.

Source: DESIGN P6, §4. The raw part is stored before it is interpreted; what cannot be judged,
mapped or checked is quarantined whole with its reason; the same part again changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from adapters.document import Note, Part, Record, WrittenIdentity
from hub.config.source import Source
from hub.fhir.check import check
from hub.ingest.identifiers import RecordIds
from hub.ingest.judge import Judged, NotAccepted, judge
from hub.ingest.masking import masked
from hub.ingest.provenance import provenance
from hub.ingest.receipt import Receipt, State
from hub.store.counter import lock
from hub.store.directory import Directory
from hub.store.facts import facts_of, linked
from hub.store.identity import hub_id, record_identity
from hub.store.parts import PartRow, known_state, part_id, save_part
from hub.store.schema.fact import PERSON_COUNTER
from hub.store.schema.source_part import UNKNOWN_PERSON
from hub.store.writing import Incoming, Written, instant_text, others_of_records, put, withdraw
from mappings.engine import Context
from mappings.personal_identity import WARNINGS, Identity, NotAnIdentity, normalise
from mappings.tables import load


@dataclass(frozen=True, slots=True)
class Received:
    """A part as it came: from which document, source and adapter, and when (aware)."""

    document: str
    source: Source
    adapter: str
    contract: str | None
    part: Part
    at: datetime


@dataclass(frozen=True, slots=True)
class Knowing:
    """What the hub knows when it judges: the directory as it is now, and the hub's own key."""

    directory: Directory
    key: bytes


class _Quarantine(Exception):  # not an error: a way out, with its reasons
    def __init__(self, *reasons: Note) -> None:
        super().__init__("quarantined")
        self.reasons = reasons


def ingest_part(connection: Connection, received: Received, knowing: Knowing) -> Receipt:
    """Return the receipt of a part, written within the caller's transaction."""
    notes = list(received.part.notes)
    try:
        identity = _identity(received.part.person, received.at, notes)
    except _Quarantine as why:
        return _quarantine(connection, received, UNKNOWN_PERSON, knowing, (*notes, *why.reasons))
    record_identity(connection, knowing.key, identity)
    person = hub_id(connection, knowing.key, identity)
    lock(connection, PERSON_COUNTER, [person])
    try:
        judged = _judge(connection, received, knowing, person)
    except NotAccepted as why:
        reason = Note("error", why.code, received.part.name or "document", why.text)
        if why.rejects:
            return _receipt(received, State.REJECTED, notes=(*notes, reason))
        return _quarantine(connection, received, person, knowing, (*notes, reason))
    try:
        mapped = _map(received, knowing, person, judged)
    except _Quarantine as why:
        return _quarantine(connection, received, person, knowing, (*notes, *why.reasons))
    row = _row(received, person, knowing, "stored", ())
    before = known_state(connection, row)
    written, gone = _write(connection, received, person, row.id, mapped)
    changed = [each for each in written if each.changed]
    if before != "stored":
        save_part(connection, row)
    unchanged = before == "stored" and not changed and not gone
    replaced = bool(gone) or any(not each.created for each in changed)
    state = State.UNCHANGED if unchanged else State.REPLACED if replaced else State.STORED
    notes += [note for each in judged for note in each.notes] + mapped.notes
    return _receipt(
        received,
        state,
        resources=[(each.type, each.id) for each in written],
        notes=notes,
        unmapped=mapped.unmapped,
    )


def _identity(written: WrittenIdentity | None, at: datetime, notes: list[Note]) -> Identity:
    if written is None:
        raise _Quarantine(
            Note(
                "error",
                "no-person-number",
                "person number",
                "the part names nobody; correct it at the source and send it again",
            )
        )
    try:
        identity = normalise(written.value, written.kind, at.date())
    except NotAnIdentity as why:
        text = f"{why.reason}; correct it at the source and send it again"
        raise _Quarantine(Note("error", "no-person-number", "person number", text)) from None
    notes += [Note("warning", code, "person number", WARNINGS[code]) for code in identity.warnings]
    return identity


def _judge(
    connection: Connection, received: Received, knowing: Knowing, person: str
) -> list[Judged]:
    facts = facts_of(connection, linked(connection, [person]))
    return [
        judge(record.header, received.source, knowing.directory, facts, received.at, record.path)
        for record in received.part.records
    ]


@dataclass(slots=True)
class _Mapped:
    incoming: list[Incoming]
    unmapped: list[str]
    notes: list[Note]
    provenances: list[tuple[Incoming, frozenset[tuple[str, str]]]]


def _map(received: Received, knowing: Knowing, person: str, judged: Sequence[Judged]) -> _Mapped:
    """Map and check every record; whatever is wrong with any of them quarantines the part."""
    done = _Mapped([], [], [], [])
    wrong: list[Note] = []
    for record, verdict in zip(received.part.records, judged, strict=True):
        ids = RecordIds(
            knowing.key,
            received.source.id,
            record.header.source_system,
            person,
            record.header.record_id,
        )
        try:
            wrong += _map_record(received, record, verdict, ids, done)
        except Exception as error:  # noqa: BLE001  # P6: whatever a document does to a mapping
            text = f"the record cannot be mapped ({type(error).__name__}); report it, then retry"
            wrong.append(Note("error", "not-mapped", record.path, text))
    if wrong:
        raise _Quarantine(*wrong)
    return done


def _map_record(
    received: Received, record: Record, verdict: Judged, ids: RecordIds, done: _Mapped
) -> list[Note]:
    header, item = record.header, verdict.item
    mapped = load(record.table).map(record.body(), _context(received, record, verdict, ids))
    wrong = [
        Note("error", issue.code, f"{record.path} -> {issue.expression}", issue.text)
        for resource in mapped.resources
        for issue in check(resource)
        if issue.severity == "error"
    ]
    if wrong:
        return wrong
    made = [_incoming(received, resource, verdict, ids.record) for resource in mapped.resources]
    done.incoming += made
    targets = [each.key for each in made]
    if targets:
        origin = provenance(
            ids.mint()("Provenance", ""),
            targets,
            header,
            item,
            source=received.source.id,
            contract=received.contract,
            path=record.path,
            recorded=instant_text(int(received.at.timestamp() * 1_000_000)),
        )
        done.provenances.append(
            (_incoming(received, origin, verdict, ids.record), frozenset(targets))
        )
    done.unmapped += [path for path in mapped.unmapped if path not in done.unmapped]
    done.notes += [
        Note(n.severity, n.code, f"{record.path} {n.place}", n.text) for n in mapped.notes
    ]
    return []


def _context(received: Received, record: Record, verdict: Judged, ids: RecordIds) -> Context:
    header = record.header
    system = header.source_system or received.source.id
    return Context(
        patient=f"Patient/{ids.person}",
        mint=ids.mint(),
        identifier_system=f"urn:samvy:source:{received.source.id}:{system}",
        source=f"urn:samvy:source:{received.source.id}",
        owner=verdict.item.owner,
        unit=verdict.item.unit,
        not_for_patient=header.not_for_patient,
        nullified=header.nullified,
        facts={"patient_id": ids.person},
    )


def _incoming(
    received: Received, resource: dict[str, Any], verdict: Judged, record: str
) -> Incoming:
    masks = verdict.item.masks
    return Incoming(
        resource=resource,
        item=verdict.item,
        source=received.source.id,
        masked=masked(resource, masks) if masks else None,
        record=record,
        contract=received.contract,
    )


def _write(
    connection: Connection, received: Received, person: str, part: str, mapped: _Mapped
) -> tuple[list[Written], list[tuple[str, str]]]:
    """Write resources, then the provenance of records that changed, and withdraw what is gone."""
    now = int(received.at.timestamp() * 1_000_000)
    written = put(connection, person, mapped.incoming, now, part)
    changed = {(each.type, each.id) for each in written if each.changed}
    origins = [origin for origin, targets in mapped.provenances if targets & changed]
    put(connection, person, origins, now, part)
    kept = {each.key for each in mapped.incoming} | {o.key for o, _ in mapped.provenances}
    records = {each.record for each in mapped.incoming if each.record}
    gone = others_of_records(
        connection,
        person,
        received.source.id,
        records,
        kept,
        contract=received.contract if received.source.complete else None,
    )
    withdraw(connection, person, gone)
    return written, gone


def _row(
    received: Received, person: str, knowing: Knowing, state: str, reasons: Sequence[Note]
) -> PartRow:
    return PartRow(
        person=person,
        id=part_id(knowing.key, received.source.id, person, received.part.raw),
        source=received.source.id,
        adapter=received.adapter,
        contract=received.contract,
        document=received.document,
        name=received.part.name,
        raw=received.part.raw,
        received=received.at,
        state=state,
        reasons=tuple(reasons),
    )


def _quarantine(
    connection: Connection,
    received: Received,
    person: str,
    knowing: Knowing,
    notes: Sequence[Note],
) -> Receipt:
    save_part(connection, _row(received, person, knowing, "quarantined", notes))
    return _receipt(received, State.QUARANTINED, notes=notes)


def _receipt(
    received: Received,
    state: State,
    *,
    resources: Sequence[tuple[str, str]] = (),
    notes: Sequence[Note] = (),
    unmapped: Sequence[str] = (),
) -> Receipt:
    return Receipt(
        document=received.document,
        part=received.part.name,
        source=received.source.id,
        adapter=received.adapter,
        contract=received.contract,
        state=state,
        resources=tuple(resources),
        issues=tuple(notes),
        unmapped=tuple(unmapped),
    )
