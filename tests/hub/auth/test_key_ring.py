"""Keys of issuers: fetched, kept, rotated; from a real process, with a clock that a test sets."""

import json
import threading
from dataclasses import dataclass, field
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from hub.auth import key_fetch
from hub.auth.key_fetch import KeysNotFetched, fetch_keys
from hub.auth.key_ring import FRESH, RETRY, USABLE, KeyRing, KeysWanted
from hub.auth.key_set import PublicKey, UnusableKeySet, key_set
from hub.auth.refused import Reason, TokenRefused
from hub.config.issuer import KeySource
from tests.hub.auth.mock_idp import MockIdp

KEY = ECKey.generate_key("P-256", private=True)
SOURCE = KeySource(jwks="https://idp.example/jwks")


@dataclass
class Issuer:
    """A fetch that answers what a test says, and counts."""

    answer: dict[str, PublicKey] | None
    fetched: int = 0
    now: float = 1000.0
    ring: KeyRing = field(init=False)

    def __post_init__(self) -> None:
        self.ring = KeyRing(fetch=self, clock=lambda: self.now)

    def __call__(self, _source: KeySource, *, dev: bool) -> dict[str, PublicKey]:
        assert not dev
        self.fetched += 1
        if self.answer is None:
            raise KeysNotFetched("nothing there")
        return self.answer

    def keys(self) -> dict[str, PublicKey]:
        try:
            return dict(self.ring.keys(SOURCE))
        except KeysWanted as wanted:
            self.ring.fetch(wanted.source)
            return dict(self.ring.keys(SOURCE))


def _public(key: ECKey) -> ECKey:
    return ECKey.import_key(key.as_pem(private=False))


def test_keys_are_fetched_once_and_kept_while_they_are_fresh() -> None:
    issuer = Issuer({"k1": _public(KEY)})
    assert set(issuer.keys()) == {"k1"}
    issuer.now += FRESH - 1
    assert set(issuer.keys()) == {"k1"}
    assert issuer.fetched == 1
    issuer.answer = {"k2": _public(KEY)}
    issuer.now += 1
    assert set(issuer.keys()) == {"k2"}
    assert issuer.fetched == 2


def test_old_keys_serve_while_the_issuer_is_away_and_then_no_more() -> None:
    issuer = Issuer({"k1": _public(KEY)})
    issuer.keys()
    issuer.answer = None
    issuer.now += FRESH
    assert set(issuer.keys()) == {"k1"}
    issuer.now += USABLE - FRESH - 1
    assert set(issuer.keys()) == {"k1"}
    issuer.now += 1 + RETRY
    with pytest.raises(TokenRefused) as caught:
        issuer.keys()
    assert caught.value.reason is Reason.KEY


def test_an_unknown_key_is_worth_one_fetch_in_a_while() -> None:
    issuer = Issuer({"k1": _public(KEY)})
    issuer.keys()
    assert not issuer.ring.wanted(SOURCE)
    issuer.now += RETRY
    assert issuer.ring.wanted(SOURCE)
    issuer.ring.fetch(SOURCE)
    assert not issuer.ring.wanted(SOURCE)
    assert not issuer.ring.wanted(KeySource(text="{}"))


def test_keys_that_are_the_same_stay_the_same_object() -> None:
    issuer = Issuer({"k1": _public(KEY)})
    issuer.keys()
    before = issuer.ring.keys(SOURCE)
    issuer.now += FRESH
    issuer.answer = {"k1": _public(KEY)}
    issuer.ring.fetch(SOURCE)
    assert issuer.ring.keys(SOURCE) is before
    issuer.answer = {"k1": _public(ECKey.generate_key("P-256", private=True))}
    issuer.ring.fetch(SOURCE)
    assert issuer.ring.keys(SOURCE) is not before


