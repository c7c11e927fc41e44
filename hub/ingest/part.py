"""One part into the store, in one transaction: all of it, or nothing.

Source: DESIGN P6, §4. The raw part is kept whole; what cannot be judged, mapped, checked or stored
is quarantined with its reason; the same part again changes nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from adapters.document import Note, Part, WrittenIdentity
from consent.facts import Facts
from consent.period import STOCKHOLM
from hub.config.source import Source
from hub.ingest.evidence import record_evidence
from hub.ingest.former import link_former
from hub.ingest.identifiers import RecordIds
from hub.ingest.judge import NotAccepted, judge, out_of_scope
from hub.ingest.mapping import Mapped, Origin, Ready, map_records
from hub.ingest.protection import record_declared
from hub.ingest.purged import without_purged
from hub.ingest.receipt import Receipt, State
from hub.ingest.standing import NEWER_EXPORT, passed_over
from hub.store.counter import lock
from hub.store.directory import Directory
from hub.store.facts import facts_of, linked
from hub.store.identity import person_key, record_identity
from hub.store.instant import micros
from hub.store.parts import PartRow, known_state, later, part_id, save_part
from hub.store.schema.fact import PERSON_COUNTER
from hub.store.schema.source_part import UNKNOWN_PERSON
from hub.store.standing import (
    others_of_records,
    records_standing,
    resources_of_record,
    stand_in,
    withdraw,
)
from hub.store.writing import Written, for_its_content, instant_text, put
from mappings.personal_identity import WARNINGS, Identity, NotAnIdentity, normalise


@dataclass(frozen=True, slots=True)
class Received:
    """A part as it came: from which document, source and adapter, and when (aware).

    `complete`: it holds everything that the source has about the person, so that what it lacks has
    disappeared. `waiting_since`: it was received then, and is tried again. `as_of`: of when its
    delivery says that it is.
    """

    document: str
    source: Source
    adapter: str
    contract: str | None
    part: Part
    at: datetime
    complete: bool = False
    waiting_since: datetime | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Knowing:
    """What the hub knows when it judges: the directory as it is now, and the hub's own key."""

    directory: Directory
    key: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """The receipt of a part, and whom it was about where that could be told."""

    receipt: Receipt
    person: str | None = None


class _Quarantine(Exception):  # not an error: a way out, with its reasons
    def __init__(self, *reasons: Note) -> None:
        super().__init__("quarantined")
        self.reasons = reasons


@dataclass(slots=True)
class _Outcome:
    """What became of a part's records in the store."""

    written: list[Written]
    gone: bool
    notes: list[Note] = field(default_factory=list)

    def state(self, before: str | None) -> State:
        """Return what the receipt says; `before` is what the part was before it came again."""
        changed = [each for each in self.written if each.changed]
        if self.gone or any(not each.created for each in changed):
            return State.REPLACED
        # What was left as it stands is known, too.
        known = before == "stored" or bool(self.written) or bool(self.notes)
        return State.UNCHANGED if known and not changed else State.STORED


def ingest_part(connection: Connection, received: Received, knowing: Knowing) -> Taken:
    """Return the receipt of a part, written within the caller's transaction."""
    notes = list(received.part.notes)
    outside = [each.path for each in received.part.records if out_of_scope(each.header)]
    if outside:
        notes += [_out_of_scope(path) for path in outside]
        return Taken(_receipt(received, State.REJECTED, notes=notes))
    try:
        identity = _identity(received, notes)
    except _Quarantine as why:
        notes += why.reasons
        return Taken(_quarantine(connection, received, UNKNOWN_PERSON, knowing, notes))
    person = person_key(knowing.key, identity.system, identity.value)
    lock(connection, PERSON_COUNTER, [person])
    admitted, kept_away = without_purged(
        connection, received.part, received.source, knowing.key, person
    )
    notes += kept_away
    if admitted is None:
        return Taken(_receipt(received, State.REJECTED, notes=notes), person)
    received = replace(received, part=admitted)
    if received.part.refused:
        notes += received.part.refused
        return Taken(_quarantine(connection, received, person, knowing, notes), person)
    try:
        record_identity(connection, knowing.key, identity)
        notes += _link_former(connection, received, identity, knowing.key)
        ready, mapped = _read(connection, received, knowing, person)
        row = _row(received, person, knowing, "stored", ())
        before = known_state(connection, row)
        outcome = _store(connection, received, person, ready, mapped, row.id)
    except _Quarantine as why:
        notes += why.reasons
        return Taken(_quarantine(connection, received, person, knowing, notes), person)
    if before != "stored":
        save_part(connection, row, new=before is None)
    else:
        later(connection, row)
    notes += [note for each in ready for note in each.verdict.notes]
    receipt = _receipt(
        received,
        outcome.state(before),
        resources=[(each.type, each.id) for each in outcome.written],
        notes=[*notes, *mapped.notes, *outcome.notes],
        unmapped=mapped.unmapped,
    )
    return Taken(receipt, person)


def _out_of_scope(place: str) -> Note:
    text = "the record is of a kind that SVOD 1:1 does not list; nothing of the part is kept"
    return Note("error", "out-of-scope", place, text)


