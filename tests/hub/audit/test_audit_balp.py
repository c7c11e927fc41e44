"""The AuditEvent of a record, against R4 and against BALP's constraints."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from fhir.resources.R4B.auditevent import AuditEvent

from hub.audit.balp import to_audit_event
from hub.audit.balp_codes import PROFILES
from hub.audit.record import AccessRecord, Action, Outcome, Rung, Shown

Make = Callable[..., AccessRecord]
SERVER = "https://samvy.example/fhir"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
OBJECT = "http://terminology.hl7.org/CodeSystem/object-role"

CALL = {"client": "ekskog-emr", "network": "192.0.2.1", "request_id": "req-1"}
PROFILED = {
    "PatientRead": (Action.READ, "R", {"client": "110152", "server": "110153"}, "IRCP"),
    "PatientCreate": (Action.CREATE, "C", {"client": "110153", "server": "110152"}, "AUT"),
    "PatientQuery": (Action.SEARCH, "E", {"client": "110153", "server": "110152"}, "IRCP"),
}


def agents(event: dict[str, Any], code: str) -> list[dict[str, Any]]:
    return [a for a in event["agent"] if a["type"]["coding"][0]["code"] == code]


def entities(event: dict[str, Any], code: str) -> list[dict[str, Any]]:
    return [e for e in event["entity"] if e["type"]["code"] == code]


@pytest.mark.parametrize("profile", PROFILED)
def test_a_profile_that_is_claimed_is_met(make_record: Make, profile: str) -> None:
    action, letter, roles, kind = PROFILED[profile]
    event = to_audit_event(make_record(1, action=action, query="code=1|2", **CALL), server=SERVER)
    AuditEvent.model_validate(event)
    assert event["meta"]["profile"] == [PROFILES + profile]
    assert event["type"]["code"] == "rest"
    assert event["subtype"][0]["code"] == action.value
    assert event["subtype"][0]["system"] == "http://hl7.org/fhir/restful-interaction"
    assert (event["action"], event["outcome"]) == (letter, "0")
    for code in roles.values():
        (agent,) = agents(event, code)
        assert agent["type"]["coding"][0]["system"] == DCM
        assert agent["who"]
        assert agent["network"]["address"]
        assert "media" not in agent
    assert agents(event, roles["client"])[0]["who"]["identifier"]["value"] == "ekskog-emr"
    assert agents(event, roles["server"])[0]["who"]["identifier"]["value"] == SERVER
    (user,) = agents(event, kind)
    assert user["requestor"] is True
    assert "network" not in user
    assert {
        "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
        "code": "TREAT",
        "display": "TREAT",
    } in user["purposeOfUse"][0]["coding"]
    (person,) = entities(event, "1")
    assert person["what"] == {"reference": "Patient/a1b2c3"}
    assert person["role"] == {"system": OBJECT, "code": "1", "display": "Patient"}
    (request,) = entities(event, "XrequestId")
    assert request["what"]["identifier"]["value"] == "req-1"
    (thing,) = entities(event, "2")
    if profile == "PatientQuery":
        assert thing["role"]["code"] == "24"
        assert base64.b64decode(thing["query"]) == b"code=1|2"
        assert not {"what", "lifecycle", "detail", "name"} & thing.keys()
    else:
        assert thing["role"]["code"] in {"4", "3", "20"}
        assert thing["what"] == {"reference": "Condition/c1"}


def test_it_says_what_swedish_rules_ask_for(make_record: Make) -> None:
    shown = (
        Shown("SE2329999991-0001", "SE2329999991-1001", ("Condition/1", "Condition/2")),
        Shown("SE2329999992-0001", None, ()),
    )
    record = make_record(
        1,
        shown=shown,
        assignment="u1",
        process="p1",
        capacity="vardpersonal",
        session="s1",
        law_version="2026-01-01",
        grounds=("SVOD 3:1", "SVOD 3:2"),
        **CALL,
    )
    event = to_audit_event(record, server=SERVER)
    AuditEvent.model_validate(event)
    (context,) = event["extension"]
    assert {part["url"]: part["valueString"] for part in context["extension"]} == {
        "unit": "SE2329999990-1001",
        "process": "p1",
        "assignment": "u1",
        "session": "s1",
        "law-version": "2026-01-01",
    }
    one, two = entities(event, "3")
    assert one["what"]["identifier"]["value"] == "SE2329999991-0001"
    assert [detail["valueString"] for detail in one["detail"]] == [
        *("SE2329999991-1001", "Condition/1", "Condition/2")
    ]
    assert "detail" not in two
    (organisation,) = agents(event, "PROV")
    assert organisation["who"]["identifier"]["value"] == "SE2329999990-0001"
    assert agents(event, "IRCP")[0]["role"][0]["coding"][0]["code"] == "vardpersonal"
    assert event["outcomeDesc"] == "SVOD 3:1; SVOD 3:2"
    assert event["recorded"] == "2026-03-01T12:00:01.000000Z"
    assert "meta" not in event  # PatientRead is about one resource


NOT_BALP: dict[str, dict[str, Any]] = {
    "denied": {"outcome": Outcome.DENY, **CALL},
    "failed": {"outcome": Outcome.ERROR, **CALL},
    "nobody": {"person": None, **CALL},
    "address unknown": {"client": "c"},
    "nothing read": {"shown": (), **CALL},
    "an operation": {"action": Action.OPEN, **CALL},
    "a rung": {"action": Action.RUNG, "rungs": (Rung("U1"),), **CALL},
    "a history": {"action": Action.HISTORY, **CALL},
    "a search without its text": {"action": Action.SEARCH, **CALL},
    "a system's act": {"user": None, "organisation": None, "network": "192.0.2.1"},
}


@pytest.mark.parametrize("case", NOT_BALP)
def test_what_balp_does_not_describe_claims_no_profile(make_record: Make, case: str) -> None:
    event = to_audit_event(make_record(1, **NOT_BALP[case]), server=SERVER)
    AuditEvent.model_validate(event)
    assert "meta" not in event


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("outcome", Outcome)
def test_every_record_is_a_valid_audit_event(
    make_record: Make, action: Action, outcome: Outcome
) -> None:
    record = make_record(1, action=action, outcome=outcome, query="x", purpose="insats", **CALL)
    event = to_audit_event(record, server=SERVER)
    AuditEvent.model_validate(event)
    assert (event["outcome"] == "0") is (outcome in (Outcome.PERMIT, Outcome.PARTIAL))


def test_the_individual_is_named_by_their_own_key(make_record: Make) -> None:
    event = to_audit_event(
        make_record(1, user="a1b2c3", capacity="individual", purpose=None, **CALL), server=SERVER
    )
    (user,) = agents(event, "IRCP")
    assert user["who"] == {"identifier": {"value": "a1b2c3"}}
    assert "purposeOfUse" not in user
    assert "purposeOfEvent" not in event


def test_a_system_without_user_is_the_requestor_itself(make_record: Make) -> None:
    event = to_audit_event(make_record(1, user=None, network="192.0.2.1"), server=SERVER)
    (client,) = agents(event, "110152")
    assert client["requestor"] is True
    assert client["who"]["identifier"]["value"] == "SE2329999990-0001"
    assert not agents(event, "IRCP")
    assert event["meta"]["profile"] == [f"{PROFILES}PatientRead"]
