"""Gallring of the log: after its time a record's content goes, and the tree stays whole.

Source: HSLF-FS 2016:40 4 kap. 9 § (kept at least five years); DESIGN §6. Payload and salt are
emptied together with every column and term that repeats them. The leaf hash, which without its
salt says nothing, remains, and so does the subject by which the index of persons can be made
again. A record names each one that was emptied: the verifier asks for that.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, delete, select, tuple_, update

from hub.audit.chain import place_name
from hub.audit.mandate import HUB
from hub.audit.record import AccessRecord, Action, Outcome, Shown, instant, new_id
from hub.audit.writer import AuditWriter
from hub.store.connect import Store
from hub.store.schema.audit import audit_record, audit_term, audit_tree

KEPT = timedelta(days=5 * 366)
BATCH = 500


class TooSoon(ValueError):
    """Records that the rules say are to be kept were to be erased."""


def erase_before(store: Store, log: AuditWriter, before: datetime, now: datetime) -> int:
    """Empty the records in the tree that were made before an instant; return how many.

    Raises:
        TooSoon: `before` is less than five years ago.
        AuditUnavailable: the record of the erasure could not be written; no more is erased.
    """
    if before > now - KEPT:
        raise TooSoon("the log is kept for at least five years; name an earlier day")
    erased = 0
    while True:
        with store.read() as connection:
            rows = _old(connection, before)
        if not rows:
            return erased
        places = [(row.chain, row.position) for row in rows]
        log.append(_record(places, now))
        with store.write() as connection:
            _empty(connection, places, [row.leaf_index for row in rows])
        erased += len(places)


def _old(connection: Connection, before: datetime) -> Sequence[Row[int, str, int]]:
    return connection.execute(
        select(audit_tree.c.leaf_index, audit_tree.c.chain, audit_tree.c.position)
        .join(
            audit_record,
            (audit_record.c.chain == audit_tree.c.chain)
            & (audit_record.c.position == audit_tree.c.position),
        )
        .where(audit_record.c.recorded < instant(before), audit_record.c.payload.is_not(None))
        .order_by(audit_tree.c.leaf_index)
        .limit(BATCH)
    ).all()


def _record(places: Sequence[tuple[str, int]], now: datetime) -> AccessRecord:
    names = tuple(f"AuditEvent/{place_name(chain, position)}" for chain, position in places)
    return AccessRecord(
        id=new_id(),
        recorded=now,
        action=Action.ERASE,
        outcome=Outcome.PERMIT,
        shown=(Shown(HUB, None, names),),
        grounds=("HSLF-FS 2016:40",),
    )


def _empty(
    connection: Connection, places: Sequence[tuple[str, int]], leaves: Sequence[int]
) -> None:
    columns = tuple_(audit_record.c.chain, audit_record.c.position)
    connection.execute(
        update(audit_record)
        .where(columns.in_(places))
        .values(salt=None, payload=None, user_id=None, organisation=None, person=None)
    )
    connection.execute(delete(audit_term).where(audit_term.c.leaf_index.in_(leaves)))
