"""Which refused tokens get a log record of their own, so that a flood of them cannot fill the disk.

Source: ASVS 5.0 16.3.1; DESIGN §6. Refusals that are alike (the reason, the address, whoever a
verified claim names) are counted for an hour. The first is recorded, then the second, the fourth,
the eighth and so on, each with the number so far: nothing is kept back for later, so a hub that
stops loses less than half of a count and never the fact. After a number of unlike ones in an hour
the rest are alike by their reason only, so that many addresses fill no more than one.
"""

from collections.abc import Hashable
from datetime import datetime
from threading import Lock

HOUR = 3600
MOST_UNVERIFIED, MOST_VERIFIED = 32, 256
"""Kinds of refusals that are told apart in an hour, of tokens that anybody can make up, and of
tokens that an issuer signed, which the others must not drown."""


class Refusals:
    """Counts one process's refusals. Any number of threads may use it."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = Lock()
        self._hour = 0
        self._counts: dict[bool, dict[tuple[Hashable, ...], int]] = {True: {}, False: {}}

    def count(
        self, reason: str, apart: tuple[Hashable, ...], at: datetime, *, verified: bool
    ) -> int | None:
        """Count a refusal; return how many there were like it if this one is to be recorded."""
        most = MOST_VERIFIED if verified else MOST_UNVERIFIED
        with self._lock:
            hour = int(at.timestamp()) // HOUR
            if hour != self._hour:
                self._hour = hour
                self._counts = {True: {}, False: {}}
            counts = self._counts[verified]
            kind: tuple[Hashable, ...] = (reason, *apart)
            if kind not in counts and len(counts) >= most:
                kind = (reason,)
            number = counts[kind] = counts.get(kind, 0) + 1
        return number if number & (number - 1) == 0 else None
