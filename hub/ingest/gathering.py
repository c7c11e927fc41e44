"""Parts gathered until some can be written in one transaction, and the receipts that wait for them.

Source: DESIGN P6, §7. A durable commit and a part's statements cost more than what is in a small
part; taken together they cost once. All of a part is still written or nothing: parts that meet an
error are taken again, each in a transaction of its own. A receipt is given only when what it says
is durable, in the order in which the parts came.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, OperationalError

from hub.ingest.candidate import Candidate, Received, Taken, candidate
from hub.ingest.part import take_parts
from hub.ingest.receipt import Receipt
from hub.store.connect import Store
from hub.store.directory import Directory, directory, is_kept
from hub.store.growth import Growth

LOGGER = logging.getLogger(__name__)
TRIES = 3
AT_ONCE = 50
"""So many parts at the most: others who write about the same persons wait for all of them."""
BYTES_AT_ONCE = 2 * 1024 * 1024
_MET = (IntegrityError, OperationalError, psycopg.IntegrityError, psycopg.OperationalError)
"""Rows in bulk go past SQLAlchemy, and so do the errors about them."""
T = TypeVar("T")
Then = Callable[[Connection, Sequence[Taken]], None]
"""Writes what follows from parts, in the transaction that writes them."""


class Gathering:
    """Parts and receipts in the order in which they came, from the first that is not durable.

    `then` is the same for all that wait.
    """

    def __init__(self, store: Store, key: bytes) -> None:
        """Begin with nothing."""
        self._store = store
        self._key = key
        self._waiting: list[Receipt | Received] = []
        self._parts: list[tuple[int, Candidate]] = []
        self._persons: dict[str, bool] = {}
        self._then: Then | None = None
        self._bytes = 0
        self._growth = Growth(store)

    def receipt(self, receipt: Receipt) -> Iterator[Receipt]:
        """Give a receipt once those before it are given."""
        if not self._waiting:
            yield receipt
        else:
            self._waiting.append(receipt)

    def part(self, received: Received, then: Then | None = None) -> Iterator[Receipt]:
        """Take a part in with those that wait, when there are enough of them."""
        part = candidate(received, self._key)
        if self._waiting and not self._fits(part, then):
            yield from self.flush()
        self._then = then
        self._persons[part.person] = received.complete or self._persons.get(part.person, False)
        self._parts.append((len(self._waiting), part))
        self._waiting.append(received)
        self._bytes += len(received.part.raw)
        if len(self._waiting) >= AT_ONCE or self._bytes >= BYTES_AT_ONCE:
            yield from self.flush()

    def _fits(self, part: Candidate, then: Then | None) -> bool:
        """Tell whether a part can wait with those that do: it is of the same source as they are.

        A complete one withdraws what others may have given of the person, and one without records
        may be the same as another of nobody's: those wait with other persons' alone.
        """
        received = part.received
        first = next(each for each in self._waiting if isinstance(each, Received))
        if received.source != first.source or then != self._then:
            return False
        whole = self._persons.get(part.person)
        return whole is None or not (whole or received.complete or not received.part.records)

    def flush(self) -> Iterator[Receipt]:
        """Write what waits, and give the receipts."""
        waiting, parts, then = self._waiting, self._parts, self._then
        self._waiting, self._parts, self._persons, self._bytes = [], [], {}, 0
        together = self._together(parts, then) if len(waiting) > 1 else {}
        for number, each in enumerate(waiting):
            if isinstance(each, Receipt):
                yield each
            elif together:
                yield together[number].receipt
            else:
                yield self.alone(each, then).receipt
        self._growth.add(len(waiting))

    def _together(
        self, parts: Sequence[tuple[int, Candidate]], then: Then | None
    ) -> dict[int, Taken]:
        """Return what became of all parts, by their place; nothing when they are to be alone."""
        try:
            with self._store.write() as connection:
                known = directory(connection)
                done = take_parts(connection, [part for _, part in parts], known)
                if then is not None:
                    then(connection, done)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is met again alone
            # What a document may raise in the store cannot be listed (P6). Alone, each part is
            # quarantined for its content, tried again, or raises for good what is no part's fault.
            LOGGER.warning("parts are taken one by one after %s", type(error).__name__)
            return {}
        self._keep(known)
        return {place: taken for (place, _), taken in zip(parts, done, strict=True)}

    def alone(self, received: Received, then: Then | None = None) -> Taken:
        """Return what became of a part in a transaction of its own."""

        def take(connection: Connection) -> tuple[Taken, Directory]:
            known = directory(connection)
            part = candidate(received, self._key)
            (taken,) = take_parts(connection, [part], known, alone=True)
            if then is not None:
                then(connection, [taken])
            return taken, known

        taken, known = written(self._store, take)
        self._keep(known)
        return taken

    def _keep(self, known: Directory) -> None:
        """Have the directory kept that a write has read, since nothing is kept from a write."""
        if not is_kept(self._store.engine, known):
            with self._store.read() as connection:
                directory(connection)


def written(store: Store, write: Callable[[Connection], T]) -> T:
    """Write in one transaction; two writers that meet are tried again, since one was first."""
    for attempt in range(1, TRIES + 1):
        try:
            with store.write() as connection:
                return write(connection)
        except _MET:
            if attempt == TRIES:
                raise
    raise AssertionError  # the last attempt returns or raises
