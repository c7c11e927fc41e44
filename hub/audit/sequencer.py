"""Records of every chain taken into one tree, under a signed checkpoint within 5 s (P9).

Source: DESIGN §6; C2SP tlog-checkpoint (a log never signs two histories). Any number of processes
may run a sequencer; the store's lock lets one work at a time. Before it signs it makes sure that
the stored tree is the one last signed and that each new record is what its chain says. A chain
that does not hold is left where it last held, named, and the others go on.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, exists, func, insert, literal, select
from sqlalchemy.exc import SQLAlchemyError

from hub.audit.chain import commitment, first_link, link, place_name
from hub.audit.errors import AuditError, LogInconsistent
from hub.audit.merkle import Frontier, ProofError
from hub.audit.note import Checkpoint, NoteError, Signer, open_checkpoint
from hub.audit.person_index import add_records, index_root, make_again, subject_of
from hub.audit.record import instant
from hub.audit.stored_tree import keep_subtrees
from hub.audit.term import rows_of
from hub.store.bulk_insert import insert_tables
from hub.store.connect import Store
from hub.store.schema.audit import (
    audit_chain,
    audit_checkpoint,
    audit_record,
    audit_term,
    audit_tree,
)

LOGGER = logging.getLogger(__name__)
INTERVAL_SECONDS = 2.0
BATCH = 2000
"""Records in one transaction: on SQLite writers wait for it."""
ADVISORY_LOCK = 0x53414D5659

Leaf = tuple[int, str, int, bytes, bytes | None]
"""A row of audit_tree."""


@dataclass(frozen=True, slots=True)
class Held:
    """A chain that does not hold, and its first record that the tree will not take."""

    record: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sequenced:
    """What one call did: the records taken, the latest checkpoint, the chains held back."""

    taken: int = 0
    checkpoint: Checkpoint | None = None
    note: str | None = None
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True)
class _Next:
    """A record of a chain that holds, for the tree to take."""

    chain: str
    position: int
    leaf_hash: bytes
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Taken:
    """The rows of the records that one step takes into the tree, each in its table's order."""

    leaves: list[Leaf] = field(default_factory=list)
    terms: list[tuple[int, int, int]] = field(default_factory=list)

    def add(self, frontier: Frontier, found: _Next) -> None:
        index = frontier.size
        frontier.append(found.leaf_hash)
        # Whom the record itself names: the column beside it might say another.
        person = found.payload.get("person")
        subject = None if person is None else subject_of(person)
        self.leaves.append((index, found.chain, found.position, found.leaf_hash, subject))
        self.terms.extend(rows_of(found.payload, index))


class Sequencer:
    """Sequences a store's log, when called or in the background."""

    def __init__(
        self,
        store: Store,
        signer: Signer,
        *,
        interval: float = INTERVAL_SECONDS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Prepare to sequence with the log's key (`hub.audit.key.open_signer`)."""
        self._store = store
        self.signer = signer
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
        with self._store.read() as connection:
            # Looked at without the lock first: mostly there is nothing new.
            if not connection.execute(waiting_chains().limit(1)).first():
                latest = self._latest(connection)
                return Sequenced(0, latest[0], latest[1])
        with self._store.write() as connection:
            if not self._store.sqlite:
                connection.execute(select(func.pg_advisory_xact_lock(ADVISORY_LOCK)))
            return self._take(connection)

    def _take(self, connection: Connection) -> Sequenced:
        checkpoint, note, frontier = self._latest(connection)
        taken = _Taken()
        held: list[Held] = []
        for chain in connection.execute(waiting_chains()).all():
            limit = BATCH - len(taken.leaves)
            for found in _next_records(connection, chain.id, chain.taken, limit):
                if isinstance(found, Held):
                    held.append(found)
                    break
                taken.add(frontier, found)
        leaves = taken.leaves
        if leaves:
            insert_tables(connection, [(audit_tree, leaves), (audit_term, taken.terms)])
            keep_subtrees(connection, frontier.size)
            index = self._index(connection, checkpoint, leaves)
            checkpoint = Checkpoint(self.signer.origin, frontier.size, frontier.root(), index)
            note = self.signer.sign(checkpoint)
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
            checkpoint = open_checkpoint(row.note, self.signer.verifier)
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
            if note is None or open_checkpoint(note, self.signer.verifier) != self._seen:
                raise LogInconsistent(
                    f"checkpoint {self._seen.size}, which this process has seen, is gone: the "
                    "store was put back or replaced while the hub ran"
                )


def waiting_chains() -> Select[tuple[str, int]]:
    """Select the chains that have records after those in the tree, and the last one taken."""
    taken = func.coalesce(
        select(func.max(audit_tree.c.position))
        .where(audit_tree.c.chain == audit_chain.c.id)
        .correlate(audit_chain)
        .scalar_subquery(),
        -1,
    )
    waiting = exists().where(
        audit_record.c.chain == audit_chain.c.id, audit_record.c.position > taken
    )
    return (
        select(audit_chain.c.id, taken.label("taken"))
        .where(waiting)
        .order_by(audit_chain.c.started, audit_chain.c.id)
    )


def _next_records(
    connection: Connection, chain: str, taken: int, limit: int
) -> Iterator[_Next | Held]:
    """Yield a chain's leaves from after `taken`, and Held at the first that does not hold."""
    if limit <= 0:
        return
    previous = _last_link(connection, chain, taken)
    if previous is None:
        yield Held(place_name(chain, taken), "the last record in the tree is gone or altered")
        return
    rows = connection.execute(
        select(*_READ)
        .where(audit_record.c.chain == chain, audit_record.c.position > taken)
        .order_by(audit_record.c.position)
        .limit(limit)
    )
    for expected, row in enumerate(rows.all(), taken + 1):
        payload, reason = _read(row, expected, previous)
        if reason:
            yield Held(place_name(chain, expected), reason)
            return
        previous = row.chain_hash
        yield _Next(chain, row.position, row.leaf_hash, payload)


_READ = tuple(
    audit_record.c[name] for name in ("position", "salt", "payload", "leaf_hash", "chain_hash")
)


def _read(row: Row[Any], expected: int, previous: bytes) -> tuple[dict[str, Any], str | None]:
    """Return the record's payload, and why the tree will not take it, if so."""
    if reason := _does_not_hold(row, expected, previous):
        return {}, reason
    try:
        return dict(msgspec.json.decode(row.payload)), None
    except (msgspec.DecodeError, ValueError, TypeError):
        return {}, "the record cannot be read"


def _does_not_hold(row: Row[Any], expected: int, previous: bytes) -> str | None:
    if row.position != expected:
        return "the record is missing"
    if row.payload is None or row.salt is None:
        return "the record was emptied before it was signed"
    if commitment(row.salt, row.payload) != row.leaf_hash:
        return "the record is not what its hash says"
    if link(previous, row.leaf_hash) != row.chain_hash:
        return "the record does not follow the one before it"
    return None


def _last_link(connection: Connection, chain: str, taken: int) -> bytes | None:
    if taken < 0:
        return first_link(chain)
    return connection.scalar(
        select(audit_record.c.chain_hash)
        .join(
            audit_tree,
            (audit_tree.c.chain == audit_record.c.chain)
            & (audit_tree.c.position == audit_record.c.position)
            & (audit_tree.c.leaf_hash == audit_record.c.leaf_hash),
        )
        .where(audit_record.c.chain == literal(chain), audit_record.c.position == taken)
    )
