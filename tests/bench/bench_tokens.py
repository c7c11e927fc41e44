"""What a token costs: taken from the cache, verified anew, the hub's own, and given out.

Source: DESIGN §7 ("joserfc with a small verified-token cache"). Times are of this process' own
cores, medians of several rounds, and every ratio is to the verification of one ES256 signature by
`cryptography` alone, or to the whole answer of a read, in the same run. On PostgreSQL where
SAMVY_TEST_POSTGRES names a server, otherwise on SQLite.
"""

import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from hub.api.identify import Presented, identify
from hub.auth.built_in import issue_token, issuer_key
from hub.store.connect import Store
from hub.store.migrate import upgrade
from tests.bench.bench_api import database
from tests.bench.row import Row
from tests.hub.oauth.oauth_client import System, get
from tests.worlds.hub_world import WARD_DOCTOR, World, opened_world
from tests.worlds.usual import fill

ROUNDS, TIMES, FEWER = 7, 300, 60


def rows() -> Iterator[Row]:
    """Yield what one of each costs, and how it stands to a bare signature or to a whole read."""
    with _world() as world:
        yield from _taken(world)
        yield from _given(world)


def _taken(world: World) -> Iterator[Row]:
    hub, at = world.hub, world.clock.now
    token = world.token(WARD_DOCTOR)
    own = str(System(world).register().exchange(token).json["access_token"])
    system = System(world).register().token()
    presented = Presented()
    hub.tokens.verify(token, at)

    def anew() -> None:
        hub.tokens._cache._entries.clear()
        hub.tokens.verify(token, at)

    bare = _microseconds(_bare())
    yield Row("one ES256 signature, verified by cryptography alone", bare, "µs")
    for what, act in (
        ("a verified token, from the cache", lambda: hub.tokens.verify(token, at)),
        ("a token verified anew", anew),
        ("who asks, by a JWT from the cache", lambda: identify(hub, token, presented, at)),
        ("who asks, by an exchanged token", lambda: identify(hub, own, presented, at)),
        (
            "who asks, by a system's token of the hub's",
            lambda: identify(hub, system, presented, at),
        ),
    ):
        spent = _microseconds(act)
        yield Row(what, spent / bare, "x the signature", note=f"{spent:.0f} µs")


def _given(world: World) -> Iterator[Row]:
    system, token = System(world).register(), world.token(WARD_DOCTOR)
    read = _microseconds(lambda: get(world, token, "/fhir/Condition/ward-1"), FEWER)
    yield Row("a read by id, whole, in this process", read, "µs")
    for what, act in (
        ("a system's token given out", lambda: system.ask(grant_type="client_credentials")),
        ("a user's token exchanged", lambda: system.exchange(token)),
        ("introspection", lambda: system.ask("/oauth/introspect", token="samvy_" + "a" * 43)),
    ):
        spent = _microseconds(act, FEWER)
        yield Row(what, spent / read, "x a read", note=f"{1e6 / spent:,.0f}/s of a core")
    with world.store.read() as connection:
        key = issuer_key(connection)
    made = _microseconds(lambda: issue_token(key, WARD_DOCTOR, world.clock.now))
    yield Row("a token of the built-in issuer made", made / read, "x a read")


def _bare() -> Callable[[], object]:
    key = ec.generate_private_key(ec.SECP256R1())
    text = uuid.uuid4().bytes * 40
    how = ec.ECDSA(SHA256())
    signature, public = key.sign(text, how), key.public_key()
    return lambda: public.verify(signature, text, how)


def _microseconds(act: Callable[[], object], times: int = TIMES) -> float:
    act()
    spent = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        for _ in range(times):
            act()
        spent.append((time.process_time() - begun) / times)
    return statistics.median(spent) * 1e6


@contextmanager
def _world() -> Iterator[World]:
    with tempfile.TemporaryDirectory() as folder:
        beside = nullcontext(f"sqlite:///{folder}/samvy.db")
        with database() if "SAMVY_TEST_POSTGRES" in os.environ else beside as url:
            store = Store(url)
            upgrade(store)
            store.close()
            with opened_world(url, Path(folder)) as world:
                fill(world)
                yield world
