"""Client certificates over the hub's own TLS, on a real socket; and headers that pretend."""

import base64
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from hub.application import application
from hub.cli.serve import LOOPBACK, listening
from hub.demo.server import served
from hub.oauth.client_assertion import ASSERTION_TYPE
from hub.serving import Tls, configuration
from tests.adapters.rivta.certificates import Authority, Identity
from tests.hub.oauth.oauth_client import System
from tests.worlds.hub_world import World

PATH = "/fhir/Condition/ward-1"


@dataclass
class Secured:
    """A hub that serves https and asks for certificates of one CA."""

    world: World
    authority: Authority
    base: str

    def client(self, shown: Identity | None, **headers: str) -> httpx.Client:
        context = ssl.create_default_context(cafile=str(self.authority.path))
        if shown is not None:
            context.load_cert_chain(shown.certificate, shown.key)
        return httpx.Client(verify=context, base_url=self.base, headers=headers, timeout=30)

    def status(self, token: str, shown: Identity | None, **headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with self.client(shown, Authorization=f"Bearer {token}", **named) as client:
            return client.get(PATH).status_code


@pytest.fixture
def secured(small_world: World, tmp_path: Path) -> Iterator[Secured]:
    authority = Authority(tmp_path)
    server = authority.issue("server")
    listener = listening(LOOPBACK, 0)
    tls = Tls(server.certificate, server.key, authority.path)
    with served(configuration(application(small_world.hub), tls=tls), listener):
        yield Secured(small_world, authority, f"https://127.0.0.1:{listener.getsockname()[1]}")


def test_a_token_is_bound_to_the_certificate_that_it_was_got_with(secured: Secured) -> None:
    system = System(secured.world).register(certificate_bound=True)
    own, other = (secured.authority.issue(name) for name in ("own", "other"))

    def ask(shown: Identity | None) -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": system.assertion(),
        }
        with secured.client(shown) as client:
            return client.post("/oauth/token", data=form)

    assert ask(None).status_code == 400
    token = ask(own).json()["access_token"]
    assert secured.status(token, own) == 200
    assert secured.status(token, other) == 401
    assert secured.status(token, None) == 401
    # headers of nobody's proxy say nothing
    der = own.loaded.public_bytes(Encoding.DER)
    shown = f":{base64.b64encode(der).decode()}:"
    for headers in (
        {"Client_Cert": shown},
        {"Client_Cert": shown, "X_Forwarded_For": "127.0.0.1"},
        {"X_SSL_Client_Cert": shown, "X_Client_Cert": shown},
    ):
        assert secured.status(token, None, **headers) == 401
        assert secured.status(token, other, **headers) == 401


def test_a_certificate_of_another_authority_is_not_let_in(secured: Secured, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    stranger = Authority(tmp_path / "elsewhere", "stranger").issue("own")
    with pytest.raises(httpx.TransportError):
        secured.status("x", stranger)


def test_old_tls_is_not_spoken(small_world: World, tmp_path: Path) -> None:
    """FAPI 2.0 5.2.1: TLS 1.2 or later. A client of today would refuse older ones by itself."""
    authority = Authority(tmp_path)
    server = authority.issue("server")
    tls = Tls(server.certificate, server.key, authority.path)
    config = configuration(application(small_world.hub), tls=tls)
    config.load()
    assert config.ssl is not None
    assert config.ssl.minimum_version is ssl.TLSVersion.TLSv1_2
    assert config.ssl.verify_mode is ssl.CERT_OPTIONAL
