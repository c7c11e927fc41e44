"""An access put on the worklist: once, with all the reasons there are, whoever comes first.

Source: PDL 4:3, HSLF-FS 2016:40 4 kap.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from hub.audit.record import AccessRecord
from hub.review.sample import period_of
from hub.review.signals import BY_CODE, rank_of
from hub.store.counter import insert_once
from hub.store.instant import micros
from hub.store.schema.review import REVIEW_ITEM

OPEN, SECOND, DONE = "open", "second", "done"


def item_row(record: AccessRecord, codes: Sequence[str]) -> dict[str, Any]:
    """Return the row of an access on the worklist of the organisation whose staff made it."""
    return {
        "person": record.person or "",
        "record": record.id,
        "organisation": record.organisation or "",
        "period": period_of(record.recorded),
        "at": micros(record.recorded),
        "rank": _rank(codes),
        "reasons": ",".join(codes),
        "user_id": record.user or "",
        "state": OPEN,
    }


def list_item(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Put an access on the worklist, or what is new of its reasons; False if nothing is.

    What was done with fewer reasons is to be looked at again.
    """
    made = insert_once(connection, REVIEW_ITEM, row).returning(REVIEW_ITEM.c.record)
    if connection.scalar(made) is not None:
        return True
    same = [REVIEW_ITEM.c[name] == row[name] for name in ("person", "record", "organisation")]
    held = connection.execute(select(REVIEW_ITEM).where(*same).with_for_update()).one()
    codes, new = held.reasons.split(","), row["reasons"].split(",")
    together = [*codes, *(each for each in new if each not in codes)]
    if together == codes:
        return False
    connection.execute(
        update(REVIEW_ITEM)
        .where(*same)
        .values(
            reasons=",".join(together),
            rank=_rank(together),
            state=OPEN if held.state == DONE else held.state,
        )
    )
    return True


def _rank(codes: Sequence[str]) -> int:
    return rank_of(BY_CODE[code] for code in codes if code in BY_CODE)
