"""Parts into the store, in one transaction: all of each, or nothing.

Source: DESIGN P6, §4. The raw part is kept whole; what cannot be judged, mapped, checked or stored
is quarantined with its reason; the same part again changes nothing. Several parts cost as many
statements as one: what is asked of the store is asked for all of them before any is written.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from adapters.document import Note, WrittenIdentity
from consent.facts import Facts
from consent.period import STOCKHOLM
from hub.ingest.candidate import Candidate, Taken
from hub.ingest.evidence import record_evidence
from hub.ingest.former import link_former
from hub.ingest.judge import NotAccepted, judge
from hub.ingest.mapping import Origin, Ready, map_records
from hub.ingest.protection import record_declared
from hub.ingest.purged import without_purged
from hub.ingest.receipt import State
from hub.ingest.standing import NEWER_EXPORT, passed_over
from hub.store.counter import lock
from hub.store.directory import Directory
from hub.store.identity import person_key, record_identities
from hub.store.incoming import Batch, Written, instant_text
from hub.store.instant import micros
from hub.store.ledger import Ledger
from hub.store.parts import KeptParts, PartRow
from hub.store.purged import purged_of
from hub.store.schema.fact import PERSON_COUNTER
from hub.store.several_persons import facts_each, linked_each
from hub.store.standing import RecordsStanding, Stands, resources_by_contract
from hub.store.writing import for_its_content
from mappings.personal_identity import Identity, NotAnIdentity, normalise

_ANOTHER_PERSON = Note(
    "warning",
    "another-person",
    "person number",
    "the source was asked about somebody else than this answer is about; it is filed under whom it"
    " names; ask the source why it was sent",
)


@dataclass(slots=True)
class _Going:
    """A part that is taken: what is to be written of it, and what has become of it.

    `left` are the records, by key, that are left as they stand; `before` is what the part was
    before it came again.
    """

    part: Candidate
    row: PartRow
    before: str | None = None
    left: Mapping[str, Note] = field(default_factory=dict)
    records: frozenset[str] = frozenset()
    written: list[Written] = field(default_factory=list)
    gone: list[tuple[str, str]] = field(default_factory=list)

    def state(self) -> State:
        """Return what the receipt says."""
        changed = [each for each in self.written if each.changed]
        if self.gone or any(not each.created for each in changed):
            return State.REPLACED
        # What was left as it stands is known, too.
        known = self.before == "stored" or bool(self.written) or bool(self.left)
        return State.UNCHANGED if known and not changed else State.STORED

    def batch(self) -> Batch:
        """Return what is to be written of the records that are not left as they stand."""
        part = self.part
        incoming = [
            each
            for each in (*part.mapped.incoming, *part.mapped.provenances)
            if each.record not in self.left
        ]
        return Batch(part.person, incoming, micros(part.received.at), self.row.id)

    @property
    def late(self) -> bool:
        """Tell whether a later export gave a record of it: it does not know what came since."""
        return any(note.code == NEWER_EXPORT[0] for note in self.left.values())


def take_parts(
    connection: Connection,
    parts: Sequence[Candidate],
    known: Directory,
    *,
    alone: bool = False,
) -> list[Taken]:
    """Return the receipts of parts of one source, written within the caller's transaction.

    Each meets what those before it leave. What the store cannot hold quarantines a part that is
    `alone`; of several it is not known which it is, and that is raised.
    """
    going = [each for each in parts if each.state is None]
    lock(connection, PERSON_COUNTER, {each.person for each in going})
    links = _admit(connection, going)
    _read(connection, [each for each in going if each.state is None], known, links)
    done = _store(connection, parts, alone=alone)
    return [_taken(part, done.get(id(part))) for part in parts]


def _taken(part: Candidate, going: _Going | None) -> Taken:
    if part.state is not None or going is None:
        return part.taken(part.state or State.REJECTED)
    judged = [note for each in part.ready for note in each.verdict.notes]
    notes = [*judged, *part.mapped.notes, *going.left.values()]
    return part.taken(going.state(), going.written, notes)


def _admit(connection: Connection, parts: Sequence[Candidate]) -> dict[str, list[str]]:
    """Leave out what was purged, remember whom the parts are about, and link former numbers.

    Return every key of each person.
    """
    links = linked_each(connection, {each.person for each in parts})
    keys = {id(each): {*links[each.person], *_told(each).values()} for each in parts}
    purged = purged_of(connection, set().union(*keys.values()))
    for each in parts:
        about = each.received.about
        if about is not None and about not in {each.person, *keys[id(each)]}:
            each.notes.append(_ANOTHER_PERSON)
            # It says what there is about whom was asked about, and not about this person.
            each.received = replace(each.received, complete=False)
        part, said = without_purged(
            each.received.part, each.received.source, each.key, keys[id(each)], purged
        )
        each.notes += said
        if part is None:
            each.reject()
            continue
        if part is not each.received.part:
            each.identify(part)
        if part.refused:
            each.quarantine(*part.refused)
    going = [each for each in parts if each.state is None]
    record_identities(connection, {each.person: each.identity for each in going if each.identity})
    if any([_link_former(connection, each) for each in going]):  # noqa: C419 - all are linked
        links = linked_each(connection, {each.person for each in going})
    return links


def _told(part: Candidate) -> dict[WrittenIdentity, str]:
    """Return the keys of the former numbers that a part's records tell of, and that can be used."""
    found = {}
    for written, former in _former(part):
        if isinstance(former, Identity):
            found[written] = person_key(part.key, former.system, former.value)
    return found


