"""Workers that fetch what the queue holds, in a process that serves or in one of their own.

Source: rivta.md §5 (the engagement index tells of changes).
A task is kept by a lease that is renewed while its source answers; a process that dies leaves it to
others within seconds.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from adapters.document import Note
from hub.ingest.pull import Asked, pull
from hub.ingest.receipt import Receipt, State
from hub.store.connect import Store
from hub.store.directory import directory
from hub.store.pull_queue import LEASE, Task, done, put_off, renew, take
from hub.worker import Worker
from mappings.personal_identity import Identity

LOGGER = logging.getLogger(__name__)
LOOKS = 1.0
"""Seconds between looks at the queue, for what another process was told."""
UNFINISHED = frozenset({"not-reached", "has-more"})


class PullWorker(Worker):
    """One thread that fetches."""

    def __init__(self, store: Store, key: bytes, clock: Callable[[], datetime]) -> None:
        super().__init__("pull", LOOKS)
        self._store = store
        self._key = key
        self._clock = clock

    def work_once(self) -> bool:
        """Take one task that is due and do it; False when there is none."""
        task = take(self._store, self.name, self._clock())
        if task is None:
            return False
        with self._kept(task):
            reasons = self._failures(task)
        if reasons:
            put_off(self._store, task, self.name, self._clock(), reasons)
        else:
            done(self._store, task, self.name, self._clock())
        return True

    def _failures(self, task: Task) -> list[Note]:
        """Do a task, and return why it has to be tried again; nothing when it has not."""
        wanted = task.wanted
        try:
            with self._store.read() as connection:
                source = directory(connection).sources.get(wanted.source)
            if source is None or source.pull is None:
                text = "the source is no longer asked; see pull in the sources file"
                return [Note("error", "no-pull", "sources file", text)]
            person = Identity(wanted.system, wanted.value)
            asked = Asked(source, source.pull, person, (wanted.contract,), wanted.address)
            receipts = list(pull(self._store, self._key, asked, self._clock()))
        except Exception as error:  # noqa: BLE001  # a task that fails is tried again, and told of
            text = f"the documents could not be taken in ({type(error).__name__}); report it"
            return [Note("error", "pull-failed", "hub", text)]
        return [note for receipt in receipts for note in _unfinished(receipt)]

    @contextmanager
    def _kept(self, task: Task) -> Iterator[None]:
        ended = threading.Event()

        def keep() -> None:
            while not ended.wait(LEASE.lasts.total_seconds() / 4):
                try:
                    renew(self._store, task, self.name, self._clock())
                except Exception as error:  # noqa: BLE001  # tried again in a moment
                    LOGGER.warning("a lease was not renewed: %s", type(error).__name__)

        keeper = threading.Thread(target=keep, name="pull-lease", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            ended.set()
            keeper.join()


def _unfinished(receipt: Receipt) -> list[Note]:
    """Return why a receipt asks for another try: no answer, or one that lacks something."""
    errors = [note for note in receipt.issues if note.severity == "error"]
    if receipt.state is State.SOURCE_ERROR:
        return errors or list(receipt.issues[:1])
    return [note for note in receipt.issues if note.code in UNFINISHED]
