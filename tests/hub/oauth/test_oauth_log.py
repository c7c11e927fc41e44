"""P2 at the OAuth endpoints: what is given out, asked about, ended or refused is in the log."""

import json
import logging
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select, text

import hub.oauth.logged
from hub.auth.hub_token import digest, token_id
from hub.auth.refused import Reason, TokenRefused
from hub.auth.sealed_claims import seal, unseal
from hub.store.connect import Store
from hub.store.schema.audit import audit_record
from hub.store.schema.trust import HUB_TOKEN, USED_ASSERTION
from tests.hub.api.test_api_log import close_the_log
from tests.hub.api.test_api_refused import logged
from tests.hub.oauth.oauth_client import System, get
from tests.hub.oauth.test_oauth_system import HOSTILE
from tests.worlds.asgi_client import FORM
from tests.worlds.hub_world import (
    AUDITOR,
    REGION,
    SIGNE,
    SIGNE_HERSELF,
    WARD,
    WARD_DOCTOR,
    World,
    stated,
)

LOOK = stated(relevance=True, activeChoice="content")
Json = dict[str, Any]


def _last(world: World) -> Json:
    return logged(world)[-1]


class _Watch:
    """Looks, from a connection of its own, for the record of each answer that begins to leave."""

    def __init__(self, url: str) -> None:
        self.store = Store(url, pool_size=1)
        self.missed: list[int] = []

    def __call__(self, status: int, headers: Mapping[str, str]) -> None:
        with self.store.read() as connection:
            rows = connection.execute(select(audit_record.c.payload)).scalars().all()
        if headers["x-request-id"] not in {json.loads(each).get("request_id") for each in rows}:
            self.missed.append(status)


def _ask_everything(world: World, system: System) -> list[int]:
    """Each endpoint, taken and refused; the statuses."""
    token = system.ask(grant_type="client_credentials").json.get("access_token", "x")
    replies = [
        system.ask(grant_type="client_credentials"),
        system.exchange(world.token(WARD_DOCTOR)),
        system.ask("/oauth/introspect", token=token),
        system.ask("/oauth/introspect", token="x"),
        system.ask("/oauth/revoke", token=token),
        system.ask("/oauth/revoke", token="x"),
        system.ask(grant_type="password"),
        system.ask(grant_type="client_credentials", scope="user/*.rs"),
        system.exchange("a.b.c"),
        system.ask("/oauth/introspect"),
        system.ask(assertion="x", grant_type="client_credentials"),
        world.http.send("POST", "/oauth/token", {"Content-Type": "text/plain"}, b"x"),
    ]
    return [each.status for each in replies]


ASKED = [200, 200, 200, 200, 200, 200, 400, 400, 400, 400, 401, 400]


def test_the_record_is_there_before_the_answer_leaves(world: World, store_url: str) -> None:
    system = System(world).register()
    world.http.leaving = watch = _Watch(store_url)
    assert _ask_everything(world, system) == ASKED
    world.http.leaving = None
    watch.store.close()
    assert watch.missed == []


