"""$request-lift, its Task and its answer (SVOD 3:5): granted, in part, refused; all logged."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from consent.facts import BlockKind, InfoType, Sparr
from hub.auth.built_in import TokenRequest
from hub.config.organisation import Unit
from hub.fhir.check import check
from hub.store.directory import load_organisations
from hub.store.schema.audit import audit_record
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    AUDITOR,
    CASE_WORKER,
    CLINIC,
    EMERGENCY_DOCTOR,
    KOMMUN,
    NAMND,
    NOON,
    OFFICER,
    ORGANISATIONS,
    REGION,
    SIGNE_HERSELF,
    SINCE,
    TALKS,
    THERAPIST,
    UNCONSCIOUS,
    WARD_DOCTOR,
    Json,
    World,
    condition,
    documented,
    stated,
)
from tests.worlds.usual import OUTER, facts, fill

LOOK = stated(relevance=True, activeChoice="content")
URGENT = {"reason": "medvetslös, okänd medicinering", "emergency": UNCONSCIOUS}
LIST = "/fhir/Task"
CODE = {"code": "lift-request"}


def _blocked(world: World, *blocks: Sparr) -> str:
    fill(world)
    world.know(facts(blocks=blocks or (OUTER,)))
    return world.session(WARD_DOCTOR, *LOOK)


def _post(world: World, who: TokenRequest, path: str, given: list[Json]) -> Reply:
    return world.post(who, f"/fhir/{path}", {"resourceType": "Parameters", "parameter": given})


def _ask(world: World, who: TokenRequest = WARD_DOCTOR, **given: object) -> Reply:
    asked = stated(**{"organisation": CLINIC, **URGENT, **given})
    return _post(world, who, f"Patient/{world.person()}/$request-lift", asked)


def _asked(world: World) -> str:
    reply = _ask(world)
    assert reply.status == 200, reply.body
    return str(reply.json["parameter"][0]["valueString"])


def _answer(
    world: World, number: str, decision: str, *, who: TokenRequest = OFFICER, **given: object
) -> Reply:
    hours = given.pop("hours", 2)
    said = [{"name": "decision", "valueCode": decision}, *stated(reason="prövat", **given)]
    if decision != "refuse":
        until = world.clock.now + timedelta(hours=float(str(hours)))
        said.append({"name": "until", "valueInstant": until.isoformat()})
    return _post(world, who, f"Task/{number}/$answer-lift-request", said)


def _sees(world: World, session: str) -> bool:
    return world.get(WARD_DOCTOR, "/fhir/Condition/clinic-1", session=session).status == 200


def test_a_lift_is_asked_for_and_granted_for_a_time(world: World) -> None:
    session = _blocked(world)
    number = _asked(world)
    assert not _sees(world, session)
    (entry,) = world.get(OFFICER, LIST, CODE).json["entry"]
    task = entry["resource"]
    assert (task["id"], task["status"], task["priority"]) == (number, "requested", "urgent")
    assert [each for each in check(task) if each.severity == "error"] == []
    reply = _answer(world, number, "grant")
    assert reply.status == 200, reply.body
    assert reply.json["parameter"][0]["valueCode"] == "granted"
    assert _sees(world, session)
    assert world.get(WARD_DOCTOR, f"{LIST}/{number}").json["status"] == "completed"
    world.clock.forward(timedelta(hours=2))
    world.tokens.clear()
    assert not _sees(world, world.session(WARD_DOCTOR, *LOOK))


def test_the_person_is_told(world: World) -> None:
    _blocked(world)
    assert _answer(world, _asked(world), "grant").status == 200
    reply = world.get(SIGNE_HERSELF, f"/fhir/Patient/{world.person()}/$notices")
    (entry,) = reply.json["entry"]
    text = entry["resource"]["payload"][0]["contentString"]
    assert f"Name of {CLINIC} hävde spärren för Name of {REGION}" in text
    assert [each for each in check(entry["resource"]) if each.severity == "error"] == []
    for other in (WARD_DOCTOR, OFFICER, AUDITOR):
        told = world.get(
            replace(other, scope="user/*.cruds"), f"/fhir/Patient/{world.person()}/$notices"
        )
        assert told.status == 403


def test_a_lift_in_part_leaves_the_other_block(world: World) -> None:
    second = Sparr("second", BlockKind.OUTER, CLINIC, set_at=SINCE.start)
    session = _blocked(world, OUTER, second)
    number = _asked(world)
    assert _answer(world, number, "part", block=["none"]).status == 422
    assert _answer(world, number, "part", block=[OUTER.id]).status == 200
    assert not _sees(world, session), "each of two blocks must be lifted"


def test_what_is_refused_stays_shut_and_is_answered_once(world: World) -> None:
    session = _blocked(world)
    number = _asked(world)
    assert _answer(world, number, "refuse").status == 200
    assert not _sees(world, session)
    again = _answer(world, number, "grant")
    assert (again.status, again.codes) == (422, ["request-answered"])
    assert world.get(WARD_DOCTOR, f"{LIST}/{number}").json["status"] == "rejected"


def test_asking_twice_is_one_request(small_world: World) -> None:
    _blocked(small_world)
    assert _asked(small_world) == _asked(small_world)


def test_what_has_lapsed_is_not_answered(small_world: World) -> None:
    _blocked(small_world)
    number = _asked(small_world)
    small_world.clock.forward(timedelta(hours=25))
    small_world.tokens.clear()
    assert small_world.get(OFFICER, f"{LIST}/{number}").json["status"] == "failed"
    assert _answer(small_world, number, "grant").codes == ["request-answered"]


@pytest.mark.parametrize(
    ("part", "sees"),
    [
        ({"unit": [TALKS]}, True),
        ({"unit": ["SE5599999988-1002"]}, False),
        ({"type": ["diagnosis"]}, True),
        ({"type": ["medication"]}, False),
    ],
)
def test_a_lift_in_part_is_of_units_or_types(
    small_world: World, part: dict[str, list[str]], *, sees: bool
) -> None:
    """The test's Condition is a diagnosis of the unit TALKS."""
    fill(small_world)
    small_world.hold(
        [
            (
                condition(small_world.person(), "diagnosis-1"),
                documented(CLINIC, TALKS, info_type=InfoType.DIAGNOSIS),
            )
        ]
    )
    entry = next(each for each in ORGANISATIONS if each.id == CLINIC)
    more = replace(entry, units=(*entry.units, Unit("SE5599999988-1002", "Another")))
    with small_world.store.write() as connection:
        load_organisations(connection, [more], small_world.clock.now)
    small_world.know(facts(blocks=(OUTER,)))
    session = small_world.session(WARD_DOCTOR, *LOOK)
    number = _asked(small_world)
    assert _answer(small_world, number, "part").status == 422
    assert _answer(small_world, number, "part", unit=["nowhere"]).codes == ["unknown-unit"]
    assert _answer(small_world, number, "grant", **part).status == 422
    assert _answer(small_world, number, "part", **part).status == 200
    path = "/fhir/Condition/diagnosis-1"
    found = small_world.get(WARD_DOCTOR, path, session=session).status
    assert found == (200 if sees else 404)


