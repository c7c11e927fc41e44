"""The search of accesses and one access: who sees what of the log in the console."""

import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from hub.audit.errors import AuditUnavailable
from hub.audit.writer import AuditWriter
from hub.store.schema.audit import audit_record
from tests.hub.web.conftest import LogIn
from tests.hub.web.visiting import ELSEWHERE, INJECTED, Visitor, access, numbers, text_of
from tests.worlds.hub_world import (
    AUDITOR,
    CLINIC,
    OLOF,
    OTHER_REGION,
    SIGNE,
    SIGNE_HERSELF,
    WARD,
    World,
)

LIST = "/granskning/atkomster"


def _records(world: World) -> list[dict[str, object]]:
    with world.store.read() as connection:
        rows = connection.execute(
            select(audit_record.c.payload).order_by(
                audit_record.c.recorded, audit_record.c.position
            )
        ).scalars()
        return [json.loads(each) for each in rows]


def test_a_reviewer_sees_own_staff_and_accesses_to_own_data(log_in: LogIn) -> None:
    reply = log_in(AUDITOR).get(LIST)
    assert reply.status == 200
    assert numbers(reply) == [7, 6, 5, 3, 2, 1, 0]
    assert ELSEWHERE not in reply.body.decode()
    assert CLINIC not in reply.body.decode()


def test_the_person_reads_sentences_about_themself_alone(log_in: LogIn) -> None:
    reply = log_in(SIGNE_HERSELF).get(LIST)
    assert set(numbers(reply)) == {0, 1, 3, 4, 5, 6, 7}
    assert "i en nödsituation" in text_of(reply)
    assert "ward-doctor" not in reply.body.decode()
    assert "ward-doctor" not in log_in(SIGNE_HERSELF).get(f"{LIST}/record-0").body.decode()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("agent=emergency-doctor", [6, 3]),
        ("action=rung", [6]),
        ("outcome=4", [5]),
        ("purpose=kvalitet", [5]),
        ("section=SVOD+3%3A6", [3]),
        ("flag=no-relation", [2]),
        (f"organisation={OTHER_REGION}", [6, 3]),
        (f"unit={WARD}", [5, 2, 1, 0]),
        ("fran=2026-03-10&till=2026-03-10", [7, 6, 5, 3, 2, 1, 0]),
        ("till=2026-03-09", []),
        ("fran=2026-03-11", []),
        ("agent=&action=&fran=", [7, 6, 5, 3, 2, 1, 0]),
    ],
)
def test_each_field_finds_what_it_says(reviewer: Visitor, query: str, expected: list[int]) -> None:
    visitor = reviewer
    page, part = visitor.get(f"{LIST}?{query}"), visitor.part(f"{LIST}?{query}")
    mine = [n for n in numbers(page) if n < 8]
    assert mine == expected
    assert numbers(part) == numbers(page)
    assert b"<html" in page.body
    assert b"<html" not in part.body


def test_a_person_is_found_by_number_and_the_number_stays_out_of_the_address(
    logged: World, log_in: LogIn
) -> None:
    visitor = log_in(AUDITOR)
    fields = {"csrf": visitor.proof(), "personnummer": OLOF}
    reply = visitor.post("/granskning/person", fields)
    assert reply.status == 303
    where = reply.headers["location"]
    assert parse_qs(urlsplit(where).query) == {"patient": [logged.person(OLOF)]}
    assert numbers(visitor.get(where)) == [2]
    unknown = visitor.post("/granskning/person", {**fields, "personnummer": "195001182046"})
    assert unknown.status == 303
    assert visitor.get(f"{LIST}?agent={SIGNE}").status == 400
    wrong = visitor.post("/granskning/person", {**fields, "personnummer": "<b>1"})
    assert wrong.status == 400
    assert b"<b>1" not in wrong.body


def test_one_access_says_what_its_reader_may_know(log_in: LogIn) -> None:
    visitor = log_in(AUDITOR)
    told = text_of(visitor.get(f"{LIST}/record-3"))
    assert "Condition/own" in told
    assert "SVOD 3:6" in told
    assert ELSEWHERE not in told
    assert "code=x" not in told
    own = text_of(visitor.get(f"{LIST}/record-0"))
    assert "Invented" in own  # the name of own staff
    hidden, missing = visitor.get(f"{LIST}/record-4"), visitor.get(f"{LIST}/record-44")
    assert (hidden.status, text_of(hidden)) == (missing.status, text_of(missing))
    assert hidden.status == 404