def test_a_record_that_is_not_written_is_noticed(
    small_world: World, sqlite_store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault, planted: the answer does not wait for the log."""
    system = System(small_world).register()
    monkeypatch.setattr(hub.oauth.logged, "write", lambda *_: None)
    small_world.http.leaving = watch = _Watch(sqlite_store_url)
    _ask_everything(small_world, system)
    watch.store.close()
    assert watch.missed[-len(ASKED) :] == ASKED


def test_nothing_is_given_out_while_the_log_cannot_be_written(world: World) -> None:
    system = System(world).register()
    token = system.token()
    close_the_log(world)
    with world.store.read() as connection:
        before = connection.execute(select(HUB_TOKEN.c.id)).scalars().all()
    assert set(_ask_everything(world, system)) == {503}
    with world.store.read() as connection:
        assert connection.execute(select(HUB_TOKEN.c.id)).scalars().all() == before
    # what narrows is done all the same, and the client is told to ask again
    assert system.ask("/oauth/revoke", token=token).status == 503
    with world.store.read() as connection:
        revoked = connection.execute(select(HUB_TOKEN.c.revoked)).scalars().all()
    assert None not in revoked


def test_a_token_is_known_again_from_its_issue_to_its_end(world: World) -> None:
    system = System(world).register()
    token = system.token(scope="system/Condition.rs")
    name = token_id(digest(token))
    issued = _last(world)
    assert {
        key: issued[key] for key in ("action", "outcome", "user", "client", "organisation")
    } == {
        "action": "token-issue",
        "outcome": "permit",
        "user": "region-integration",
        "client": "region-integration",
        "organisation": REGION,
    }
    assert issued["query"] == f"POST /oauth/token {name} of the client itself, system/Condition.rs"
    assert issued["network"] == "192.0.2.7"
    get(world, token, "/fhir/Condition/ward-1")
    used = _last(world)
    assert (used["action"], used["token"], used["client"]) == ("read", name, "region-integration")
    system.ask("/oauth/introspect", token=token)
    assert (_last(world)["action"], _last(world)["query"]) == (
        "token-introspect",
        f"POST /oauth/introspect {name}: active",
    )
    system.ask("/oauth/revoke", token=token)
    assert (_last(world)["action"], _last(world)["query"]) == (
        "token-revoke",
        f"POST /oauth/revoke {name}",
    )
    system.ask("/oauth/introspect", token=token)
    assert _last(world)["query"] == f"POST /oauth/introspect {name}: not active"
    assert token not in json.dumps(logged(world))


def test_an_exchange_says_whose_token_it_is_and_what_it_carries(world: World) -> None:
    system = System(world).register()
    session = world.session(WARD_DOCTOR, *LOOK)
    system.exchange(world.token(WARD_DOCTOR), samvy_session=session, scope="patient/*.rs")
    found = _last(world)
    wanted = {
        "user": WARD_DOCTOR.user,
        "client": "region-integration",
        "organisation": REGION,
        "unit": WARD,
        "assignment": "ward-doctor-A",
        "capacity": "vardpersonal",
        "session": session,
        "person": world.person(),
        "issuer": "urn:samvy:issuer:built-in",
    }
    assert {key: found.get(key) for key in wanted} == wanted
    assert found["token"]
    assert found["query"].endswith(" of a user, patient/*.rs")


def test_the_organisation_s_auditor_finds_them(world: World) -> None:
    system = System(world).register()
    token = system.token()
    system.ask("/oauth/revoke", token=token)
    world.hub.sequencer.sequence_now()
    for action in ("token-issue", "token-revoke"):
        reply = world.get(AUDITOR, "/fhir/AuditEvent", {"action": action})
        assert reply.status == 200, reply.body
        codes = [each["subtype"][-1]["code"] for each in reply.resources]
        assert codes == [action]


@pytest.mark.parametrize("what", HOSTILE)
def test_a_refused_assertion_names_nobody_whom_it_has_not_shown(
    what: str, small_world: World
) -> None:
    system = System(small_world).register()
    system.ask(assertion=HOSTILE[what](system), grant_type="client_credentials")
    found = _last(small_world)
    assert (found["outcome"], found["flags"]) == ("deny", ["client-refused"])
    assert found["refusal"] in {each.value for each in Reason}
    shown = found["refusal"] in ("audience", "expired", "lifetime", "not-yet-valid", "claims")
    assert (found.get("user") == system.name) is (shown and found["action"] != "authenticate")
    if found["refusal"] in ("signature", "key"):
        assert (found["action"], found["client"]) == ("authenticate", system.name)
    if found["refusal"] in ("issuer", "malformed", "header", "algorithm"):
        assert "client" not in found
        assert "organisation" not in found


def test_a_replayed_assertion_is_a_record_with_its_reason(small_world: World) -> None:
    system = System(small_world).register()
    assertion = system.assertion()
    for _ in range(2):
        system.ask(assertion=assertion, grant_type="client_credentials")
    assert (_last(small_world)["refusal"], _last(small_world)["user"]) == ("replayed", system.name)


def test_why_a_subject_token_was_refused_stands_in_the_log_alone(small_world: World) -> None:
    system = System(small_world).register()
    reply = system.exchange(small_world.token(WARD_DOCTOR)[:-4] + "AAAA")
    assert "signature" not in reply.body.decode()
    assert _last(small_world)["refusal"] == "signature"


def test_a_flood_of_refusals_is_counted(small_world: World) -> None:
    System(small_world).register()
    before = len(logged(small_world))
    for _ in range(9):
        small_world.http.send(
            "POST", "/oauth/token", {"Content-Type": FORM}, b"grant_type=client_credentials"
        )
    times = [each["times"] for each in logged(small_world)[before:]]
    assert times == [1, 2, 4, 8]


def test_nothing_of_a_person_is_in_technical_logs_or_in_the_tables_of_tokens(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the individual's number nor the name by which the provider knows them."""
    caplog.set_level(logging.DEBUG)
    system = System(world).register(individuals=True)
    reply = system.exchange(world.token(SIGNE_HERSELF))
    assert reply.status == 200
    assert _last(world)["person"] == world.person()
    system.exchange(world.token(SIGNE_HERSELF)[:-4] + "AAAA")
    system.ask(assertion=system.assertion(sub=SIGNE, iss=SIGNE), grant_type="client_credentials")
    system.ask("/oauth/introspect", token=SIGNE)
    with world.store.read() as connection:
        tokens = repr(connection.execute(select(HUB_TOKEN)).all())
        used = repr(connection.execute(select(USED_ASSERTION)).all())
    kept = caplog.text + tokens + used + json.dumps(logged(world))
    assert SIGNE not in kept
    assert SIGNE_HERSELF.user not in tokens
    assert str(reply.json["access_token"]) not in kept


def test_claims_are_opened_by_their_own_token_alone(small_world: World) -> None:
    sealed = seal("samvy_one", '{"sub":"x"}')
    assert unseal("samvy_one", sealed) == '{"sub":"x"}'
    for token, text_ in (
        ("samvy_two", sealed),
        ("samvy_one", sealed[:-8] + "AAAAAAA="),
        ("samvy_one", ""),
        ("samvy_one", "å"),
    ):
        with pytest.raises(TokenRefused):
            unseal(token, text_)
    # a row that was changed behind the hub's back gives no access
    system = System(small_world).register()
    token = str(system.exchange(small_world.token(WARD_DOCTOR)).json["access_token"])
    other = system.exchange(small_world.token(WARD_DOCTOR)).json["access_token"]
    with small_world.store.write() as connection:
        connection.execute(
            text(
                "UPDATE hub_token SET content ="
                " (SELECT content FROM hub_token WHERE id = :other) WHERE id = :id"
            ),
            {"id": digest(token), "other": digest(str(other))},
        )
    assert get(small_world, token, "/fhir/Condition/ward-1").status == 401
