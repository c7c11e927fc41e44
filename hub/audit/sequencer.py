"""Records of every chain taken into one tree, under a signed checkpoint within 5 s (P9).

Source: DESIGN §6; C2SP tlog-checkpoint (a log never signs two histories). Any number of processes
may run a sequencer; the store's lock lets one work at a time. Before it signs it makes sure that
the stored tree is the one last signed and that each new record is what its chain says. A chain
that does not hold is left where it last held, named, and the others go on.
"""

import logging
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from hub.audit.errors import AuditError, LogInconsistent
from hub.audit.key import held_signer
from hub.audit.kind import kind_of
from hub.audit.merkle import Frontier, ProofError
from hub.audit.note import (
    Checkpoint,
    NoteError,
    Signer,
    Verifier,
    open_checkpoint,
    read_checkpoint,
    signed_note,
)
from hub.audit.person_index import add_records, index_root, make_again, subject_of
from hub.audit.record import instant
from hub.audit.stored_tree import keep_subtrees
from hub.audit.succession import current_key
from hub.audit.term import readers_of, rows_of
from hub.audit.waiting import Held, Next, next_records, waiting_chains
from hub.store.bulk_insert import insert_tables
from hub.store.connect import Store
from hub.store.one_insert import insert_rows
from hub.store.schema.audit import audit_checkpoint, audit_kind, audit_term, audit_tree

LOGGER = logging.getLogger(__name__)
INTERVAL_SECONDS = 2.0
BATCH = 2000
"""Records in one transaction: on SQLite writers wait for it."""
ADVISORY_LOCK, HANDOVER_LOCK = 0x53414D5659, 0x53414D565A
"""Who sequences holds the first, who hands over to a new key both."""

Leaf = tuple[int, str, int, bytes, bytes | None]
"""A row of audit_tree."""


@dataclass(frozen=True, slots=True)
class Sequenced:
    """What one call did: the records taken, the latest checkpoint, the chains held back."""

    taken: int = 0
    checkpoint: Checkpoint | None = None
    note: str | None = None
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True)
class _Taken:
    """The rows of the records that one step takes into the tree, each in its table's order."""

    leaves: list[Leaf] = field(default_factory=list)
    terms: list[tuple[int, int, int]] = field(default_factory=list)
    kinds: set[tuple[str, str]] = field(default_factory=set)

    def add(self, frontier: Frontier, found: Next) -> None:
        index = frontier.size
        frontier.append(found.leaf_hash)
        # Whom the record itself names: the column beside it might say another.
        person = found.payload.get("person")
        subject = None if person is None else subject_of(person)
        self.leaves.append((index, found.chain, found.position, found.leaf_hash, subject))
        kind = kind_of(found.payload)
        self.terms.extend(rows_of(found.payload, index, kind))
        self.kinds.update((reader, kind) for reader in readers_of(found.payload))


