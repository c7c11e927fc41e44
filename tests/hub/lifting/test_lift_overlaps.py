"""Lifts that overlap, and what becomes of them when block, reader or officer changes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from consent.facts import BlockKind, InfoType, Sparr
from hub.config.organisation import OrganisationEntry
from hub.lifting.clock import LiftClock
from hub.store.directory import load_organisations
from hub.store.lift_requests import LiftState
from tests.hub.api.consenting import SIGNE_ACTING
from tests.hub.lifting.asking import (
    LOOK,
    asked,
    blocked,
    clock_of,
    granted,
    later,
    logged,
    post,
    request,
    told,
)
from tests.hub.web.visiting import Visitor, csrf
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    CLINIC,
    EMERGENCY_DOCTOR,
    NOON,
    OFFICER,
    ORGANISATIONS,
    OTHER_REGION,
    REGION,
    SURGEON,
    TALKS,
    UNCONSCIOUS,
    WARD,
    WARD_DOCTOR,
    World,
    condition,
    documented,
    stated,
)
from tests.worlds.usual import CONSENT, OUTER, RELATIONS, facts, fill

HOUR = timedelta(hours=1)
CLINICS = "/fhir/Condition/clinic-1"
AGAIN = "Nu gäller spärren igen för alla"


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub's own clock does not run: each test says when time is looked at."""
    monkeypatch.setattr(LiftClock, "start", lambda _: None)


def sees(world: World, who: object = WARD_DOCTOR, number: str = "clinic-1") -> bool:
    world.tokens.clear()
    session = world.session(who, *LOOK)  # type: ignore[arg-type]  # a test's own reader
    reply = world.get(who, f"/fhir/Condition/{number}", session=session)  # type: ignore[arg-type]
    assert reply.status in (200, 404)
    return reply.status == 200


def answer(world: World, number: str, decision: str, hours: int = 2, **given: object) -> Reply:
    until = world.clock.now + timedelta(hours=hours)
    said = [
        {"name": "decision", "valueCode": decision},
        *({"name": "type", "valueCode": each} for each in given.pop("types", ())),
        *([] if decision == "refuse" else [{"name": "until", "valueInstant": until.isoformat()}]),
        *stated(reason="prövat", **given),
    ]
    return post(world, f"Task/{number}/$answer-lift-request", said, OFFICER)


def lifted(world: World, hours: int, **whom: object) -> str:
    until = world.clock.now + timedelta(hours=hours)
    given = [
        *stated(block=OUTER.id, reason="ringde", emergency=UNCONSCIOUS, **whom),
        {"name": "ground", "valueCode": "emergency"},
        {"name": "until", "valueInstant": until.isoformat()},
    ]
    reply = post(world, f"Patient/{world.person()}/$lift-block-temporarily", given, OFFICER)
    assert reply.status == 200, reply.body
    return str(reply.json["parameter"][0]["valueString"])


def consented_to_both(world: World) -> None:
    blocked(world)
    other = replace(CONSENT, organisation=OTHER_REGION)
    world.know(facts(consents=(CONSENT, other), blocks=(OUTER,)))


def test_two_lifts_of_one_block_end_each_by_itself(small_world: World) -> None:
    consented_to_both(small_world)
    lifted(small_world, 1, organisation=REGION, unit=WARD)
    lifted(small_world, 3, organisation=OTHER_REGION)
    assert sees(small_world)
    assert not sees(small_world, SURGEON), "another unit of the same organisation"
    assert sees(small_world, EMERGENCY_DOCTOR)
    assert later(small_world, HOUR) == 1
    assert not sees(small_world)
    assert sees(small_world, EMERGENCY_DOCTOR)
    assert f"hävt en spärr för Name of {REGION}" in told(small_world)[0]
    assert AGAIN not in told(small_world)[0], "it does not stand for all: another lift runs"
    assert later(small_world, 2 * HOUR) == 1
    assert AGAIN in told(small_world)[0]
    assert not sees(small_world, EMERGENCY_DOCTOR)


