"""The log looked through for what is to be reviewed: each record once, in the order of the tree.

Source: PDL 4:3; HSLF-FS 2016:40 4 kap. An organisation reviews what its own staff did. A step looks
through a bounded number of records; any number of processes may take steps, one at a time
(hub/review/looker.py takes them).
"""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from hub.audit.record import AccessRecord, Action, record_from
from hub.config.organisation import ASSIGNED
from hub.review.evidence import Gatherer
from hub.review.listing import item_row, list_item
from hub.review.sample import drawn, period_of, seed
from hub.review.signals import NOT_TRIED, SAMPLE, Signal, reasons
from hub.running import Hub
from hub.store.counter import insert_once
from hub.store.directory import Directory, directory
from hub.store.lease import GIVEN_BACK, Lease
from hub.store.schema.audit import audit_record, audit_tree
from hub.store.schema.review import REVIEW_PROGRESS

LOGGER = logging.getLogger(__name__)
AT_A_TIME = 100
"""Few enough for a step to be over within a second, and for the lease to be renewed in time."""
LEASE = Lease(REVIEW_PROGRESS, timedelta(seconds=20))
LOOKED_AT = frozenset(Action) - {
    Action.LOG_READ,
    Action.ADMINISTER,
    Action.AUTHENTICATE,
    Action.ISSUE,
    Action.INTROSPECT,
    Action.REVOKE,
}
STAFF = frozenset(each.value for each in ASSIGNED)
_ONLY = "log"


@dataclass(frozen=True, slots=True)
class Progress:
    """How many records a step looked through, and how many remain."""

    looked: int
    remaining: int


def look(hub: Hub, *, at_a_time: int = AT_A_TIME) -> Progress:
    """Look through the next records of the tree, and put on the worklist what is to be reviewed.

    All is read before the short write; should another process have been quicker, it counts.
    """
    with hub.store.read() as connection:
        place = select(REVIEW_PROGRESS.c.leaf_index).where(REVIEW_PROGRESS.c.id == _ONLY)
        begun = connection.scalar(place)
        last = -1 if begun is None else int(begun)
        rows = connection.execute(_next(last).limit(at_a_time)).all()
        records = [record_from(bytes(row.payload)) for row in rows if row.payload is not None]
        items = _items(hub, connection, directory(connection), records)
        newest = connection.scalar(select(func.max(audit_tree.c.leaf_index)))
    if not rows:
        return Progress(0, 0)
    reached = rows[-1].leaf_index
    with hub.store.write() as connection:
        first = {"id": _ONLY, "leaf_index": -1}
        connection.execute(insert_once(connection, REVIEW_PROGRESS, first))
        moved = connection.execute(
            update(REVIEW_PROGRESS)
            .where(REVIEW_PROGRESS.c.id == _ONLY, REVIEW_PROGRESS.c.leaf_index == last)
            .values(leaf_index=reached)
        )
        for item in items if moved.rowcount else ():
            list_item(connection, item)
    return Progress(len(rows), int(newest or 0) - reached)


def waiting(connection: Connection) -> int:
    """Return how many records of the tree have not been looked through."""
    newest = connection.scalar(select(func.max(audit_tree.c.leaf_index)))
    reached = connection.scalar(
        select(REVIEW_PROGRESS.c.leaf_index).where(REVIEW_PROGRESS.c.id == _ONLY)
    )
    return (-1 if newest is None else int(newest)) - (-1 if reached is None else int(reached))


def take(hub: Hub, who: str) -> bool:
    """Take the log in hand for a while, or keep it; False while another process has it."""
    now, row = hub.clock(), REVIEW_PROGRESS.c.id == _ONLY
    with hub.store.write() as connection:
        first = {"id": _ONLY, "leaf_index": -1}
        connection.execute(insert_once(connection, REVIEW_PROGRESS, first))
        kept = LEASE.keep(connection, who, now, row)
        return kept or LEASE.take(connection, who, now, row)


def release(hub: Hub, who: str) -> None:
    """Leave the log to others, if this is who has it."""
    mine = (REVIEW_PROGRESS.c.id == _ONLY) & (REVIEW_PROGRESS.c.taken_by == who)
    with hub.store.write() as connection:
        connection.execute(update(REVIEW_PROGRESS).where(mine).values(GIVEN_BACK))


def _next(last: int) -> Select[tuple[int, bytes]]:
    """The records of the tree after one; what has been erased has no payload."""
    same = (audit_record.c.chain == audit_tree.c.chain) & (
        audit_record.c.position == audit_tree.c.position
    )
    return (
        select(audit_tree.c.leaf_index, audit_record.c.payload)
        .outerjoin(audit_record, same)
        .where(audit_tree.c.leaf_index > last)
        .order_by(audit_tree.c.leaf_index)
    )


def _items(
    hub: Hub, connection: Connection, known: Directory, records: list[AccessRecord]
) -> list[dict[str, Any]]:
    gatherer = Gatherer(connection, known, hub.identity_key)
    seeds: dict[tuple[str, str], bytes] = {}
    found = []
    for record in records:
        if not _of_staff(record, known):
            continue
        signals = _signals(gatherer, record)
        codes = [each.code for each in signals]
        organisation, period = record.organisation or "", period_of(record.recorded)
        key = organisation, period
        if key not in seeds:
            seeds[key] = seed(hub, organisation, period)
        if drawn(seeds[key], record.id):
            codes.append(SAMPLE)
        if codes:
            found.append(item_row(record, codes))
    return found


def _signals(gatherer: Gatherer, record: AccessRecord) -> tuple[Signal, ...]:
    """Why a record is looked at; one that cannot be tried is looked at, and stops no other."""
    try:
        return reasons(gatherer.of(record))
    except SQLAlchemyError:
        raise  # the store is away: the whole step is taken again
    except Exception as error:  # noqa: BLE001  # P5: what is unknown is no explanation
        LOGGER.error("an access could not be tried for review: %s", type(error).__name__)  # noqa: TRY400
        return (NOT_TRIED,)


def _of_staff(record: AccessRecord, known: Directory) -> bool:
    return (
        record.organisation in known.entries
        and record.capacity in STAFF
        and record.person is not None
        and record.action in LOOKED_AT
    )
