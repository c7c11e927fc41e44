"""Timers of requests to lift and of lifts: set, taken by one worker, set anew or stopped.

Source: SVOD 3:5; PDL 4:5; hub/store/schema/lift_timer.py. A timer is set in the transaction that
writes what it is about, so that neither is without the other.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, update

from hub.store.connect import Store
from hub.store.instant import micros
from hub.store.lease import GIVEN_BACK, Lease
from hub.store.schema.lift_timer import LIFT_TIMER

LEASE = Lease(LIFT_TIMER, timedelta(seconds=20))


@dataclass(frozen=True, slots=True)
class Timer:
    """What has become due: under which of the person's keys, and of which request or lift."""

    person: str
    id: str


def set_timer(connection: Connection, timer: Timer, due: datetime | None) -> None:
    """Have it looked at when it is due, and not before; None: no more."""
    if due is None:
        connection.execute(delete(LIFT_TIMER).where(_is(timer)))
        return
    values = {"due": micros(due), **GIVEN_BACK}
    changed = connection.execute(update(LIFT_TIMER).where(_is(timer)).values(values))
    if not changed.rowcount:
        row = {"person": timer.person, "id": timer.id, **values}
        connection.execute(insert(LIFT_TIMER).values(row))


def take_timer(store: Store, worker: str, now: datetime) -> Timer | None:
    """Return a timer that is due and that nobody else has from now on; None when there is none."""
    row = LEASE.first(store, worker, now, LIFT_TIMER.c.due <= micros(now))
    return None if row is None else Timer(row.person, row.id)


def keep_timer(connection: Connection, worker: str, now: datetime, timer: Timer) -> bool:
    """Tell whether the worker has the timer still."""
    return LEASE.keep(connection, worker, now, _is(timer))


def _is(timer: Timer) -> ColumnElement[bool]:
    return and_(LIFT_TIMER.c.person == timer.person, LIFT_TIMER.c.id == timer.id)
