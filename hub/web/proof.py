"""The state of the log's proof: the latest checkpoint, who has co-signed it, and what waits.

Source: DESIGN §6, P9; docs/proof.md.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from hub.audit.cosigned import FORK
from hub.audit.waiting import waiting_chains
from hub.store.schema.audit import (
    audit_checkpoint,
    audit_cosignature,
    audit_record,
    audit_witness,
)
from hub.web.visit import Page, Shown, Visit

LATE = timedelta(seconds=30)
"""A record is under a checkpoint within 5 s (P9); several times that is no chance any more."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness: the size of the newest tree that it signed, and what is wrong, if anything."""

    name: str
    size: int | None
    fault: str | None

    @property
    def forked(self) -> bool:
        """Tell whether it has been shown another history."""
        return self.fault == FORK


def state(visit: Visit) -> Shown:
    """Return the page; none of it is about a person."""
    with visit.hub.store.read() as connection:
        latest = connection.execute(
            select(
                audit_checkpoint.c.size,
                audit_checkpoint.c.root,
                audit_checkpoint.c.note,
                audit_checkpoint.c.signed,
            )
            .order_by(audit_checkpoint.c.size.desc())
            .limit(1)
        ).first()
        witnesses = _witnesses(connection)
        waiting, oldest = _waiting(connection)
    delay = None if oldest is None else max(visit.call.at - oldest, timedelta())
    context = {
        "latest": latest,
        "signed": datetime.fromisoformat(latest.signed) if latest else None,
        "root": bytes(latest.root).hex() if latest else None,
        "witnesses": witnesses,
        "waiting": waiting,
        "delay": None if delay is None else int(delay.total_seconds()),
        "late": delay is not None and delay > LATE,
        "fault": visit.hub.sequencer.fault,
        "key": visit.hub.sequencer.signer.verifier.text(),
    }
    return Page("proof.html", "Bevisets läge", context, "_proof.html")


def _witnesses(connection: Connection) -> list[Witness]:
    signed = {
        row.witness: row.size
        for row in connection.execute(
            select(
                audit_cosignature.c.witness, func.max(audit_cosignature.c.size).label("size")
            ).group_by(audit_cosignature.c.witness)
        )
    }
    rows = connection.execute(select(audit_witness.c.name, audit_witness.c.fault)).all()
    return [Witness(row.name, signed.get(row.name), row.fault) for row in sorted(rows)]


def _waiting(connection: Connection) -> tuple[int, datetime | None]:
    """How many records are not in the tree yet, and when the oldest of them was made."""
    number, oldest = 0, None
    for chain in connection.execute(waiting_chains()).all():
        count, first = connection.execute(
            select(func.count(), func.min(audit_record.c.recorded)).where(
                audit_record.c.chain == chain.id, audit_record.c.position > chain.taken
            )
        ).one()
        number += count
        oldest = first if oldest is None else min(first, oldest)
    return number, None if oldest is None else datetime.fromisoformat(oldest)
