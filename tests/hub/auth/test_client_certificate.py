"""Client certificates: who may say which, and what a token is bound to."""

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from hub.auth.client_certificate import (
    CONNECTION,
    Peer,
    client_certificate,
    peer,
    require_bound,
    thumbprint,
)
from hub.auth.refused import Reason, TokenRefused
from tests.adapters.rivta.certificates import Authority

PROXIES = frozenset({"10.0.0.5"})


@pytest.fixture(scope="module")
def der(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder: Path = tmp_path_factory.mktemp("certificates")
    return Authority(folder).issue("client").loaded.public_bytes(Encoding.DER)


def _header(der: bytes) -> str:
    return f":{base64.b64encode(der).decode()}:"


def test_a_configured_proxy_tells_the_certificate(der: bytes) -> None:
    assert client_certificate(Peer("10.0.0.5"), [_header(der)], PROXIES) == der
    assert client_certificate(Peer("10.0.0.5", b"its own"), [], PROXIES) is None


def test_a_certificate_of_our_own_tls_counts(der: bytes) -> None:
    assert client_certificate(Peer("10.0.0.9", der), [], PROXIES) == der


def test_a_header_from_anybody_else_is_as_if_it_were_not_there(der: bytes) -> None:
    for address in ("10.0.0.6", "127.0.0.1", "", None):
        assert client_certificate(Peer(address), [_header(der)], PROXIES) is None
    assert client_certificate(Peer("10.0.0.9", b"own"), [_header(der)], PROXIES) == b"own"


def test_what_is_not_one_certificate_is_none(der: bytes) -> None:
    good = _header(der)
    for headers in (
        [good, good],
        [good + "," + good],
        [good[1:-1]],
        ["::"],
        [":"],
        [""],
        [":%%%:"],
        [":" + base64.b64encode(b"no certificate").decode() + ":"],
        [":" + base64.b64encode(der + b"x").decode() + ":"],
        [":" + "A" * 20_000 + ":"],
    ):
        assert client_certificate(Peer("10.0.0.5"), headers, PROXIES) is None


def test_the_peer_is_the_connections_and_not_a_headers() -> None:
    noted = Peer("10.0.0.5", b"x")
    assert peer({"client": ("1.2.3.4", 1), "extensions": {CONNECTION: noted}}) is noted
    assert peer({"client": ("1.2.3.4", 1), "extensions": {CONNECTION: "10.0.0.5"}}).address == (
        "1.2.3.4"
    )
    assert peer({"client": None}).address is None


def test_a_bound_token_needs_its_certificate() -> None:
    own = thumbprint(b"own")
    require_bound({"x5t#S256": own}, own, bound=True)
    require_bound(None, None, bound=False)
    require_bound(None, own, bound=False)
    for confirmation, certificate, bound in (
        ({"x5t#S256": own}, None, False),
        ({"x5t#S256": own}, thumbprint(b"other"), False),
        (None, own, True),
        ({"jkt": "x"}, own, False),
        ({"x5t#S256": own, "jkt": "x"}, own, False),
        ({}, own, False),
        ({"x5t#S256": [own]}, own, False),
        (own, own, False),
        ("", None, False),
    ):
        with pytest.raises(TokenRefused) as caught:
            require_bound(confirmation, certificate, bound=bound)
        assert caught.value.reason is Reason.BINDING
