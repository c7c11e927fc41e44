"""Exports on their way in: how far each has been taken, whom it names, and of when it is.

Source: DESIGN P6, §4 "Leaving"; docs/decisions/0011-late-and-interrupted-exports.md.
"""

import hmac
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, update

from hub.store.counter import insert_once
from hub.store.instant import at_micros, micros
from hub.store.schema.delivery import DELIVERY, DELIVERY_PERSON
from hub.store.schema.resource import RESOURCE


@dataclass(frozen=True, slots=True)
class Begun:
    """A delivery that is on its way in: after how many persons it is to be gone on with."""

    id: str
    run: str
    done: int


class TakenOver(Exception):
    """Another process has gone on with the same delivery since this one began it."""


def delivery_id(key: bytes, read_with: Iterable[str], content: Iterable[bytes]) -> str:
    """Return a delivery's id: the same for the same bytes read with the same."""
    made = hmac.new(key, b"delivery", "sha256")
    for word in read_with:
        made.update(b"\x00" + word.encode())
    for piece in content:
        made.update(piece)
    return made.hexdigest()


def begin(
    connection: Connection, delivery: str, source: str, as_of: datetime | None, at: datetime
) -> Begun:
    """Return how far a delivery came when it was interrupted, or begin it."""
    run = secrets.token_hex(16)
    row = {
        "id": delivery,
        "source": source,
        "run": run,
        "done": 0,
        "unnamed": False,
        "started": micros(at),
        "as_of": None if as_of is None else micros(as_of),
        "finished": False,
    }
    connection.execute(insert_once(connection, DELIVERY, row))
    here = DELIVERY.c.id == delivery
    # One that was finished comes again from its beginning, and changes nothing.
    connection.execute(
        update(DELIVERY)
        .where(here, DELIVERY.c.finished.is_(True))
        .values(done=0, unnamed=False, finished=False, started=micros(at))
    )
    connection.execute(update(DELIVERY).where(here).values(run=run))
    done = connection.execute(select(DELIVERY.c.done).where(here)).scalar_one()
    return Begun(delivery, run, done)


def advance(connection: Connection, begun: Begun, done: int, named: Collection[str | None]) -> None:
    """Note, with the parts that are written, that all persons up to `done` have been taken.

    `named` are kept among those whom the delivery names; None among them: one cannot be told.

    Raises:
        TakenOver: another process goes on with the delivery; the parts are to be left to it.
    """
    values: dict[str, object] = {"done": done}
    if None in named:
        values["unnamed"] = True
    if not connection.execute(update(DELIVERY).where(*_mine(begun)).values(values)).rowcount:
        raise TakenOver
    rows = [{"person": each, "delivery": begun.id} for each in sorted(set(named) - {None}, key=str)]
    if rows:
        connection.execute(insert_once(connection, DELIVERY_PERSON, rows))


def not_named(connection: Connection, begun: Begun, source: str) -> list[str]:
    """Return the keys of persons of whom a source has documents, and whom a whole delivery lacks.

    Nobody, if another process goes on with it, or it holds a part whose person cannot be told.
    """
    # Written to, so that nobody takes it over, and ends it, before the answer is found.
    known = update(DELIVERY).where(*_mine(begun), DELIVERY.c.unnamed.is_(False))
    if not connection.execute(known.values(run=begun.run)).rowcount:
        return []
    named = select(DELIVERY_PERSON.c.person).where(DELIVERY_PERSON.c.delivery == begun.id)
    statement = select(RESOURCE.c.person).where(
        RESOURCE.c.source == source,
        RESOURCE.c.withdrawn.is_(False),
        RESOURCE.c.person.not_in(named),
    )
    return sorted(connection.execute(statement.distinct()).scalars())


def finish(connection: Connection, begun: Begun, source: str, *, whole: bool) -> None:
    """End a delivery: the newest whole one of a source is remembered, older ones are forgotten."""
    here = DELIVERY.c.id == begun.id
    mine = connection.execute(select(DELIVERY).where(*_mine(begun))).one_or_none()
    if mine is None:
        return
    connection.execute(delete(DELIVERY_PERSON).where(DELIVERY_PERSON.c.delivery == begun.id))
    before = DELIVERY.c.started < mine.started
    if mine.as_of is not None:
        # One of a later time still counts against what is late.
        before = and_(before, or_(DELIVERY.c.as_of.is_(None), DELIVERY.c.as_of <= mine.as_of))
    old = select(DELIVERY.c.id).where(DELIVERY.c.source == source, before)
    connection.execute(delete(DELIVERY_PERSON).where(DELIVERY_PERSON.c.delivery.in_(old)))
    connection.execute(delete(DELIVERY).where(DELIVERY.c.source == source, before))
    if whole and mine.as_of is not None:
        connection.execute(update(DELIVERY).where(here).values(finished=True))
    else:
        connection.execute(delete(DELIVERY).where(here))


def newest(connection: Connection, source: str) -> datetime | None:
    """Return of when the newest whole delivery of a source is, if any told."""
    statement = select(func.max(DELIVERY.c.as_of)).where(
        DELIVERY.c.source == source, DELIVERY.c.finished.is_(True)
    )
    found = connection.execute(statement).scalar()
    return None if found is None else at_micros(found)


def _mine(begun: Begun) -> tuple[ColumnElement[bool], ...]:
    return (DELIVERY.c.id == begun.id, DELIVERY.c.run == begun.run)
