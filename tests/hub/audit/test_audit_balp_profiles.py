"""Each profile that an AuditEvent claims is met, and a fault in any part of it is seen."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from balp_profiles import PROFILES, Event
from fhir.resources.R4B.auditevent import AuditEvent

from hub.audit.balp import to_audit_event
from hub.audit.balp_codes import PROFILES as ROOT
from hub.audit.record import AccessRecord, Action, Outcome, Rung, Shown
from tests.hub.ingest.test_independent_validator import _judge

Make = Callable[..., AccessRecord]
SERVER = "https://samvy.example/fhir"
OWNER = "SE2329999991-0001"
CALL = {
    "client": "ekskog-emr",
    "network": "192.0.2.1",
    "request_id": "req-1",
    "issuer": "https://idp.example",
    "token": "a-token-id",
    "capacity": "vardpersonal",
    "law_version": "2026-01-01",
    "session": "s1",
}
ONE = (Shown(OWNER, "SE2329999991-1001", ("Condition/c1/_history/1",)),)
TWO = (Shown(OWNER, None, ("Condition/c1/_history/1", "Condition/c2/_history/1")),)
CLAIMED: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "a read": (("PatientRead", "OAUTHaccessTokenUse.Comprehensive"), {}),
    "a read of a version": (
        ("PatientRead", "OAUTHaccessTokenUse.Comprehensive"),
        {"action": Action.VREAD},
    ),
    "a read without a client": (("PatientRead",), {"client": None}),
    "a read by a system": (("PatientRead", "OAUTHaccessTokenUse.Comprehensive"), {"user": None}),
    "a search": (
        ("PatientQuery", "OAUTHaccessTokenUse.Comprehensive"),
        {"action": Action.SEARCH, "query": "code=1|2", "shown": TWO},
    ),
    "a search that finds nothing": (
        ("PatientQuery", "OAUTHaccessTokenUse.Comprehensive"),
        {"action": Action.SEARCH, "query": "code=1", "shown": (), "grounds": ()},
    ),
    "a create": (
        ("PatientCreate", "OAUTHaccessTokenUse.Comprehensive"),
        {"action": Action.CREATE},
    ),
    "an update": (
        ("PatientUpdate", "OAUTHaccessTokenUse.Comprehensive"),
        {"action": Action.UPDATE},
    ),
    "a deletion": (
        ("PatientDelete", "OAUTHaccessTokenUse.Comprehensive"),
        {"action": Action.DELETE},
    ),
    "a decision": (("AuthZconsent",), {"action": Action.OPEN, "shown": ()}),
    "a decision without a client": (
        ("AuthZconsent",),
        {"action": Action.OPEN, "shown": (), "client": None, "token": None},
    ),
    "a denial": (
        ("AuthZconsent",),
        {"action": Action.OPEN, "outcome": Outcome.DENY, "shown": (), "grounds": ("SVOD 3:7",)},
    ),
    "a rung": (
        ("AuthZconsent",),
        {"action": Action.RUNG, "shown": (), "rungs": (Rung("U1", (OWNER,)),)},
    ),
}


@pytest.mark.parametrize("case", CLAIMED)
def test_what_is_claimed_is_met(make_record: Make, case: str) -> None:
    claimed, fields = CLAIMED[case]
    event = to_audit_event(make_record(1, **{**CALL, "shown": ONE, **fields}), server=SERVER)
    AuditEvent.model_validate(event)
    assert event["meta"]["profile"] == [ROOT + each for each in claimed]
    for each in claimed:
        assert PROFILES[each](event) == [], each


DISCLOSED = {
    "a read": {"shown": ONE},
    "a search": {"action": Action.SEARCH, "query": "code=1", "shown": TWO},
    "an operation": {"action": Action.OPERATION, "shown": TWO},
}


@pytest.mark.parametrize("case", DISCLOSED)
def test_to_the_owner_it_is_a_disclosure(make_record: Make, case: str) -> None:
    """PDL 3:11: whose data left, to whom, when and what."""
    record = make_record(1, **{**CALL, **DISCLOSED[case]})
    event = to_audit_event(record, server=SERVER, discloses=frozenset({OWNER}))
    AuditEvent.model_validate(event)
    assert event["meta"]["profile"] == [f"{ROOT}PrivacyDisclosure.Source"]
    assert PROFILES["PrivacyDisclosure.Source"](event) == []
    left = [e["what"]["reference"] for e in event["entity"] if e["type"]["code"] == "2"]
    assert left == [each for shown in record.shown for each in shown.references]


@pytest.mark.parametrize(
    "fields",
    [
        {"organisation": OWNER},
        {"outcome": Outcome.DENY, "shown": ()},
        {"action": Action.RUNG, "rungs": (Rung("U1", (OWNER,)),), "shown": ()},
        {"shown": (Shown(OWNER, None, ()),)},
        {"action": Action.CREATE},
    ],
)
def test_what_did_not_leave_is_no_disclosure(make_record: Make, fields: dict[str, Any]) -> None:
    record = make_record(1, **{**CALL, "shown": ONE, **fields})
    event = to_audit_event(record, server=SERVER, discloses=frozenset({OWNER}))
    assert event["type"]["code"] != "110106"


def test_no_claim_where_a_part_is_not_known(make_record: Make) -> None:
    for missing in ("network", "person", "user", "organisation", "law_version"):
        record = make_record(1, **{**CALL, "action": Action.OPEN, "shown": (), missing: None})
        event = to_audit_event(record, server=SERVER)
        AuditEvent.model_validate(event)
        assert "meta" not in event, missing


def _faults(event: Event) -> list[tuple[str, Event]]:
    """The event with each of its agents and entities gone, or without who, network or what."""
    found = []
    for part in ("agent", "entity"):
        for number, each in enumerate(event[part]):
            without = copy.deepcopy(event)
            del without[part][number]
            found.append((f"{part}[{number}]", without))
            for name in ("who", "what", "type", "network"):
                if name in each:
                    changed = copy.deepcopy(event)
                    del changed[part][number][name]
                    found.append((f"{part}[{number}].{name}", changed))
    for name in ("type", "subtype", "action"):
        other = copy.deepcopy(event)
        other[name] = {"type": {}, "subtype": [{"system": "x", "code": "y"}], "action": "X"}[name]
        found.append((name, other))
    return found


FREE = {"PROV", "159541003", "XrequestId", "3", "UserOauthAgent", "IRCP", "AUT", "110150"}
"""What a profile lets be absent where it has no part in it (the user is 0..1)."""


@pytest.mark.parametrize("name", [n for n in PROFILES if not n.startswith("OAUTH")])
def test_a_fault_in_a_part_that_the_profile_asks_for_is_seen(make_record: Make, name: str) -> None:
    fields = next((f for claimed, f in CLAIMED.values() if claimed[0] == name), {})
    record = make_record(1, **{**CALL, "shown": ONE, **fields})
    discloses = frozenset({OWNER}) if name.startswith("Privacy") else frozenset[str]()
    event = to_audit_event(record, server=SERVER, discloses=discloses)
    assert PROFILES[name](event) == []
    for what, broken in _faults(event):
        if _is_free(event, what, name):
            continue
        assert PROFILES[name](broken), what


def _is_free(event: Event, what: str, name: str) -> bool:
    if name == "AuthZconsent":
        return what.startswith("entity") and _code(event, what) == "UserOauthAgent"
    if name.startswith("Privacy") and what.startswith("entity") and _code(event, what) == "2":
        return True  # what left is said in the entity of its owner too
    needed = {"110150"} if name == "PatientDelete" else set()
    return "[" in what and _code(event, what) in FREE - needed


def _code(event: Event, what: str) -> str:
    part, _, rest = what.partition("[")
    kind = event[part][int(rest.partition("]")[0])]["type"]
    return str(kind.get("coding", [kind])[0]["code"])


def _every_event(make_record: Make) -> list[Event]:
    """One of each kind, and some of what no profile is claimed for."""
    more = [fields for _, fields in CLAIMED.values()]
    more += [{"action": action} for action in Action]
    more += [{"outcome": outcome, "refusal": "not-found"} for outcome in Outcome]
    more += [{"person": None, "organisation": None, "user": None, "network": None}]
    records = [make_record(1, **{**CALL, "shown": ONE, **fields}) for fields in more]
    events = [to_audit_event(each, server=SERVER) for each in records]
    owners = frozenset({OWNER})
    return events + [to_audit_event(each, server=SERVER, discloses=owners) for each in records]


def test_another_validator_finds_every_event_to_be_valid_r4(make_record: Make) -> None:
    events = _every_event(make_record)
    assert _judge(events) == {}
    spoiled = [copy.deepcopy(events[0]) for _ in range(3)]
    del spoiled[0]["source"]
    spoiled[1]["recorded"] = "yesterday"
    spoiled[2]["agent"] = []
    assert _judge(spoiled).keys() == {0, 1, 2}
