"""A hub opened and closed: keys, log, sequencer and issuers around a store.

Source: DESIGN §5, §6. Under `dev` the built-in issuer is trusted and its key made; otherwise its
tokens are refused, also in a store that was once served with it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from hub.audit.cosigned import Cosigner
from hub.audit.key import open_signer
from hub.audit.sequencer import Sequencer
from hub.audit.writer import AuditWriter
from hub.auth.built_in import ensure_issuer_key, public_keys
from hub.auth.issuer import TrustedIssuer, built_in_issuer
from hub.auth.verify import Verifier
from hub.ingest.pull_worker import PullWorker
from hub.running import Hub, now
from hub.store.connect import Store
from hub.store.identity_key import identity_key


@contextmanager
def running(store: Store, *, dev: bool) -> Iterator[Hub]:
    """Yield a hub at work on the store; on the way out the log is closed and sequenced.

    Raises:
        IdentityKeyProblem, LogKeyProblem: a key is missing or another store's.
    """
    sequencer = Sequencer(store, open_signer(store))
    cosigner = Cosigner(store, sequencer.signer.verifier)
    log = AuditWriter(store)
    issuers: list[TrustedIssuer] = []
    if dev:
        with store.write() as connection:
            key = ensure_issuer_key(connection, now())
        issuers.append(built_in_issuer(public_keys(key)))
    own_key = identity_key(store)
    pulls = PullWorker(store, own_key, now)
    hub = Hub(store, log, Verifier(issuers), own_key, sequencer, pulls)
    sequencer.start()
    cosigner.start()
    pulls.start()
    try:
        yield hub
    finally:
        pulls.stop()
        log.close()
        cosigner.stop()
        sequencer.stop()


def configuration(app: object) -> uvicorn.Config:
    """Return how the application is run: no access log, since URLs may say whom it is about."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]  # an ASGI application
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
