"""Requests to lift a block, as they stand, and the notices that follow.

Source: SVOD 3:5; PDL 4:5. A request is asked, and escalated when nobody has answered in time; it is
granted, granted in part, refused, or lapses; what was granted ends by itself. What is to be done at
which time is a timer's (hub/store/lift_timer.py). Nothing is ever asked of an omsorgsgivare (3:5).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import Connection, insert, or_, select, update

from consent.facts import BlockKind, Emergency, Purpose
from hub.store.instant import at_micros, micros
from hub.store.lift_alerts import AlertKind, alert
from hub.store.lift_timer import Timer, set_timer
from hub.store.schema.lift_request import LIFT_REQUEST, NOTICE
from hub.store.typed_json import from_json, to_json

LAPSES_AFTER = timedelta(hours=24)
"""By then the emergency is over, or the person can be asked; it is asked anew if it is not."""
MOST_LISTED = 200


class LiftState(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    GRANTED = "granted"
    IN_PART = "in_part"
    REFUSED = "refused"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class LiftRequest:
    """One request: of whom, by whom, why, and how it was answered.

    `level` is how often it has been escalated, `addressed` who is asked now (none: every officer of
    the owner's), and `escalates` when the next are. `about`: the person's keys whose blocks are
    lifted, so that what they are told reaches each, should they be parted.
    """

    id: str
    owner: str
    kind: BlockKind
    organisation: str
    unit: str | None
    user: str
    purpose: Purpose
    reason: str
    emergency: Emergency
    asked: datetime
    wanted_until: datetime | None = None
    state: LiftState = LiftState.ASKED
    escalated: datetime | None = None
    answered: datetime | None = None
    answered_by: str | None = None
    answer_reason: str | None = None
    until: datetime | None = None
    lifts: tuple[str, ...] = ()
    level: int = 0
    addressed: tuple[str, ...] = ()
    escalates: datetime | None = None
    ended: datetime | None = None
    about: tuple[str, ...] = ()

    @property
    def lapses(self) -> datetime:
        """Return when nobody need answer any more."""
        return self.asked + LAPSES_AFTER

    @property
    def due(self) -> datetime | None:
        """Return when something is to be done about it that no request asks for."""
        if self.state is LiftState.ASKED:
            return min(self.escalates or self.lapses, self.lapses)
        return self.until if self.ended is None else None

    def standing(self, at: datetime) -> LiftState:
        """Return where it stands at an instant: what nobody answers lapses by itself."""
        unanswered = self.state is LiftState.ASKED
        return LiftState.LAPSED if unanswered and at >= self.lapses else self.state


@dataclass(frozen=True, slots=True)
class Notice:
    """What the person was told, when and by whom."""

    id: str
    sent: datetime
    sender: str
    text: str


def ask(connection: Connection, person: str, request: LiftRequest) -> None:
    """Store a new request, when it is to be looked at, and have those alerted who are asked."""
    connection.execute(
        insert(LIFT_REQUEST).values(
            person=person,
            id=request.id,
            owner=request.owner,
            asked_by=request.organisation,
            state=request.state.value,
            asked=micros(request.asked),
            content=to_json(request),
        )
    )
    set_timer(connection, Timer(person, request.id), request.due)
    now, level = request.asked, request.level
    alert(connection, request.owner, AlertKind.ASKED, now, request=request.id, level=level)


def change(connection: Connection, person: str, request: LiftRequest) -> None:
    """Store where a request stands now, and when it is to be looked at again."""
    row = LIFT_REQUEST.c
    connection.execute(
        update(LIFT_REQUEST)
        .where(row.person == person, row.id == request.id)
        .values(state=request.state.value, content=to_json(request))
    )
    set_timer(connection, Timer(person, request.id), request.due)


def request_of(connection: Connection, number: str) -> tuple[str, LiftRequest] | None:
    """Return a request with the key of the person it is about, None where there is none."""
    row = LIFT_REQUEST.c
    found = connection.execute(
        select(row.person, row.content).where(row.id == number).with_for_update()
        if connection.get_execution_options().get("samvy_write", False)
        else select(row.person, row.content).where(row.id == number)
    ).first()
    return None if found is None else (found.person, from_json(LiftRequest, found.content))


def requests_of(
    connection: Connection, organisation: str, persons: Sequence[str] = ()
) -> list[tuple[str, LiftRequest]]:
    """Return the latest requests that an organisation is asked, or has asked, the newest first."""
    row = LIFT_REQUEST.c
    statement = select(row.person, row.content).where(
        or_(row.owner == organisation, row.asked_by == organisation)
    )
    if persons:
        statement = statement.where(row.person.in_(persons))
    found = connection.execute(
        statement.order_by(row.asked.desc(), row.person, row.owner, row.id).limit(MOST_LISTED)
    )
    return [(each.person, from_json(LiftRequest, each.content)) for each in found]


def notify(
    connection: Connection, persons: Sequence[str], sender: str, text: str, at: datetime
) -> None:
    """Leave the person a notice, and have the sender alerted that they are to be reached.

    Under several of their keys it is one notice, of which each has a copy.
    """
    said = {"id": uuid4().hex, "sent": micros(at), "sender": sender, "text": text}
    connection.execute(insert(NOTICE), [{"person": each, **said} for each in persons])
    alert(connection, sender, AlertKind.TOLD, at)


def notices_of(connection: Connection, persons: Sequence[str]) -> list[Notice]:
    """Return the person's notices, the newest first."""
    row = NOTICE.c
    statement = select(NOTICE).where(row.person.in_(persons)).order_by(row.sent.desc(), row.id)
    found = {
        each.id: Notice(each.id, at_micros(each.sent), each.sender, each.text)
        for each in connection.execute(statement)
    }
    return list(found.values())
