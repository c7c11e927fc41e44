"""What was stated, exchanged or signed before does not outlive what it rested on."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hub.auth import claims as names
from hub.config.issuer import Issuer, KeySource, SpeaksFor
from hub.config.organisation import Assignment, StaffMember
from hub.store.directory import load_issuers, load_organisations
from tests.hub.auth.mock_idp import MockIdp, idp_up
from tests.hub.oauth.oauth_client import System, get
from tests.worlds.asgi_client import FHIR, Reply
from tests.worlds.hub_world import (
    EMERGENCY,
    NOON,
    ORGANISATIONS,
    OTHER_REGION,
    REGION,
    SIGNE,
    WARD,
    WARD_DOCTOR,
    World,
    stated,
)

NOW = int(NOON.timestamp())
LOA4 = "http://id.sambi.se/loa/loa4"
LOCAL = "https://idp.example.se/strong"
VARD = "Vård och behandling"
HERE = {
    names.COMMISSION: "ward-doctor-A",
    names.COMMISSION_PURPOSE: VARD,
    names.UNIT: WARD,
    names.PROVIDER: REGION,
}
THERE = {**HERE, names.COMMISSION: "elsewhere", names.UNIT: EMERGENCY, names.PROVIDER: OTHER_REGION}


@pytest.fixture(scope="module")
def idp() -> Iterator[MockIdp]:
    with idp_up() as found:
        yield found


def _trusted(world: World, idp: MockIdp, **changes: Any) -> None:  # noqa: ANN401 - an issuer's
    usual = Issuer(
        id=idp.url,
        audience="urn:hub",
        keys=KeySource(jwks=f"{idp.url}/jwks"),
        algorithms=("ES256",),
        speaks_for=(SpeaksFor.STAFF, SpeaksFor.INDIVIDUAL),
        acr=(names.LOA3, LOCAL),
        scope="user/*.cruds patient/*.cruds",
    )
    with world.store.write() as connection:
        load_issuers(connection, [replace(usual, **changes)], NOON)


def _user(idp: MockIdp, **claims: object) -> str:
    said = {"aud": "urn:hub", "sub": "x", "acr": names.LOA3, names.EMPLOYEE: WARD_DOCTOR.user}
    return idp.token({**said, **claims}, now=NOW)


def _works_in_two_places(world: World) -> None:
    entry = next(each for each in ORGANISATIONS if each.id == OTHER_REGION)
    (usual,) = entry.staff[0].assignments
    assignment: Assignment = replace(usual, id="elsewhere")
    staff = (*entry.staff, StaffMember(WARD_DOCTOR.user, None, (assignment,)))
    with world.store.write() as connection:
        load_organisations(connection, [replace(entry, staff=staff)], world.clock.now)


def _open(world: World, token: str, assignment: str, *said: Any) -> Reply:  # noqa: ANN401
    headers = {"Authorization": f"Bearer {token}", "X-Samvy-Assignment": assignment}
    body = {"resourceType": "Parameters", "parameter": list(said)}
    path = f"/fhir/Patient/{world.person()}/$open"
    return world.post(None, path, body, headers=headers, content_type=FHIR)


def test_what_was_stated_under_one_assignment_is_not_the_other_s(
    world: World, idp: MockIdp
) -> None:
    """SVOD 3:3: each organisation judges for itself, though one token holds assignments of both."""
    _works_in_two_places(world)
    _trusted(world, idp)
    token = _user(idp, allCommissions=[HERE, THERE])
    claim = stated(takesPart=True, reason="jour", relevance=True, activeChoice="content")
    opened = _open(world, token, "ward-doctor-A", *claim)
    assert opened.status == 200, opened.body
    session = opened.json["parameter"][0]["valueString"]
    path = f"/fhir/Condition?patient={world.person()}"
    given = {"X-Samvy-Session": session}
    own = get(world, token, path, **given, **{"X-Samvy-Assignment": "ward-doctor-A"})
    assert own.status == 200
    other = get(world, token, path, **given, **{"X-Samvy-Assignment": "elsewhere"})
    assert (other.status, other.codes) == (403, ["session-not-live"])
    system = System(world).register(organisation=OTHER_REGION, unit=EMERGENCY)
    carried = system.exchange(token, samvy_session=session, samvy_assignment="elsewhere")
    assert (carried.status, carried.json["error"]) == (400, "invalid_request")
    system = System(world).register()
    carried = system.exchange(token, samvy_session=session, samvy_assignment="ward-doctor-A")
    assert carried.json["patient"] == world.person()
    assert get(world, str(carried.json["access_token"]), path).status == 200


NARROWED: dict[str, dict[str, Any]] = {
    "other organisations": {"organisations": (OTHER_REGION,)},
    "individuals alone": {"speaks_for": (SpeaksFor.INDIVIDUAL,)},
    "stronger log-ins": {"acr": (LOA4,)},
    "certificates": {"certificate_bound": True},
}


@pytest.mark.parametrize("what", NARROWED)
def test_what_an_issuer_may_no_longer_say_is_not_kept_by_an_exchange(
    small_world: World, idp: MockIdp, what: str
) -> None:
    _trusted(small_world, idp)
    token = System(small_world).register().exchange(_user(idp, **HERE)).json["access_token"]
    path = f"/fhir/Condition?patient={small_world.person()}"
    assert get(small_world, token, path).status == 200
    _trusted(small_world, idp, **NARROWED[what])
    assert get(small_world, token, path).status == 401
    _trusted(small_world, idp)
    assert get(small_world, token, path).status == 200


def test_a_log_in_that_the_issuers_file_calls_strong_is_so_after_an_exchange(
    small_world: World, idp: MockIdp
) -> None:
    _trusted(small_world, idp)
    direct = _user(idp, **HERE, acr=LOCAL)
    exchanged = System(small_world).register().exchange(direct).json["access_token"]
    path = f"/fhir/Condition?patient={small_world.person()}"
    own = get(small_world, direct, path).ids
    assert get(small_world, exchanged, path).ids == own != []
    individual = _user(idp, **{names.EMPLOYEE: None, names.PERSONAL_NUMBER: SIGNE, "acr": LOCAL})
    system = System(small_world).register(individuals=True)
    hers = system.exchange(individual).json["access_token"]
    consents = f"/fhir/Consent?patient={small_world.person()}"
    assert get(small_world, hers, consents).json["total"] == 1


def test_an_assertion_is_judged_when_it_has_come_and_not_when_its_headers_did(
    world: World,
) -> None:
    """Held back, a body that was valid once would be so for ever, and might be used once more."""
    system = System(world).register()
    used = system.assertion()
    assert system.ask(assertion=used, grant_type="client_credentials").status == 200
    begun, real = world.clock.now, world.http.app

    async def slow(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's own
        async def held_back() -> Any:  # noqa: ANN401
            world.clock.now = begun + timedelta(minutes=10)
            return await receive()

        await real(scope, held_back, send)

    world.clock.forward(timedelta(minutes=10))
    other = System(world, "another").register()  # whose use takes away what has expired
    assert other.ask(grant_type="client_credentials").status == 200
    world.clock.now = begun
    held = replace(system, world=replace(world, http=replace(world.http, app=slow)))
    reply = held.ask(assertion=used, grant_type="client_credentials")
    assert (reply.status, reply.json["error"]) == (401, "invalid_client")
