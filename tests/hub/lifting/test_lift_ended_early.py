"""$end-lift: a lift that is needed no more, or was given to the wrong one, ends at once."""

from datetime import timedelta

import pytest

from hub.lifting.clock import LiftClock
from tests.hub.api.consenting import SIGNE_ACTING
from tests.hub.lifting.asking import asked, blocked, granted, later, logged, post, request, told
from tests.hub.lifting.test_lift_overlaps import AGAIN, consented_to_both, lifted, sees
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    CLINIC,
    EMERGENCY_DOCTOR,
    OFFICER,
    OTHER_REGION,
    REGION,
    THERAPIST,
    WARD_DOCTOR,
    World,
    stated,
)

HOUR = timedelta(hours=1)
EARLY = f"Hävningen av en spärr hos Name of {CLINIC} för Name of {REGION} har avslutats i förtid."


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LiftClock, "start", lambda _: None)


def ended(world: World, lift: str, who: object = OFFICER) -> Reply:
    world.clock.forward(timedelta(minutes=1))
    given = stated(lift=lift, reason="behövs inte mer")
    return post(world, f"Patient/{world.person()}/$end-lift", given, who)


def test_the_officer_ends_a_lift_and_the_next_request_is_refused(world: World) -> None:
    consented_to_both(world)
    lift = lifted(world, 3, organisation=REGION)
    assert sees(world)
    reply = ended(world, lift)
    assert (reply.status, reply.json["parameter"][0]["valueString"]) == (200, lift)
    assert not sees(world)
    assert told(world)[0].startswith(EARLY)
    assert AGAIN in told(world)[0]
    (record,) = logged(world, f"Patient/{world.person()}/$end-lift {lift}")
    assert (record.action.value, record.reason) == ("block", "behövs inte mer")
    assert ended(world, lift).status == 404, "it is in force no more"
    before = told(world)
    assert later(world, 4 * HOUR) == 0
    assert told(world) == before, "nothing is said again when its time would have been out"


def test_the_person_ends_it_and_nobody_else_learns_that_it_is_there(world: World) -> None:
    consented_to_both(world)
    lift = lifted(world, 3, organisation=REGION)
    for who in (WARD_DOCTOR, EMERGENCY_DOCTOR, THERAPIST):
        there = ended(world, lift, who)
        nothing = ended(world, "nothing", who)
        assert (there.status, nothing.status) == (404, 404), who
        assert there.json["issue"] == nothing.json["issue"], who
    assert sees(world)
    assert ended(world, lift, SIGNE_ACTING).status == 200
    assert not sees(world)


def test_another_lift_of_the_same_block_goes_on(world: World) -> None:
    consented_to_both(world)
    first = lifted(world, 3, organisation=REGION)
    lifted(world, 2, organisation=OTHER_REGION)
    assert ended(world, first).status == 200
    assert sees(world, EMERGENCY_DOCTOR)
    assert not sees(world)
    assert "utom för den som den fortfarande är hävd för" in told(world)[0]
    assert later(world, 2 * HOUR) == 1
    assert AGAIN in told(world)[0]


def test_a_request_ends_with_the_last_of_its_lifts(world: World) -> None:
    blocked(world)
    number = asked(world)
    granted(world, number)
    (lift,) = request(world, number).lifts
    assert sees(world)
    assert ended(world, lift).status == 200
    assert not sees(world)
    assert request(world, number).ended == world.clock.now
    assert later(world, 3 * HOUR) == 0
    assert len([each for each in told(world) if AGAIN in each]) == 1


def test_what_is_missing_is_named(world: World) -> None:
    blocked(world)
    reply = post(world, f"Patient/{world.person()}/$end-lift", stated(lift="x"), OFFICER)
    assert reply.status == 422
    assert b"lift and reason are needed" in reply.body
