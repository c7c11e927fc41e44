"""What was verified a moment ago, by the digest of the token: bounded in number and in time.

Source: reference measurements (a verification costs about a hundred times a look-up). No token is
kept, only its SHA-256; an entry lives no longer than its token, and not longer than the verifier
says, so that a revocation or a new key is felt.
"""

from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class TokenCache(Generic[T]):
    """At most `size` entries; the one that was used longest ago goes first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: OrderedDict[bytes, tuple[T, float, float]] = OrderedDict()
        self._lock = Lock()

    def get(self, digest: bytes, now: float) -> T | None:
        """Return what was put, if it still counts. A clock that was put back finds nothing."""
        with self._lock:
            found = self._entries.get(digest)
            if found is None:
                return None
            value, since, until = found
            if not since <= now < until:
                del self._entries[digest]
                return None
            self._entries.move_to_end(digest)
            return value

    def put(self, digest: bytes, value: T, now: float, until: float) -> None:
        """Keep `value` from `now` to `until`."""
        if until <= now:
            return
        with self._lock:
            self._entries[digest] = (value, now, until)
            self._entries.move_to_end(digest)
            while len(self._entries) > self._size:
                self._entries.popitem(last=False)

    def __len__(self) -> int:
        """Return how many entries there are."""
        return len(self._entries)
