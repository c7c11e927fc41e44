"""What was found out a moment ago: bounded in number and in time.

Source: DESIGN §4, §7; reference measurements (verifying a token costs about a hundred times a
look-up). An entry lives no longer than whoever puts it says, so that a revocation, a new key or the
end of a period is felt.
"""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Kept(Generic[K, T]):
    """At most `size` entries; the one that was used longest ago goes first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: OrderedDict[K, tuple[T, float, float]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K, now: float) -> T | None:
        """Return what was put, if it still counts. A clock that was put back finds nothing."""
        with self._lock:
            found = self._entries.get(key)
            if found is None:
                return None
            value, since, until = found
            if not since <= now < until:
                del self._entries[key]
                return None
            self._entries.move_to_end(key)
            return value

    def put(self, key: K, value: T, now: float, until: float) -> None:
        """Keep `value` from `now` to `until`."""
        if until <= now:
            return
        with self._lock:
            self._entries[key] = (value, now, until)
            self._entries.move_to_end(key)
            while len(self._entries) > self._size:
                self._entries.popitem(last=False)

    def __len__(self) -> int:
        """Return how many entries there are."""
        return len(self._entries)
