"""AuditEvent over FHIR: who may read what of the log, and what each parameter finds."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from hub.audit.kind import kinds_of
from hub.audit.record import AccessRecord, Action, Outcome, Rung, Shown
from hub.audit.term import Term, key
from hub.auth.built_in import TokenRequest
from hub.fhir.check import check
from hub.store.schema.audit import audit_record, audit_term, audit_tree
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    AUDITOR,
    CLINIC,
    NOON,
    OLOF,
    OTHER_REGION,
    REGION,
    SIGNE_HERSELF,
    STAFF,
    WARD,
    World,
    opened_world,
)

AT_ANOTHER_OWNER = "Condition/at-the-clinic"


def access(world: World, number: int, **fields: object) -> AccessRecord:
    usual = AccessRecord(
        id=f"record-{number}",
        recorded=NOON.replace(minute=number),
        action=Action.READ,
        outcome=Outcome.PERMIT,
        user="ward-doctor",
        organisation=REGION,
        unit=WARD,
        capacity="vardpersonal",
        purpose="vard",
        person=world.person(),
        shown=(Shown(REGION, WARD, ("Condition/own",)),),
        grounds=("PDL 4:1",),
    )
    return replace(usual, **fields)  # type: ignore[arg-type]  # a test's own fields


@pytest.fixture
def logged(store_url: str, tmp_path: Path) -> Iterator[World]:
    """A log of eight accesses, by two organisations, about two persons."""
    with opened_world(store_url, tmp_path) as world:
        elsewhere = {"user": "emergency-doctor", "organisation": OTHER_REGION, "unit": None}
        both = (Shown(CLINIC, None, (AT_ANOTHER_OWNER,)), Shown(REGION, WARD, ("Condition/own",)))
        world.hub.log.append_all(
            [
                access(world, 0),
                access(world, 1, action=Action.CREATE, outcome=Outcome.ERROR),
                access(world, 2, person=world.person(OLOF), flags=("no-relation",)),
                access(world, 3, **elsewhere, shown=both, grounds=("SVOD 3:6",), query="code=x"),
                access(world, 4, **elsewhere, shown=both[:1], grounds=("SVOD 3:1",)),
                access(world, 5, outcome=Outcome.DENY, shown=(), grounds=(), purpose="kvalitet"),
                access(
                    world,
                    6,
                    **elsewhere,
                    action=Action.RUNG,
                    shown=(),
                    rungs=(Rung("U1", (CLINIC, REGION)),),
                ),
                access(world, 7, **elsewhere, shown=(), rungs=()),
            ]
        )
        world.hub.sequencer.sequence_now()
        yield world


def search(world: World, asked: TokenRequest, **parameters: str) -> Reply:
    return world.get(asked, "/fhir/AuditEvent", parameters)


def ids(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.body
    return [each["resource"]["id"] for each in json.loads(reply.body).get("entry", ())]


def numbers(reply: Reply) -> set[int]:
    return {int(each.removeprefix("record-")) for each in ids(reply) if "record-" in each}


def test_an_auditor_reads_of_own_staff_and_of_accesses_to_own_data(logged: World) -> None:
    found = search(logged, AUDITOR)
    assert numbers(found) == {0, 1, 2, 3, 5, 6}
    assert ids(found)[:6] == [f"record-{n}" for n in (6, 5, 3, 2, 1, 0)]


def test_what_another_owner_holds_is_not_told(logged: World) -> None:
    found = search(logged, AUDITOR)
    assert AT_ANOTHER_OWNER.encode() not in found.body
    assert CLINIC.encode() not in found.body
    assert b"Condition/own" in found.body
    (third,) = [
        each["resource"]
        for each in json.loads(found.body)["entry"]
        if each["resource"]["id"] == "record-3"
    ]
    assert "query" not in json.dumps(third)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"agent": "emergency-doctor"}, {3, 6}),
        ({"agent": "ward-doctor,emergency-doctor"}, {0, 1, 2, 3, 5, 6}),
        ({"agent": "nobody"}, set()),
        ({"action": "C"}, {1}),
        ({"action": "R"}, {0, 2, 3, 5}),
        ({"action": "E"}, {6}),
        ({"action": "rung"}, {6}),
        ({"outcome": "4"}, {5}),
        ({"outcome": "4,8"}, {1, 5}),
        ({"purpose": "kvalitet"}, {5}),
        ({"section": "SVOD 3:6"}, {3}),
        ({"section": "SVOD 3:6,PDL 4:1", "action": "R"}, {0, 2, 3}),
        ({"flag": "no-relation"}, {2}),
        ({"organisation": OTHER_REGION}, {3, 6}),
        ({"entity": REGION}, {0, 1, 2, 3, 6}),
        ({"unit": WARD}, {0, 1, 2, 5}),
        ({"purpose": "http://terminology.hl7.org/CodeSystem/v3-ActReason|TREAT"}, {0, 1, 2, 3, 6}),
        ({"date": "ge2026-03-10T11:03:00Z"}, {3, 5, 6}),
        ({"date": "2026-03-10T11:02Z"}, {2}),
        ({"date": "lt2026-03-10"}, set()),
        ({"date": "gt2026-03-10"}, set()),
        ({"date": "le9999"}, {0, 1, 2, 3, 5, 6}),
    ],
)
def test_each_parameter_finds_what_it_says(
    logged: World, parameters: dict[str, str], expected: set[int]
) -> None:
    assert numbers(search(logged, AUDITOR, **parameters)) == expected


def test_one_persons_records(logged: World) -> None:
    patient = f"Patient/{logged.person(OLOF)}"
    assert numbers(search(logged, AUDITOR, patient=patient)) == {2}


def test_one_resources_records(logged: World) -> None:
    """By a resource and its person; what the mandate does not show of a record finds nothing."""
    about = {"patient": f"Patient/{logged.person()}"}
    assert numbers(search(logged, AUDITOR, entity="Condition/own", **about)) == {0, 1, 3}
    assert numbers(search(logged, AUDITOR, entity="Condition/ow", **about)) == set()
    person = logged.person(OLOF)
    assert numbers(search(logged, AUDITOR, entity=f"Condition/own,Patient/{person}")) == {2}
    assert numbers(search(logged, AUDITOR, entity=f"Patient/{person}")) == {2}
    assert numbers(search(logged, SIGNE_HERSELF, entity="Condition/own")) == {0, 1, 3}
    hidden = search(logged, AUDITOR, entity=AT_ANOTHER_OWNER, **about)
    assert (numbers(hidden), hidden.link("next")) == (set(), None)
    assert numbers(search(logged, SIGNE_HERSELF, entity=AT_ANOTHER_OWNER)) == {3, 4}
    reply = search(logged, AUDITOR, entity="Condition/own")
    assert (reply.status, reply.codes) == (400, ["entity-needs-patient"])


def test_one_resources_records_come_page_by_page(logged: World) -> None:
    about = {"patient": f"Patient/{logged.person()}", "entity": "Condition/own"}
    pages, reply = [], search(logged, AUDITOR, _count="1", **about)
    while following := reply.link("next"):
        pages.append(ids(reply))
        reply = logged.get(AUDITOR, following)
    assert [*pages, ids(reply)] == [["record-3"], ["record-1"], ["record-0"]]


@pytest.mark.parametrize("name", ["entity", "organisation"])
def test_a_record_is_not_found_by_what_its_reader_is_not_shown(logged: World, name: str) -> None:
    """The clinic's data were shown in two of the hospital's records; the hospital is not told."""
    assert numbers(search(logged, AUDITOR, **{name: CLINIC})) == set()
    assert numbers(search(logged, SIGNE_HERSELF, **{name: CLINIC})) == {3, 4, 6}


def test_a_term_that_somebody_added_shows_nothing_outside_the_mandate(logged: World) -> None:
    """Record 4 concerns the clinic alone."""
    with logged.store.write() as connection:
        kind = kinds_of(connection, (REGION,))[REGION][0]
        own = {"term": key(REGION, Term.RECORD, "", kind), "at": 9_000_000_000_000_000}
        tree = select(audit_tree.c.leaf_index).join(
            audit_record,
            (audit_record.c.chain == audit_tree.c.chain)
            & (audit_record.c.position == audit_tree.c.position),
        )
        leaf = connection.scalar(tree.where(audit_record.c.id == "record-4"))
        connection.execute(insert(audit_term).values(**own, leaf_index=leaf))
    assert numbers(search(logged, AUDITOR)) == {0, 1, 2, 3, 5, 6}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"action": "C"}, {1}),
        ({"outcome": "4"}, {5}),
        ({"outcome": "0", "section": "SVOD 3:6"}, {3}),
        ({"agent": "ward-doctor"}, {0, 1, 5}),
        ({"flag": "no-relation"}, set()),
    ],
)
def test_the_person_narrows_down_their_own(
    logged: World, parameters: dict[str, str], expected: set[int]
) -> None:
    assert numbers(search(logged, SIGNE_HERSELF, **parameters)) == expected


def test_two_dates_bound_a_period(logged: World) -> None:
    pairs = [("date", "ge2026-03-10T11:01:00Z"), ("date", "lt2026-03-10T11:03:00Z")]
    assert numbers(logged.get(AUDITOR, "/fhir/AuditEvent", pairs)) == {1, 2}


def test_the_person_reads_everything_about_themself_in_words(logged: World) -> None:
    found = search(logged, SIGNE_HERSELF)
    assert numbers(found) == {0, 1, 3, 4, 5, 6, 7}
    events = {e["resource"]["id"]: e["resource"] for e in json.loads(found.body)["entry"]}
    told = events["record-3"]["text"]["div"]
    assert "den 10 mars 2026 kl. 12.03" in told
    assert "i en nödsituation (SVOD 3:6)" in told
    assert f"Name of {CLINIC}" in told
    assert "nekades" in events["record-5"]["text"]["div"]
    assert "Olof" not in told


@pytest.mark.parametrize("asked", STAFF)
def test_staff_read_nothing_of_the_log(logged: World, asked: TokenRequest) -> None:
    asked = replace(asked, scope="user/*.rs")
    reply = search(logged, asked)
    assert reply.status == 403
    assert logged.get(asked, "/fhir/AuditEvent/record-0").status == 403
    assert b"record-" not in reply.body


def test_an_authority_reads_what_its_mandate_says(logged: World) -> None:
    from hub.config.organisation import Assignment, OrganisationEntry, StaffMember  # noqa: PLC0415
    from hub.store.directory import load_organisations  # noqa: PLC0415
    from tests.worlds import hub_world  # noqa: PLC0415  # its organisations are this test's too

    assignment = Assignment("inspector-A", AUDITOR.as_, None, period=hub_world.SINCE)
    authority = OrganisationEntry(
        id="SE2021000000-0001",
        name="Invented authority",
        kind=frozenset(),
        staff=(StaffMember("inspector", None, (assignment,)),),
        supervises=(CLINIC,),
    )
    with logged.store.write() as connection:
        load_organisations(connection, (*hub_world.ORGANISATIONS, authority), hub_world.FROM)
    inspector = replace(AUDITOR, user="inspector", organisation=authority.id, unit=None)
    assert numbers(search(logged, inspector)) == {3, 4, 6}
    assert AT_ANOTHER_OWNER.encode() in search(logged, inspector).body


def test_one_record_is_read_by_its_id_and_is_valid(logged: World) -> None:
    reply = logged.get(AUDITOR, "/fhir/AuditEvent/record-3")
    event = json.loads(reply.body)
    assert (reply.status, event["id"]) == (200, "record-3")
    assert not check(event)
    hidden = logged.get(AUDITOR, "/fhir/AuditEvent/record-4")
    missing = logged.get(AUDITOR, "/fhir/AuditEvent/record-44")
    assert (hidden.status, hidden.body) == (missing.status, missing.body)


def test_pages_hold_everything_once(logged: World) -> None:
    seen: list[str] = []
    reply = search(logged, AUDITOR, _count="2")
    while True:
        seen += ids(reply)
        links = {each["relation"]: each["url"] for each in json.loads(reply.body)["link"]}
        if "next" not in links:
            break
        reply = logged.get(
            AUDITOR, links["next"].partition("://")[2].partition("/")[2].join(("/", ""))
        )
    assert [each for each in seen if "record-" in each] == [
        f"record-{n}" for n in (6, 5, 3, 2, 1, 0)
    ]


def test_a_cursor_is_its_readers_and_does_not_last(logged: World) -> None:
    reply = search(logged, AUDITOR, _count="2")
    (link,) = [e["url"] for e in json.loads(reply.body)["link"] if e["relation"] == "next"]
    query = "/fhir/AuditEvent?" + link.partition("?")[2]
    assert logged.get(AUDITOR, query).status == 200
    assert logged.get(SIGNE_HERSELF, query).status == 410
    assert search(logged, AUDITOR, _after="x").status == 410
    assert search(logged, AUDITOR, _after="å").status == 410


@pytest.mark.parametrize(
    "parameters",
    [
        {"colour": "red"},
        {"agent": ""},
        {"agent": ","},
        {"date": "yesterday"},
        {"date": "ap2026"},
        {"date": "2026-13-40"},
        {"action": "X"},
        {"outcome": "7"},
        {"_count": "0"},
        {"_count": "many"},
        {"patient": "Patient/../x"},
        {"agent:exact": "x"},
    ],
)
def test_what_cannot_be_understood_is_told_where(logged: World, parameters: dict[str, str]) -> None:
    reply = search(logged, AUDITOR, **parameters)
    assert reply.status == 400
    issue: dict[str, Any] = json.loads(reply.body)["issue"][0]
    assert issue["expression"][0].startswith("http")


def test_reading_the_log_is_in_the_log(logged: World) -> None:
    search(logged, AUDITOR, agent="ward-doctor")
    logged.hub.sequencer.sequence_now()
    found = search(logged, AUDITOR, action="log-read")
    (event,) = [each["resource"] for each in json.loads(found.body)["entry"]]
    assert event["agent"][2]["who"]["identifier"]["value"] == "auditor"
