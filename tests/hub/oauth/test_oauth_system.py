"""Backend Services: a registered system gets a token by a key of its own, and nobody else does."""

import hmac
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import select

from consent.facts import Regime
from hub.application import application
from hub.config.issuer import KeySource
from hub.oauth.client_assertion import ASSERTION_TYPE
from hub.store.connect import Store
from hub.store.directory import revoke_client
from hub.store.schema.resource import RESOURCE
from tests.hub.auth.auth_tokens import part
from tests.hub.auth.mock_idp import idp_up
from tests.hub.oauth.oauth_client import BASE, System, get
from tests.worlds.asgi_client import FORM
from tests.worlds.hub_world import (
    NAMND,
    NOON,
    OTHER_REGION,
    REGION,
    SURGERY,
    WARD,
    World,
    condition,
    key_files,
    opened_world,
)

RUN = "import sys; from hub.cli.main import run; sys.argv[0] = 'samvy'; run()"
NOW = int(NOON.timestamp())


def _created(world: World, token: str, number: str = "x") -> tuple[str, str | None, str]:
    """Owner, unit and regime of what a system writes with a token."""
    body = json.dumps(condition(world.person(), number)).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"}
    reply = world.http.send("POST", "/fhir/Condition", headers, body)
    assert reply.status == 201, reply.body
    with world.store.read() as connection:
        statement = select(RESOURCE.c.owner, RESOURCE.c.unit, RESOURCE.c.regime)
        row = connection.execute(statement.where(RESOURCE.c.id == reply.json["id"])).one()
    return row.owner, row.unit, row.regime


def test_a_system_reads_and_writes_its_own_by_its_registration(world: World) -> None:
    system = System(world).register()
    reply = system.ask(grant_type="client_credentials")
    assert reply.status == 200
    assert reply.headers["cache-control"] == "no-store"
    given = reply.json
    assert (given["token_type"], given["expires_in"], given["scope"]) == (
        "Bearer",
        300,
        "system/*.cruds",
    )
    token = given["access_token"]
    assert _created(world, token) == (REGION, WARD, "HSL")
    assert get(world, token, "/fhir/Condition/ward-1").status == 200
    assert get(world, token, "/fhir/Condition/clinic-1").status == 404
    # what is registered counts at every request, also for a token that was issued before
    system.register(unit=SURGERY, regime=Regime.HSL)
    assert _created(world, token, "y") == (REGION, SURGERY, "HSL")
    world.clock.forward(timedelta(seconds=300))
    assert get(world, token, "/fhir/Condition/ward-1").status == 401


def test_a_systems_act_is_that_of_its_registration(small_world: World) -> None:
    system = System(small_world, "social").register(organisation=NAMND, unit=None)
    assert _created(small_world, system.token())[2] == Regime.SOL
    system.register(regime=Regime.LSS)
    assert _created(small_world, system.token())[2] == Regime.LSS


def test_scopes_are_a_ceiling_that_falls_at_once(small_world: World) -> None:
    world = small_world
    system = System(world).register(scope="system/Condition.rs system/Observation.cruds")
    narrow = system.token(scope="system/Condition.cruds system/Patient.rs openid")
    assert get(world, narrow, "/fhir/Condition/ward-1").status == 200
    refused = system.ask(grant_type="client_credentials", scope="user/*.rs system/Patient.rs")
    assert (refused.status, refused.json["error"]) == (400, "invalid_scope")
    body = json.dumps(condition(world.person(), "x")).encode()
    headers = {"Authorization": f"Bearer {narrow}", "Content-Type": "application/fhir+json"}
    assert world.http.send("POST", "/fhir/Condition", headers, body).status == 403
    system.register(scope="system/Observation.rs")
    assert get(world, narrow, "/fhir/Condition/ward-1").status == 403


