"""Numbers that were one person and are parted: each has the log of what was shown of its own.

PDL 8:5, SVOD 4:5: each person is told of the accesses to their own data, those too that were made
while another number was thought to be theirs, and of nobody else's.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from consent.facts import Facts
from hub.audit.mandate import Mandate
from hub.audit.record import AccessRecord, Action, record_from
from hub.audit.search import Wanted, every
from hub.ingest.former import link, unlink
from hub.store.lift_requests import notices_of
from hub.store.schema.audit import audit_record
from mappings.personal_identity import PERSONNUMMER, Identity
from tests.hub.api.consenting import SIGNE_ACTING
from tests.hub.lifting.asking import asked, granted, later, post
from tests.hub.web.visiting import Visitor, text_of
from tests.worlds.hub_world import (
    AUDITOR,
    CLINIC,
    OFFICER,
    OLOF,
    REGION,
    SIGNE,
    SIGNE_HERSELF,
    TALKS,
    WARD_DOCTOR,
    World,
    condition,
    documented,
    stated,
)
from tests.worlds.usual import CONSENT, OUTER, RELATIONS, facts, fill

LOOK = stated(relevance=True, activeChoice="content")
OLOF_HIMSELF = replace(SIGNE_HERSELF, user="olof", person=f"{PERSONNUMMER}|{OLOF}")
OLOF_ACTING = replace(SIGNE_ACTING, user="olof", person=f"{PERSONNUMMER}|{OLOF}")
OWN, OTHERS = "Condition/ward-1", "Condition/other-1"
"""Resources of the number that is asked about, and of the one that is linked to it."""


@pytest.fixture
def linked(world: World) -> World:
    return _linked(world)


@pytest.fixture
def small_linked(small_world: World) -> World:
    return _linked(small_world)


def _linked(world: World) -> World:
    fill(world)
    world.know(Facts(blocks=(OUTER,)), OLOF)
    clinics = documented(CLINIC, TALKS)
    world.hold([(condition(world.person(OLOF), "other-2", "Sorg"), clinics)], OLOF)
    with world.store.write() as connection:
        key = world.hub.identity_key
        link(connection, key, _identity(SIGNE), _identity(OLOF), world.clock.now)
    return world


def _identity(number: str) -> Identity:
    return Identity(PERSONNUMMER, number)


def _part(world: World) -> None:
    world.clock.forward(timedelta(minutes=1))
    with world.store.write() as connection:
        assert unlink(connection, world.hub.identity_key, _identity(OLOF), world.clock.now)
    world.hub.sequencer.sequence_now()


def _log(world: World, number: str) -> list[AccessRecord]:
    """What the person finds in the log by this number alone."""
    with world.store.read() as connection:
        mandate = Mandate(persons=frozenset({world.person(number)}))
        return [each.record for each in every(connection, mandate, Wanted())]


def _references(records: list[AccessRecord]) -> set[str]:
    shown = (ref for record in records for each in record.shown for ref in each.references)
    return {each.partition("/_history/")[0] for each in shown}


def _read(world: World, session: str) -> None:
    for each in (OWN, OTHERS):
        assert world.get(WARD_DOCTOR, f"/fhir/{each}", session=session).status == 200


def _vread(world: World, session: str) -> None:
    for each in (OWN, OTHERS):
        assert world.get(WARD_DOCTOR, f"/fhir/{each}/_history/1", session=session).status == 200


def _history(world: World, session: str) -> None:
    for each in (OWN, OTHERS):
        assert world.get(WARD_DOCTOR, f"/fhir/{each}/_history", session=session).status == 200


def _search(world: World, session: str) -> None:
    asked_for = {"patient": world.person()}
    found = world.get(WARD_DOCTOR, "/fhir/Condition", asked_for, session=session)
    assert {"ward-1", "other-1"} <= set(found.ids)


def _pages(world: World, session: str) -> None:
    asked_for = {"patient": world.person(), "_count": "1"}
    found = world.get(WARD_DOCTOR, "/fhir/Condition", asked_for, session=session)
    while (following := found.link("next")) is not None:
        found = world.get(WARD_DOCTOR, following, session=session)
        assert found.status == 200


def _everything(world: World, session: str) -> None:
    path = f"/fhir/Patient/{world.person()}/$everything"
    assert world.get(WARD_DOCTOR, path, session=session).status == 200


def _summary(world: World, session: str) -> None:
    path = f"/fhir/Patient/{world.person()}/$summary"
    assert world.get(WARD_DOCTOR, path, session=session).status == 200


def _batch(world: World, session: str) -> None:
    entries = [{"request": {"method": "GET", "url": each}} for each in (OWN, OTHERS)]
    body = {"resourceType": "Bundle", "type": "batch", "entry": entries}
    assert world.post(WARD_DOCTOR, "/fhir", body, session=session).status == 200


WAYS: dict[str, Callable[[World, str], None]] = {
    "read": _read,
    "vread": _vread,
    "history": _history,
    "search": _search,
    "pages": _pages,
    "everything": _everything,
    "summary": _summary,
    "batch": _batch,
}


@pytest.mark.parametrize("way", WAYS)
def test_each_number_has_what_was_shown_of_its_own(small_linked: World, way: str) -> None:
    session = small_linked.session(WARD_DOCTOR, *LOOK)
    WAYS[way](small_linked, session)
    _part(small_linked)
    signe, olof = (_references(_log(small_linked, each)) for each in (SIGNE, OLOF))
    assert OWN in signe
    assert OTHERS in olof
    assert OTHERS not in signe, "nothing of the other's"
    assert OWN not in olof, "nothing of the other's"


def test_the_accesses_say_who_when_and_on_what_ground(small_linked: World) -> None:
    _search(small_linked, small_linked.session(WARD_DOCTOR, *LOOK))
    _part(small_linked)
    (found,) = [each for each in _log(small_linked, OLOF) if each.action is Action.SEARCH]
    assert (found.user, found.organisation) == (WARD_DOCTOR.user, REGION)
    assert found.grounds == ("PDL 4:1",)
    assert [each.owner for each in found.shown] == [REGION]


def test_openings_and_their_rungs_are_in_both_logs(small_linked: World) -> None:
    small_linked.open(WARD_DOCTOR, *LOOK)
    _part(small_linked)
    for number in (SIGNE, OLOF):
        records = _log(small_linked, number)
        assert [each.action for each in records].count(Action.OPEN) == 1
        assert "B0" in {rung.code for each in records for rung in each.rungs}


def test_organisations_that_a_rung_names_are_in_the_log_of_whose_they_are(
    small_linked: World,
) -> None:
    danger = {"danger": "life", "consentObtainable": False, "canRequestLift": False}
    emergency = {**danger, "absolutelyNeeded": True}
    small_linked.know(facts(consents=()))
    opened = small_linked.open(WARD_DOCTOR, *stated(relevance=True, emergency=emergency))
    assert "B1" in opened.body.decode()
    _part(small_linked)
    named = {
        number: {
            name
            for each in _log(small_linked, number)
            for rung in each.rungs
            if rung.code == "B1"
            for name in rung.organisations
        }
        for number in (SIGNE, OLOF)
    }
    assert named == {SIGNE: {CLINIC}, OLOF: {CLINIC}}, "both have documentation there"


def test_answers_and_blocks_that_are_shown_are_in_the_log_of_whose_they_are(
    small_linked: World,
) -> None:
    person = small_linked.person()
    found = small_linked.get(SIGNE_HERSELF, "/fhir/Consent", {"patient": person})
    assert found.json["total"] == 2, "a consent of the one and a block of the other"
    small_linked.get(SIGNE_HERSELF, f"/fhir/Patient/{person}/$consents")
    _part(small_linked)
    for number in (SIGNE, OLOF):
        records = _log(small_linked, number)
        (block,) = [e for e in records if e.action is Action.SEARCH]
        (reference,) = _references([block])
        assert reference.startswith(f"Consent/{small_linked.person(number)}.")
        assert [e.action for e in records].count(Action.OPERATION) == 1


def test_a_lift_of_the_others_block_is_in_both_logs_and_both_are_told(linked: World) -> None:
    linked.know(facts(), SIGNE)
    number = asked(linked)
    granted(linked, number)
    with linked.store.read() as connection:
        both = [linked.person(each) for each in (SIGNE, OLOF)]
        assert len(notices_of(connection, both)) == 1, "one person is told once"
    _part(linked)
    later(linked, timedelta(hours=3))
    linked.hub.sequencer.sequence_now()
    for each in (SIGNE, OLOF):
        queries = " ".join(str(record.query) for record in _log(linked, each))
        for step in (f"$request-lift {number}", "$answer-lift-request granted", "lift/ended"):
            assert step in queries, (each, step)
        with linked.store.read() as connection:
            told = [n.text for n in notices_of(connection, [linked.person(each)])]
        assert len(told) == 2, told
        assert "Nu gäller spärren igen" in told[0]


def test_an_auditors_extract_has_them_after_the_parting(small_linked: World) -> None:
    _read(small_linked, small_linked.session(WARD_DOCTOR, *LOOK))
    _part(small_linked)
    small_linked.tokens.clear()
    auditor = Visitor(small_linked)
    assert auditor.log_in(AUDITOR).status == 303
    for number, there, not_there in ((SIGNE, "ward-1", "other-1"), (OLOF, "other-1", "ward-1")):
        given = {"patient": small_linked.person(number)}
        found = small_linked.get(AUDITOR, "/fhir/AuditEvent", given).body.decode()
        assert f"Condition/{there}" in found
        assert f"Condition/{not_there}" not in found
        page = auditor.get(f"/granskning/utdrag?patient={small_linked.person(number)}")
        assert page.status == 200
        assert "Läste" in text_of(page) or "läste" in text_of(page)


def test_while_they_are_one_all_is_found_under_either(small_linked: World) -> None:
    _search(small_linked, small_linked.session(WARD_DOCTOR, *LOOK))
    small_linked.hub.sequencer.sequence_now()
    for who, number in ((SIGNE_HERSELF, SIGNE), (OLOF_HIMSELF, OLOF)):
        given = {"patient": small_linked.person(number)}
        found = small_linked.get(who, "/fhir/AuditEvent", given).body.decode()
        assert "Condition/ward-1" in found
        assert "Condition/other-1" in found


def test_who_has_one_number_alone_has_one_record(small_world: World) -> None:
    fill(small_world)
    session = small_world.session(WARD_DOCTOR, *LOOK)
    given = {"patient": small_world.person()}
    small_world.get(WARD_DOCTOR, "/fhir/Condition", given, session=session)
    with small_world.store.read() as connection:
        payloads = connection.execute(select(audit_record.c.payload)).scalars().all()
    searches = [r for e in payloads if (r := record_from(bytes(e))).action is Action.SEARCH]
    assert len(searches) == 1
    assert {each.person for each in searches} == {small_world.person()}


def test_blocks_and_consents_follow_the_number_that_they_were_registered_under(
    linked: World,
) -> None:
    """Registered and ended under either number while they are one; each keeps its own after."""
    olof = linked.person(OLOF)
    given = [
        *stated(organisation=REGION),
        {"name": "end", "valueDate": "2026-12-31"},
    ]
    body = {"resourceType": "Parameters", "parameter": given}
    made = linked.post(OLOF_ACTING, f"/fhir/Patient/{olof}/$register-consent", body)
    assert made.status == 200, made.body
    consent = made.json["parameter"][0]["valueString"]
    seen = [
        {each["identifier"][0]["value"] for each in linked.get(who, "/fhir/Consent", of).resources}
        for who, of in (
            (SIGNE_HERSELF, {"patient": linked.person()}),
            (OLOF_HIMSELF, {"patient": olof}),
        )
    ]
    assert seen[0] == seen[1], "the person sees the same under both"
    assert consent in seen[0]
    body = {"resourceType": "Parameters", "parameter": stated(consent=consent)}
    path = f"/fhir/Patient/{linked.person()}/$withdraw-consent"
    assert linked.post(SIGNE_ACTING, path, body).status == 200
    blocking = {"resourceType": "Parameters", "parameter": stated(owner=REGION)}
    path = f"/fhir/Patient/{olof}/$register-block"
    block = linked.post(OLOF_ACTING, path, blocking).json["parameter"][0]["valueString"]
    _part(linked)
    linked.tokens.clear()
    mine = linked.get(SIGNE_HERSELF, "/fhir/Consent", {"patient": linked.person()}).body.decode()
    his = json.loads(linked.get(OLOF_HIMSELF, "/fhir/Consent", {"patient": olof}).body)
    assert block not in mine
    assert OUTER.id not in mine
    status = {
        each["resource"]["identifier"][0]["value"]: each["resource"]["status"]
        for each in his["entry"]
    }
    assert status == {consent: "inactive", block: "active", OUTER.id: "active"}
    other = linked.get(SIGNE_HERSELF, "/fhir/Consent", {"patient": olof})
    assert "entry" not in other.json, "no number is the other's any more"


def test_a_block_of_a_number_that_is_parted_stands_on_its_own_alone(small_linked: World) -> None:
    both = replace(CONSENT, organisation=REGION)
    small_linked.know(Facts(relations=RELATIONS, consents=(both,), blocks=(OUTER,)), OLOF)
    session = small_linked.session(WARD_DOCTOR, *LOOK)
    clinics = "/fhir/Condition/clinic-1"
    assert small_linked.get(WARD_DOCTOR, clinics, session=session).status == 404
    _part(small_linked)
    small_linked.tokens.clear()
    session = small_linked.session(WARD_DOCTOR, *LOOK)
    assert small_linked.get(WARD_DOCTOR, clinics, session=session).status == 200
    his = small_linked.session(WARD_DOCTOR, *LOOK, number=OLOF)
    assert small_linked.get(WARD_DOCTOR, "/fhir/Condition/other-2", session=his).status == 404
    assert small_linked.get(WARD_DOCTOR, f"/fhir/{OTHERS}", session=his).status == 200


def test_a_request_that_waits_when_they_are_parted_lifts_nothing_of_the_others(
    small_linked: World,
) -> None:
    small_linked.know(facts())
    number = asked(small_linked)
    _part(small_linked)
    small_linked.tokens.clear()
    until = small_linked.clock.now + timedelta(hours=2)
    said = [
        {"name": "decision", "valueCode": "grant"},
        {"name": "until", "valueInstant": until.isoformat()},
        *stated(reason="prövat"),
    ]
    reply = post(small_linked, f"Task/{number}/$answer-lift-request", said, OFFICER)
    assert reply.status == 422, reply.body
    his = small_linked.session(WARD_DOCTOR, *LOOK, number=OLOF)
    assert small_linked.get(WARD_DOCTOR, "/fhir/Condition/other-2", session=his).status == 404
