"""The log's signing key handed over to a new one, or replaced where it is lost.

Source: DESIGN §6, P9; docs/log-keys.md, docs/decisions/0025. One transaction holds the record that
names the new key, the checkpoint over it (the old key's last, signed by both) and the change of
keys, while nobody else sequences. Then the new key's file takes the old one's place. Whatever is
cut off leaves the old key or the new one signing, and nobody without a key.
"""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, insert, update

from hub.audit.administration import administered
from hub.audit.errors import LogKeyProblem
from hub.audit.key import key_path, key_row, open_signer, put_in_place, staged_successor
from hub.audit.note import Checkpoint, Signer, Verifier
from hub.audit.sequencer import ADVISORY_LOCK, HANDOVER_LOCK, Sequencer, lock
from hub.audit.succession import current_key
from hub.audit.writer import lone_chain
from hub.store.connect import Store
from hub.store.schema.audit import audit_chain, audit_key, audit_record


class Ended(StrEnum):
    """Why a key ended otherwise than by handing over to the next one in time."""

    STOLEN = "stolen"
    LOST = "lost"


def hand_over(store: Store, now: datetime, ended: Ended | None = None) -> tuple[Verifier, int]:
    """Return the key that signs from now on, and the size of the old one's last checkpoint.

    Raises:
        LogKeyProblem: the old key is not there, or is although it is said to be lost; or somebody
            else has handed over meanwhile.
        LogInconsistent: the log is not what was signed; nothing is handed over.
    """
    old, signer = _old(store, ended)
    successor = staged_successor(store, old.origin)
    if signer is None:
        sequencer = Sequencer(store, successor, before=old)
    else:
        sequencer = Sequencer(store, signer)
        sequencer.sequence_now()  # most of what waits, so that others do not wait for it
    with store.write() as connection:
        lock(connection, HANDOVER_LOCK)
        lock(connection, ADVISORY_LOCK)
        if current_key(connection) != old:
            raise LogKeyProblem("the key was handed over by somebody else meanwhile; look again")
        last = sequencer.hand_over(
            connection, lambda: _announce(connection, successor, now, ended), successor, ended
        )
        _change(connection, old, successor, last, now)
    put_in_place(key_path(store))
    return successor.verifier, last.size


def _old(store: Store, ended: Ended | None) -> tuple[Verifier, Signer | None]:
    if ended is not Ended.LOST:
        signer = open_signer(store)
        return signer.verifier, signer
    with store.read() as connection:
        known = current_key(connection)
    if known is None:
        raise LogKeyProblem("the log has no key that could be lost")
    try:
        open_signer(store)
    except LogKeyProblem:
        return known, None
    raise LogKeyProblem("the key is where it is kept and signs; it can hand over by itself")


def _announce(
    connection: Connection, successor: Signer, now: datetime, ended: Ended | None
) -> None:
    """Write the record that names the new key, in a chain of its own."""
    act = f"audit/key handover {successor.verifier.text()}"
    record = replace(administered(act, now), reason=ended.value if ended else None)
    chain, row = lone_chain(record)
    connection.execute(insert(audit_chain).values(**chain))
    connection.execute(insert(audit_record).values(**row))


def _change(
    connection: Connection, old: Verifier, new: Signer, last: Checkpoint, now: datetime
) -> None:
    ended = update(audit_key).where(audit_key.c.id == old.key_id.hex())
    connection.execute(ended.values(until=last.size))
    connection.execute(insert(audit_key).values(**key_row(new.verifier, now)))