def test_a_revoked_client_and_its_tokens_count_no_more_in_any_process(
    world: World, store_url: str, tmp_path: Path
) -> None:
    system = System(world).register()
    token = system.token()
    assert get(world, token, "/fhir/Condition/ward-1").status == 200
    command = [sys.executable, "-c", RUN, "clients", "revoke", system.name, "--store", store_url]
    subprocess.run(
        command,
        check=True,
        env={**os.environ, **key_files(tmp_path)},
        cwd=Path(__file__).parents[3],
    )
    assert get(world, token, "/fhir/Condition/ward-1").status == 401
    assert system.ask(grant_type="client_credentials").status == 401
    # registered again, it starts anew: what it had before stays ended
    system.register()
    assert get(world, token, "/fhir/Condition/ward-1").status == 401
    assert get(world, system.token(), "/fhir/Condition/ward-1").status == 200


def test_an_assertion_counts_once_in_all_processes(world: World, store_url: str) -> None:
    system = System(world).register()
    assertion = system.assertion()
    assert system.ask(assertion=assertion, grant_type="client_credentials").status == 200
    assert system.ask(assertion=assertion, grant_type="client_credentials").status == 401
    other = Store(store_url, pool_size=1)
    elsewhere = replace(world.hub, store=other)
    there = replace(world, http=replace(world.http, app=application(elsewhere)))
    system.world = there
    assert system.ask(assertion=assertion, grant_type="client_credentials").status == 401
    fresh = system.assertion()
    assert system.ask(assertion=fresh, grant_type="client_credentials").status == 200
    system.world = world
    assert system.ask(assertion=fresh, grant_type="client_credentials").status == 401
    other.close()


def _confused(system: System) -> str:
    head = part({"alg": "HS256", "kid": "k1", "typ": "JWT"})
    body = part({"iss": system.name, "sub": system.name, "aud": BASE, "exp": NOW + 60, "jti": "c"})
    secret = system.key.as_pem(private=False)
    return f"{head}.{body}.{part(hmac.digest(secret, f'{head}.{body}'.encode(), 'sha256'))}"


HOSTILE: dict[str, Callable[[System], str]] = {
    "empty": lambda _: "x",
    "unsigned": lambda s: s.assertion().rpartition(".")[0] + ".",
    "alg none": lambda s: f"{part({'alg': 'none'})}.{s.assertion().split('.')[1]}.{part(b'x')}",
    "alg confused": _confused,
    "forged": lambda s: System(s.world, s.name).assertion(),
    "another kid": lambda s: s.assertion({"kid": "../k1"}),
    "a key brought along": lambda s: s.assertion({"jwk": s.key.as_dict(private=False)}),
    "an address brought along": lambda s: s.assertion({"jku": "https://evil.example"}),
    "critical": lambda s: s.assertion({"typ": "dpop+jwt"}),
    "expired": lambda s: s.assertion(exp=NOW - 11),
    "no end": lambda s: s.assertion(exp=None),
    "more than five minutes": lambda s: s.assertion(exp=NOW + 311),
    "for later": lambda s: s.assertion(nbf=NOW + 60),
    "issued later": lambda s: s.assertion(iat=NOW + 60),
    "for another hub": lambda s: s.assertion(aud="https://other.example/oauth/token"),
    "for the Host header": lambda s: s.assertion(aud="http://hub.test/oauth/token"),
    "for several": lambda s: s.assertion(aud=[BASE, "https://evil.example"]),
    "for nobody": lambda s: s.assertion(aud=None),
    "without an id": lambda s: s.assertion(jti=None),
    "a long id": lambda s: s.assertion(jti="j" * 300),
    "an id that is a number": lambda s: s.assertion(jti=7),
    "issued by another": lambda s: s.assertion(iss="somebody"),
    "about another": lambda s: s.assertion(sub="somebody", iss="somebody"),
    "about a list": lambda s: s.assertion(sub=[s.name], iss=[s.name]),
    "too large": lambda s: s.assertion(x="y" * 9000),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_assertion_gets_no_token(what: str, standing: System) -> None:
    reply = standing.ask(assertion=HOSTILE[what](standing), grant_type="client_credentials")
    assert (reply.status, reply.json["error"]) == (401, "invalid_client")
    assert reply.json["error_description"] == (
        "the client is not known, or its assertion does not hold"
    )


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[System]:
    """A registered system on a world of its own, which the hostile leave as it was."""
    folder = tmp_path_factory.mktemp("oauth")
    shutil.copy(sqlite_template, folder / "samvy.db")
    with opened_world(f"sqlite:///{folder / 'samvy.db'}", folder) as world:
        yield System(world).register()


FORMS = {
    "no grant": ({}, "unsupported_grant_type"),
    "a password": ({"grant_type": "password"}, "unsupported_grant_type"),
    "a code": ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
    "another id": ({"grant_type": "client_credentials", "client_id": "x"}, "invalid_client"),
    "a secret": (
        {"grant_type": "client_credentials", "client_assertion_type": "secret"},
        "invalid_client",
    ),
}


@pytest.mark.parametrize("what", FORMS)
def test_what_is_not_offered_is_refused(what: str, standing: System) -> None:
    form, error = FORMS[what]
    reply = standing.ask(**form)
    assert reply.status in (400, 401)
    assert reply.json["error"] == error


@pytest.mark.parametrize("what", ["twice", "query", "json", "large", "many", "bytes", "get"])
def test_a_form_is_read_strictly(what: str, standing: System) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": standing.assertion(),
    }
    content, path, kind = urlencode(form).encode(), "/oauth/token", FORM
    if what == "twice":
        content += b"&grant_type=client_credentials"
    elif what == "query":
        path += "?grant_type=client_credentials"
    elif what == "json":
        kind = "application/json"
    elif what == "large":
        content += b"&x=" + b"y" * 70_000
    elif what == "many":
        content += b"".join(b"&a%d=1" % number for number in range(60))
    elif what == "bytes":
        content += b"&x=\xff"
    method = "GET" if what == "get" else "POST"
    reply = standing.world.http.send(method, path, {"Content-Type": kind}, content)
    assert reply.status == (405 if what == "get" else 400)
    assert b"access_token" not in reply.body


