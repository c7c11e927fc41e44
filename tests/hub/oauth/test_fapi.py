"""FAPI 2.0 Security Profile on a resource server, a row for each requirement, with its clause.

Source: FAPI 2.0 Security Profile (Final), 5.2 (network), 5.3.2 (authorization server: what of it
the hub's token endpoint is), 5.3.4 (resource servers), 5.4 (cryptography).
"""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc.jwk import ECKey, RSAKey

from hub.application import application
from hub.auth import claims as names
from hub.auth.client_certificate import thumbprint
from hub.auth.key_set import KEY_TYPES, UnusableKeySet, key_set
from hub.config.issuer import Issuer, KeySource, SpeaksFor
from hub.store.directory import load_issuers
from tests.adapters.rivta.certificates import Authority
from tests.hub.auth.mock_idp import MockIdp, idp_up
from tests.hub.oauth.oauth_client import BASE, System
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import NOON, REGION, WARD, World, opened_world
from tests.worlds.usual import fill

NOW = int(NOON.timestamp())
PROXY = "192.0.2.7"
PATH = "/fhir/Condition/ward-1"


@dataclass
class Resource:
    """A hub behind a proxy, an issuer whose tokens are bound, and a user with a certificate."""

    world: World
    idp: MockIdp
    own: bytes
    other: bytes

    def token(self, header: dict[str, object] | None = None, **claims: object) -> str:
        usual: dict[str, object] = {
            "aud": "urn:hub",
            "sub": "x",
            "acr": names.LOA3,
            "scope": "user/Condition.rs",
            names.EMPLOYEE: "ward-doctor",
            names.PROVIDER: REGION,
            names.UNIT: WARD,
            names.COMMISSION: "ward-doctor-A",
            names.COMMISSION_PURPOSE: "Vård och behandling",
            "cnf": {"x5t#S256": thumbprint(self.own)},
        }
        return self.idp.token({**usual, **claims}, now=NOW, **(header or {}))

    def get(self, token: str | None, path: str = PATH, certificate: bytes | None = None) -> Reply:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        shown = self.own if certificate is None else certificate
        if shown:
            headers["Client-Cert"] = f":{base64.b64encode(shown).decode()}:"
        return self.world.http.send("GET", path, headers)


@pytest.fixture(scope="module")
def fapi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Resource]:
    folder: Path = tmp_path_factory.mktemp("fapi")
    authority = Authority(folder)
    own, other = (
        authority.issue(name).loaded.public_bytes(Encoding.DER) for name in ("own", "other")
    )
    url = f"sqlite:///{folder / 'samvy.db'}"
    with idp_up() as idp, opened_world(url, folder) as world:
        fill(world)
        hub = replace(world.hub, proxies=frozenset({PROXY}))
        world.hub, world.http = hub, replace(world.http, app=application(hub))
        issuer = Issuer(
            id=idp.url,
            audience="urn:hub",
            keys=KeySource(discovery=f"{idp.url}/.well-known/openid-configuration", issuer=idp.url),
            algorithms=("ES256", "PS256"),
            speaks_for=(SpeaksFor.STAFF,),
            acr=(names.LOA3,),
            certificate_bound=True,
        )
        with world.store.write() as connection:
            load_issuers(connection, [issuer], NOON)
        yield Resource(world, idp, own, other)


def _challenge(reply: Reply) -> str:
    return reply.headers.get("www-authenticate", "")


def _in_the_header(fapi: Resource) -> None:
    assert fapi.get(fapi.token()).status == 200
    without = fapi.get(None)
    assert without.status == 401
    assert _challenge(without) == 'Bearer realm="samvy"'


def _not_in_the_query(fapi: Resource) -> None:
    token = fapi.token()
    for given in (None, token):
        assert fapi.get(given, f"{PATH}?access_token={token}").status == 400


def _not_in_a_form(fapi: Resource) -> None:
    body = f"access_token={fapi.token()}".encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = fapi.world.http.send("POST", "/fhir/Condition/_search", headers, body)
    assert reply.status == 401


def _valid(fapi: Resource) -> None:
    assert fapi.get(fapi.token(aud="urn:other")).status == 401
    assert fapi.get(fapi.token(iss="https://evil.example")).status == 401
    assert fapi.get(fapi.token(nbf=NOW + 60)).status == 401


def _whole(fapi: Resource) -> None:
    token = fapi.token()
    head, body, signature = token.split(".")
    assert fapi.get(f"{head}.{body}.{signature[:-4]}AAAA").status == 401
    assert fapi.get(f"{head}.{body[:-4]}AAAA.{signature}").status == 401


def _not_expired(fapi: Resource) -> None:
    reply = fapi.get(fapi.token(iat=NOW - 600, exp=NOW - 60))
    assert reply.status == 401
    assert 'error="invalid_token"' in _challenge(reply)


def _not_revoked(fapi: Resource) -> None:
    system = System(fapi.world).register()
    token = system.token()
    assert fapi.get(token, certificate=b"").status == 200
    system.ask("/oauth/revoke", token=token)
    assert fapi.get(token, certificate=b"").status == 401


def _sufficient(fapi: Resource) -> None:
    reply = fapi.get(fapi.token(scope="user/Observation.rs"))
    assert reply.status == 403
    assert 'error="insufficient_scope"' in _challenge(reply)


