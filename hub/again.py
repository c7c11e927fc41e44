"""A past access, decided again: by facts as known then or now, under the law then, now or in draft.

Source: DESIGN P8. The log says who read what, when and for what; the reading session what the
reader stated; the store what was known. The instant of the access stays what it was: what changes
is what is known of it, or the law.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

from consent.decide import decide
from consent.decision import Decision
from consent.facts import Capacity, Purpose, Reader
from consent.law import Law, in_force
from consent.situation import Situation
from hub.audit.record import AccessRecord, record_from
from hub.situated import known_now, situated
from hub.stated import NOTHING_STATED, Stated, stated_from
from hub.store.directory import Directory, directory
from hub.store.facts import facts_of, linked
from hub.store.items import items_of
from hub.store.schema.audit import audit_record
from hub.store.schema.session import READING_SESSION


@dataclass(frozen=True, slots=True)
class Again:
    """One thing that was shown, and what is decided of it now; None where it is no longer held."""

    reference: str
    decision: Decision | None


def decide_again(
    connection: Connection,
    record: AccessRecord,
    *,
    known_at: datetime | None = None,
    law: Law | None = None,
) -> Iterator[Again]:
    """Yield what is decided now of each thing that the record says was shown.

    `known_at` is the instant whose knowledge counts, None for all that is known now; `law` is the
    law, None for the one in force when it happened. What the log does not hold is taken as it must
    have been for anything to be shown: a strong log-in.
    """
    then = situation_of(connection, record, known_at)
    if then is None:
        return
    situation, persons = then
    sections = law or in_force(situation.day)
    references = [each for shown in record.shown for each in shown.references]
    items = items_of(connection, persons, references)
    for reference in references:
        item = items.get("/".join(reference.split("/")[:2]))
        yield Again(reference, None if item is None else decide(situation, item, sections))


def with_session(connection: Connection, record: AccessRecord) -> AccessRecord:
    """Return a record of which its reader may know only a part, with the session it was made in.

    To decide it again, what was stated has to be known; the part that may be shown stays as it is.
    """
    statement = select(audit_record.c.payload).where(audit_record.c.id == record.id)
    payload = connection.execute(statement).scalar()
    if payload is None:
        return record
    return replace(record, session=record_from(bytes(payload)).session)


def situation_of(
    connection: Connection, record: AccessRecord, known_at: datetime | None = None
) -> tuple[Situation, list[str]] | None:
    """Return the situation that a record was made in, and every key of its person.

    None: it was about nobody, or was no reading. What is known is as in `decide_again`.
    """
    if record.person is None or not record.capacity or not record.purpose:
        return None
    persons = linked(connection, [record.person], known_at)
    known = directory(connection, known_at)
    before = known_now(facts_of(connection, persons, known_at), known)
    stated, purpose = _stated(connection, record.session), Purpose(record.purpose)
    reader = _reader(record, purpose, known)
    situation, _ = situated(before, reader, stated, record.recorded, purpose)
    return situation, persons


def _reader(record: AccessRecord, purpose: Purpose, known: Directory) -> Reader:
    capacity = Capacity(record.capacity or "")
    staff = capacity in (Capacity.VARDPERSONAL, Capacity.OMSORGSPERSONAL, Capacity.OFFICER)
    assignments = known.assignments(record.organisation or "", record.user or "")
    valid = any(
        each.id == record.assignment
        and each.period.holds(record.recorded)
        and purpose in each.purposes
        for each in assignments
    )
    return Reader(
        record.user or "",
        record.organisation,
        capacity,
        authority=record.authority,
        unit=record.unit,
        process=record.process,
        assignment_valid=valid or not staff,
        takes_part=False,
    )


def _stated(connection: Connection, session: str | None) -> Stated:
    """What the reader had stated, from the session's row; it outlives the session."""
    if session is None:
        return NOTHING_STATED
    statement = select(READING_SESSION.c.stated).where(READING_SESSION.c.id == session)
    found = connection.execute(statement).scalar()
    return NOTHING_STATED if found is None else stated_from(json.loads(found))
