"""The duty officer's pages: what waits, and answers that do what the API does."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.audit.record import record_from
from hub.config.organisation import LiftDuty
from hub.store.lift_requests import LiftState
from hub.store.schema.audit import audit_record
from tests.hub.lifting.asking import CHIEF, asked, blocked, later, on_duty, request, told
from tests.hub.web.visiting import INJECTED, Visitor, csrf, text_of
from tests.worlds.hub_world import (
    OFFICER,
    REGION,
    SIGNE,
    TALKS,
    WARD_DOCTOR,
    World,
    opened_world,
)

LIST = "/granskning/havningar"
ANSWER = {"beslut": "grant", "timmar": "4", "skal": "prövat"}


@pytest.fixture
def world(sqlite_store_url: str, tmp_path: Path) -> Iterator[World]:
    with opened_world(sqlite_store_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def officer(world: World) -> Visitor:
    found = Visitor(world)
    assert found.log_in(OFFICER).status == 303
    assert found.get("/granskning").headers["location"] == LIST
    return found


def _answer(officer: Visitor, number: str, **fields: str) -> int:
    path = f"{LIST}/{number}"
    given = {**ANSWER, **fields, "csrf": csrf(officer.get(path))}
    return officer.post(path, given).status


def _sees(world: World, session: str) -> bool:
    return world.get(WARD_DOCTOR, "/fhir/Condition/clinic-1", session=session).status == 200


def test_what_waits_is_listed_with_how_long_it_has(world: World, officer: Visitor) -> None:
    blocked(world)
    assert "Ingen väntar på svar" in text_of(officer.get(LIST))
    number = asked(world)
    world.clock.forward(timedelta(minutes=3, seconds=5))
    page = officer.get(LIST)
    text = text_of(page)
    assert "3 min 05 s" in text
    assert f"Name of {REGION}" in text
    assert "Frågar dig" in text
    assert f'href="{LIST}/{number}"' in page.body.decode()
    assert SIGNE not in text, "the list names nobody"


def test_one_request_says_all_that_the_decision_needs(world: World, officer: Visitor) -> None:
    blocked(world)
    on_duty(world, [LiftDuty((CHIEF,), 5), LiftDuty((OFFICER.user,), 5)])
    number = asked(world)
    text = text_of(officer.get(f"{LIST}/{number}"))
    for each in (SIGNE, "fara för patientens liv", "kan inte be om att", "larm", "Invented"):
        assert each in text, each
    later(world, timedelta(minutes=5))
    officer = Visitor(world)
    officer.log_in(OFFICER)
    again = text_of(officer.get(f"{LIST}/{number}"))
    assert "Eskalerad" in again
    assert "Vem tillfrågas nu dig" in again


def test_a_grant_opens_and_everybody_is_told(world: World, officer: Visitor) -> None:
    session = blocked(world)
    number = asked(world)
    assert _answer(officer, number, personlig="ja") == 303
    one = request(world, number)
    assert (one.state, one.answered_by) == (LiftState.GRANTED, OFFICER.user)
    assert one.until == world.clock.now + timedelta(hours=4)
    assert _sees(world, session)
    assert "hävde spärren" in told(world)[0]
    text = text_of(officer.get(f"{LIST}/{number}"))
    assert "prövat" in text
    assert "Svara" not in text.partition("Alla begäranden")[0].rpartition("Spärren gäller igen")[2]


@pytest.mark.parametrize(
    ("fields", "sees"),
    [
        ({"beslut": "part", "enhet": TALKS}, True),
        ({"beslut": "part", "typ": "lab"}, False),
        ({"beslut": "refuse"}, False),
    ],
)
def test_a_part_or_nothing(
    world: World, officer: Visitor, fields: dict[str, str], *, sees: bool
) -> None:
    session = blocked(world)
    assert _answer(officer, asked(world), **fields) == 303
    assert _sees(world, session) is sees


@pytest.mark.parametrize(
    "fields",
    [
        {"beslut": ""},
        {"beslut": "part"},
        {"enhet": TALKS},
        {"skal": ""},
        {"timmar": "9999"},
        {"beslut": "part", "enhet": "nowhere"},
        {"beslut": INJECTED},
    ],
)
def test_what_is_not_whole_changes_nothing(
    world: World, officer: Visitor, fields: dict[str, str]
) -> None:
    session = blocked(world)
    number = asked(world)
    path = f"{LIST}/{number}"
    given = {**ANSWER, **fields, "csrf": csrf(officer.get(path))}
    reply = officer.post(path, given)
    assert reply.status == 400
    assert 'role="alert"' in reply.body.decode()
    assert INJECTED not in reply.body.decode()
    assert request(world, number).state is LiftState.ASKED
    assert not _sees(world, session)


def test_what_is_answered_is_not_answered_again(world: World, officer: Visitor) -> None:
    blocked(world)
    number = asked(world)
    path = f"{LIST}/{number}"
    proof = csrf(officer.get(path))
    assert officer.post(path, {**ANSWER, "csrf": proof}).status == 303
    again = officer.post(path, {**ANSWER, "beslut": "refuse", "csrf": proof})
    assert again.status == 400
    assert request(world, number).state is LiftState.GRANTED


def test_another_organisations_requests_are_not_there(world: World) -> None:
    """An officer of the asking region sees neither the list nor the request."""
    blocked(world)
    number = asked(world)
    elsewhere = _officer_of_the_region(world)
    assert number not in elsewhere.get(LIST).body.decode()
    assert elsewhere.get(f"{LIST}/{number}").status == 404
    given = {**ANSWER, "csrf": elsewhere.proof()}
    assert elsewhere.post(f"{LIST}/{number}", given).status == 404
    assert request(world, number).state is LiftState.ASKED


def _officer_of_the_region(world: World) -> Visitor:
    from hub.config.organisation import Assignment, StaffMember  # noqa: PLC0415
    from hub.store.directory import load_organisations  # noqa: PLC0415
    from tests.worlds.hub_world import ORGANISATIONS, SINCE, WARD  # noqa: PLC0415

    entry = next(each for each in ORGANISATIONS if each.id == REGION)
    assignment = Assignment("o-A", OFFICER.as_, WARD, period=SINCE)
    staff = (*entry.staff, StaffMember("o", "Invented", (assignment,)))
    with world.store.write() as connection:
        load_organisations(connection, [replace(entry, staff=staff)], world.clock.now)
    visitor = Visitor(world)
    asked_as = replace(OFFICER, user="o", organisation=REGION, unit=WARD)
    assert visitor.log_in(asked_as).status == 303
    return visitor


def test_a_token_without_the_scope_answers_nothing(world: World) -> None:
    blocked(world)
    number = asked(world)
    visitor = Visitor(world)
    visitor.log_in(replace(OFFICER, scope="user/Task.rs"))
    path = f"{LIST}/{number}"
    reply = visitor.post(path, {**ANSWER, "csrf": csrf(visitor.get(path))})
    assert (reply.status, "Intyget räcker inte" in text_of(reply)) == (403, True)
    assert request(world, number).state is LiftState.ASKED


def test_a_form_of_another_session_answers_nothing(world: World, officer: Visitor) -> None:
    blocked(world)
    number = asked(world)
    reply = officer.post(f"{LIST}/{number}", {**ANSWER, "csrf": "0" * 64})
    assert reply.status == 403
    assert request(world, number).state is LiftState.ASKED


def test_every_page_is_logged(world: World, officer: Visitor) -> None:
    blocked(world)
    number = asked(world)
    officer.get(LIST)
    officer.get(f"{LIST}/{number}")
    _answer(officer, number)
    with world.store.read() as connection:
        payloads = connection.execute(select(audit_record.c.payload)).scalars().all()
    mine = [each for each in map(record_from, map(bytes, payloads)) if each.user == OFFICER.user]
    shown = [ref for each in mine for s in each.shown for ref in s.references]
    assert shown.count(f"Task/{number}") == 3
    assert [each for each in mine if "$answer-lift-request granted" in (each.query or "")]
