"""Alerts of a vårdgivare's outside the hub: told, taken by one worker, sent, put off or given up.

Source: SVOD 3:5. An alert is written in the transaction that writes what it is about, and only for
an owner that has an address to be alerted at (`lift_alert` in the organisations file).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import Connection, Row, and_, delete, insert, select, update

from hub.store.connect import Store
from hub.store.directory import directory
from hub.store.instant import at_micros, micros
from hub.store.lease import GIVEN_BACK, Lease
from hub.store.schema.lift_alert import LIFT_ALERT

LEASE = Lease(LIFT_ALERT, timedelta(seconds=20))
PAUSES = tuple(
    timedelta(seconds=each)
    for each in (5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 4 * 3600, 8 * 3600)
)
"""How long to wait after each failed try, closely at first; after the last it is given up."""
LONGEST_REASON = 200


class AlertKind(StrEnum):
    """What an owner is alerted to."""

    ASKED = "asked"
    ESCALATED = "escalated"
    LAPSED = "lapsed"
    TOLD = "told"


class AlertState(StrEnum):
    """Whether it is still tried."""

    WAITING = "waiting"
    GIVEN_UP = "given-up"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. `level`: how often the request has been escalated; `reason`: of the last failure.

    `request`: a request that has to wait for an answer still, or it need not be alerted to.
    """

    id: str
    owner: str
    kind: AlertKind
    level: int
    request: str | None
    told: datetime
    due: datetime
    attempts: int = 0
    state: AlertState = AlertState.WAITING
    reason: str = ""


def alert(
    connection: Connection,
    owner: str,
    kind: AlertKind,
    now: datetime,
    *,
    request: str | None = None,
    level: int = 0,
) -> None:
    """Have an owner alerted, if it says where."""
    entry = directory(connection).entries.get(owner)
    if entry is None or entry.lift_alert is None:
        return
    connection.execute(
        insert(LIFT_ALERT).values(
            id=uuid4().hex,
            owner=owner,
            kind=kind.value,
            level=level,
            request=request,
            told=micros(now),
            due=micros(now),
            attempts=0,
            state=AlertState.WAITING.value,
            reason="",
        )
    )


def take_alert(store: Store, worker: str, now: datetime) -> Alert | None:
    """Return an alert that is due and that nobody else has from now on; None when there is none."""
    row = LIFT_ALERT.c
    due = and_(row.state == AlertState.WAITING.value, row.due <= micros(now))
    found = LEASE.first(store, worker, now, due)
    return None if found is None else _alert(found)


def done(connection: Connection, worker: str, taken: Alert) -> None:
    """Take an alert off the queue: it was sent, or need not be."""
    row = LIFT_ALERT.c
    connection.execute(delete(LIFT_ALERT).where(row.id == taken.id, row.taken_by == worker))


def put_off(
    connection: Connection, worker: str, taken: Alert, reason: str, now: datetime
) -> AlertState:
    """Have it tried later, or give it up; return which."""
    row = LIFT_ALERT.c
    given_up = taken.attempts >= len(PAUSES)
    state = AlertState.GIVEN_UP if given_up else AlertState.WAITING
    pause = timedelta(0) if given_up else PAUSES[taken.attempts]
    connection.execute(
        update(LIFT_ALERT)
        .where(row.id == taken.id, row.taken_by == worker)
        .values(
            attempts=taken.attempts + 1,
            due=micros(now + pause),
            state=state.value,
            reason=reason[:LONGEST_REASON],
            **GIVEN_BACK,
        )
    )
    return state


def alerts(connection: Connection, owner: str | None = None) -> Sequence[Alert]:
    """Return every alert that has not been sent, or an owner's, the oldest first."""
    row = LIFT_ALERT.c
    statement = select(LIFT_ALERT).order_by(row.told, row.id)
    if owner is not None:
        statement = statement.where(row.owner == owner)
    return [_alert(each) for each in connection.execute(statement)]


def revive(connection: Connection, now: datetime) -> int:
    """Have given up alerts tried from the beginning; return how many."""
    given_up = LIFT_ALERT.c.state == AlertState.GIVEN_UP.value
    values = {"state": AlertState.WAITING.value, "attempts": 0, "due": micros(now)}
    return connection.execute(update(LIFT_ALERT).where(given_up).values(values)).rowcount


def _alert(row: Row[tuple[object, ...]]) -> Alert:
    return Alert(
        row.id,
        row.owner,
        AlertKind(row.kind),
        row.level,
        row.request,
        at_micros(row.told),
        at_micros(row.due),
        row.attempts,
        AlertState(row.state),
        row.reason,
    )
