"""$register-assessment and $end-assessment: attitude, ability, maturity; by whom and when."""

from dataclasses import replace

import pytest

from consent.facts import Ability, Assessment, Person
from hub.auth.built_in import TokenRequest
from hub.fhir.check import check
from hub.store.facts import known_of
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    CLINIC,
    NOON,
    OFFICER,
    REGION,
    REGION_SYSTEM,
    SIGNE_HERSELF,
    THERAPIST,
    WARD_DOCTOR,
    Json,
    World,
    stated,
)
from tests.worlds.usual import RELATIONS, facts, fill

WHY = {"reason": "samtal med anhöriga"}
LACKING = {"kind": "capacity", "ability": "lasting_lack", **WHY}
SINCE = {"name": "since", "valueDate": "2026-03-01"}
NOT_OPPOSED = {"kind": "attitude", "clarified": True, "reasonToThinkOpposed": False, **WHY}


def _act(world: World, who: TokenRequest, name: str, given: list[Json]) -> Reply:
    body = {"resourceType": "Parameters", "parameter": given}
    return world.post(who, f"/fhir/Patient/{world.person()}/${name}", body)


def _assess(world: World, given: list[Json], who: TokenRequest = WARD_DOCTOR) -> Reply:
    return _act(world, who, "register-assessment", given)


def test_attitude_opens_for_somebody_unable_and_its_end_shuts(world: World) -> None:
    """SVOD 3:3: the reading organisation's own judgement, recorded instead of stated."""
    fill(world)
    world.know(facts(consents=()))
    assert _assess(world, [*stated(**LACKING), SINCE]).status == 200
    said = {"relevance": True, "necessary": True, "activeChoice": "content"}
    assert world.open(WARD_DOCTOR, *stated(**said)).status == 200
    session = world.session(WARD_DOCTOR, *stated(**said, organisation=CLINIC))
    path = "/fhir/Condition/clinic-1"
    assert world.get(WARD_DOCTOR, path, session=session).status == 404
    reply = _assess(world, stated(**NOT_OPPOSED))
    assert reply.status == 200, reply.body
    assert world.get(WARD_DOCTOR, path, session=session).status == 200
    name = str(reply.json["parameter"][0]["valueString"])
    ended = _act(world, WARD_DOCTOR, "end-assessment", stated(assessment=name, **WHY))
    assert ended.status == 200
    assert world.get(WARD_DOCTOR, path, session=session).status == 404


def test_the_maker_and_the_time_are_kept(small_world: World) -> None:
    fill(small_world)
    assert _assess(small_world, stated(**NOT_OPPOSED)).status == 200
    with small_world.store.read() as connection:
        (known,) = [
            each
            for each in known_of(connection, [small_world.person()]).entries
            if isinstance(each.content, Assessment)
        ]
    assert known.origin == "api:ward-doctor"
    assert known.recorded >= NOON
    assert known.content == Assessment(REGION, clarified=True, reason_to_think_opposed=False)


def test_assessments_are_read_by_those_whom_they_concern(small_world: World) -> None:
    fill(small_world)
    assert _assess(small_world, stated(**NOT_OPPOSED)).status == 200
    assert _assess(small_world, [*stated(**LACKING), SINCE]).status == 200
    path = f"/fhir/Patient/{small_world.person()}/$consents"
    seen = {}
    for who in (WARD_DOCTOR, THERAPIST, OFFICER, SIGNE_HERSELF):
        found = small_world.get(who, path).json.get("entry", [])
        assessed = [
            each["resource"] for each in found if each["resource"]["resourceType"] == "Observation"
        ]
        for each in assessed:
            assert [issue for issue in check(each) if issue.severity == "error"] == []
        seen[who.user] = sorted(each["code"]["coding"][0]["code"] for each in assessed)
    both = ["ability", "attitude"]
    assert seen == {"ward-doctor": both, "therapist": ["ability"], "officer": [], "signe": both}


def test_ability_and_maturity_are_one_person_with_what_was_known(small_world: World) -> None:
    fill(small_world)
    small_world.know(facts(person=Person(age=8)))
    assert _assess(small_world, stated(kind="maturity", mature=False, **WHY)).status == 200
    assert (
        _assess(small_world, stated(kind="capacity", ability="temporarily_lacking", **WHY)).status
        == 200
    )
    with small_world.store.read() as connection:
        known = known_of(connection, [small_world.person()]).facts.person
    assert (known.age, known.can_consent_self) == (8, False)
    assert known.capacity is Ability.TEMPORARILY_LACKING


@pytest.mark.parametrize(
    "who", [SIGNE_HERSELF, REGION_SYSTEM, OFFICER], ids=["the person", "a system", "an officer"]
)
def test_only_staff_assess(standing_world: World, who: TokenRequest) -> None:
    acting = (
        who
        if who is REGION_SYSTEM
        else replace(who, scope="patient/*.cruds" if who is SIGNE_HERSELF else "user/*.cruds")
    )
    assert _assess(standing_world, stated(**NOT_OPPOSED), acting).codes == ["not-to-assess"]


def test_who_takes_no_part_does_not_assess(small_world: World) -> None:
    fill(small_world)
    others = tuple(each for each in RELATIONS if each.organisation != REGION)
    small_world.know(facts(relations=others))
    assert _assess(small_world, stated(**NOT_OPPOSED)).codes == ["not-to-assess"]


@pytest.mark.parametrize(
    "given",
    [
        stated(kind="attitude", clarified=True),
        stated(**LACKING),
        stated(kind="capacity", **WHY),
        stated(**{**NOT_OPPOSED, "ability": "full"}),
        stated(kind="maturity", **WHY),
        [*stated(**LACKING), {"name": "since", "valueDate": "2026-03-11"}],
        [*stated(kind="capacity", ability="full", **WHY), SINCE],
    ],
)
def test_an_assessment_that_is_not_understood_is_refused(
    standing_world: World, given: list[Json]
) -> None:
    assert _assess(standing_world, given).status == 422