CALM = {**UNCONSCIOUS, "danger": "none"}
ABLE = {**UNCONSCIOUS, "canRequestLift": True}
NOT_NEEDED = {**UNCONSCIOUS, "absolutelyNeeded": False}


@pytest.mark.parametrize(
    ("who", "given"),
    [
        (WARD_DOCTOR, {"emergency": CALM}),
        (WARD_DOCTOR, {"emergency": ABLE}),
        (WARD_DOCTOR, {"emergency": NOT_NEEDED}),
        (WARD_DOCTOR, {"organisation": KOMMUN}),
        (WARD_DOCTOR, {"organisation": NAMND}),
        (WARD_DOCTOR, {"organisation": REGION}),
        (WARD_DOCTOR, {"organisation": "nobody"}),
        (CASE_WORKER, {}),
        (THERAPIST, {}),
        (OFFICER, {}),
    ],
)
def test_where_the_law_lets_nobody_ask_there_is_one_answer(
    standing_world: World, who: TokenRequest, given: Json
) -> None:
    """Also towards an omsorgsgivare that has blocked: nothing tells it from one that has not."""
    social = Sparr("social", BlockKind.OUTER, NAMND, set_at=SINCE.start)
    standing_world.know(facts(blocks=(OUTER, social)))
    reply = _ask(standing_world, who, **given)
    standing_world.know(facts())
    without = _ask(standing_world, who, **given)
    assert (reply.status, reply.codes) == (403, ["lift-not-to-be-asked-for"])
    assert (without.status, without.body) == (reply.status, reply.body)


def test_a_block_that_covers_nothing_is_as_none(small_world: World) -> None:
    empty = Sparr("empty", BlockKind.OUTER, CLINIC, unit="SE5599999988-1009", set_at=SINCE.start)
    _blocked(small_world, empty)
    assert _ask(small_world).codes == ["lift-not-to-be-asked-for"]


@pytest.mark.parametrize("who", [EMERGENCY_DOCTOR, THERAPIST, AUDITOR, CASE_WORKER])
def test_a_request_is_seen_by_who_asked_and_by_the_officer_alone(
    small_world: World, who: TokenRequest
) -> None:
    _blocked(small_world)
    number = _asked(small_world)
    acting = replace(who, scope="user/*.cruds")
    assert small_world.get(acting, LIST, CODE).json["total"] == 0
    there = small_world.get(acting, f"{LIST}/{number}")
    absent = small_world.get(acting, f"{LIST}/lift-request-none")
    assert (there.status, there.body) == (404, absent.body)
    answered = _answer(small_world, number, "grant", who=acting)
    nowhere = _answer(small_world, "lift-request-none", "grant", who=acting)
    assert (answered.status, answered.body) == (404, nowhere.body)


@pytest.mark.parametrize("hours", [0, -1, 24 * 8])
def test_a_lift_has_an_end_within_a_week(small_world: World, hours: int) -> None:
    _blocked(small_world)
    assert _answer(small_world, _asked(small_world), "grant", hours=hours).status == 422


def test_every_step_is_logged(small_world: World) -> None:
    _blocked(small_world)
    number = _asked(small_world)
    small_world.get(OFFICER, f"{LIST}/{number}")
    _answer(small_world, number, "grant")
    with small_world.store.read() as connection:
        rows = connection.execute(select(audit_record.c.payload)).scalars()
        payloads = [bytes(each).decode() for each in rows]
    for step in (f"$request-lift {number}", f"Task/{number}", "$answer-lift-request granted"):
        assert [each for each in payloads if step in each], step
    assert NOON.year == 2026
