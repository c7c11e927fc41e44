"""Somebody whose identity is protected: what requests, notices, answers and pages say of them.

Source: OSL 21:3, 22:1, 22:2. Address and ways of contact stand in a document of the owner's, whole
and masked; nothing of them leaves by any of these ways, and whoever answers is told of the
protection.
"""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from consent.facts import InfoType
from hub.ingest.judge import EVERY_MASK
from hub.lifting.alerter import Alerter, Served
from hub.lifting.clock import LiftClock
from hub.store.directory import load_organisations
from tests.hub.api.consenting import SIGNE_ACTING
from tests.hub.lifting.alarm import alarm_up
from tests.hub.lifting.asking import asked, granted, later, logged, post, told
from tests.hub.web.visiting import Visitor, text_of
from tests.worlds.hub_world import (
    CLINIC,
    OFFICER,
    ORGANISATIONS,
    SIGNE,
    TALKS,
    THERAPIST,
    World,
    documented,
    protected,
    stated,
)
from tests.worlds.usual import OUTER, facts, fill

STREET, PHONE, NAME = "Hemligstigen 7", "0701740605", "Hemligsson"
MARK = "Skyddade personuppgifter"


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LiftClock, "start", lambda _: None)
    monkeypatch.setattr(Alerter, "start", lambda _: None)


def _shielded(world: World, *, shield: bool = True) -> None:
    fill(world)
    known = facts(blocks=(OUTER,))
    world.know(protected(known) if shield else known)
    whole = {
        "resourceType": "Patient",
        "id": "of-the-clinic",
        "name": [{"family": NAME}],
        "address": [{"line": [STREET]}],
        "telecom": [{"system": "phone", "value": PHONE}],
    }
    masks = EVERY_MASK if shield else frozenset()
    item = documented(CLINIC, TALKS, info_type=InfoType.DEMOGRAPHICS, masks=masks)
    world.hold([(whole, item)])


def _everything_said(world: World) -> list[str]:
    """Ask, alert, answer and end, and return whatever is said to anybody of it."""
    entry = next(each for each in ORGANISATIONS if each.id == CLINIC)
    person, said = world.person(), []
    with alarm_up() as alarm:
        with world.store.write() as connection:
            load_organisations(connection, [replace(entry, lift_alert=alarm.url)], world.clock.now)
        number = asked(world)
        officer = Visitor(world)
        officer.log_in(OFFICER)
        pages = ("/granskning/havningar", f"/granskning/havningar/{number}")
        said += [text_of(officer.get(path)) for path in pages]
        said.append(world.get(OFFICER, f"/fhir/Task/{number}").body.decode())
        said.append(world.get(OFFICER, "/fhir/Task", {"code": "lift-request"}).body.decode())
        granted(world, number)
        later(world, timedelta(hours=3))
        alerter = Alerter(world.store, world.hub.log, world.clock, Served("http://x", dev=True))
        while alerter.work_once():
            pass
        said += alarm.raw
        assert len(alarm.told) >= 2
    said += told(world)
    for path in ("$notices", "$consents"):
        said.append(world.get(SIGNE_ACTING, f"/fhir/Patient/{person}/{path}").body.decode())
    for who in (SIGNE_ACTING, THERAPIST, OFFICER):
        said.append(world.get(who, "/fhir/Consent", {"patient": person}).body.decode())
    given = stated(reason="bedömt", clarified=True, reasonToThinkOpposed=False)
    kind = {"name": "kind", "valueCode": "attitude"}
    made = post(world, f"Patient/{person}/$register-assessment", [kind, *given], THERAPIST)
    said.append(made.body.decode())
    block = post(world, f"Patient/{person}/$register-block", stated(owner=CLINIC), SIGNE_ACTING)
    assert block.status == 200
    said.append(block.body.decode())
    said += [str(each) for each in logged(world, "")]
    return said


def test_nothing_says_where_a_protected_person_is(small_world: World) -> None:
    _shielded(small_world)
    for text in _everything_said(small_world):
        for secret in (STREET, PHONE, NAME):
            assert secret not in text


def test_alerts_and_notices_name_nobody(small_world: World) -> None:
    _shielded(small_world)
    said = _everything_said(small_world)
    for text in (*told(small_world), *(each for each in said if "Logga in" in each)):
        assert SIGNE not in text
        assert small_world.person() not in text or text.startswith("AccessRecord")


@pytest.mark.parametrize("shield", [True, False])
def test_whoever_answers_is_told_of_the_protection(small_world: World, *, shield: bool) -> None:
    _shielded(small_world, shield=shield)
    number = asked(small_world)
    officer = Visitor(small_world)
    officer.log_in(OFFICER)
    assert (MARK in text_of(officer.get(f"/granskning/havningar/{number}"))) is shield
    assert MARK not in text_of(officer.get("/granskning/havningar")), "the list is of nobody"
    one = small_world.get(OFFICER, f"/fhir/Task/{number}").json
    listed = small_world.get(OFFICER, "/fhir/Task", {"code": "lift-request"}).resources
    for task in (one, *listed):
        codes = [each["code"] for each in task["meta"].get("security", [])]
        assert codes == (["skyddadFolkbokforing"] if shield else [])


def test_the_reading_of_a_protected_persons_request_is_for_review(small_world: World) -> None:
    _shielded(small_world)
    number = asked(small_world)
    small_world.get(OFFICER, f"/fhir/Task/{number}")
    granted(small_world, number)
    records = [each for each in logged(small_world, "") if number in json.dumps(str(each))]
    assert len(records) >= 3
    for each in records:
        assert "NOTIFY_LOG_REVIEW" in each.obligations, each.query
