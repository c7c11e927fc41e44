"""$register-block and $lift-block: what they change counts from the next request."""

from dataclasses import replace

import pytest

from consent.facts import Capacity
from hub.auth.built_in import TokenRequest
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    CLINIC,
    NAMND,
    SIGNE_HERSELF,
    THERAPIST,
    WARD_DOCTOR,
    World,
    stated,
)
from tests.worlds.usual import OUTER, facts, fill

LOOK = stated(relevance=True, activeChoice="content")
ACTING = "patient/*.cruds"
SIGNE_ACTING = replace(SIGNE_HERSELF, scope=ACTING)
GUARDIAN = replace(SIGNE_ACTING, user="guardian", as_=Capacity.GUARDIAN)
NOBODY = stated(block="sparr-of-nobody")


def _act(world: World, who: TokenRequest, name: str, parameters: list[dict[str, object]]) -> Reply:
    body = {"resourceType": "Parameters", "parameter": parameters}
    return world.post(who, f"/fhir/Patient/{world.person()}/${name}", body)


def _sees_the_clinic(world: World, session: str) -> bool:
    return world.get(WARD_DOCTOR, "/fhir/Condition/clinic-1", session=session).status == 200


@pytest.mark.parametrize("who", [SIGNE_ACTING, THERAPIST], ids=["the person", "the clinic"])
def test_a_block_and_its_lift_are_felt_in_the_next_request(world: World, who: TokenRequest) -> None:
    fill(world)
    session = world.session(WARD_DOCTOR, *LOOK)
    assert _sees_the_clinic(world, session)
    reply = _act(world, who, "register-block", stated(kind="outer", owner=CLINIC))
    assert reply.status == 200
    assert not _sees_the_clinic(world, session)
    block = reply.json["parameter"][0]["valueString"]
    assert _act(world, who, "lift-block", stated(block=block)).status == 200
    assert _sees_the_clinic(world, session)
    assert _act(world, who, "lift-block", stated(block=block)).status == 404


@pytest.mark.parametrize("who", [WARD_DOCTOR, GUARDIAN], ids=["another vårdgivare", "a guardian"])
def test_nobody_else_blocks_or_learns_that_there_is_one(
    small_world: World, who: TokenRequest
) -> None:
    fill(small_world)
    small_world.know(facts(blocks=(OUTER,)))
    refused = _act(small_world, who, "register-block", stated(owner=CLINIC))
    assert (refused.status, refused.codes) == (403, ["not-for-the-person"])
    there = _act(small_world, who, "lift-block", stated(block=OUTER.id))
    absent = _act(small_world, who, "lift-block", NOBODY)
    assert (there.status, there.body) == (absent.status, absent.body)


@pytest.mark.parametrize(
    "parameters",
    [
        stated(kind="sideways", owner=CLINIC),
        stated(owner="nobody"),
        stated(kind="inner", owner=NAMND),
        stated(owner=CLINIC, excludedType="poetry"),
        stated(owner=CLINIC, informationFrom="2026-02-30"),
        stated(owner=CLINIC, process="P"),
        stated(owner=CLINIC, surprise="x"),
    ],
)
def test_a_block_that_is_not_understood_is_refused(
    standing_world: World, parameters: list[dict[str, object]]
) -> None:
    reply = _act(standing_world, SIGNE_ACTING, "register-block", parameters)
    assert reply.status == 422
    assert "expression" in reply.json["issue"][0]


def test_a_token_that_may_only_read_sets_no_block(standing_world: World) -> None:
    reading = replace(SIGNE_HERSELF, scope="patient/*.rs")
    reply = _act(standing_world, reading, "register-block", stated(owner=CLINIC))
    assert (reply.status, reply.codes) == (403, ["insufficient-scope"])
