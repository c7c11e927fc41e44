"""Logging in with a real provider: who gets in, what is refused, and how a session ends."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc.jwk import ECKey
from sqlalchemy import select

from hub.application import application
from hub.auth.key_ring import KeyRing
from hub.auth.verify import Verifier
from hub.oidc.client_key import SETTING
from hub.oidc.code_flow import LASTS
from hub.store.directory import load_issuers
from hub.store.schema.audit import audit_record
from hub.store.schema.web_session import WEB_SESSION
from hub.web import session
from tests.hub.oidc.conftest import USERS, issuer_of
from tests.hub.oidc.provider_process import CLIENT, ENDED, Provider
from tests.hub.web.visiting import Visitor, text_of
from tests.worlds.asgi_client import FORM, Reply
from tests.worlds.hub_world import SIGNE, World

LIST = "/granskning/atkomster"
SEND, BACK, OUT = "/granskning/logga-in/till", "/granskning/logga-in/svar", "/granskning/utloggad"


def _sent(world: World, provider: Provider) -> tuple[Visitor, str]:
    visitor = Visitor(world)
    reply = visitor.get(f"{SEND}?{urlencode({'hos': provider.url})}")
    assert reply.status == 303
    return visitor, reply.headers["location"]


def _back(visitor: Visitor, location: str) -> Reply:
    parts = urlsplit(location)
    return visitor.get(f"{parts.path}?{parts.query}")


def _in(world: World, provider: Provider, who: str = "wilma") -> tuple[Visitor, Reply]:
    visitor, address = _sent(world, provider)
    return visitor, _back(visitor, provider.log_in(address, who))


def _outcomes(world: World) -> list[str]:
    with world.store.read() as connection:
        query = select(audit_record.c.payload).where(audit_record.c.action == "authenticate")
        found = [json.loads(each) for each in connection.execute(query).scalars()]
    return [f"{each['outcome']} {each.get('user')}" for each in found]


def test_a_reviewer_is_let_in_by_the_provider(world: World, provider: Provider) -> None:
    assert "Logga in med Provet" in text_of(Visitor(world).get("/granskning/logga-in"))
    visitor, reply = _in(world, provider)
    assert reply.status == 200
    assert 'content="0;url=/granskning"' in reply.body.decode()
    page = visitor.get(LIST)
    assert page.status == 200
    assert "auditor, Name of" in text_of(page)
    assert "permit auditor" in _outcomes(world)


def test_what_is_asked_of_the_provider(world: World, provider: Provider) -> None:
    _, first = _sent(world, provider)
    _, second = _sent(world, provider)
    asked = {name: each[0] for name, each in parse_qs(urlsplit(first).query).items()}
    assert asked["client_id"] == CLIENT
    assert asked["redirect_uri"] == f"{world.hub.base}{BACK}"
    assert asked["scope"] == "openid hsa"
    assert asked["code_challenge_method"] == "S256"
    again = parse_qs(urlsplit(second).query)
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[name]) >= 43
        assert asked[name] != again[name][0]


def test_the_person_is_let_in_too_and_the_store_holds_no_number(
    world: World, provider: Provider
) -> None:
    visitor, _ = _in(world, provider, "signe")
    assert "Inloggad som dig själv" in text_of(visitor.get(LIST))
    with world.store.read() as connection:
        rows = connection.execute(select(WEB_SESSION)).all()
    assert SIGNE not in str(rows)
    assert "s-2" not in str(rows)


def test_who_may_not_read_the_log_is_told_so(world: World, provider: Provider) -> None:
    visitor, reply = _in(world, provider, "doctor")
    assert reply.status == 403
    assert "Här läser logggranskare" in text_of(reply)
    assert "samvy_granskning" not in visitor.cookies
    assert "deny ward-doctor" in _outcomes(world)


def test_who_breaks_off_is_led_to_begin_again(world: World, provider: Provider) -> None:
    visitor, reply = _in(world, provider, "nobody")
    assert reply.status == 403
    assert "avbröts eller nekades" in text_of(reply)
    assert visitor.get(LIST).status == 303


def test_an_answer_counts_in_the_browser_that_asked_once_and_in_time(
    world: World, provider: Provider
) -> None:
    visitor, address = _sent(world, provider)
    location = provider.log_in(address, "wilma")
    assert _back(Visitor(world), location).status == 400  # another browser: login CSRF
    other, _ = _sent(world, provider)
    assert _back(other, location).status == 400  # begun here, but not with this state
    world.clock.forward(LASTS + timedelta(seconds=2))
    assert _back(visitor, location).status == 400
    world.clock.forward(-LASTS)
    visitor, address = _sent(world, provider)
    location = provider.log_in(address, "wilma")
    kept = dict(visitor.cookies)
    assert _back(visitor, location).status == 200
    again = Visitor(world, kept)
    assert _back(again, location).status == 403  # the provider takes a code once
    assert again.get(LIST).status == 303


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"answer": {"iss": "https://another.example"}}, 403),  # mix-up
        ({"answer": {"iss": ""}}, 403),
        ({"answer": {"state": "x"}}, 400),
        ({"answer": {"code": "guessed"}}, 403),
        ({"forged": True}, 401),
        ({"id_token": {"nonce": "x"}}, 401),
        ({"id_token": {"nonce": None}}, 401),
        ({"id_token": {"aud": "another"}}, 401),
        ({"id_token": {"aud": [CLIENT, "another"]}}, 401),
        ({"id_token": {"azp": "another"}}, 401),
        ({"id_token": {"iss": "https://another.example"}}, 401),
        ({"id_token": {"exp": 1}}, 401),
        ({"id_token": {"exp": None}}, 401),
        ({"id_token": {"iat": 9_999_999_999}}, 401),
        ({"id_token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}}, 401),
        ({"id_token": {"sub": None}}, 401),
        ({"id_token": {"sid": 7}}, 401),
    ],
)
def test_what_does_not_hold_lets_nobody_in(
    world: World, provider: Provider, wrong: dict[str, object], status: int
) -> None:
    provider.does(users=USERS, **wrong)
    visitor, reply = _in(world, provider)
    assert reply.status == status
    assert "samvy_granskning" not in visitor.cookies
    assert visitor.get(LIST).status == 303
    if status == 401:
        assert "deny None" in _outcomes(world)


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://another.example"},
        {"authorization_endpoint": "http://another.example/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": None},
    ],
)
def test_a_provider_that_is_not_itself_gets_nobody(
    world: World, provider: Provider, metadata: dict[str, object]
) -> None:
    provider.does(users=USERS, metadata=metadata)
    reply = Visitor(world).get(f"{SEND}?{urlencode({'hos': provider.url})}")
    assert reply.status == 503
    assert "Inloggningstjänsten svarar inte" in text_of(reply)


def test_a_provider_that_is_away_is_told_of(world: World, provider: Provider) -> None:
    away = replace(issuer_of(provider), id="http://127.0.0.1:1")
    away = replace(away, keys=replace(away.keys, discovery="http://127.0.0.1:1/x"))
    with world.store.write() as connection:
        load_issuers(connection, (away,), world.clock.now)
    assert Visitor(world).get(f"{SEND}?hos=http://127.0.0.1:1").status == 503
    assert Visitor(world).get(f"{SEND}?hos=https://nobody.example").status == 404
    assert Visitor(world).get(SEND).status == 404


def test_the_hub_proves_what_it_is_with_its_key(
    world: World, provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ECKey.generate_key("P-256", private=True)
    file = tmp_path / "console.pem"
    file.write_bytes(key.as_pem(private=True))
    public = key.as_pem(private=False).decode()
    provider.does(users=USERS, client_key=public)
    monkeypatch.setenv(SETTING, str(file))
    assert _in(world, provider)[1].status == 200
    file.write_text("not a key", encoding="ascii")
    reply = _in(world, provider)[1]
    assert reply.status == 503
    assert SETTING in text_of(reply)


def test_the_session_ends_with_the_providers_token(world: World, provider: Provider) -> None:
    visitor, _ = _in(world, provider)
    world.clock.forward(timedelta(seconds=605))
    assert visitor.get(LIST).status == 200  # the clocks may differ by ten seconds
    world.clock.forward(timedelta(seconds=15))
    assert visitor.get(LIST).status == 303
    with world.store.read() as connection:
        assert not connection.execute(select(WEB_SESSION)).all()


def test_an_issuer_that_is_not_trusted_any_more_ends_its_sessions(
    world: World, provider: Provider
) -> None:
    visitor, _ = _in(world, provider)
    with world.store.write() as connection:
        load_issuers(connection, (), world.clock.now)
    assert visitor.get(LIST).status == 303
    assert "Logga in med" not in text_of(visitor.get("/granskning/logga-in"))


def test_logging_out_ends_the_session_and_offers_the_providers(
    world: World, provider: Provider
) -> None:
    visitor, _ = _in(world, provider)
    secret = dict(visitor.cookies)
    reply = visitor.post("/granskning/logga-ut", {"csrf": visitor.proof()})
    (address,) = re.findall(r'class="button" href="([^"]+)"', reply.body.decode())
    assert address.startswith(f"{provider.url}/logout?client_id={CLIENT}")
    assert "id_token" not in address  # it may hold a person number, and addresses are kept
    visitor.cookies = secret
    assert visitor.get(LIST).status == 303


def _logged_out(world: World, token: str, **headers: str) -> int:
    content = urlencode({"logout_token": token}).encode()
    return world.http.send("POST", OUT, {"Content-Type": FORM, **headers}, content).status


def test_the_provider_ends_a_session_behind_the_browser(world: World, provider: Provider) -> None:
    wilma, _ = _in(world, provider)
    signe, _ = _in(world, provider, "signe")
    assert _logged_out(world, provider.logout_token(sid="s-9")) == 200
    assert wilma.get(LIST).status == 200
    crossed = {"Sec-Fetch-Site": "cross-site"}
    assert _logged_out(world, provider.logout_token(sid="s-1"), **crossed) == 200
    assert wilma.get(LIST).status == 303
    assert signe.get(LIST).status == 200
    assert _logged_out(world, provider.logout_token(sub=SIGNE)) == 200
    assert signe.get(LIST).status == 303


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"sub": "pairwise-w", "aud": "another"},
        {"sub": "pairwise-w", "iss": "https://another.example"},
        {"sub": "pairwise-w", "iat": 1},
        {"sub": "pairwise-w", "iat": 9_999_999_999},
        {"sub": "pairwise-w", "exp": 1},
        {"sub": "pairwise-w", "events": {}},
        {"sub": "pairwise-w", "events": [ENDED]},
        {"sub": "pairwise-w", "nonce": "n"},
        {"sub": 7},
    ],
)
def test_a_logout_token_that_does_not_hold_ends_nothing(
    world: World, provider: Provider, claims: dict[str, object]
) -> None:
    visitor, _ = _in(world, provider)
    assert _logged_out(world, provider.logout_token(**claims)) == 400
    assert visitor.get(LIST).status == 200


def test_neither_an_id_token_nor_text_is_a_logout_token(world: World, provider: Provider) -> None:
    visitor, _ = _in(world, provider)
    for token in ("", "x", "a.b.c"):
        assert _logged_out(world, token) == 400
    assert visitor.get(LIST).status == 200


def test_a_token_is_pasted_under_dev_alone(world: World) -> None:
    assert "Klistra in" in text_of(Visitor(world).get("/granskning/logga-in"))
    world.http.app = application(replace(world.hub, tokens=Verifier([], keys=KeyRing(dev=True))))
    page = Visitor(world).get("/granskning/logga-in")
    assert "Klistra in" not in text_of(page)
    assert "<form" not in page.body.decode()
    visitor = Visitor(world)
    visitor.get("/granskning/logga-in")
    proof = session.proof_before_login(world.hub, visitor.cookies["samvy_inloggning"])
    assert visitor.post("/granskning/logga-in", {"csrf": proof, "token": "x"}).status == 404
