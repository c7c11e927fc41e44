"""A request to lift, asked and answered over the API, and what time then does with it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from hub.audit.record import AccessRecord, record_from
from hub.config.organisation import Assignment, LiftDuty, StaffMember
from hub.lifting.clock import LiftClock
from hub.store.directory import load_organisations
from hub.store.lift_requests import LiftRequest, notices_of, request_of
from hub.store.schema.audit import audit_record
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    CLINIC,
    OFFICER,
    ORGANISATIONS,
    TALKS,
    UNCONSCIOUS,
    WARD_DOCTOR,
    Json,
    World,
    stated,
)
from tests.worlds.usual import OUTER, facts, fill

LOOK = stated(relevance=True, activeChoice="content")
CHIEF = "chief"


def blocked(world: World) -> str:
    """Block the clinic's documentation, and return the ward doctor's session."""
    fill(world)
    world.know(facts(blocks=(OUTER,)))
    return world.session(WARD_DOCTOR, *LOOK)


def on_duty(world: World, duties: Iterable[LiftDuty], *, chief_until_noon: bool = False) -> None:
    """Give the clinic a chief beside its officer, and an order in which they are asked."""
    entry = next(each for each in ORGANISATIONS if each.id == CLINIC)
    officer = next(each for each in entry.staff if each.id == OFFICER.user)
    (usual,) = officer.assignments
    period = replace(usual.period, end=world.clock.now if chief_until_noon else None)
    assignment = Assignment("chief-A", usual.as_, TALKS, purposes=usual.purposes, period=period)
    staff = (*entry.staff, StaffMember(CHIEF, "Invented", (assignment,)))
    with world.store.write() as connection:
        changed = replace(entry, staff=staff, lift_duty=tuple(duties))
        load_organisations(connection, [changed], world.clock.now)


def post(world: World, path: str, given: list[Json], who: object = WARD_DOCTOR) -> Reply:
    body = {"resourceType": "Parameters", "parameter": given}
    return world.post(who, f"/fhir/{path}", body)  # type: ignore[arg-type]  # a test's own reader


def asked(world: World) -> str:
    """Ask the clinic for a lift, and return the request's id."""
    given = stated(organisation=CLINIC, reason="larm", emergency=UNCONSCIOUS)
    reply = post(world, f"Patient/{world.person()}/$request-lift", given)
    assert reply.status == 200, reply.body
    return str(reply.json["parameter"][0]["valueString"])


def granted(world: World, number: str, hours: int = 2) -> None:
    until = world.clock.now + timedelta(hours=hours)
    said = [
        {"name": "decision", "valueCode": "grant"},
        {"name": "until", "valueInstant": until.isoformat()},
        *stated(reason="prövat"),
    ]
    assert post(world, f"Task/{number}/$answer-lift-request", said, OFFICER).status == 200


def clock_of(world: World) -> LiftClock:
    return LiftClock(world.store, world.hub.log, world.clock)


def later(world: World, by: timedelta, clock: LiftClock | None = None) -> int:
    """Let time pass and the clock do all that is due; return how much that was."""
    world.clock.forward(by)
    world.tokens.clear()
    one = clock or clock_of(world)
    done = 0
    while one.work_once():
        done += 1
    return done


def request(world: World, number: str) -> LiftRequest:
    with world.store.read() as connection:
        found = request_of(connection, number)
    assert found is not None
    return found[1]


def told(world: World) -> list[str]:
    """What the person has been told, the newest first."""
    with world.store.read() as connection:
        return [each.text for each in notices_of(connection, [world.person()])]


def logged(world: World, begin: str) -> list[AccessRecord]:
    with world.store.read() as connection:
        payloads = connection.execute(select(audit_record.c.payload)).scalars().all()
    records = [record_from(bytes(each)) for each in payloads]
    return [each for each in records if (each.query or "").startswith(begin)]