def test_an_access_is_decided_again_without_content(log_in: LogIn) -> None:
    visitor = log_in(AUDITOR)
    page, part = visitor.get(f"{LIST}/record-0/prova"), visitor.part(f"{LIST}/record-0/prova")
    for reply in (page, part):
        assert reply.status == 200
        assert "finns inte kvar" in text_of(reply)
    assert visitor.get(f"{LIST}/record-4/prova").status == 404
    assert log_in(SIGNE_HERSELF).get(f"{LIST}/record-0/prova").status == 404


def test_text_that_attacks_stays_text(log_in: LogIn) -> None:
    visitor = log_in(AUDITOR)
    for path in (LIST, f"{LIST}/record-7", f"{LIST}?agent=%3Cscript%3E"):
        body = visitor.get(path).body.decode()
        assert "<img" not in body
        assert INJECTED not in body
        assert "<script>" not in body
        assert "&lt;script&gt;" in body


def test_pages_hold_everything_once(logged: World, log_in: LogIn) -> None:
    logged.hub.log.append_all([access(logged, n) for n in range(100, 230)])
    logged.hub.sequencer.sequence_now()
    visitor = log_in(AUDITOR)
    seen: list[int] = []
    reply = visitor.get(f"{LIST}?agent=ward-doctor")
    while True:
        seen += numbers(reply)
        more = [each for each in reply.body.decode().split('"') if "_after=" in each]
        if not more:
            break
        reply = visitor.part(more[0].replace("&amp;", "&"))
        assert reply.status == 200
    assert seen == [*range(229, 99, -1), 5, 2, 1, 0]


def test_another_readers_page_link_does_not_work(logged: World, log_in: LogIn) -> None:
    logged.hub.log.append_all([access(logged, n) for n in range(100, 160)])
    logged.hub.sequencer.sequence_now()
    body = log_in(AUDITOR).get(LIST).body.decode()
    (link, *_) = [each for each in body.split('"') if "_after=" in each]
    assert log_in(SIGNE_HERSELF).get(link.replace("&amp;", "&")).status == 410


def test_reading_is_in_the_log_before_anything_is_shown(
    logged: World, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = log_in(AUDITOR)
    visitor.get(f"{LIST}?agent=ward-doctor")
    visitor.get(f"{LIST}/record-0")
    visitor.get(f"{LIST}/record-0/prova")
    read = [each for each in _records(logged) if each["action"] == "log-read"]
    assert [each["query"] for each in read] == [
        "console agent=ward-doctor",
        "console record-0",
        "console again record-0",
    ]
    assert all(each["user"] == "auditor" for each in read)

    def closed(*_: object) -> None:
        raise AuditUnavailable("planted")

    monkeypatch.setattr(AuditWriter, "append_all", closed)
    for path in (LIST, f"{LIST}/record-0", f"{LIST}/record-0/prova"):
        for reply in (visitor.get(path), visitor.part(path)):
            assert reply.status == 503
            assert not numbers(reply)
            assert "ward-doctor" not in reply.body.decode()


@pytest.mark.parametrize(
    "query",
    ["outcome=7", "action=X", "fran=yesterday", "fran=0001-01-01", "till=9999-12-31", "_after=x"],
)
def test_what_cannot_be_understood_is_told_in_swedish(reviewer: Visitor, query: str) -> None:
    reply = reviewer.get(f"{LIST}?{query}")
    assert reply.status in (400, 410)
    assert "Gå tillbaka" in text_of(reply) or "Gör om sökningen" in text_of(reply)


def test_the_proofs_state_is_told(logged: World, log_in: LogIn) -> None:
    told = text_of(log_in(AUDITOR).get("/granskning/bevis"))
    assert "Loggen är signerad och hel" in told
    assert "Ingen utanför signerar" in told
    assert logged.hub.sequencer.signer.verifier.text() in told


def test_a_supervising_authority_sees_what_it_supervises(logged: World, log_in: LogIn) -> None:
    from hub.config.organisation import Assignment, OrganisationEntry, StaffMember  # noqa: PLC0415
    from hub.store.directory import load_organisations  # noqa: PLC0415
    from tests.worlds import hub_world  # noqa: PLC0415

    assignment = Assignment("inspector-A", AUDITOR.as_, None, period=hub_world.SINCE)
    authority = OrganisationEntry(
        id="SE2021000000-0001",
        name=INJECTED,
        kind=frozenset(),
        staff=(StaffMember("inspector", None, (assignment,)),),
        supervises=(CLINIC,),
    )
    with logged.store.write() as connection:
        load_organisations(connection, (*hub_world.ORGANISATIONS, authority), hub_world.FROM)
    inspector = replace(AUDITOR, user="inspector", organisation=authority.id, unit=None)
    reply = log_in(inspector).get(LIST)
    assert set(numbers(reply)) == {3, 4, 6}
    assert INJECTED not in reply.body.decode()
