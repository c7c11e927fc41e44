"""The keys of a log one after another, and the checkpoints by which each handed over to the next.

Source: DESIGN §6, P9; docs/log-keys.md, docs/decisions/0025. The last checkpoint of a key names the
next one and is signed by both. Every row of a key that has ended names that checkpoint's size.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from hub.audit.errors import LogKeyProblem
from hub.audit.note import Verifier
from hub.store.schema.audit import audit_checkpoint, audit_key


@dataclass(frozen=True, slots=True)
class Handover:
    """The last checkpoint of a key."""

    size: int
    note: str


@dataclass(frozen=True, slots=True)
class Succession:
    """The log's keys, oldest first, and the handovers between them; the last key signs now."""

    keys: tuple[Verifier, ...]
    handovers: tuple[Handover, ...]

    def held(self) -> dict[str, list[str]]:
        """Return what an export or a proof says of it; nothing where there was one key only."""
        if not self.handovers:
            return {}
        return {
            "keys": [key.text() for key in self.keys],
            "handovers": [each.note for each in self.handovers],
        }


def current_key(connection: Connection) -> Verifier | None:
    """Return the public key that signs now, as the store has it; None for a log without one."""
    row = connection.execute(
        select(audit_key.c.origin, audit_key.c.public_key).where(audit_key.c.until.is_(None))
    ).first()
    return None if row is None else Verifier(row.origin, bytes(row.public_key))


def succession(connection: Connection) -> Succession:
    """Return the log's keys and handovers, as the store has them.

    Raises:
        LogKeyProblem: the log has no key that signs now.
    """
    ended = connection.execute(
        select(audit_key.c.origin, audit_key.c.public_key, audit_checkpoint)
        .join(audit_checkpoint, audit_checkpoint.c.size == audit_key.c.until)
        .order_by(audit_key.c.until)
    ).all()
    now = current_key(connection)
    if now is None:
        raise LogKeyProblem("the log has no key that signs; start the hub once, or restore it")
    keys = [Verifier(row.origin, bytes(row.public_key)) for row in ended]
    return Succession((*keys, now), tuple(Handover(row.size, row.note) for row in ended))