def test_two_lifts_for_one_reader_last_as_long_as_the_longer(small_world: World) -> None:
    blocked(small_world)
    lifted(small_world, 3, organisation=REGION)
    lifted(small_world, 1, organisation=REGION)
    later(small_world, HOUR)
    assert sees(small_world)
    later(small_world, 2 * HOUR)
    assert not sees(small_world)


@pytest.mark.parametrize("asked_for", [True, False])
def test_what_was_lifted_for_good_meanwhile_is_not_said_to_be_back(
    small_world: World, *, asked_for: bool
) -> None:
    blocked(small_world)
    if asked_for:
        granted(small_world, asked(small_world))
    else:
        lifted(small_world, 2, organisation=REGION)
    path = f"Patient/{small_world.person()}/$lift-block"
    assert post(small_world, path, stated(block=OUTER.id), SIGNE_ACTING).status == 200
    later(small_world, 2 * HOUR)
    assert sees(small_world), "there is no block any more"
    assert not [each for each in told(small_world) if AGAIN in each]


def test_in_part_twice_opens_both_parts_each_for_its_time(small_world: World) -> None:
    blocked(small_world)
    person = small_world.person()
    lab = documented(CLINIC, TALKS, info_type=InfoType.LAB)
    alert = documented(CLINIC, TALKS, info_type=InfoType.ALERT)
    small_world.hold([(condition(person, "lab-1"), lab), (condition(person, "alert-1"), alert)])
    number = asked(small_world)
    assert answer(small_world, number, "part", hours=1, types=["lab"]).status == 200
    other = asked(small_world)
    assert other != number, "an answered request is asked anew"
    assert answer(small_world, other, "part", hours=3, types=["alert"]).status == 200
    seen = [sees(small_world, number=each) for each in ("lab-1", "alert-1", "clinic-1")]
    assert seen == [True, True, False]
    assert later(small_world, HOUR) == 1
    assert AGAIN not in told(small_world)[0]
    seen = [sees(small_world, number=each) for each in ("lab-1", "alert-1", "clinic-1")]
    assert seen == [False, True, False]


def test_what_is_granted_opens_nothing_to_whom_the_care_has_left(small_world: World) -> None:
    blocked(small_world)
    number = asked(small_world)
    relations = tuple(each for each in RELATIONS if each.organisation != REGION)
    small_world.know(facts(relations=relations, blocks=(OUTER,)))
    granted(small_world, number)
    assert not sees(small_world)


def test_what_is_granted_waits_for_a_session_that_lives(small_world: World) -> None:
    session = blocked(small_world)
    number = asked(small_world)
    small_world.clock.forward(timedelta(minutes=61))
    small_world.tokens.clear()
    granted(small_world, number)
    assert small_world.get(WARD_DOCTOR, CLINICS, session=session).status == 403
    assert sees(small_world)


def changed(world: World, entry: OrganisationEntry) -> None:
    with world.store.write() as connection:
        load_organisations(connection, [entry], world.clock.now)


def ended(world: World, organisation: str, user: str) -> None:
    """End all assignments of somebody at this moment."""
    entry = next(each for each in ORGANISATIONS if each.id == organisation)
    staff = tuple(
        each
        if each.id != user
        else replace(
            each,
            assignments=tuple(
                replace(one, period=replace(one.period, end=world.clock.now))
                for one in each.assignments
            ),
        )
        for each in entry.staff
    )
    changed(world, replace(entry, staff=staff))


def test_what_is_granted_opens_nothing_to_whose_assignment_has_ended(small_world: World) -> None:
    session = blocked(small_world)
    number = asked(small_world)
    granted(small_world, number)
    assert small_world.get(WARD_DOCTOR, CLINICS, session=session).status == 200
    ended(small_world, REGION, WARD_DOCTOR.user)
    assert small_world.get(WARD_DOCTOR, CLINICS, session=session).status != 200
    assert small_world.get(WARD_DOCTOR, f"/fhir/Task/{number}").status == 403


