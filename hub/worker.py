"""A thread that does what there is to do, one thing after another, until it is stopped.

Source: DESIGN §4. Any number of them, in any number of processes, may work on one store: what each
takes up is its own by a lease (hub/store/lease.py).
"""

import logging
import threading
import uuid
from abc import ABC, abstractmethod

LOGGER = logging.getLogger(__name__)


class Worker(ABC):
    """One thread at work in the background."""

    def __init__(self, name: str, looks: float) -> None:
        """Have a name of its own; `looks` are the seconds between looks for something to do."""
        self.name = str(uuid.uuid4())
        self._called = name
        self._looks = looks
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    @abstractmethod
    def work_once(self) -> bool:
        """Do one thing that is due; False when there is none."""

    def start(self) -> None:
        """Begin to work in the background."""
        self._thread = threading.Thread(target=self.run, name=self._called, daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look for something to do at once."""
        self._wake.set()

    def stop(self) -> None:
        """Begin nothing more, and wait a little for what runs: its lease runs out otherwise."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(5)

    def run(self) -> None:
        """Work until stopped. Whatever a task does, the next one is taken."""
        while not self._stopping:
            try:
                if self.work_once():
                    continue
            except Exception as error:  # noqa: BLE001  # the store may be away for a while
                # the class alone: a message may quote values
                LOGGER.error("%s failed: %s", self._called, type(error).__name__)  # noqa: TRY400
            self._wake.wait(self._looks)
            self._wake.clear()
