"""Records made durable before their answers leave (P2), many in one commit.

Source: DESIGN §6, reference figures in docs. One thread takes what has queued, links it into this
process's chain, inserts it in one transaction and only then releases those who wait. The thread
keeps a connection of its own, so that requests which hold every pooled connection while they wait
for their record cannot lock it out. After any failure the chain is left and a new one begun: what
the database kept of the failed batch is then unknown, and a chain must have one continuation.
"""

import logging
import os
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from hub.audit.chain import commitment, first_link, link, new_chain, new_salt, place_name
from hub.audit.errors import AuditUnavailable
from hub.audit.record import AccessRecord, instant, payload_of
from hub.store.connect import Store
from hub.store.counter import insert_once
from hub.store.one_insert import insert_rows
from hub.store.schema.audit import audit_chain, audit_record

LOGGER = logging.getLogger(__name__)
MAX_BATCH = 1000
WAIT_SECONDS = 40.0
"""Longer than a writer waits for SQLite's lock, so that a full queue is told apart from a halt."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the log a record stands."""

    chain: str
    position: int

    def __str__(self) -> str:
        return place_name(self.chain, self.position)


@dataclass(slots=True)
class _Waiting:
    rows: list[dict[str, Any]]
    done: Future[tuple[Place, ...]]


@dataclass(slots=True)
class _Head:
    chain: str
    position: int
    chain_hash: bytes
    stored: bool = False