def _identity(received: Received, notes: list[Note]) -> Identity:
    written = received.part.person
    try:
        identity = normalise(*_number(written), received.at.astimezone(STOCKHOLM).date())
    except NotAnIdentity as why:
        text = f"{why.reason}; correct it at the source and send it again"
        raise _Quarantine(Note("error", "no-person-number", "person number", text)) from None
    said = {note.code for note in notes}
    notes += [
        Note("warning", code, "person number", WARNINGS[code])
        for code in identity.warnings
        if code not in said
    ]
    return identity


def _link_former(
    connection: Connection, received: Received, identity: Identity, key: bytes
) -> Iterator[Note]:
    """Link the former numbers that the records tell of, so that blocks follow before they show."""
    told = {each.header.former for each in received.part.records if each.header.former is not None}
    for written in sorted(told, key=str):
        place = "former person number"
        try:
            today = received.at.astimezone(STOCKHOLM).date()
            former = normalise(written.value, written.kind, today)
        except NotAnIdentity as why:
            text = f"{why.reason}; the records stand under the current number alone"
            yield Note("warning", "former-number-unusable", place, text)
            continue
        if person_key(key, former.system, former.value) == person_key(
            key, identity.system, identity.value
        ):
            continue
        if link_former(connection, key, identity, former, received.at):
            text = "the source says that another number is the same person: the two are linked"
            yield Note("information", "identities-linked", place, text)


def _number(written: WrittenIdentity | None) -> tuple[str, str | None]:
    return ("", None) if written is None else (written.value, written.kind)


def _read(
    connection: Connection, received: Received, knowing: Knowing, person: str
) -> tuple[list[Ready], Mapped]:
    """Judge and map the records; nothing of them is written."""
    headers = [record.header for record in received.part.records]
    record_declared(connection, person, headers, received.source.id, received.at)
    facts = facts_of(connection, linked(connection, [person]))
    ready = _judge(received, knowing, facts, person)
    origin = Origin(received.source.id, received.contract, instant_text(micros(received.at)))
    mapped = map_records(ready, origin)
    if mapped.wrong:
        raise _Quarantine(*mapped.wrong)
    return ready, mapped


def _judge(received: Received, knowing: Knowing, facts: Facts, person: str) -> list[Ready]:
    ready: list[Ready] = []
    wrong: dict[str, Note] = {}
    for record in received.part.records:
        header, source = record.header, received.source
        ids = RecordIds(
            knowing.key, source.id, header.source_system, person, record.table, header.record_id
        )
        try:
            verdict = judge(header, source, knowing.directory, facts, received.at, record.path)
        except NotAccepted as why:
            wrong.setdefault(why.code, Note("error", why.code, record.path, why.text))
        except Exception as error:  # noqa: BLE001  # P5: what cannot be judged is not taken
            text = f"the record cannot be judged ({type(error).__name__}); report it, then retry"
            wrong.setdefault("not-judged", Note("error", "not-judged", record.path, text))
        else:
            ready.append(Ready(record, verdict, ids))
    if wrong:
        raise _Quarantine(*wrong.values())
    return ready


def _store(
    connection: Connection,
    received: Received,
    person: str,
    ready: Sequence[Ready],
    mapped: Mapped,
    part: str,
) -> _Outcome:
    """Write what is new and withdraw what is gone; what the store cannot hold undoes it all."""
    try:
        with connection.begin_nested():
            return _write(connection, received, person, ready, mapped, part)
    except Exception as error:
        if not for_its_content(error):
            raise
        text = f"the records cannot be stored ({type(error).__name__}); report it, then retry"
        place = received.part.name or "document"
        raise _Quarantine(Note("error", "not-stored", place, text)) from None


def _write(
    connection: Connection,
    received: Received,
    person: str,
    ready: Sequence[Ready],
    mapped: Mapped,
    part: str,
) -> _Outcome:
    source, now = received.source.id, micros(received.at)
    records = {each.ids.record for each in ready}
    stands = records_standing(connection, person, source, records)
    left = passed_over(ready, stands, received.contract, received.waiting_since, received.as_of)
    incoming = [each for each in mapped.incoming if each.record not in left]
    origins = [each for each in mapped.provenances if each.record not in left]
    late = any(note.code == NEWER_EXPORT[0] for note in left.values())
    written = put(connection, person, [*incoming, *origins], now, part)
    kept = {each.key for each in (*incoming, *origins)}
    gone = others_of_records(
        connection,
        person,
        source,
        records - left.keys(),
        kept,
        # What is late does not know what has come since.
        contract=received.contract if received.complete and not late else None,
    )
    if received.as_of is not None and not received.complete:
        stand_in(connection, person, source, records - left.keys(), part)
    gone += _nullified(connection, person, source, ready, left)
    withdraw(connection, person, gone)
    if received.source.relations:
        record_evidence(connection, person, source, incoming, gone, received.at)
    return _Outcome(written, bool(gone), list(left.values()))


def _nullified(
    connection: Connection,
    person: str,
    source: str,
    ready: Sequence[Ready],
    left: dict[str, Note],
) -> list[tuple[str, str]]:
    """Return what stands of records that are not written, but that are said to be nullified."""
    return [
        key
        for each in ready
        if each.ids.record in left and each.record.header.nullified
        for key in resources_of_record(connection, person, source, each.ids.record)
    ]


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
        as_of=received.as_of,
    )


def _quarantine(
    connection: Connection,
    received: Received,
    person: str,
    knowing: Knowing,
    notes: Sequence[Note],
) -> Receipt:
    row = _row(received, person, knowing, "quarantined", notes)
    save_part(connection, row)
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