def _sender_constrained(fapi: Resource) -> None:
    token = fapi.token()
    assert fapi.get(token, certificate=fapi.other).status == 401
    assert fapi.get(token, certificate=b"").status == 401
    assert fapi.get(fapi.token(cnf=None)).status == 401
    assert fapi.get(fapi.token(cnf={"jkt": "x"})).status == 401


def _algorithms(fapi: Resource) -> None:
    assert set(KEY_TYPES) == {"ES256", "PS256", "RS256"}
    token = fapi.token()
    _, body, signature = token.split(".")
    for header in (b'{"alg":"none"}', b'{"alg":"HS256"}', b'{"alg":"ES512"}', b'{"alg":"RS256"}'):
        head = base64.urlsafe_b64encode(header).rstrip(b"=").decode()
        assert fapi.get(f"{head}.{body}.{signature}").status == 401


def _no_rs256_where_the_issuer_has_none(fapi: Resource) -> None:
    fapi.idp.keys["rsa"] = RSAKey.generate_key(2048, private=True)
    fapi.idp.publish()
    fapi.world.hub.tokens.keys._held.clear()
    usual = {"aud": "urn:hub", "sub": "x", "cnf": {"x5t#S256": thumbprint(fapi.own)}}
    who: dict[str, Any] = {
        "acr": names.LOA3,
        "scope": "user/Condition.rs",
        names.EMPLOYEE: "ward-doctor",
        names.PROVIDER: REGION,
        names.UNIT: WARD,
        names.COMMISSION: "ward-doctor-A",
        names.COMMISSION_PURPOSE: "Vård och behandling",
    }
    assert fapi.get(fapi.idp.token({**usual, **who}, "rsa", now=NOW)).status == 200
    refused = fapi.idp.token({**usual, **who}, "rsa", now=NOW, alg="RS256")
    assert fapi.get(refused).status == 401


def _long_keys(_fapi: Resource) -> None:
    for short in ({"kty": "RSA", "n": "x" * 171, "e": "AQAB"}, {"kty": "oct", "k": "AAAA"}):
        with pytest.raises(UnusableKeySet):
            key_set(f'{{"keys": [{str(short).replace(chr(39), chr(34))}]}}')


def _no_password_grant(fapi: Resource) -> None:
    reply = System(fapi.world).register().ask(grant_type="password", username="a", password="b")
    assert reply.json["error"] == "unsupported_grant_type"


def _confidential_clients(fapi: Resource) -> None:
    System(fapi.world).register()
    form = b"grant_type=client_credentials&client_id=region-integration"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    basic = base64.b64encode(b"region-integration:secret").decode()
    for more in ({}, {"Authorization": f"Basic {basic}"}):
        reply = fapi.world.http.send("POST", "/oauth/token", {**headers, **more}, form)
        assert reply.json["error"] == "invalid_client"


def _issuer_as_the_audience(fapi: Resource) -> None:
    system = System(fapi.world).register()
    taken = system.assertion(aud=BASE)
    assert system.ask(assertion=taken, grant_type="client_credentials").status == 200
    assert (
        system.ask(
            assertion=system.assertion(aud="http://hub.test"), grant_type="client_credentials"
        ).status
        == 401
    )


def _bound_tokens_are_issued(fapi: Resource) -> None:
    system = System(fapi.world, key=ECKey.generate_key("P-256", private=True))
    system.register(certificate_bound=True)
    shown = {"Client-Cert": f":{base64.b64encode(fapi.own).decode()}:"}
    token = system.ask(grant_type="client_credentials", headers=shown).json["access_token"]
    assert fapi.get(token).status == 200
    assert fapi.get(token, certificate=fapi.other).status == 401
    assert fapi.get(token, certificate=b"").status == 401
    system.register(certificate_bound=False)


REQUIREMENTS: dict[str, Callable[[Resource], None]] = {
    "5.3.4 (1) tokens are accepted in the Authorization header": _in_the_header,
    "5.3.4 (2) tokens are not accepted in the query": _not_in_the_query,
    "RFC 6750 2.2 tokens are not accepted in a form": _not_in_a_form,
    "5.3.4 (3) the validity of tokens is verified": _valid,
    "5.3.4 (3) the integrity of tokens is verified": _whole,
    "5.3.4 (3) the expiration of tokens is verified": _not_expired,
    "5.3.4 (3) the revocation of tokens is verified": _not_revoked,
    "5.3.4 (4) the authorization has to be sufficient": _sufficient,
    "5.3.4 (5) sender-constrained tokens are verified": _sender_constrained,
    "5.3.2.1 the password grant is rejected": _no_password_grant,
    "5.3.2.1 confidential clients alone are supported": _confidential_clients,
    "5.3.2.1 the issuer is accepted as audience of assertions": _issuer_as_the_audience,
    "5.3.2.1 sender-constrained tokens are issued": _bound_tokens_are_issued,
    "5.4.1 (1) no other algorithms are taken": _algorithms,
    "5.4.1 (1) PS256 and ES256, RS256 only where it is configured": (
        _no_rs256_where_the_issuer_has_none
    ),
    "5.4.1 (3) keys have at least 2048 bits (RSA) or 224 (EC)": _long_keys,
}


@pytest.mark.parametrize("clause", REQUIREMENTS)
def test_fapi_2(clause: str, fapi: Resource) -> None:
    REQUIREMENTS[clause](fapi)