class AuditWriter:
    """Writes one process's chain. Any number of threads may use it; a forked child may not."""

    def __init__(self, store: Store, *, wait_seconds: float = WAIT_SECONDS) -> None:
        """Prepare to write; the thread and the chain begin with the first record."""
        self._store = store
        self._wait_seconds = wait_seconds
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._process = os.getpid()
        self._connection: Connection | None = None
        self._file: tuple[int, int] | None = None
        self._head = _new_head()

    def append(self, record: AccessRecord) -> Place:
        """Return the record's place once it is durable; raise AuditUnavailable if it is not."""
        return self.append_all((record,))[0]

    def append_all(self, records: Sequence[AccessRecord]) -> tuple[Place, ...]:
        """Return the places of records that are durable together, or raise AuditUnavailable."""
        done = self.submit(records)
        try:
            return done.result(self._wait_seconds)
        except TimeoutError as error:
            raise AuditUnavailable(
                f"the log did not answer in {self._wait_seconds:.0f} s; see that its database "
                "accepts writes"
            ) from error

    def submit(self, records: Sequence[AccessRecord]) -> "Future[tuple[Place, ...]]":
        """Return a future of the records' places, for `asyncio.wrap_future`.

        It fails with AuditUnavailable. Whoever waits sets the limit of the wait.
        """
        done: Future[tuple[Place, ...]] = Future()
        # The future cannot be cancelled: a record that was asked for is written.
        done.set_running_or_notify_cancel()
        try:
            waiting = _Waiting([_row(record) for record in records], done)
        except (TypeError, ValueError, UnicodeError) as error:
            done.set_exception(_unavailable(f"the record cannot be written as text: {error}"))
            return done
        if not records:
            done.set_result(())
            return done
        with self._lock:
            if self._closed or os.getpid() != self._process:
                done.set_exception(_unavailable("this writer is closed, or another process's"))
                return done
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="audit-writer", daemon=True)
                self._thread.start()
            self._queue.put(waiting)
        return done

    def close(self) -> None:
        """Write what has queued and stop. Later records are refused."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        more = True
        while more:
            batch, more = self._next_batch()
            if batch:
                self._write(batch)
        self._disconnect()

    def _next_batch(self) -> tuple[list[_Waiting], bool]:
        """Return what has queued, and whether more may come."""
        batch: list[_Waiting] = []
        records = 0
        while records < MAX_BATCH:
            try:
                waiting = self._queue.get(block=not batch)
            except Empty:
                break
            if waiting is None:
                return batch, False
            batch.append(waiting)
            records += len(waiting.rows)
        return batch, True

    def _write(self, batch: list[_Waiting]) -> None:
        try:
            places = self._commit(batch)
        except Exception as error:  # noqa: BLE001  # whatever happened, nobody may be left waiting
            self._abandon()
            # Not `exception`: the driver's text can repeat the row.
            LOGGER.error("the log could not be written: %s", type(error).__name__)  # noqa: TRY400
            for waiting in batch:
                waiting.done.set_exception(
                    _unavailable(f"the database did not take it ({type(error).__name__})")
                )
            return
        for waiting, found in zip(batch, places, strict=True):
            waiting.done.set_result(found)

    def _commit(self, batch: list[_Waiting]) -> list[tuple[Place, ...]]:
        rows, places, after = _linked(self._head, batch)
        fresh = self._connection is None
        try:
            self._store_rows(rows)
        except DBAPIError as error:
            # A connection that broke, most often while it lay idle.
            if fresh or not error.connection_invalidated:
                raise
            self._disconnect()
            self._store_rows(rows, again=True)
        self._head = after
        return places

    def _store_rows(self, rows: list[dict[str, Any]], *, again: bool = False) -> None:
        """Make the rows durable. `again`: those that are there already are these very rows.

        A chain is one process's, and a place in it is taken once.
        """
        connection = self._connected()
        if not self._head.stored:
            started = {"id": self._head.chain, "started": instant(datetime.now(UTC))}
            with connection.begin():
                connection.execute(insert_once(connection, audit_chain, started))
        with connection.begin():
            insert_rows(connection, audit_record, rows, again=again)

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._store.engine.connect().execution_options(samvy_write=True)
            self._file = self._stored_file()
            if not self._store.sqlite:
                # Each statement commits by itself, with one way to the server and back.
                self._connection = self._connection.execution_options(isolation_level="AUTOCOMMIT")
                # A server may be set to answer before it has written; ours is not to.
                self._connection.exec_driver_sql("SET synchronous_commit = 'on'")
                self._connection.commit()
        elif self._file != self._stored_file():
            # SQLite would go on writing, durably, into a file that has no name any more.
            raise AuditUnavailable("the store's file was removed or replaced; restart the hub")
        return self._connection

    def _stored_file(self) -> tuple[int, int] | None:
        if not self._store.sqlite or self._store.path is None:
            return None
        found = self._store.path.stat()
        return found.st_dev, found.st_ino

    def _abandon(self) -> None:
        self._head = _new_head()
        self._disconnect()

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            # Not back into the pool: it carries a setting of ours, or a failure.
            connection.invalidate()
            connection.close()
        except Exception as error:  # noqa: BLE001  # it is given up either way
            LOGGER.warning("the log's connection did not close: %s", type(error).__name__)


def _linked(
    head: _Head, batch: list[_Waiting]
) -> tuple[list[dict[str, Any]], list[tuple[Place, ...]], _Head]:
    """Return the batch's rows with their places and links, and the chain's head after them."""
    rows: list[dict[str, Any]] = []
    places: list[tuple[Place, ...]] = []
    position, chain_hash = head.position, head.chain_hash
    for waiting in batch:
        taken = []
        for row in waiting.rows:
            chain_hash = link(chain_hash, row["leaf_hash"])
            rows.append(
                {**row, "chain": head.chain, "position": position, "chain_hash": chain_hash}
            )
            taken.append(Place(head.chain, position))
            position += 1
        places.append(tuple(taken))
    return rows, places, _Head(head.chain, position, chain_hash, stored=True)


def _row(record: AccessRecord) -> dict[str, Any]:
    payload, salt = payload_of(record), new_salt()
    return {
        "id": record.id,
        "recorded": instant(record.recorded),
        "action": record.action.value,
        "outcome": record.outcome.value,
        "user_id": record.user,
        "organisation": record.organisation,
        "person": record.person,
        "salt": salt,
        "payload": payload,
        "leaf_hash": commitment(salt, payload),
    }


def lone_chain(record: AccessRecord) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the rows of a chain of one record, for whoever writes it in its own transaction."""
    head, row = _new_head(), _row(record)
    chain = {"id": head.chain, "started": instant(datetime.now(UTC))}
    linked = link(head.chain_hash, row["leaf_hash"])
    return chain, {**row, "chain": head.chain, "position": 0, "chain_hash": linked}


def _new_head() -> _Head:
    chain = new_chain()
    return _Head(chain, 0, first_link(chain))


def _unavailable(reason: str) -> AuditUnavailable:
    return AuditUnavailable(f"the access was not logged, so its answer must not leave: {reason}")
