"""Evidence of relations: what it can be, how long it is fresh, and how it is kept as facts.

Source: SVOD 3:1 (a current patient relation), 3:2 (a service that is given or investigated). What a
source's documents say is recorded under the source's name and follows them; what somebody has ended
or changed over the API since stands, and no document brings it back.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import Connection, select

from hub.store.counter import lock
from hub.store.facts import Fact, end_facts, record_facts
from hub.store.schema.fact import FACT, PERSON_COUNTER

LONGEST_ORIGIN = 64


class Evidence(StrEnum):
    """What says that there is a relation, and so how long it can be taken to last."""

    CONTACT = "contact"
    REFERRAL = "referral"
    DECISION = "decision"
    ASSIGNMENT = "assignment"
    PLAN = "plan"


FRESH = {
    Evidence.CONTACT: timedelta(days=90),
    Evidence.REFERRAL: timedelta(days=180),
    Evidence.DECISION: timedelta(days=366),
    Evidence.ASSIGNMENT: timedelta(days=366),
    Evidence.PLAN: timedelta(days=366),
}
"""How old evidence may grow before it has to be given anew."""


def evidence_id(source: str, resource_type: str, number: str) -> str:
    """Return the fact's id: the same whenever the same resource comes."""
    text = f"{source}\0{resource_type}\0{number}"
    return f"evidence-{sha256(text.encode()).hexdigest()[:32]}"


def follow(
    connection: Connection,
    person: str,
    source: str,
    facts: Sequence[Fact],
    gone: Collection[str],
    now: datetime,
) -> None:
    """Make a source's evidence what its documents say now; `gone`: ids of what no longer does."""
    lock(connection, PERSON_COUNTER, [person])
    origin = f"source:{source}"[:LONGEST_ORIGIN]
    ids = [*(fact.id for fact in facts), *gone]
    row = FACT.c
    statement = select(row.id, row.origin, row.ended_by).where(
        row.person == person, row.id.in_(ids)
    )
    acted_on = {
        each.id
        for each in connection.execute(statement)
        if each.origin != origin or each.ended_by not in (None, origin)
    }
    if new := [fact for fact in facts if fact.id not in acted_on]:
        record_facts(connection, person, new, now, origin)
    if ended := [each for each in gone if each not in acted_on]:
        end_facts(connection, person, ended, now, origin)


def forget(connection: Connection, person: str, source: str, now: datetime) -> None:
    """End all the evidence that a source has given of a person: it no longer names them."""
    origin = f"source:{source}"[:LONGEST_ORIGIN]
    row = FACT.c
    statement = select(row.id).where(
        row.person == person, row.origin == origin, row.recorded_to.is_(None)
    )
    if ids := list(connection.execute(statement).scalars()):
        end_facts(connection, person, ids, now, origin)
