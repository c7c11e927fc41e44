"""A hub opened and closed: keys, log, sequencer and issuers around a store.

Source: DESIGN §5, §6. Under `dev` the built-in issuer is trusted and its key made; otherwise its
tokens are refused, also in a store that was once served with it.
"""

import ssl
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import uvicorn

from hub.audit.cosigned import Cosigner
from hub.audit.key import open_signer
from hub.audit.sequencer import Sequencer
from hub.audit.writer import AuditWriter
from hub.auth.built_in import ensure_issuer_key, public_keys
from hub.auth.issuer import TrustedIssuer, built_in_issuer
from hub.auth.key_ring import KeyRing
from hub.auth.verify import Verifier
from hub.certified_protocol import CertifiedProtocol
from hub.ingest.pull_worker import PullWorker
from hub.lifting.alerter import Alerter, Served
from hub.lifting.clock import LiftClock
from hub.running import Hub, now
from hub.store.connect import Store
from hub.store.identity_key import identity_key


@contextmanager
def running(
    store: Store,
    *,
    dev: bool,
    proxies: Collection[str] = (),
    base: str = "http://127.0.0.1:8000",
    clock: Callable[[], datetime] = now,
) -> Iterator[Hub]:
    """Yield a hub at work on the store; on the way out the log is closed and sequenced.

    Raises:
        IdentityKeyProblem, LogKeyProblem: a key is missing or another store's.
    """
    sequencer = Sequencer(store, open_signer(store))
    cosigner = Cosigner(store)
    log = AuditWriter(store)
    issuers: list[TrustedIssuer] = []
    if dev:
        with store.write() as connection:
            key = ensure_issuer_key(connection, now())
        issuers.append(built_in_issuer(public_keys(key)))
    own_key = identity_key(store)
    pulls = PullWorker(store, own_key, now)
    lifts = LiftClock(store, log, clock)
    tokens = Verifier(issuers, keys=KeyRing(dev=dev))
    address = base.rstrip("/")
    alerter = Alerter(store, log, clock, Served(address, dev))
    hub = Hub(store, log, tokens, own_key, sequencer, pulls, frozenset(proxies), address, clock)
    sequencer.start()
    cosigner.start()
    pulls.start()
    lifts.start()
    alerter.start()
    try:
        yield hub
    finally:
        alerter.stop()
        lifts.stop()
        pulls.stop()
        log.close()
        cosigner.stop()
        sequencer.stop()


@dataclass(frozen=True, slots=True)
class Tls:
    """Files of our own TLS; `client_ca`: clients may show certificates that it has signed."""

    certificate: Path
    key: Path
    client_ca: Path | None = None


def configuration(
    app: object, *, proxies: Collection[str] = (), tls: Tls | None = None
) -> uvicorn.Config:
    """Return how the application is run: no access log, since URLs may say whom it is about.

    X-Forwarded headers count from the configured proxies alone.
    """
    return uvicorn.Config(
        app,  # type: ignore[arg-type]  # an ASGI application
        http=CertifiedProtocol,
        log_level="warning",
        access_log=False,
        server_header=False,
        forwarded_allow_ips=sorted(proxies),
        timeout_graceful_shutdown=10,
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=tls.key if tls else None,
        ssl_ca_certs=str(tls.client_ca) if tls and tls.client_ca else None,
        ssl_cert_reqs=ssl.CERT_OPTIONAL if tls and tls.client_ca else ssl.CERT_NONE,
        ssl_context_factory=_modern if tls else None,
    )


def _modern(_config: uvicorn.Config, usual: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """TLS 1.2 and later only (FAPI 2.0 Security Profile 5.2.1)."""
    context = usual()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
