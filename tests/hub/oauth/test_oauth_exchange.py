"""A user's token exchanged by their system: never worth more than their own, and ended by it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from hub.auth import claims as names
from hub.auth.hub_token import digest
from hub.config.issuer import Issuer, KeySource, SpeaksFor
from hub.store.connect import Store
from hub.store.directory import load_issuers, load_organisations
from hub.store.hub_tokens import revoke_token
from tests.hub.auth.mock_idp import MockIdp, idp_up
from tests.hub.oauth.oauth_client import System, get
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    EMERGENCY_DOCTOR,
    NOON,
    OFFICER,
    OLOF,
    ORGANISATIONS,
    OTHER_REGION,
    REGION,
    REGION_SYSTEM,
    SIGNE,
    SIGNE_HERSELF,
    WARD,
    WARD_DOCTOR,
    World,
    stated,
)

LOOK = stated(relevance=True, activeChoice="content")
NOW = int(NOON.timestamp())


def _all(world: World, token: str, **headers: str) -> Reply:
    return get(world, token, f"/fhir/Condition?patient={world.person()}&_sort=_id", **headers)


def _token(reply: Reply) -> str:
    assert reply.status == 200, reply.body
    return str(reply.json["access_token"])


def test_an_exchanged_token_reads_as_its_user(world: World) -> None:
    system = System(world).register()
    reply = system.exchange(world.token(WARD_DOCTOR), scope="user/Condition.rs")
    assert reply.json["issued_token_type"] == "urn:ietf:params:oauth:token-type:access_token"
    assert reply.json["scope"] == "user/Condition.rs"
    assert "patient" not in reply.json
    token = _token(reply)
    own = _all(world, world.token(WARD_DOCTOR)).ids
    assert _all(world, token).ids == own != []
    assert get(world, token, f"/fhir/Observation?patient={world.person()}").status == 403


def test_a_session_that_is_carried_needs_no_header(world: World) -> None:
    system = System(world).register()
    session = world.session(WARD_DOCTOR, *LOOK)
    subject = world.token(WARD_DOCTOR)
    within = _all(world, subject, **{"X-Samvy-Session": session}).ids
    without = _all(world, subject).ids
    assert set(without) < set(within)
    reply = system.exchange(subject, samvy_session=session, scope="patient/*.rs")
    token = _token(reply)
    assert reply.json["patient"] == world.person()
    assert reply.json["scope"] == "patient/*.rs"
    assert _all(world, token).ids == within
    assert get(world, token, "/fhir/Condition/clinic-1").status == 200
    # pages, and nobody else than the session's person
    first = get(world, token, f"/fhir/Condition?patient={world.person()}&_count=2&_sort=_id")
    assert get(world, token, str(first.link("next"))).status == 200
    other = get(world, token, f"/fhir/Condition?patient={world.person(OLOF)}")
    assert (other.status, other.codes) == (403, ["session-of-another-person"])
    # the session is not for another token of the same user
    plain = _token(system.exchange(subject))
    refused = _all(world, plain, **{"X-Samvy-Session": session})
    assert (refused.status, refused.codes) == (403, ["session-not-live"])
    world.clock.forward(timedelta(hours=13))
    assert _all(world, token).status in (401, 403)


def test_a_session_of_somebody_else_is_not_carried(small_world: World) -> None:
    system = System(small_world).register()
    session = small_world.session(EMERGENCY_DOCTOR, *LOOK)
    for name in (session, "x", "../" + session):
        reply = system.exchange(small_world.token(WARD_DOCTOR), samvy_session=name)
        assert (reply.status, reply.json["error"]) == (400, "invalid_request")


def test_an_ended_assignment_ends_the_exchanged_token_too(world: World, store_url: str) -> None:
    token = _token(System(world).register().exchange(world.token(WARD_DOCTOR)))
    assert _all(world, token).status == 200
    other = Store(store_url, pool_size=1)
    changed = [
        replace(each, staff=tuple(one for one in each.staff if one.id != WARD_DOCTOR.user))
        for each in ORGANISATIONS
    ]
    with other.write() as connection:
        load_organisations(connection, changed, NOON)
    other.close()
    reply = _all(world, token)
    assert (reply.status, reply.codes) == (403, ["no-assignment-in-force"])


def test_a_token_lasts_no_longer_than_its_user_s(small_world: World) -> None:
    world = small_world
    brief = replace(WARD_DOCTOR, minutes=10)
    reply = System(world).register().exchange(world.token(brief))
    assert reply.json["expires_in"] == 600
    world.clock.forward(timedelta(minutes=10))
    assert _all(world, _token(reply)).status == 401
    long = System(world).register().exchange(world.token(replace(WARD_DOCTOR, minutes=600)))
    assert long.json["expires_in"] == 3600


def test_a_scope_is_never_wider_than_the_user_s_or_the_client_s(small_world: World) -> None:
    world = small_world
    narrow = world.token(replace(WARD_DOCTOR, scope="user/Condition.rs user/Observation.r"))
    system = System(world).register(scope="user/*.rs system/*.cruds")
    for asked, given in (
        ("user/*.cruds", "user/Condition.rs user/Observation.r"),
        ("user/Condition.cruds", "user/Condition.rs"),
        ("user/Observation.rs system/*.cruds", "user/Observation.r"),
    ):
        assert system.exchange(narrow, scope=asked).json["scope"] == given
    for asked in ("system/*.cruds", "patient/*.rs", "user/Encounter.rs", "nothing"):
        assert system.exchange(narrow, scope=asked).json["error"] == "invalid_scope"


REFUSED = {
    "somebody of another organisation": lambda w: w.token(EMERGENCY_DOCTOR),
    "an officer of another organisation": lambda w: w.token(OFFICER),
    "an individual": lambda w: w.token(SIGNE_HERSELF),
    "a system": lambda w: w.token(REGION_SYSTEM),
    "nothing": lambda _: "",
    "no token": lambda _: "a.b.c",
    "a token that was changed": lambda w: w.token(WARD_DOCTOR)[:-4] + "AAAA",
    "a hub token": lambda w: System(w, "b").register().token(),
    "a hub token that is none": lambda _: "samvy_" + "a" * 43,
}


@pytest.mark.parametrize("what", REFUSED)
def test_whom_a_client_does_not_act_for(what: str, small_world: World) -> None:
    system = System(small_world).register()
    reply = system.exchange(REFUSED[what](small_world))  # type: ignore[no-untyped-call]
    assert (reply.status, reply.json["error"]) == (400, "invalid_request")
    assert SIGNE.encode() not in reply.body


def test_what_the_exchange_does_not_offer(small_world: World) -> None:
    system, token = System(small_world).register(), small_world.token(WARD_DOCTOR)
    for form, error in (
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:jwt"}, "invalid_request"),
        ({"actor_token": token}, "invalid_request"),
        ({"audience": "https://other.example"}, "invalid_target"),
        ({"resource": "https://other.example"}, "invalid_target"),
    ):
        whole = {
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token": token,
            "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
            **form,
        }
        reply = system.ask(**whole)
        assert (reply.status, reply.json["error"]) == (400, error), form
    system.register(exchanges=False)
    reply = system.exchange(token)
    assert (reply.status, reply.json["error"]) == (400, "unauthorized_client")


def test_an_individual_is_carried_by_a_client_for_individuals(small_world: World) -> None:
    world = small_world
    system = System(world).register(individuals=True)
    token = _token(system.exchange(world.token(SIGNE_HERSELF)))
    own = _all(world, world.token(SIGNE_HERSELF)).ids
    assert _all(world, token).ids == own != []
    other = get(world, token, f"/fhir/Condition?patient={world.person(OLOF)}")
    assert other.status == 200
    assert other.ids == []


def test_a_revoked_token_is_refused_in_the_next_request_of_every_process(
    world: World, store_url: str
) -> None:
    system = System(world).register()
    token = _token(system.exchange(world.token(WARD_DOCTOR)))
    stranger = System(world, "stranger").register()
    assert stranger.ask("/oauth/revoke", token=token).status == 400
    assert _all(world, token).status == 200
    assert system.ask("/oauth/revoke", token=token, token_type_hint="access_token").status == 200
    assert _all(world, token).status == 401
    assert system.ask("/oauth/revoke", token=token).status == 200
    assert system.ask("/oauth/revoke", token="x").status == 200
    # from another process
    again = _token(system.exchange(world.token(WARD_DOCTOR)))
    assert _all(world, again).status == 200
    other = Store(store_url, pool_size=1)
    with other.write() as connection:
        revoke_token(connection, digest(again), NOON)
    other.close()
    assert _all(world, again).status == 401


def test_introspection_says_what_holds_now(world: World) -> None:
    system = System(world).register()
    token = _token(system.exchange(world.token(WARD_DOCTOR), scope="user/Condition.rs"))
    said = system.ask("/oauth/introspect", token=token).json
    assert said["active"] is True
    assert (said["client_id"], said["sub"], said["scope"]) == (
        "region-integration",
        WARD_DOCTOR.user,
        "user/Condition.rs",
    )
    assert said["exp"] - said["iat"] <= 3600
    assert said[names.PROVIDER] == REGION
    assert said[names.UNIT] == WARD
    # another client of the same organisation may know, one of another may not
    assert System(world, "b").register().ask("/oauth/introspect", token=token).json["active"]
    elsewhere = System(world, "c").register(organisation=OTHER_REGION, unit=None)
    inactive = [
        elsewhere.ask("/oauth/introspect", token=token),
        system.ask("/oauth/introspect", token="x"),
        system.ask("/oauth/introspect", token="samvy_" + "a" * 43),
        system.ask("/oauth/introspect", token=world.token(WARD_DOCTOR)),
    ]
    world.clock.forward(timedelta(hours=1))
    inactive.append(system.ask("/oauth/introspect", token=token))
    assert {each.body for each in inactive} == {b'{"active":false}'}
    assert {each.status for each in inactive} == {200}
    assert system.ask("/oauth/introspect").json["error"] == "invalid_request"


def test_introspection_of_a_user_whose_assignment_has_ended(small_world: World) -> None:
    system = System(small_world).register()
    token = _token(system.exchange(small_world.token(WARD_DOCTOR)))
    changed = [
        replace(each, staff=tuple(one for one in each.staff if one.id != WARD_DOCTOR.user))
        for each in ORGANISATIONS
    ]
    with small_world.store.write() as connection:
        load_organisations(connection, changed, NOON)
    assert system.ask("/oauth/introspect", token=token).json == {"active": False}


@pytest.fixture(scope="module")
def idp() -> Iterator[MockIdp]:
    with idp_up() as found:
        yield found


def test_a_token_ends_with_the_trust_in_its_user_s_issuer(world: World, idp: MockIdp) -> None:
    issuer = Issuer(
        id=idp.url,
        audience="urn:hub",
        keys=KeySource(jwks=f"{idp.url}/jwks"),
        algorithms=("ES256",),
        speaks_for=(SpeaksFor.STAFF,),
        acr=(names.LOA3,),
        scope="user/*.rs",
    )
    with world.store.write() as connection:
        load_issuers(connection, [issuer], NOON)
    ward = {
        names.COMMISSION: "ward-doctor-A",
        names.COMMISSION_PURPOSE: "Vård och behandling",
        names.UNIT: WARD,
        names.PROVIDER: REGION,
        names.COMMISSION_RIGHT: ["Läsa;alla;VE"],
    }
    user = {"sub": "x", "acr": names.LOA3, names.EMPLOYEE: WARD_DOCTOR.user}
    # what the issuer is not believed about is not carried either
    user |= {names.CAPACITY: "system", names.PERSON: OLOF}
    several = idp.token(
        {**user, "allCommissions": [ward, {**ward, names.COMMISSION: "y"}]}, now=NOW
    )
    system = System(world).register()
    assert "choose-assignment" in system.exchange(several).json["error_description"]
    token = _token(system.exchange(several, samvy_assignment="ward-doctor-A"))
    assert _all(world, token).ids == ["ward-1", "ward-2"]
    said = system.ask("/oauth/introspect", token=token).json
    assert said[names.CAPACITY] == "vardpersonal"
    with world.store.write() as connection:
        load_issuers(connection, [], NOON)
    assert _all(world, token).status == 401


def test_smart_configuration_is_what_there_is(small_world: World) -> None:
    world = small_world
    found = world.http.send("GET", "/fhir/.well-known/smart-configuration")
    assert (found.status, found.headers["content-type"]) == (200, "application/json")
    same = world.http.send("GET", "/.well-known/oauth-authorization-server")
    assert same.body == found.body
    said = found.json
    assert said["issuer"] == "http://127.0.0.1:8000"
    assert set(said["capabilities"]) == {
        "client-confidential-asymmetric",
        "permission-v2",
        "permission-patient",
        "permission-user",
    }
    for name in ("token_endpoint", "introspection_endpoint", "revocation_endpoint"):
        path = said[name].removeprefix(said["issuer"])
        refused = world.http.send(
            "POST", path, {"Content-Type": "application/x-www-form-urlencoded"}, b"a=b"
        )
        assert refused.status in (400, 401)
        assert "error" in refused.json
    for grant in said["grant_types_supported"]:
        reply = System(world).register().ask(grant_type=grant)
        assert reply.json.get("error") != "unsupported_grant_type"
    for algorithm in said["token_endpoint_auth_signing_alg_values_supported"]:
        assert algorithm in ("ES256", "PS256", "RS256")
    metadata = json.loads(world.http.send("GET", "/fhir/metadata").body)
    served = {each["type"] for each in metadata["rest"][0]["resource"]} - {
        "OperationDefinition",
        "StructureDefinition",
    }
    scoped = {each.split("/")[1].split(".")[0] for each in said["scopes_supported"]} - {"*"}
    assert scoped == served
    coded = metadata["rest"][0]["security"]["service"][0]["coding"]
    assert "SMART-on-FHIR" in {each["code"] for each in coded}