def _former(part: Candidate) -> Iterator[tuple[WrittenIdentity, Identity | NotAnIdentity]]:
    """Yield the former numbers that a part's records tell of, with what each means."""
    records = part.received.part.records
    told = {each.header.former for each in records if each.header.former is not None}
    today = part.received.at.astimezone(STOCKHOLM).date()
    for written in sorted(told, key=str):
        try:
            yield written, normalise(written.value, written.kind, today)
        except NotAnIdentity as why:
            yield written, why


def _link_former(connection: Connection, part: Candidate) -> bool:
    """Link the former numbers that the records tell of, so that blocks follow before they show."""
    place, linked = "former person number", False
    for _, former in _former(part):
        if isinstance(former, NotAnIdentity):
            text = f"{former.reason}; the records stand under the current number alone"
            part.notes.append(Note("warning", "former-number-unusable", place, text))
            continue
        assert part.identity is not None  # noqa: S101 - one without has its fate already
        if person_key(part.key, former.system, former.value) == part.person:
            continue
        if link_former(connection, part.key, part.identity, former, part.received.at):
            text = "the source says that another number is the same person: the two are linked"
            part.notes.append(Note("information", "identities-linked", place, text))
            linked = True
    return linked


def _read(
    connection: Connection,
    parts: Sequence[Candidate],
    known: Directory,
    links: Mapping[str, Sequence[str]],
) -> None:
    """Judge and map the records; nothing of them is written."""
    for each in parts:
        headers = [record.header for record in each.received.part.records]
        source, at = each.received.source.id, each.received.at
        record_declared(connection, each.person, headers, source, at)
    facts = facts_each(connection, {each.person: links[each.person] for each in parts})
    for each in parts:
        _judge(each, known, facts[each.person])
        if each.state is None:
            received = each.received
            instant = instant_text(micros(received.at))
            each.mapped = map_records(
                each.ready, Origin(received.source.id, received.contract, instant)
            )
            if each.mapped.wrong:
                each.quarantine(*each.mapped.wrong)


def _judge(part: Candidate, known: Directory, facts: Facts) -> None:
    received = part.received
    wrong: dict[str, Note] = {}
    for record, ids in zip(received.part.records, part.ids, strict=True):
        try:
            verdict = judge(record.header, received.source, known, facts, received.at, record.path)
        except NotAccepted as why:
            wrong.setdefault(why.code, Note("error", why.code, record.path, why.text))
        except Exception as error:  # noqa: BLE001  # P5: what cannot be judged is not taken
            text = f"the record cannot be judged ({type(error).__name__}); report it, then retry"
            wrong.setdefault("not-judged", Note("error", "not-judged", record.path, text))
        else:
            part.ready.append(Ready(record, verdict, ids))
    if wrong:
        part.quarantine(*wrong.values())


def _store(connection: Connection, parts: Sequence[Candidate], *, alone: bool) -> dict[int, _Going]:
    """Write what is new and withdraw what is gone; what the store cannot hold undoes it all."""
    try:
        with connection.begin_nested() if alone else nullcontext():
            return _write(connection, parts)
    except Exception as error:
        if not alone or not for_its_content(error):
            raise
        text = f"the records cannot be stored ({type(error).__name__}); report it, then retry"
        for each in parts:
            place = each.received.part.name or "document"
            each.quarantine(Note("error", "not-stored", place, text))
    return _write(connection, parts)


