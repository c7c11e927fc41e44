"""A hub at work: the open store, the log's writer, the tokens' verifier, the keys and the clock."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hub.audit.course import Log
from hub.audit.sequencer import Sequencer
from hub.auth.refusals import Refusals
from hub.auth.verify import Verifier
from hub.ingest.pull_worker import PullWorker
from hub.store.connect import Store
from hub.store.scope_cache import ScopeCache


def now() -> datetime:
    """Return the time of day, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Hub:
    """What every interaction needs. `identity_key` makes person keys and the ids of resources.

    `proxies` are the addresses whose Client-Cert and X-Forwarded headers count; `base` is the
    address that clients know the hub by.
    """

    store: Store
    log: Log
    tokens: Verifier
    identity_key: bytes
    sequencer: Sequencer
    pulls: PullWorker
    proxies: frozenset[str] = frozenset()
    base: str = "http://127.0.0.1:8000"
    clock: Callable[[], datetime] = now
    refusals: Refusals = field(default_factory=Refusals)
    scopes: ScopeCache = field(default_factory=ScopeCache, compare=False)