def test_an_officer_whose_assignment_ends_before_the_answer_lifts_nothing(
    small_world: World,
) -> None:
    blocked(small_world)
    number = asked(small_world)
    officer = Visitor(small_world)
    assert officer.log_in(OFFICER).status == 303
    page = f"/granskning/havningar/{number}"
    form = {"beslut": "grant", "timmar": "4", "skal": "prövat", "csrf": csrf(officer.get(page))}
    ended(small_world, CLINIC, OFFICER.user)
    assert officer.post(page, form).status >= 400
    assert answer(small_world, number, "grant").status in (401, 403, 404)
    assert request(small_world, number).state is LiftState.ASKED
    assert not sees(small_world)


def test_however_many_blocks_there_are_all_are_lifted(small_world: World) -> None:
    """A grant that is whole leaves no block standing, whatever their number."""
    fill(small_world)
    one_day = timedelta(days=1)
    blocks = tuple(
        Sparr(f"block-{number}", BlockKind.OUTER, CLINIC, TALKS, set_at=NOON - one_day)
        for number in range(40)
    )
    small_world.know(facts(blocks=blocks))
    number = asked(small_world)
    granted(small_world, number)
    assert len(request(small_world, number).lifts) == len(blocks)
    assert sees(small_world)


def test_all_that_came_due_while_the_hub_was_down_is_done_once_it_is_up(
    small_world: World,
) -> None:
    consented_to_both(small_world)
    first, direct = asked(small_world), lifted(small_world, 1, organisation=OTHER_REGION)
    granted(small_world, first)
    small_world.clock.forward(timedelta(hours=30))
    assert not sees(small_world)
    assert not sees(small_world, EMERGENCY_DOCTOR), "without any clock"
    assert later(small_world, timedelta(0), clock_of(small_world)) == 2
    assert later(small_world, timedelta(0), clock_of(small_world)) == 0
    assert request(small_world, first).ended == small_world.clock.now
    assert [AGAIN in each for each in told(small_world)].count(True) == 2
    queries = " ".join(str(each.query) for each in logged(small_world, "lift/ended"))
    assert first in queries
    assert direct in queries


def test_who_asks_from_another_unit_asks_for_that_unit(small_world: World) -> None:
    """A lift is for the asking unit: what was asked from another one is no help here."""
    blocked(small_world)
    entry = next(each for each in ORGANISATIONS if each.id == REGION)
    doctor = next(each for each in entry.staff if each.id == WARD_DOCTOR.user)
    (ward,) = doctor.assignments
    both = replace(doctor, assignments=(ward, replace(ward, id="second", unit=SURGEON.unit)))
    staff = tuple(both if each.id == doctor.id else each for each in entry.staff)
    changed(small_world, replace(entry, staff=staff))
    first = asked(small_world)
    there = replace(WARD_DOCTOR, unit=SURGEON.unit)
    given = stated(organisation=CLINIC, reason="larm", emergency=UNCONSCIOUS)
    path = f"Patient/{small_world.person()}/$request-lift"
    reply = post(small_world, path, given, there)
    assert reply.status == 200, reply.body
    second = str(reply.json["parameter"][0]["valueString"])
    assert second != first
    assert request(small_world, second).unit == SURGEON.unit


def test_a_block_that_is_set_anew_shuts_whatever_lifts_run(small_world: World) -> None:
    """A lift is of the block that it names: the person can shut again at once."""
    blocked(small_world)
    granted(small_world, asked(small_world))
    lifted(small_world, 3, organisation=REGION)
    assert sees(small_world)
    path = f"Patient/{small_world.person()}/$register-block"
    assert post(small_world, path, stated(owner=CLINIC), SIGNE_ACTING).status == 200
    assert not sees(small_world)
