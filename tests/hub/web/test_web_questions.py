"""Who could see what, and what a new block would have stopped: asked in the console."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from consent.facts import BlockKind, Sparr
from hub.audit.errors import AuditUnavailable
from hub.audit.writer import AuditWriter
from hub.store.schema.audit import audit_record
from tests.hub.web.conftest import KEY
from tests.hub.web.visiting import Visitor, text_of
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    AUDITOR,
    CLINIC,
    EMERGENCY_DOCTOR,
    OTHER_REGION,
    REGION,
    SIGNE,
    SURGERY,
    WARD,
    World,
    opened_world,
    stated,
)
from tests.worlds.usual import CONSENT, HIDDEN, facts, fill

ASKED = {
    "personnummer": SIGNE,
    "organisation": REGION,
    "anvandare": "ward-doctor",
    "andamal": "vard",
    "dag": "2026-03-10",
    "kl": "12:00",
}
BLOCK = {"personnummer": SIGNE, "agare": REGION, "slag": "yttre", "enhet": ""}
COULD, RADIUS = "/granskning/kunde-se", "/granskning/sparr"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("questions")
    with opened_world(f"sqlite:///{folder / 'samvy.db'}", folder, key=KEY) as world:
        fill(world)
        world.know(facts(consents=(replace(CONSENT, organisation=OTHER_REGION),)))
        session = world.session(EMERGENCY_DOCTOR, *stated(relevance=True, reason="x"))
        patient = {"patient": world.person()}
        reply = world.get(EMERGENCY_DOCTOR, "/fhir/Condition", patient, session=session)
        assert reply.json["total"]
        world.hub.sequencer.stop()  # what is asked counts these openings, and none of later tests
        yield world


@pytest.fixture
def visitor(told: World) -> Visitor:
    found = Visitor(told)
    found.log_in(AUDITOR)
    return found


def _ask(visitor: Visitor, path: str, fields: dict[str, str], **changes: str) -> Reply:
    return visitor.post(path, {"csrf": visitor.proof(), **fields, **changes})


def _last(world: World) -> dict[str, object]:
    with world.store.read() as connection:
        rows = connection.execute(select(audit_record.c.payload)).scalars()
        read = [json.loads(each) for each in rows if b"log-read" in each]
    return dict(max(read, key=lambda each: str(each["recorded"])))


def test_own_staff_at_the_own_unit_could_see(told: World, visitor: Visitor) -> None:
    reply = _ask(visitor, COULD, ASKED)
    text = text_of(reply)
    assert reply.status == 200
    assert "Uppdraget gällde" in text
    assert "Får visas. PDL 4:1" in text
    assert "PDL 4:1: uppfyllt" in text
    act = _last(told)
    assert act["person"] == told.person()
    assert act["query"] == (
        f"console could-see {REGION} ward-doctor vard 2026-03-10T12:00:00+01:00"
    )
    assert SIGNE not in json.dumps(act)


def test_the_answer_holds_no_content_and_nothing_of_other_owners(visitor: Visitor) -> None:
    for changes in (
        {},
        {"nod": "1"},
        {"organisation": OTHER_REGION, "anvandare": "emergency-doctor"},
    ):
        body = _ask(visitor, COULD, ASKED, **changes).body.decode()
        assert HIDDEN not in body
        assert "Hypertoni" not in body
        assert CLINIC not in body.partition('id="svar"')[2]


def test_facts_that_others_know_are_not_told(visitor: Visitor) -> None:
    own = _ask(visitor, COULD, ASKED).body.decode()
    assert "facts.person.capacity" in own
    elsewhere = {"organisation": OTHER_REGION, "anvandare": "emergency-doctor"}
    reply = _ask(visitor, COULD, ASKED, **elsewhere)
    assert "SVOD 3:1" in text_of(reply)
    assert "facts." not in reply.body.decode()


def test_who_has_no_assignment_could_see_nothing(visitor: Visitor) -> None:
    assert "inget uppdrag" in text_of(_ask(visitor, COULD, ASKED, anvandare="<b>nobody"))
    assert "inget uppdrag" in text_of(_ask(visitor, COULD, ASKED, anvandare="auditor"))
    before = text_of(_ask(visitor, COULD, ASKED, dag="2023-12-31"))
    assert "gällde inte då" in before
    assert "0 av" in before
    other_purpose = text_of(_ask(visitor, COULD, ASKED, andamal="forskning"))
    assert "0 av" in other_purpose


def test_a_person_without_documentation_is_answered_so(visitor: Visitor) -> None:
    assert "ingen dokumentation" in text_of(
        _ask(visitor, COULD, ASKED, personnummer="195001182046")
    )
    assert "ingen dokumentation" not in text_of(_ask(visitor, COULD, ASKED, personnummer=SIGNE))


@pytest.mark.parametrize(
    "changes",
    [
        {"personnummer": "x"},
        {"dag": ""},
        {"dag": "x"},
        {"kl": "x"},
        {"kl": "12:00+01:00"},
        {"andamal": "nyfikenhet"},
        {"organisation": "nobody"},
        {"anvandare": ""},
    ],
)
def test_a_question_that_cannot_be_read(visitor: Visitor, changes: dict[str, str]) -> None:
    assert _ask(visitor, COULD, ASKED, **changes).status == 400


def test_a_block_would_have_stopped_what_others_opened(told: World, visitor: Visitor) -> None:
    reply = _ask(visitor, RADIUS, BLOCK)
    text = text_of(reply)
    assert "1 av 1 öppningar" in text
    assert f"Till Name of {OTHER_REGION}" not in text.partition("Utkast")[0]
    assert "En person kommer att spärra uppgifter" in text
    assert "inte ens i en nödsituation" in text
    assert SIGNE not in text
    act = _last(told)
    assert act["query"] == f"console block-radius yttre {REGION}"
    assert act["person"] == told.person()


def test_the_openings_are_what_the_real_block_stops(told: World, visitor: Visitor) -> None:
    """The block set for real: what was counted is what is hidden from then on."""
    fragment = text_of(_ask(visitor, RADIUS, BLOCK))
    session = told.session(EMERGENCY_DOCTOR, *stated(relevance=True, reason="x"))
    patient = {"patient": told.person()}
    shown = told.get(EMERGENCY_DOCTOR, "/fhir/Condition", patient, session=session).ids
    consents = (replace(CONSENT, organisation=OTHER_REGION),)
    told.know(facts(consents=consents, blocks=(Sparr("real", BlockKind.OUTER, REGION),)))
    after = told.get(EMERGENCY_DOCTOR, "/fhir/Condition", patient, session=session).ids
    told.know(facts(consents=consents))
    lost = len(set(shown) - set(after))
    assert lost
    assert f"öppnat {lost} uppgift" in fragment


def test_an_opening_by_another_organisation_is_decided_as_it_was(
    told: World, visitor: Visitor
) -> None:
    """What its reader stated counts, although the owner's reviewer does not see the session."""
    with told.store.read() as connection:
        rows = connection.execute(select(audit_record.c.id, audit_record.c.payload)).all()
    number = next(row.id for row in rows if b"Condition/ward-1" in row.payload)
    text = text_of(visitor.get(f"/granskning/atkomster/{number}/prova"))
    assert "Condition/ward-1/_history/1 får visas SVOD 3:1" in text
    assert "clinic-1" not in text


