"""The queue of what is to be fetched: told, taken by one worker, done, put off or given up.

Source: rivta.md §5 (the engagement index tells of changes).
A task is its worker's by a lease (hub/store/lease.py). One that is told of again while it runs is
run once more.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    insert,
    select,
    update,
)

from adapters.document import Note
from hub.store.connect import Store
from hub.store.instant import at_micros, micros
from hub.store.lease import GIVEN_BACK, Lease
from hub.store.schema.pull_task import PULL_TASK

LEASE = Lease(PULL_TASK, timedelta(seconds=20))
PAUSES = tuple(
    timedelta(seconds=each) for each in (5, 15, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600)
)
"""How long to wait after each failed try; after the last the task is given up."""
WAITING, DEAD = "waiting", "dead"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be fetched about a person: one contract of one system."""

    person: str
    system: str
    value: str
    source: str
    address: str
    contract: str

    @property
    def id(self) -> str:
        """Return the name that people call the task by; the person's key is a keyed hash."""
        parts = f"{self.person}\0{self.source}\0{self.address}\0{self.contract}"
        return hashlib.sha256(parts.encode()).hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class Task:
    """A task that a worker has taken."""

    wanted: Wanted
    generation: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What may be said of a task: not about whom."""

    id: str
    source: str
    address: str
    contract: str
    state: str
    attempts: int
    told: datetime
    due: datetime
    running: bool
    reasons: tuple[Note, ...]


def tell(connection: Connection, wanted: Sequence[Wanted], now: datetime) -> None:
    """Have these fetched as soon as a worker is free; a given up task begins anew."""
    for each in wanted:
        afresh = {"told": micros(now), "attempts": 0, "due": micros(now), "state": WAITING}
        here = _is(each)
        again = update(PULL_TASK).where(here)
        changed = connection.execute(
            again.values(generation=PULL_TASK.c.generation + 1, reasons="[]", **afresh)
        )
        if changed.rowcount:
            continue
        connection.execute(
            insert(PULL_TASK).values(
                person=each.person,
                source=each.source,
                address=each.address,
                contract=each.contract,
                id=each.id,
                system=each.system,
                value=each.value,
                generation=0,
                reasons="[]",
                **afresh,
            )
        )


def take(store: Store, worker: str, now: datetime) -> Task | None:
    """Return a task that is due and that nobody else has from now on; None when there is none."""
    due = and_(PULL_TASK.c.state == WAITING, PULL_TASK.c.due <= micros(now))
    row = LEASE.first(store, worker, now, due)
    return None if row is None else _task(row)


def renew(store: Store, task: Task, worker: str, now: datetime) -> None:
    """Keep a task that is still being worked on."""
    with store.write() as connection:
        LEASE.keep(connection, worker, now, _is(task.wanted))


def done(store: Store, task: Task, worker: str, now: datetime) -> None:
    """Take a task off the queue, unless a change was told of since it was taken."""
    mine = and_(_is(task.wanted), PULL_TASK.c.taken_by == worker)
    with store.write() as connection:
        connection.execute(delete(PULL_TASK).where(mine, PULL_TASK.c.generation == task.generation))
        connection.execute(
            update(PULL_TASK).where(mine).values(**GIVEN_BACK, attempts=0, due=micros(now))
        )


def put_off(store: Store, task: Task, worker: str, now: datetime, reasons: Sequence[Note]) -> None:
    """Have a failed task tried later, or give it up; what was told of since is tried at once."""
    mine = and_(_is(task.wanted), PULL_TASK.c.taken_by == worker)
    tried = task.attempts + 1
    given_up = tried > len(PAUSES)
    pause = timedelta(0) if given_up else PAUSES[task.attempts]
    said = json.dumps([[n.severity, n.code, n.place, n.text] for n in reasons])
    with store.write() as connection:
        connection.execute(
            update(PULL_TASK)
            .where(mine, PULL_TASK.c.generation == task.generation)
            .values(
                attempts=tried,
                due=micros(now + pause),
                state=DEAD if given_up else WAITING,
                reasons=said,
                **GIVEN_BACK,
            )
        )
        connection.execute(
            update(PULL_TASK)
            .where(mine, PULL_TASK.c.generation != task.generation)
            .values(**GIVEN_BACK)
        )


def queued(connection: Connection, now: datetime) -> list[Standing]:
    """Return every task, the oldest first, given up ones among them."""
    statement = select(PULL_TASK).order_by(PULL_TASK.c.told, PULL_TASK.c.id)
    return [
        Standing(
            row.id,
            row.source,
            row.address,
            row.contract,
            row.state,
            row.attempts,
            at_micros(row.told),
            at_micros(row.due),
            row.taken_until is not None and row.taken_until > micros(now),
            tuple(Note(*each) for each in json.loads(row.reasons)),
        )
        for row in connection.execute(statement)
    ]


def revive(connection: Connection, task: str | None, now: datetime) -> int:
    """Have given up tasks (one, or all) tried from the beginning; return how many."""
    statement = update(PULL_TASK).where(PULL_TASK.c.state == DEAD)
    if task is not None:
        statement = statement.where(PULL_TASK.c.id == task)
    values = {"state": WAITING, "attempts": 0, "due": micros(now), "taken_by": None}
    return connection.execute(statement.values(**values)).rowcount


def _is(wanted: Wanted) -> ColumnElement[bool]:
    return and_(
        PULL_TASK.c.person == wanted.person,
        PULL_TASK.c.source == wanted.source,
        PULL_TASK.c.address == wanted.address,
        PULL_TASK.c.contract == wanted.contract,
    )


def _task(row: Row[tuple[object, ...]]) -> Task:
    wanted = Wanted(row.person, row.system, row.value, row.source, row.address, row.contract)
    return Task(wanted, row.generation, row.attempts)
