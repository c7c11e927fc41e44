"""Acts on what stands under another of a person's numbers: found by its name, and with effect."""

from datetime import timedelta

import pytest

from consent.facts import Facts
from hub.store.identity import link_persons
from tests.hub.api.consenting import LOOK, SIGNE_ACTING
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    CLINIC,
    OFFICER,
    OLOF,
    REGION,
    SIGNE,
    UNCONSCIOUS,
    WARD_DOCTOR,
    Json,
    World,
    stated,
)
from tests.worlds.usual import OUTER, fill

CLINICS = "/fhir/Condition/clinic-1"


@pytest.fixture
def linked(world: World) -> World:
    """Somebody whose block stands under a number that is not the first."""
    fill(world)
    world.know(Facts(blocks=(OUTER,)), OLOF)
    with world.store.write() as connection:
        link_persons(connection, world.person(), world.person(OLOF), world.clock.now)
    assert _reads(world) == 404
    return world


def _reads(world: World) -> int:
    session = world.session(WARD_DOCTOR, *LOOK)
    return world.get(WARD_DOCTOR, CLINICS, session=session).status


def _act(world: World, who: object, number: str, operation: str, *given: Json) -> Reply:
    body = {"resourceType": "Parameters", "parameter": list(given)}
    path = f"/fhir/Patient/{world.person(number)}/${operation}"
    return world.post(who, path, body)  # type: ignore[arg-type]  # a test's own reader


@pytest.mark.parametrize("number", [SIGNE, OLOF])
def test_the_person_lifts_it_by_the_name_that_it_was_registered_by(
    linked: World, number: str
) -> None:
    assert _act(linked, SIGNE_ACTING, number, "lift-block", *stated(block=OUTER.id)).status == 200
    assert _reads(linked) == 200


def test_a_name_that_two_have_is_not_guessed(linked: World) -> None:
    linked.know(Facts(blocks=(OUTER,)))
    own = _act(linked, SIGNE_ACTING, SIGNE, "lift-block", *stated(block=OUTER.id))
    assert own.status == 200, "the Patient's own goes first"
    assert _reads(linked) == 404, "the other's stands"
    nobody = _act(linked, SIGNE_ACTING, SIGNE, "lift-block", *stated(block="uter"))
    assert nobody.status == 404


@pytest.mark.parametrize("qualified", [True, False])
@pytest.mark.parametrize("number", [SIGNE, OLOF])
def test_the_officer_lifts_it_for_a_while_under_either_number(
    linked: World, number: str, *, qualified: bool
) -> None:
    own = number == OLOF
    name = f"{linked.person(OLOF)}/{OUTER.id}" if qualified and not own else OUTER.id
    until = linked.clock.now + timedelta(hours=1)
    given = [
        *stated(block=name, organisation=REGION, reason="ringde", emergency=UNCONSCIOUS),
        {"name": "ground", "valueCode": "emergency"},
        {"name": "until", "valueInstant": until.isoformat()},
    ]
    reply = _act(linked, OFFICER, number, "lift-block-temporarily", *given)
    assert reply.status == 200, reply.body
    assert _reads(linked) == 200
    linked.clock.forward(timedelta(hours=1))
    linked.tokens.clear()
    assert _reads(linked) == 404


def test_a_granted_request_lifts_it(linked: World) -> None:
    asked = _act(
        linked, WARD_DOCTOR, SIGNE, "request-lift",
        *stated(organisation=CLINIC, reason="larm", emergency=UNCONSCIOUS),
    )  # fmt: skip
    assert asked.status == 200, asked.body
    number = asked.json["parameter"][0]["valueString"]
    until = linked.clock.now + timedelta(hours=1)
    given = [
        {"name": "decision", "valueCode": "grant"},
        {"name": "until", "valueInstant": until.isoformat()},
        *stated(reason="prövat"),
    ]
    body = {"resourceType": "Parameters", "parameter": given}
    path = f"/fhir/Task/{number}/$answer-lift-request"
    assert linked.post(OFFICER, path, body).status == 200
    assert _reads(linked) == 200
