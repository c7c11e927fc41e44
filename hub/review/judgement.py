"""What a reviewer judges of an access, and what is done: kept, logged, and where set by two.

Source: HSLF-FS 2016:40 4 kap. (checks are documented); ASVS 5.0 2.3.5. Nobody judges their own
access. Where an organisation asks for four eyes on a reason, the access stays open until two
reviewers have said the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from hub.api.call import Call
from hub.api.log import record, write
from hub.audit.record import Action, Outcome
from hub.errors import BadRequest, Conflict, NotAllowed, NotFound
from hub.review.listing import DONE, OPEN, SECOND
from hub.running import Hub
from hub.store.instant import at_micros, micros
from hub.store.schema.review import REVIEW_ITEM, REVIEW_JUDGEMENT

VERDICTS: Mapping[str, str] = {
    "justified": "Motiverad",
    "unclear": "Går inte att avgöra",
    "unjustified": "Inte motiverad",
}
ACTIONS: Mapping[str, str] = {
    "none": "Ingen åtgärd",
    "explained": "Förklaring begärd av läsaren",
    "talked": "Samtal med läsaren",
    "manager": "Lämnad till närmaste chef",
    "incident": "Rapporterad som personuppgiftsincident",
    "person-told": "Personen underrättad",
    "police": "Polisanmäld",
}
LONGEST_NOTE = 2000


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one reviewer said."""

    reviewer: str
    at: datetime
    verdict: str
    action: str
    note: str


@dataclass(frozen=True, slots=True)
class Item:
    """An access on the worklist; `judgements` in the order in which they were made."""

    record: str
    person: str
    organisation: str
    period: str
    at: datetime
    reasons: tuple[str, ...]
    user: str
    state: str
    judgements: tuple[Judgement, ...] = ()


def item_of(connection: Connection, organisations: frozenset[str], number: str) -> Item | None:
    """Return an access that is on the worklist of one of these organisations."""
    row = connection.execute(
        select(REVIEW_ITEM).where(
            REVIEW_ITEM.c.record == number, REVIEW_ITEM.c.organisation.in_(sorted(organisations))
        )
    ).first()
    if row is None:
        return None
    judged = connection.execute(
        select(REVIEW_JUDGEMENT)
        .where(
            REVIEW_JUDGEMENT.c.person == row.person,
            REVIEW_JUDGEMENT.c.record == number,
            REVIEW_JUDGEMENT.c.organisation == row.organisation,
        )
        .order_by(REVIEW_JUDGEMENT.c.number)
    )
    return Item(
        row.record,
        row.person,
        row.organisation,
        row.period,
        at_micros(row.at),
        tuple(row.reasons.split(",")),
        row.user_id,
        row.state,
        tuple(
            Judgement(each.reviewer, at_micros(each.at), each.verdict, each.action, each.note)
            for each in judged
        ),
    )


def judge(
    hub: Hub, call: Call, item: Item, said: Judgement, seen: int, four_eyes: frozenset[str]
) -> None:
    """Keep a judgement; `seen` is how many the reviewer saw before making it.

    Raises:
        BadRequest: it says nothing that is known, or no reason where something is done.
        NotAllowed: it is the reviewer's own access.
        Conflict: somebody else judged in between.
        Unavailable: the judgement cannot be logged.
    """
    _check(item, said)
    number = len(item.judgements)
    if number != seen:
        raise Conflict("somebody else has judged this access since the page was made")
    query = f"review {item.record} {said.verdict} {said.action}"
    act = record(call, Action.ADMINISTER, Outcome.PERMIT, person=item.person or None, query=query)
    write(hub.log, replace(act, reason=said.note or None))
    row = {
        "person": item.person,
        "record": item.record,
        "organisation": item.organisation,
        "number": number,
        "period": item.period,
        "reviewer": said.reviewer,
        "at": micros(said.at),
        "verdict": said.verdict,
        "action": said.action,
        "note": said.note,
        "reasons": ",".join(item.reasons),
    }
    state = _state(item, said, four_eyes)
    with hub.store.write() as connection:
        table = REVIEW_JUDGEMENT
        mine = (table.c.person == item.person, table.c.record == item.record)
        same = (*mine, table.c.organisation == item.organisation)
        if connection.scalar(select(func.count()).select_from(table).where(*same)) != number:
            raise Conflict("somebody else has judged this access since the page was made")
        connection.execute(insert(table).values(**row))
        changed = connection.execute(
            update(REVIEW_ITEM)
            .where(
                REVIEW_ITEM.c.person == item.person,
                REVIEW_ITEM.c.record == item.record,
                REVIEW_ITEM.c.organisation == item.organisation,
            )
            .values(state=state)
        )
        if changed.rowcount != 1:
            raise NotFound


def _check(item: Item, said: Judgement) -> None:
    if item.user == said.reviewer:
        raise NotAllowed("nobody judges their own access", code="own-access")
    if said.verdict not in VERDICTS or said.action not in ACTIONS:
        raise BadRequest("the judgement or the action is not known", code="no-judgement")
    if len(said.note) > LONGEST_NOTE:
        raise BadRequest("the note is too long", code="no-judgement")
    if said.verdict != "justified" and not said.note:
        raise BadRequest("a judgement against an access says why", code="note-needed")


def _state(item: Item, said: Judgement, four_eyes: frozenset[str]) -> str:
    if not four_eyes & set(item.reasons):
        return DONE
    others = [each for each in item.judgements if each.reviewer != said.reviewer]
    agreed = bool(others) and others[-1].verdict == said.verdict
    return DONE if agreed else SECOND if item.state in (OPEN, SECOND) else item.state