def _write(connection: Connection, parts: Sequence[Candidate]) -> dict[int, _Going]:
    """Write the parts, one as if after the other; return those that are taken."""
    rows = [
        each.stored_as(State.STORED if each.state is None else each.state)
        for each in parts
        if each.state in (None, State.QUARANTINED)
    ]
    kept = KeptParts(connection, rows)
    going = {
        id(each): _Going(each, row)
        for each, row in zip(_kept(parts), rows, strict=True)
        if each.state is None
    }
    writing = _Writing(connection, list(going.values()), kept) if going else None
    for part, row in zip(_kept(parts), rows, strict=True):
        if writing is not None and id(part) in going:
            writing.take(going[id(part)])
        kept.take(row)
    if writing is not None:
        writing.ledger.write()
    kept.write()
    return going


def _kept(parts: Sequence[Candidate]) -> list[Candidate]:
    """Return the parts that are kept, if only in quarantine."""
    return [each for each in parts if each.state in (None, State.QUARANTINED)]


class _Writing:
    """What stands of all that the parts hold, and what each of them changes of it."""

    def __init__(self, connection: Connection, going: Sequence[_Going], kept: KeptParts) -> None:
        self.connection = connection
        self.kept = kept
        source = going[0].part.received.source.id
        records = {ids.record for each in going for ids in each.part.ids}
        persons = {each.part.person for each in going}
        self.standing = RecordsStanding(connection, persons, source, records, kept.times)
        self.ledger = Ledger(connection, [each.batch() for each in going])

    def take(self, going: _Going) -> None:
        """Decide what is written of a part, and what is gone with it."""
        received = going.part.received
        records = {ids.record for ids in going.part.ids}
        going.before = self.kept.state(going.row)
        stands = self.standing.of(records)
        going.left = passed_over(
            going.part.ready, stands, received.contract, received.waiting_since, received.as_of
        )
        going.records = frozenset(records) - going.left.keys()
        batch = going.batch()
        going.written, changed = self.ledger.put(batch)
        self.standing.written(changed, self.kept.time(going.row))
        self._withdraw(going, batch, stands)

    def _withdraw(self, going: _Going, batch: Batch, stands: Mapping[str, Stands]) -> None:
        """Withdraw what a part no longer gives, and keep what its records are evidence of."""
        received, person = going.part.received, going.part.person
        source = received.source.id
        kept = {each.key for each in batch.incoming}
        gone = {key for each in going.records if each in stands for key in stands[each].keys} - kept
        if received.complete and received.contract and not going.late:
            by_contract = resources_by_contract(self.connection, person, source, received.contract)
            gone |= by_contract - kept
        if received.as_of is not None and not received.complete:
            self.ledger.stand_in(person, source, going.records, going.row.id)
            self.standing.stood_in(going.records, self.kept.time(going.row))
        nullified = _nullified(going, stands)
        going.left = _told_of(going, nullified)
        going.gone = [*sorted(gone), *nullified]
        self.ledger.withdraw(person, going.gone)
        self.standing.withdrawn((ids.record for ids in going.part.ids), going.gone)
        if received.source.relations:
            incoming = [each for each in batch.incoming if each.follows is None]
            record_evidence(self.connection, person, source, incoming, going.gone, received.at)


def _told_of(going: _Going, nullified: Collection[tuple[str, str]]) -> Mapping[str, Note]:
    """Return what is said of the records that are left, with what is withdrawn of them."""
    if not nullified:
        return going.left
    said = "; it is nullified here, and what stands is withdrawn"
    gone = {each.ids.record for each in going.part.ready if each.record.header.nullified}
    return {
        key: replace(note, text=note.text + said) if key in gone else note
        for key, note in going.left.items()
    }


def _nullified(going: _Going, stands: Mapping[str, Stands]) -> list[tuple[str, str]]:
    """Return what stands of records that are not written, but that are said to be nullified."""
    return [
        key
        for each in going.part.ready
        if each.ids.record in going.left and each.record.header.nullified
        for key in sorted(stands[each.ids.record].keys)
    ]