class Sequencer:
    """Sequences a store's log, when called or in the background."""

    def __init__(
        self,
        store: Store,
        signer: Signer,
        *,
        interval: float = INTERVAL_SECONDS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        before: Verifier | None = None,
    ) -> None:
        """Prepare to sequence with the log's key (`hub.audit.key.open_signer`).

        `before`: whose the latest checkpoint is, where that key is lost.
        """
        self._store = store
        self.signer = signer
        self._before = before
        self._retired: set[Verifier] = set()
        self._interval = interval
        self._clock = clock
        self._seen: Checkpoint | None = None
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.fault: str | None = None
        """Why the log is not being signed as it should be, for readiness; None when it is."""

    def sequence_now(self) -> Sequenced:
        """Return what was taken into the tree; raise LogInconsistent rather than sign a fork.

        Every record that was durable before the call is then under a checkpoint or held.
        """
        total = Sequenced()
        while True:
            with self._lock:
                step = self._step()
                self._seen = step.checkpoint
            total = replace(step, taken=total.taken + step.taken)
            if step.taken < BATCH:
                return total

    def key(self) -> Signer:
        """Return the key that signs now; another process may have handed over to a new one.

        What is signed with it is signed before any handover that begins later: so whoever has a
        receipt by an old key has one of a record that the old key still signed.
        """
        with self._store.glance() as connection:
            if not self._store.sqlite:
                connection.execute(select(func.pg_advisory_xact_lock_shared(HANDOVER_LOCK)))
            self._renew(connection)
        return self.signer

    def hand_over(
        self,
        connection: Connection,
        announce: Callable[[], None],
        successor: Signer,
        ended: str | None,
    ) -> Checkpoint:
        """Return the last checkpoint of this key, in the caller's transaction.

        Every record that was durable before is under it, and what `announce` writes. Where this key
        is lost, the successor has been given in its place, and signs alone.
        """
        announce()
        checkpoint = self._take(connection, (successor, ended)).checkpoint
        if checkpoint is None or checkpoint.successor is None:
            raise LogInconsistent("the tree did not take the record of the handover")
        return checkpoint

    def start(self) -> None:
        """Sequence in the background until `stop`."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name="audit-sequencer", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Sequence what there is a last time, and stop."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while True:
            last = self._stopping.wait(self._interval)
            self._attempt()
            if last:
                return

    def _attempt(self) -> None:
        try:
            held = self.sequence_now().held
            fault = f"chain held at {held[0].record}: {held[0].reason}" if held else None
        except AuditError as error:
            fault = str(error)
        except (SQLAlchemyError, OSError) as error:
            fault = f"the store did not answer ({type(error).__name__})"
        if fault and fault != self.fault:
            LOGGER.error("the log is not being signed as it should be: %s", fault)
        self.fault = fault

    def _step(self) -> Sequenced:
        # Looked at without the lock first: mostly there is nothing new. What then seems wrong may
        # be a key that was handed over meanwhile.
        with suppress(LogInconsistent), self._store.read() as connection:
            if not connection.execute(waiting_chains().limit(1)).first():
                self._renew(connection)
                latest = self._latest(connection)
                return Sequenced(0, latest[0], latest[1])
        with self._store.write() as connection:
            lock(connection, ADVISORY_LOCK)
            self._renew(connection)
            return self._take(connection)

    def _renew(self, connection: Connection) -> None:
        """Take the key that the store says signs now, if it is another than the one at hand.

        Raises:
            LogKeyProblem: its private half is not where the key is kept.
        """
        current = current_key(connection)
        held = self.signer.verifier
        if current is None or current == held or current in self._retired:
            return  # in a snapshot from before a handover the old one is still current
        self.signer = held_signer(self._store, current)
        self._retired.add(held)

    def _take(
        self, connection: Connection, ending: tuple[Signer, str | None] | None = None
    ) -> Sequenced:
        checkpoint, note, frontier = self._latest(connection)
        taken = _Taken()
        held: list[Held] = []
        most = BATCH if ending is None else sys.maxsize
        for chain in connection.execute(waiting_chains()).all():
            limit = most - len(taken.leaves)
            for found in next_records(connection, chain.id, chain.taken, limit):
                if isinstance(found, Held):
                    held.append(found)
                    break
                taken.add(frontier, found)
        leaves = taken.leaves
        if leaves:
            insert_tables(connection, [(audit_tree, leaves), (audit_term, taken.terms)])
            kinds = [{"reader": reader, "kind": kind} for reader, kind in sorted(taken.kinds)]
            if kinds:
                insert_rows(connection, audit_kind, kinds, again=True)
            keep_subtrees(connection, frontier.size)
            index = self._index(connection, checkpoint, leaves)
            checkpoint = Checkpoint(self.signer.origin, frontier.size, frontier.root(), index)
            signers = [self.signer]
            if ending is not None:
                successor, why = ending
                line = successor.verifier.text()
                checkpoint = replace(checkpoint, successor=line, ended=why)
                signers += [successor] if successor is not self.signer else []
            note = signed_note(checkpoint, signers)
            connection.execute(
                insert(audit_checkpoint).values(
                    size=checkpoint.size,
                    root=checkpoint.root,
                    note=note,
                    signed=instant(self._clock()),
                    frontier=frontier.pack(),
                )
            )
        return Sequenced(len(leaves), checkpoint, note, tuple(held))

    def _index(
        self, connection: Connection, before: Checkpoint | None, leaves: list[Leaf]
    ) -> bytes:
        """Return the root of the index of persons with these leaves in it.

        Raises:
            LogInconsistent: the stored index is not the one last signed.
        """
        if before is not None and before.index is None:
            return make_again(connection)
        if before is not None and before.index != index_root(connection):
            raise LogInconsistent(
                f"the index of persons is not the one that checkpoint {before.size} signed; run"
                " `samvy audit verify`"
            )
        return add_records(
            connection,
            [(index, leaf_hash, subject) for index, _, _, leaf_hash, subject in leaves],
        )

    def _latest(self, connection: Connection) -> tuple[Checkpoint | None, str | None, Frontier]:
        """Return the latest checkpoint and its tree, both proven to be what we signed."""
        row = connection.execute(
            select(audit_checkpoint).order_by(audit_checkpoint.c.size.desc()).limit(1)
        ).first()
        leaves = connection.scalar(select(func.max(audit_tree.c.leaf_index)))
        size = 0 if leaves is None else leaves + 1
        if row is None:
            if size or self._seen:
                raise LogInconsistent(
                    "the log has no checkpoint although it has been signed; restore the store"
                )
            return None, None, Frontier()
        try:
            checkpoint = open_checkpoint(row.note, self._before or self.signer.verifier)
            frontier = Frontier.unpack(checkpoint.size, row.frontier)
        except (NoteError, ProofError) as error:
            raise LogInconsistent(
                f"checkpoint {row.size} is not what was signed: {error}"
            ) from error
        if checkpoint.size != size or frontier.root() != checkpoint.root:
            raise LogInconsistent(
                f"the tree of {size} records is not the one that checkpoint {checkpoint.size} "
                "signed; run `samvy audit verify`"
            )
        self._compare_with_seen(connection)
        return checkpoint, row.note, frontier

    def _compare_with_seen(self, connection: Connection) -> None:
        """Refuse a store that was put back to before what this process has seen signed."""
        if self._seen is not None:
            note = connection.scalar(
                select(audit_checkpoint.c.note).where(audit_checkpoint.c.size == self._seen.size)
            )
            # Its signature may be an earlier key's, and was held against it when it was seen.
            if note is None or read_checkpoint(note) != self._seen:
                raise LogInconsistent(
                    f"checkpoint {self._seen.size}, which this process has seen, is gone: the "
                    "store was put back or replaced while the hub ran"
                )


def lock(connection: Connection, number: int) -> None:
    """Wait for a lock of the log's until the transaction ends; SQLite has one writer at a time."""
    if connection.dialect.name != "sqlite":
        connection.execute(select(func.pg_advisory_xact_lock(number)))
