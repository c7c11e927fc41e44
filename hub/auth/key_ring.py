"""The keys of issuers and clients at the moment: kept for a while, fetched anew when they are old.

Source: DESIGN §5; OpenID Connect Core 1.0 §10.1.1 (rotation: an unknown key id is a reason to fetch
again). Keys are fetched anew after FRESH seconds; while that fails, or is under way, they are used
for USABLE seconds and then no more (P5). Whoever sends unknown key ids makes the hub fetch once in
RETRY seconds and no oftener, and holds one thread by it and no more: while somebody fetches, others
are answered by what there is, and only where there is nothing do they wait, BRIEFLY. Nothing is
fetched while a snapshot of the store is open: `KeysWanted` tells the caller to close it, `fetch`,
and ask again.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hub.auth.key_fetch import KeysNotFetched, fetch_keys
from hub.auth.key_set import PublicKey, UnusableKeySet, key_set
from hub.auth.refused import Reason, TokenRefused
from hub.config.issuer import KeySource

LOGGER = logging.getLogger(__name__)
FRESH = 300.0
USABLE = 3600.0
RETRY = 10.0
BRIEFLY = 0.5
"""Seconds from when a fetch began that others wait for it; they are refused after that."""
MOST_FETCHING = 4
"""Threads of a process that fetch keys, whatever number of issuers is slow (hub/api/app.py)."""
MOST = 1000

Keys = Mapping[str, PublicKey]
_NEVER = float("-inf")


class KeysWanted(Exception):
    """Keys have to be fetched before anything can be said about a token."""

    def __init__(self, source: KeySource) -> None:
        super().__init__("keys have to be fetched")
        self.source = source


@dataclass(slots=True)
class _Held:
    keys: Keys = field(default_factory=dict)
    fetched: float = _NEVER
    tried: float = _NEVER
    began: float = _NEVER
    lock: threading.Lock = field(default_factory=threading.Lock)


class KeyRing:
    """Keys by where they come from. Safe between threads; each process has its own."""

    def __init__(
        self,
        *,
        dev: bool = False,
        fetch: Callable[..., dict[str, PublicKey]] = fetch_keys,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.dev = dev
        self._fetch = fetch
        self._clock = clock
        self._held: OrderedDict[KeySource, _Held] = OrderedDict()
        self._lock = threading.Lock()
        self._fetching = threading.BoundedSemaphore(MOST_FETCHING)

    def keys(self, source: KeySource) -> Keys:
        """Return a source's keys; the same object for as long as they are the same.

        Raises:
            KeysWanted: they have to be fetched first.
            TokenRefused: there are none, and none can be fetched at the moment.
        """
        held = self._of(source)
        now = self._clock()
        if now - held.fetched < FRESH or not source.remote:
            return held.keys
        if held.lock.locked() and now - held.fetched < USABLE:
            return held.keys  # somebody fetches; a slow issuer keeps nobody else waiting
        if now - held.tried >= RETRY:
            raise KeysWanted(source)
        if now - held.fetched < USABLE:
            return held.keys
        raise TokenRefused(Reason.KEY)

    def wanted(self, source: KeySource) -> bool:
        """Tell whether a key that is not known is worth another fetch by now."""
        held = self._of(source)
        return source.remote and not held.lock.locked() and self._clock() - held.tried >= RETRY

    def fetch(self, source: KeySource) -> None:
        """Fetch a source's keys, unless another thread does; a failure keeps what there is."""
        held = self._of(source)
        before = held.tried
        if not held.lock.acquire(blocking=False):
            self._await(held)
            return
        try:
            if held.tried == before and self._fetching.acquire(blocking=False):
                held.began = self._clock()
                try:
                    self._fetch_into(held, source)
                finally:
                    self._fetching.release()
        finally:
            held.lock.release()

    def _await(self, held: _Held) -> None:
        """Wait a little for keys that another thread fetches, where there are none."""
        now = self._clock()
        left = held.began + BRIEFLY - now
        if now - held.fetched >= USABLE and left > 0 and held.lock.acquire(timeout=left):
            held.lock.release()

    def _fetch_into(self, held: _Held, source: KeySource) -> None:
        try:
            found = self._fetch(source, dev=self.dev)
        except KeysNotFetched as why:
            LOGGER.warning("keys were not fetched: %s", why)
        else:
            held.fetched = self._clock()
            if not _same(held.keys, found):
                held.keys = found
        finally:
            held.tried = self._clock()

    def _of(self, source: KeySource) -> _Held:
        with self._lock:
            held = self._held.get(source)
            if held is None:
                held = self._held[source] = _Held(_written(source))
            self._held.move_to_end(source)
            while len(self._held) > MOST:
                self._held.popitem(last=False)
            return held


def _written(source: KeySource) -> Keys:
    if source.text is None:
        return {}
    try:
        return key_set(source.text)
    except UnusableKeySet:
        return {}


def _same(one: Keys, other: Keys) -> bool:
    return one.keys() == other.keys() and all(
        one[name].thumbprint() == other[name].thumbprint()
        and one[name].get("alg") == other[name].get("alg")
        for name in one
    )
