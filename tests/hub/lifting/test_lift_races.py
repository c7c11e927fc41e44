"""Two answers to one request, and an answer as the clock strikes: one is done, and the log says so.

Every race is brought about by holding both back after their records, before either writes.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from hub.application import application
from hub.audit.course import Log
from hub.audit.record import AccessRecord, Action, Outcome
from hub.audit.writer import Place
from hub.config.organisation import StaffMember
from hub.lifting.clock import LiftClock
from hub.running import Hub
from hub.store.directory import load_organisations
from hub.store.lift_requests import LiftState
from tests.hub.lifting.asking import CHIEF, asked, blocked, logged, request, told
from tests.hub.web.visiting import Visitor, csrf
from tests.worlds.asgi_client import AsgiClient, Reply
from tests.worlds.hub_world import CLINIC, OFFICER, ORGANISATIONS, World, stated

MINUTE = timedelta(minutes=1)
HEAD = replace(OFFICER, user=CHIEF)


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LiftClock, "start", lambda _: None)


class Together:
    """A log that lets nobody go on from a record until as many as are to meet have written one."""

    def __init__(self, log: Log, meet: int, which: Callable[[AccessRecord], bool]) -> None:
        self._log = log
        self._which = which
        self._meeting = threading.Barrier(meet)

    def append_all(self, records: Sequence[AccessRecord]) -> tuple[Place, ...]:
        places = self._log.append_all(records)
        if any(self._which(each) for each in records):
            self._meeting.wait(30)
        return places


def two_officers(world: World) -> None:
    entry = next(each for each in ORGANISATIONS if each.id == CLINIC)
    (usual,) = next(each for each in entry.staff if each.id == OFFICER.user).assignments
    assignment = replace(usual, id="chief-A")
    staff = (*entry.staff, StaffMember(CHIEF, "Invented", (assignment,)))
    with world.store.write() as connection:
        load_organisations(connection, [replace(entry, staff=staff)], world.clock.now)


def meeting(world: World, meet: int, which: Callable[[AccessRecord], bool]) -> Hub:
    return replace(world.hub, log=Together(world.hub.log, meet, which))


def _is_answer(record: AccessRecord) -> bool:
    return record.action is Action.LIFT and record.outcome is Outcome.PERMIT


def at_once(*acts: Callable[[], object]) -> list[object]:
    done: list[object] = [None] * len(acts)

    def act(number: int, what: Callable[[], object]) -> None:
        done[number] = what()

    threads = [threading.Thread(target=act, args=each) for each in enumerate(acts)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    return done


def answering(world: World, hub: Hub, who: object, number: str, decision: str) -> Reply:
    until = world.clock.now + timedelta(hours=2)
    said = [
        {"name": "decision", "valueCode": decision},
        *([] if decision == "refuse" else [{"name": "until", "valueInstant": until.isoformat()}]),
        *stated(reason="prövat"),
    ]
    client = AsgiClient(application(hub))
    try:
        mine = replace(world, hub=hub, http=client)
        body = {"resourceType": "Parameters", "parameter": said}
        path = f"/fhir/Task/{number}/$answer-lift-request"
        return mine.post(who, path, body)  # type: ignore[arg-type]  # a test's own reader
    finally:
        client.close()


def of_answers(world: World) -> list[tuple[Outcome, str | None]]:
    """How each answer ended as the log has it, and why: the last record of each request counts."""
    lifts = [each for each in logged(world, "") if each.action is Action.LIFT]
    last = {each.request_id: each for each in sorted(lifts, key=lambda each: each.recorded)}
    answers = {each.request_id for each in lifts if "$answer-lift-request" in str(each.query)}
    return sorted((last[each].outcome, last[each].refusal) for each in answers)


@pytest.mark.parametrize("second", ["grant", "refuse"])
def test_of_two_officers_who_answer_at_once_one_does(world: World, second: str) -> None:
    blocked(world)
    two_officers(world)
    number = asked(world)
    for who in (OFFICER, HEAD):
        world.token(who)
    hub = meeting(world, 2, _is_answer)
    replies = at_once(
        lambda: answering(world, hub, OFFICER, number, "grant"),
        lambda: answering(world, hub, HEAD, number, second),
    )
    statuses = sorted(each.status for each in replies if isinstance(each, Reply))
    assert statuses == [200, 422]
    (won,) = [each for each in replies if isinstance(each, Reply) and each.status == 200]
    answered = request(world, number)
    state = next(e["valueCode"] for e in won.json["parameter"] if e["name"] == "state")
    assert answered.state.value == state
    assert answered.lifts == tuple(
        each["valueString"] for each in won.json["parameter"] if each["name"] == "lift"
    )
    assert len(told(world)) == 1
    assert of_answers(world) == [
        (Outcome.DENY, "request-answered"),
        (Outcome.PERMIT, None),
    ]


def test_of_two_officers_at_the_page_one_does_and_the_other_is_told(world: World) -> None:
    blocked(world)
    two_officers(world)
    number = asked(world)
    page = f"/granskning/havningar/{number}"
    hub = meeting(world, 2, _is_answer)

    clients = [AsgiClient(application(hub)) for _ in range(2)]

    def visit(client: AsgiClient, who: object, decision: str) -> Callable[[], Reply]:
        visitor = Visitor(replace(world, hub=hub, http=client))
        assert visitor.log_in(who).status == 303  # type: ignore[arg-type]
        form = {"beslut": decision, "timmar": "4", "skal": "prövat"}
        form["csrf"] = csrf(visitor.get(page))
        return lambda: visitor.post(page, form)

    replies = at_once(visit(clients[0], OFFICER, "grant"), visit(clients[1], HEAD, "refuse"))
    for each in clients:
        each.close()
    statuses = sorted(each.status for each in replies if isinstance(each, Reply))
    assert statuses == [303, 400]
    (lost,) = [each for each in replies if isinstance(each, Reply) and each.status == 400]
    assert "redan besvarad" in lost.body.decode()
    assert of_answers(world) == [
        (Outcome.DENY, "request-answered"),
        (Outcome.PERMIT, None),
    ]


@pytest.mark.parametrize("decision", ["grant", "refuse"])
def test_an_answer_as_the_clock_escalates_stands(world: World, decision: str) -> None:
    """Both have written their records; whichever is first, nobody is asked again afterwards."""
    blocked(world)
    number = asked(world)
    world.clock.forward(15 * MINUTE)
    world.tokens.clear()
    world.token(OFFICER)
    hub = meeting(
        world, 2, lambda each: _is_answer(each) or str(each.query).startswith("lift/escalated")
    )
    clock = LiftClock(world.store, hub.log, world.clock)
    done = at_once(
        lambda: answering(world, hub, OFFICER, number, decision),
        clock.work_once,
    )
    assert isinstance(done[0], Reply)
    assert (done[0].status, done[1]) == (200, True)
    stands = request(world, number)
    assert stands.state is (LiftState.GRANTED if decision == "grant" else LiftState.REFUSED)
    assert not clock.work_once(), "nothing more is due now"
    world.clock.forward(timedelta(hours=30))
    ended = [clock.work_once(), clock.work_once()]
    assert ended == ([True, False] if decision == "grant" else [False, False])
    assert request(world, number).state is stands.state
    assert len(logged(world, "lift/escalated")) == 1
    assert not logged(world, "lift/lapsed")
