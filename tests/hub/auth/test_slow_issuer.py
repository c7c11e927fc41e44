"""Forged tokens while an issuer's keys are slow to come: they hold one thread, and nobody up.

A real issuer, in a process of its own, that takes seconds to answer.
"""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from hub.api.identify import Presented, identify
from hub.auth import key_ring
from hub.auth.key_ring import BRIEFLY, MOST_FETCHING, RETRY, KeyRing, KeysWanted
from hub.auth.refused import Reason, TokenRefused
from hub.config.issuer import Issuer, KeySource
from hub.store.directory import load_issuers
from tests.hub.auth.mock_idp import MockIdp
from tests.worlds.hub_world import World, opened_world

SLOW = 3.0
THREADS = 12
AT_ONCE = 1.5
"""Far less than SLOW; a machine at work may take its time."""


@pytest.fixture
def world(sqlite_store_url: str, tmp_path: Path) -> Iterator[World]:
    with opened_world(sqlite_store_url, tmp_path) as opened:
        yield opened


def _trusted(world: World, idp: MockIdp) -> None:
    keys = KeySource(jwks=f"{idp.url}/jwks")
    issuer = Issuer(id=idp.url, audience="urn:hub", keys=keys, algorithms=("ES256",))
    with world.store.write() as connection:
        load_issuers(connection, [issuer], world.clock.now)


def _forged(idp: MockIdp, number: int) -> str:
    """A token with a key id that nobody has."""
    idp.keys[kid := f"random-{number}"] = ECKey.generate_key("P-256", private=True)
    try:
        return idp.token({"jti": f"j{number}"}, kid=kid)
    finally:
        del idp.keys[kid]


def _answered(world: World, tokens: list[str]) -> list[float]:
    """Present all tokens at the same moment; return how long each was held, the longest last."""
    together, held = threading.Barrier(len(tokens)), []

    def present(token: str) -> None:
        together.wait(20)
        began = time.monotonic()
        with pytest.raises(TokenRefused) as refused:
            identify(world.hub, token, Presented(), world.clock.now)
        held.append(time.monotonic() - began)
        assert refused.value.reason is Reason.KEY

    threads = [threading.Thread(target=present, args=(each,)) for each in tokens]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert len(held) == len(tokens)
    return sorted(held)


def _after_a_while(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the ring think that RETRY seconds have passed."""
    clock = time.monotonic
    monkeypatch.setattr(world.hub.tokens.keys, "_clock", lambda: clock() + RETRY + 1)


def _listed(idp: MockIdp) -> dict[str, object]:
    return {"keys": [{**idp.keys["k1"].as_dict(private=False), "kid": "k1"}]}


def test_random_key_ids_hold_one_thread_and_fetch_once(
    world: World, idp: MockIdp, monkeypatch: pytest.MonkeyPatch
) -> None:
    idp.publish()
    _trusted(world, idp)
    forged = [_forged(idp, number) for number in range(THREADS)]
    _answered(world, forged[:1])
    _after_a_while(world, monkeypatch)
    idp.publish(jwks={"delay": SLOW, "json": _listed(idp)})
    held = _answered(world, forged)
    assert held[-1] >= SLOW - 0.5, "one fetches"
    assert held[-2] < AT_ONCE, "the others are answered by the keys that there are"
    assert idp.asked() == ["/jwks"]
    assert max(_answered(world, forged)) < AT_ONCE, "no other fetch for a while"
    assert idp.asked() == ["/jwks"]


def test_without_any_key_they_wait_no_longer_than_a_moment(world: World, idp: MockIdp) -> None:
    _trusted(world, idp)
    idp.publish(jwks={"delay": SLOW, "json": _listed(idp)})
    held = _answered(world, [_forged(idp, number) for number in range(THREADS)])
    assert held[-1] >= SLOW - 0.5
    assert held[-2] < AT_ONCE
    assert idp.asked() == ["/jwks"]


def test_who_comes_when_a_slow_fetch_has_gone_on_for_long_is_refused_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(key_ring, "BRIEFLY", 0.1)
    source = KeySource(jwks="https://idp.example/jwks")
    gate, started = threading.Event(), threading.Event()

    def fetch(_source: KeySource, *, dev: bool) -> dict[str, ECKey]:
        assert not dev
        started.set()
        gate.wait(20)
        return {}

    ring = KeyRing(fetch=fetch)
    fetching = threading.Thread(target=ring.fetch, args=(source,))
    fetching.start()
    assert started.wait(20)
    time.sleep(0.15)
    assert not ring.wanted(source)
    began = time.monotonic()
    for _ in range(100):
        ring.fetch(source)
    assert time.monotonic() - began < BRIEFLY
    gate.set()
    fetching.join()


def test_slow_issuers_and_clients_of_any_number_leave_threads_for_others() -> None:
    gate, begun = threading.Event(), threading.Semaphore(0)

    def fetch(_source: KeySource, *, dev: bool) -> dict[str, ECKey]:
        assert not dev
        begun.release()
        gate.wait(20)
        return {}

    ring = KeyRing(fetch=fetch)
    sources = [KeySource(jwks=f"https://client-{each}.example/jwks") for each in range(THREADS)]
    threads = [threading.Thread(target=ring.fetch, args=(each,)) for each in sources]
    for each in threads[:MOST_FETCHING]:
        each.start()
    assert all(begun.acquire(timeout=20) for _ in range(MOST_FETCHING))
    for each in threads[MOST_FETCHING:]:
        each.start()
        each.join(10)
        assert not each.is_alive()
    assert not begun.acquire(blocking=False)
    gate.set()
    for each in threads[:MOST_FETCHING]:
        each.join()
    with pytest.raises(KeysWanted):
        ring.keys(sources[-1])
    ring.fetch(sources[-1])
    assert begun.acquire(blocking=False), "once there is room it is fetched"