def test_a_block_of_one_unit_stops_what_that_unit_holds(visitor: Visitor) -> None:
    whole = text_of(_ask(visitor, RADIUS, BLOCK))
    ward = text_of(_ask(visitor, RADIUS, BLOCK, enhet=WARD))
    surgery = text_of(_ask(visitor, RADIUS, BLOCK, slag="inre", enhet=SURGERY))
    assert "1 av 1" in whole
    assert "1 av 1" in ward
    assert "av 1 öppningar" in surgery
    assert "0 av 0" in text_of(_ask(visitor, RADIUS, BLOCK, till="2020-01-01"))


@pytest.mark.parametrize(
    "changes", [{"agare": CLINIC}, {"slag": "x"}, {"slag": "inre"}, {"personnummer": ""}]
)
def test_a_block_that_cannot_be_meant(visitor: Visitor, changes: dict[str, str]) -> None:
    reply = _ask(visitor, RADIUS, BLOCK, **changes)
    assert reply.status == 400
    assert "öppningar" not in text_of(reply)


def test_nothing_is_answered_that_is_not_logged(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    proof = visitor.proof()

    def closed(*_: object) -> None:
        raise AuditUnavailable("planted")

    monkeypatch.setattr(AuditWriter, "append_all", closed)
    for path, fields in ((COULD, ASKED), (RADIUS, BLOCK)):
        reply = visitor.post(path, {"csrf": proof, **fields})
        assert reply.status == 503
        assert "PDL" not in text_of(reply)
        assert visitor.post(path, {**fields, "csrf": "x"}).status == 503  # a refusal is logged too