def test_threads_that_want_the_same_keys_fetch_them_once() -> None:
    gate, started = threading.Event(), threading.Event()
    counted: list[int] = []

    def fetch(_source: KeySource, *, dev: bool) -> dict[str, PublicKey]:
        counted.append(int(dev))
        started.set()
        gate.wait(20)
        return {"k1": _public(KEY)}

    ring = KeyRing(fetch=fetch)
    threads = [threading.Thread(target=ring.fetch, args=(SOURCE,)) for _ in range(8)]
    for each in threads:
        each.start()
    assert started.wait(20)
    gate.set()
    for each in threads:
        each.join()
    assert len(counted) == 1
    assert set(ring.keys(SOURCE)) == {"k1"}


def _listed(key: ECKey | OKPKey, **more: object) -> dict[str, object]:
    return {**key.as_dict(private=False), **more}


RSA_KEY = RSAKey.generate_key(2048, private=True)
UNUSABLE = {
    "a secret": OctKey.generate_key(256).as_dict(private=True),
    "private": KEY.as_dict(private=True),
    "for encryption": _listed(KEY, use="enc"),
    "another curve": _listed(ECKey.generate_key("P-384", private=True)),
    "another kind": _listed(OKPKey.generate_key("Ed25519", private=True)),
    "too short": {"kty": "RSA", "n": "x" * 171, "e": "AQAB"},
    "not on the curve": {**_listed(KEY), "x": _listed(KEY)["y"]},
    "an exponent of one": {**RSA_KEY.as_dict(private=False), "e": "AQ"},
    "an even exponent": {**RSA_KEY.as_dict(private=False), "e": "AQAA"},
    "no numbers": {"kty": "EC", "crv": "P-256"},
    "kid a number": _listed(KEY, kid=3),
    "a text": "key",
}


@pytest.mark.parametrize("what", UNUSABLE)
def test_a_key_that_cannot_be_used_is_not_taken(what: str) -> None:

    good = _listed(KEY, kid="good")
    assert set(key_set(json.dumps({"keys": [UNUSABLE[what], good]}))) == {"good"}
    with pytest.raises(UnusableKeySet):
        key_set(json.dumps({"keys": [UNUSABLE[what]]}))


def test_two_keys_with_one_id_are_neither() -> None:

    other = ECKey.generate_key("P-256", private=True)
    listed = [_listed(KEY, kid="a"), _listed(other, kid="a"), _listed(other, kid="b")]
    assert set(key_set(json.dumps({"keys": listed}))) == {"b"}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"keys":{}}', '{"keys":[]}', "{" * 9999])
def test_what_is_no_set_of_keys_is_refused(text: str) -> None:
    with pytest.raises(UnusableKeySet):
        key_set(text)


def _discovered(idp: MockIdp) -> KeySource:
    return KeySource(discovery=f"{idp.url}/.well-known/openid-configuration", issuer=idp.url)


def test_keys_come_by_discovery_and_by_an_address_of_their_own(idp: MockIdp) -> None:
    idp.publish()
    assert set(fetch_keys(_discovered(idp), dev=True)) == {"k1"}
    assert idp.asked() == ["/.well-known/openid-configuration", "/jwks"]
    assert set(fetch_keys(KeySource(jwks=f"{idp.url}/jwks"), dev=True)) == {"k1"}


def test_without_dev_nothing_is_fetched_over_http(idp: MockIdp) -> None:
    idp.publish()
    with pytest.raises(KeysNotFetched, match="not https"):
        fetch_keys(_discovered(idp), dev=False)
    assert idp.asked() == []


