"""What an act changes: who gains or loses access to how much, and what a block would have stopped.

Source: SVOD 2:3, 3:1, 4:2; PDL 8:5. Counts by organisation, nothing of content. The person learns
of every organisation that gives them care or service, counted over what they may themself see
were nothing blocked; staff learn of their own reading alone, as they have stated it (P3).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, select

from consent.facts import (
    ActiveChoice,
    Capacity,
    Facts,
    Purpose,
    Reader,
    RelationKind,
    Request,
    Sparr,
)
from consent.scope import scope
from hub.api.assignment_ceiling import within_rights
from hub.api.weighed import Access
from hub.audit.record import AccessRecord, Outcome, record_from
from hub.auth.reader import Caller
from hub.block_radius import Stopped, radius
from hub.store.facts import facts_of
from hub.store.reading import count
from hub.store.schema.audit import audit_record

MOST_RECORDS = 2000
"""As far back in the person's log as an act looks."""
MOST_TRIED = 500
"""As many openings of the owner's documentation are decided again, the latest first."""
CAPACITIES = {
    RelationKind.PATIENT: (Capacity.VARDPERSONAL, Purpose.VARD),
    RelationKind.SERVICE: (Capacity.OMSORGSPERSONAL, Purpose.INSATS),
}
Parameter = dict[str, Any]


def changes(connection: Connection, access: Access, caller: Caller) -> list[Parameter]:
    """Return the parameters `change`: an organisation, and how much it reads before and after.

    Of staff it is what the rights of their own assignment let them read.
    """
    before = access.situation.facts
    after = replace(
        facts_of(connection, access.persons),
        organisations=before.organisations,
    )
    if access.request.reader.as_ is not Capacity.INDIVIDUAL:
        # what the reader has stated of an attitude in this session is part of the facts before
        after = replace(after, assessments=before.assessments)
        request = access.request
        scopes = [scope(access.situation.amid(each, request)) for each in (before, after)]
        read = [within_rights(each, caller) for each in scopes]
        pair = [count(connection, each, access.persons) for each in read]
        return [_change(request.reader.organisation or "", *pair)]
    within = scope(access.situation.amid(replace(before, blocks=())))
    found: dict[str, tuple[int, int]] = {}
    for request in _readers(before, after, access.request.at):
        pair = [
            count(connection, scope(access.situation.amid(each, request)), access.persons, within)
            for each in (before, after)
        ]
        name = request.reader.organisation or ""
        # of several units the one that changes most stands for the organisation
        if abs(pair[1] - pair[0]) >= abs(found.get(name, (0, 0))[1] - found.get(name, (0, 0))[0]):
            found[name] = (pair[0], pair[1])
    return [_change(name, *pair) for name, pair in sorted(found.items()) if pair[0] != pair[1]]


def stopped(connection: Connection, access: Access, block: Sparr) -> list[Parameter]:
    """Return the parameters `wouldHaveStopped`: past openings that the block would have stopped.

    The person's log is the person's: to others nothing is said.
    """
    if access.request.reader.as_ is not Capacity.INDIVIDUAL:
        return []
    openings = islice(_openings(connection, access.persons, block.owner), MOST_TRIED)
    return [_stopped(each) for each in radius(connection, openings, block).stopped]


def _readers(before: Facts, after: Facts, at: datetime) -> Iterator[Request]:
    """Somebody at each unit that cares for the person, who has stated all that can be stated."""
    seen: Counter[tuple[str, str | None, RelationKind]] = Counter()
    for each in (*before.relations, *after.relations):
        place = (each.organisation, each.unit, each.kind)
        if seen[place] or not each.period.holds(at):
            continue
        seen[place] += 1
        capacity, purpose = CAPACITIES[each.kind]
        reader = Reader("", each.organisation, capacity, unit=each.unit)
        yield Request(reader, at, purpose=purpose, active_choice=ActiveChoice.CONTENT)


def _openings(connection: Connection, persons: Sequence[str], owner: str) -> Iterator[AccessRecord]:
    """The permitted accesses by organisations in which something of the owner's was shown."""
    statement = (
        select(audit_record.c.payload)
        .where(
            audit_record.c.person.in_(persons),
            audit_record.c.outcome == Outcome.PERMIT.value,
            audit_record.c.payload.is_not(None),
        )
        .order_by(audit_record.c.recorded.desc())
        .limit(MOST_RECORDS)
    )
    for payload in connection.execute(statement).scalars():
        record = record_from(bytes(payload))
        by_organisation = record.organisation is not None
        if by_organisation and any(each.owner == owner for each in record.shown):
            yield record


def _change(organisation: str, before: int, after: int) -> Parameter:
    return {
        "name": "change",
        "part": [
            {"name": "organisation", "valueString": organisation},
            {"name": "before", "valueInteger": before},
            {"name": "after", "valueInteger": after},
        ],
    }


def _stopped(opening: Stopped) -> Parameter:
    record = opening.record
    parts: list[Parameter] = [
        {"name": "organisation", "valueString": record.organisation},
        {"name": "at", "valueInstant": record.recorded.isoformat()},
        {"name": "count", "valueInteger": opening.items},
    ]
    if record.unit is not None:
        parts.insert(1, {"name": "unit", "valueString": record.unit})
    return {"name": "wouldHaveStopped", "part": parts}
