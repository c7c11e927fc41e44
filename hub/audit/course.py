"""One request's way to the log: what of it has been written, and whether a refusal is among it.

Source: DESIGN P2, §6. Whoever carries a request out writes its record through this; when it then
ends in an error, it is known here whether the error has a record of its own already.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from hub.audit.record import AccessRecord, Outcome
from hub.audit.writer import Place

REFUSED = (Outcome.DENY, Outcome.ERROR)


class Log(Protocol):
    """Where records are made durable."""

    def append_all(self, records: Sequence[AccessRecord]) -> tuple[Place, ...]:
        """Return the places of records that are durable together, or raise AuditUnavailable."""
        ...


class Course:
    """A request's own log: writes to the hub's, and remembers what it wrote."""

    def __init__(self, log: Log, first: Callable[[], None] = lambda: None) -> None:
        """Write to this log, which may be the course of the request around (a batch).

        `first` is asked before anything is written, and raises where nothing may be.
        """
        self._log = log
        self._first = first
        self.refused = False
        """Whether a record says that something of the request was denied or failed."""
        self.logged: list[tuple[AccessRecord, Place]] = []
        """What was written, and where it stands."""

    def append_all(self, records: Sequence[AccessRecord]) -> tuple[Place, ...]:
        """Return the places of records that are durable together, or raise AuditUnavailable."""
        self._first()
        places = self._log.append_all(records)
        self.logged += zip(records, places, strict=True)
        self.refused = self.refused or any(each.outcome in REFUSED for each in records)
        return places
