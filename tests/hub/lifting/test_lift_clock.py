"""What time does with requests to lift and with lifts: durable, by one worker, and logged."""

import threading
from datetime import timedelta

import pytest

from hub.audit.errors import AuditUnavailable
from hub.audit.record import AccessRecord, Action
from hub.audit.words import Names, in_words
from hub.config.organisation import LiftDuty
from hub.lifting.clock import LiftClock
from hub.store.lift_requests import LiftState
from hub.store.lift_timer import LEASE, take_timer
from tests.hub.lifting.asking import (
    CHIEF,
    asked,
    blocked,
    clock_of,
    granted,
    later,
    logged,
    on_duty,
    post,
    request,
    told,
)
from tests.worlds.hub_world import CLINIC, OFFICER, REGION, WARD_DOCTOR, World, stated
from tests.worlds.usual import OUTER

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ORDER = (LiftDuty((OFFICER.user,), 5), LiftDuty((CHIEF,), 10))


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub's own clock does not run: each test says when time is looked at."""
    monkeypatch.setattr(LiftClock, "start", lambda _: None)


def test_one_after_the_other_is_asked_and_then_everybody(world: World) -> None:
    blocked(world)
    on_duty(world, ORDER)
    number = asked(world)
    assert request(world, number).addressed == (OFFICER.user,)
    assert later(world, 4 * MINUTE) == 0
    assert later(world, 1 * MINUTE) == 1
    one = request(world, number)
    assert (one.level, one.addressed, one.state) == (1, (CHIEF,), LiftState.ASKED)
    assert later(world, 9 * MINUTE) == 0
    assert later(world, 1 * MINUTE) == 1
    last = request(world, number)
    assert (last.level, last.addressed, last.escalates) == (2, (), None)
    (first, second) = sorted(logged(world, "lift/escalated"), key=lambda each: each.recorded)
    assert (first.person, first.organisation, first.action) == (
        world.person(),
        CLINIC,
        Action.ADMINISTER,
    )
    assert f"{number} to {CHIEF}: " in str(first.query)
    assert "to every officer" in str(second.query)
    assert "obesvarad begäran" in in_words(first, Names({}, {}))
    task = world.get(OFFICER, f"/fhir/Task/{number}").json
    assert task["priority"] == "stat"


def test_who_is_on_duty_no_more_is_passed_over(small_world: World) -> None:
    blocked(small_world)
    on_duty(small_world, ORDER, chief_until_noon=True)
    number = asked(small_world)
    later(small_world, 5 * MINUTE)
    assert (request(small_world, number).level, request(small_world, number).addressed) == (2, ())


def test_without_an_order_every_officer_is_asked_for_a_quarter(small_world: World) -> None:
    blocked(small_world)
    number = asked(small_world)
    assert later(small_world, 14 * MINUTE) == 0
    assert later(small_world, 1 * MINUTE) == 1
    assert request(small_world, number).escalated == small_world.clock.now
    assert later(small_world, HOUR) == 0, "once"


def test_what_nobody_answers_lapses_and_the_person_is_told(world: World) -> None:
    blocked(world)
    number = asked(world)
    later(world, 15 * MINUTE)
    assert later(world, 24 * HOUR) == 1
    assert request(world, number).state is LiftState.LAPSED
    assert ["svarade inte i tid" in each for each in told(world)] == [True]
    assert len(logged(world, f"lift/lapsed Task/{number}")) == 1
    assert later(world, 24 * HOUR) == 0


def test_the_block_is_back_by_itself_and_the_person_is_told(world: World) -> None:
    session = blocked(world)
    number = asked(world)
    granted(world, number)
    assert world.get(WARD_DOCTOR, "/fhir/Condition/clinic-1", session=session).status == 200
    assert later(world, HOUR) == 0
    world.clock.forward(HOUR)
    world.tokens.clear()
    session = world.session(WARD_DOCTOR, *stated(relevance=True, activeChoice="content"))
    there = world.get(WARD_DOCTOR, "/fhir/Condition/clinic-1", session=session)
    assert there.status == 404, "without any clock"
    assert later(world, timedelta(0)) == 1
    assert request(world, number).ended == world.clock.now
    assert "Nu gäller spärren igen" in told(world)[0]
    assert len(logged(world, "lift/ended")) == 1
    assert later(world, 24 * HOUR) == 0


def test_a_lift_that_nobody_asked_for_here_ends_in_the_same_way(world: World) -> None:
    blocked(world)
    until = world.clock.now + HOUR
    given = [
        *stated(block=OUTER.id, organisation=REGION, reason="ringde"),
        {"name": "ground", "valueCode": "emergency"},
        {"name": "until", "valueInstant": until.isoformat()},
        *stated(
            emergency={
                "danger": "life",
                "consentObtainable": False,
                "canRequestLift": False,
                "absolutelyNeeded": True,
            }
        ),
    ]
    path = f"Patient/{world.person()}/$lift-block-temporarily"
    assert post(world, path, given, OFFICER).status == 200
    assert f"för Name of {REGION} till 2026-03-10 kl. 13.00" in told(world)[0]
    assert later(world, HOUR) == 1
    assert "Nu gäller spärren igen" in told(world)[0]
    assert len(logged(world, "lift/ended")) == 1
    assert later(world, HOUR) == 0


def test_what_is_answered_in_time_is_not_escalated(small_world: World) -> None:
    blocked(small_world)
    number = asked(small_world)
    granted(small_world, number, hours=1)
    assert later(small_world, 30 * MINUTE) == 0
    assert logged(small_world, "lift/escalated") == []


def test_a_worker_that_dies_leaves_it_to_others(world: World) -> None:
    blocked(world)
    number = asked(world)
    world.clock.forward(15 * MINUTE)
    assert take_timer(world.store, "dead", world.clock.now) is not None
    assert later(world, timedelta(0)) == 0, "the other has it"
    assert later(world, LEASE.lasts + timedelta(seconds=1)) == 1
    assert request(world, number).level == 1


def test_nothing_is_done_that_cannot_be_logged(small_world: World) -> None:
    class Closed:
        def append_all(self, _records: object) -> tuple[()]:
            raise AuditUnavailable("closed")

    blocked(small_world)
    number = asked(small_world)
    small_world.clock.forward(15 * MINUTE)
    closed = LiftClock(small_world.store, Closed(), small_world.clock)
    with pytest.raises(AuditUnavailable):
        closed.work_once()
    assert request(small_world, number).level == 0
    assert later(small_world, LEASE.lasts + timedelta(seconds=1)) == 1


def test_an_answer_that_comes_meanwhile_stands(small_world: World) -> None:
    """Planted between the clock's look and its write."""

    class Meanwhile:
        def append_all(self, records: list[AccessRecord]) -> object:
            granted(small_world, number)
            return small_world.hub.log.append_all(records)

    blocked(small_world)
    number = asked(small_world)
    small_world.clock.forward(15 * MINUTE)
    LiftClock(small_world.store, Meanwhile(), small_world.clock).work_once()  # type: ignore[arg-type]
    assert request(small_world, number).state is LiftState.GRANTED
    assert later(small_world, 2 * HOUR) == 1
    assert "Nu gäller spärren igen" in told(small_world)[0]


def test_many_workers_do_each_thing_once(world: World) -> None:
    blocked(world)
    number = asked(world)
    world.clock.forward(15 * MINUTE)
    done: list[bool] = []

    def work() -> None:
        done.append(clock_of(world).work_once())

    threads = [threading.Thread(target=work) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert done.count(True) == 1
    assert len(logged(world, "lift/escalated")) == 1
    assert request(world, number).level == 1