METADATA = "/.well-known/openid-configuration"
BAD: dict[str, tuple[dict[str, dict[str, Any]], str]] = {
    "not there": ({METADATA: {"status": 404, "json": {}}}, "the answer was 404"),
    "an error": ({"jwks": {"status": 500, "json": {"keys": []}}}, "the answer was 500"),
    "elsewhere": (
        {"jwks": {"status": 302, "headers": {"Location": "/other"}, "json": {}}},
        "the answer was 302",
    ),
    "another issuer": (
        {METADATA: {"json": {"issuer": "https://evil.example", "jwks_uri": "x"}}},
        "another issuer's",
    ),
    "no address": ({METADATA: {"json": {"issuer": "@"}}}, "another issuer's"),
    "not JSON": ({METADATA: {"text": "<html>"}}, "not JSON"),
    "deep": ({METADATA: {"text": "[" * 100_000}}, "not JSON"),
    "a list": ({METADATA: {"text": "[]"}}, "another issuer's"),
    "no keys": ({"jwks": {"json": {"keys": []}}}, "no usable key"),
    "too large": ({"jwks": {"text": "x" * 300_000}}, "more than"),
    "compressed": (
        {"jwks": {"headers": {"Content-Encoding": "gzip"}, "json": {"keys": []}}},
        "compressed",
    ),
    "too slow": ({"jwks": {"delay": 3, "json": {}}}, "Timeout"),
    "a byte at a time": ({"jwks": {"drips": "HTTP/1.1 200 OK\r\nX: 123456"}}, "Timeout"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_an_issuer_must_not_answer_gives_no_keys(
    idp: MockIdp, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_fetch, "SECONDS", 1.0)
    answers, why = BAD[what]
    idp.publish(**answers)
    with pytest.raises(KeysNotFetched, match=why):
        fetch_keys(_discovered(idp), dev=True)
    assert "/other" not in idp.asked()


@pytest.mark.parametrize("address", ["http://evil.example/jwks", "file:///etc/passwd", "ftp://x/"])
def test_metadata_leads_to_no_unsafe_address(idp: MockIdp, address: str) -> None:
    idp.publish(**{METADATA: {"json": {"issuer": idp.url, "jwks_uri": address}}})
    with pytest.raises(KeysNotFetched, match="not https"):
        fetch_keys(_discovered(idp), dev=True)


def test_an_issuer_that_is_not_up_gives_no_keys() -> None:
    with pytest.raises(KeysNotFetched, match="ConnectError"):
        fetch_keys(KeySource(jwks="http://127.0.0.1:9/jwks"), dev=True)


def test_while_somebody_fetches_the_others_use_what_they_have() -> None:
    """A slow issuer's keys are good for an hour: nobody is refused, or kept waiting, meanwhile."""
    gate, started = threading.Event(), threading.Event()
    now = [0.0]

    def fetch(_source: KeySource, *, dev: bool) -> dict[str, PublicKey]:
        if now[0] > 0:
            started.set()
            gate.wait(20)
        return {"k1": _public(KEY)} if not dev else {}

    ring = KeyRing(fetch=fetch, clock=lambda: now[0])
    ring.fetch(SOURCE)
    now[0] = FRESH + 1
    with pytest.raises(KeysWanted):
        ring.keys(SOURCE)
    fetching = threading.Thread(target=ring.fetch, args=(SOURCE,))
    fetching.start()
    assert started.wait(20)
    assert set(ring.keys(SOURCE)) == {"k1"}
    now[0] = USABLE + 1
    with pytest.raises(KeysWanted):
        ring.keys(SOURCE)
    gate.set()
    fetching.join()


def test_an_exponent_that_signs_for_anybody_and_a_set_without_end_are_not_taken() -> None:
    """With e=1 a signature is its own message: whoever reads the key set can sign."""
    usual = RSA_KEY.as_dict(private=False)
    for exponent in ("AQ", "AA", "AAAB", "Ag"):  # 1, 0, 1 with zeros before it, 2
        with pytest.raises(UnusableKeySet):
            key_set(json.dumps({"keys": [{**usual, "e": exponent}]}))
    with pytest.raises(UnusableKeySet):
        key_set(json.dumps({"keys": [{**usual, "kid": str(each)} for each in range(10_000)]}))