def test_keys_of_rsa_and_from_an_address_rotate(small_world: World) -> None:
    rsa = System(small_world, "rsa", RSAKey.generate_key(2048, private=True)).register()
    assert rsa.token()
    with idp_up() as published:
        system = System(small_world, "remote", published.keys["k1"])
        system.register(keys=KeySource(jwks=f"{published.url}/jwks"))
        assert system.token()
        system.key = published.keys["k1"] = ECKey.generate_key("P-256", private=True)
        published.publish()
        assert system.ask(grant_type="client_credentials").status == 401
        small_world.hub.tokens.keys._held.clear()
        assert system.token()


def test_a_client_that_has_to_show_a_certificate_gets_no_token_without(small_world: World) -> None:
    system = System(small_world).register(certificate_bound=True)
    reply = system.ask(grant_type="client_credentials")
    assert (reply.status, reply.json["error"]) == (400, "invalid_request")


def test_two_clients_may_use_the_same_id_for_an_assertion(small_world: World) -> None:
    one, two = System(small_world).register(), System(small_world, "b").register()
    for each in (one, two):
        assertion = each.assertion(jti="same")
        assert each.ask(assertion=assertion, grant_type="client_credentials").status == 200


def test_nothing_of_a_token_is_in_the_store(small_world: World, tmp_path: Path) -> None:
    token = System(small_world).register().token()
    small_world.store.engine.dispose()
    for file in tmp_path.glob("samvy.db*"):
        assert token.encode() not in file.read_bytes()


def test_another_organisations_client_reads_nothing_of_this(small_world: World) -> None:
    system = System(small_world, "other").register(organisation=OTHER_REGION, unit=None)
    assert get(small_world, system.token(), "/fhir/Condition/ward-1").status == 404


def test_a_client_can_be_ended_while_it_asks(small_world: World) -> None:
    system = System(small_world).register()
    token = system.token()
    with small_world.store.write() as connection:
        revoke_client(connection, system.name, NOON)
    assert get(small_world, token, "/fhir/Condition/ward-1").status == 401
