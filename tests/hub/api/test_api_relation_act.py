"""$register-relation and $end-relation: felt in the next request; ended means ended."""

from dataclasses import replace
from datetime import timedelta

import pytest

from consent.facts import Capacity
from hub.auth.built_in import TokenRequest
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    CLINIC,
    NOON,
    REGION,
    REGION_SYSTEM,
    SIGNE_HERSELF,
    WARD,
    WARD_DOCTOR,
    Json,
    World,
    stated,
)
from tests.worlds.usual import RELATIONS, facts, fill

WITHOUT_REGION = tuple(each for each in RELATIONS if each.organisation != REGION)
CONTACT = {"state": "current", "evidence": "contact", "source": "besök 2026-03-10"}
CLINIC_SYSTEM = TokenRequest("clinic-integration", CLINIC, Capacity.SYSTEM)


def _act(world: World, who: TokenRequest, name: str, given: list[Json]) -> Reply:
    body = {"resourceType": "Parameters", "parameter": given}
    return world.post(who, f"/fhir/Patient/{world.person()}/${name}", body)


def _register(world: World, who: TokenRequest = REGION_SYSTEM, **given: object) -> Reply:
    return _act(world, who, "register-relation", stated(**{**CONTACT, **given}))


def _sees(world: World) -> bool:
    return world.get(WARD_DOCTOR, "/fhir/Condition/ward-1").status == 200


def test_a_relation_opens_and_its_end_shuts(world: World) -> None:
    fill(world)
    world.know(facts(relations=WITHOUT_REGION))
    assert not _sees(world)
    reply = _register(world, unit=WARD)
    assert reply.status == 200, reply.body
    name = str(reply.json["parameter"][0]["valueString"])
    assert _sees(world)
    other = _act(world, CLINIC_SYSTEM, "end-relation", stated(relation=name))
    absent = _act(world, CLINIC_SYSTEM, "end-relation", stated(relation="none"))
    assert (other.status, other.body) == (404, absent.body)
    assert _act(world, REGION_SYSTEM, "end-relation", stated(relation=name)).status == 200
    assert not _sees(world)
    assert _act(world, REGION_SYSTEM, "end-relation", stated(relation=name)).status == 404


def test_what_a_contact_says_is_fresh_for_ninety_days(small_world: World) -> None:
    fill(small_world)
    small_world.know(facts(relations=WITHOUT_REGION))
    assert _register(small_world).status == 200
    small_world.clock.forward(timedelta(days=90))
    small_world.tokens.clear()
    assert _sees(small_world)
    small_world.clock.forward(timedelta(days=1))
    small_world.tokens.clear()
    assert not _sees(small_world)


@pytest.mark.parametrize("who", [WARD_DOCTOR, replace(SIGNE_HERSELF, scope="patient/*.cruds")])
def test_only_a_system_registers(standing_world: World, who: TokenRequest) -> None:
    assert _register(standing_world, who).codes == ["relation-by-system"]


@pytest.mark.parametrize(
    "given",
    [
        [*stated(**CONTACT), {"name": "end", "valueDate": str((NOON + timedelta(days=91)).date())}],
        [*stated(**CONTACT), {"name": "end", "valueDate": str((NOON - timedelta(days=1)).date())}],
        stated(**{**CONTACT, "state": "former"}),
        stated(**{**CONTACT, "state": "ongoing"}),
        stated(**{**CONTACT, "evidence": "listing"}),
        stated(state="current", evidence="contact"),
    ],
)
def test_a_relation_that_is_not_understood_is_refused(
    standing_world: World, given: list[Json]
) -> None:
    assert _act(standing_world, REGION_SYSTEM, "register-relation", given).status == 422
