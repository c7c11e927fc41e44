"""A request to lift as FHIR Task: the duty officer's list, and one request.

Source: SVOD 3:5; PDL 4:5; FHIR R4 task.html. The blocking organisation's officers see every request
to it; whoever asked sees their own, without what it reveals of blocks. Nobody else sees anything.
Who is asked now, the recipients of the restriction say; what time does with a request is done in
the background (hub/lifting/clock.py).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection

from consent.decision import Obligation
from consent.facts import ProtectedIdentity
from hub.api.act.answer_lift_request import is_officer_of
from hub.api.bundle import searchset
from hub.api.call import Answer, Call
from hub.api.log import record, write
from hub.audit.record import Action, Outcome, Shown
from hub.errors import NotFound
from hub.running import Hub
from hub.store.facts import facts_of, linked
from hub.store.lift_requests import LiftRequest, LiftState, request_of, requests_of
from mappings.base_profiles import HSA_ID

CODES = "https://samvy.se/fhir/CodeSystem/lift-request"
PROFILE = "https://samvy.se/fhir/StructureDefinition/lift-request"
PREFIX = "lift-request-"
LABEL = "http://hl7.se/fhir/ig/base/CodeSystem/SecurityLabel"
LABELS: Mapping[ProtectedIdentity, str | None] = {
    ProtectedIdentity.NONE: None,
    ProtectedIdentity.SEKRETESSMARKERING: "sekretessmarkering",
    ProtectedIdentity.SKYDDAD_FOLKBOKFORING: "skyddadFolkbokforing",
    ProtectedIdentity.FINGERAD: "sekretessmarkering",
}
"""How a protected identity is marked (OSL 21:3, 22:1, 22:2), as on the Patient."""
STATUSES: Mapping[LiftState, str] = {
    LiftState.ASKED: "requested",
    LiftState.GRANTED: "completed",
    LiftState.IN_PART: "completed",
    LiftState.REFUSED: "rejected",
    LiftState.LAPSED: "failed",
}
Resource = dict[str, Any]


def search_lift_tasks(hub: Hub, call: Call) -> Answer:
    """Return a searchset of the requests that the caller may see, the newest first.

    Raises:
        Unavailable: the reading cannot be logged.
    """
    organisation = call.caller.organisation or ""
    with hub.store.read() as connection:
        found = requests_of(connection, organisation)
    seen = [each for each in found if _may_see(call, each[1])]
    statuses = {part for value in call.values("status") for part in value.split(",")}
    with hub.store.read() as connection:
        labels = _labels(connection, {person for person, _ in seen})
    tasks = [_task(call, *each, labels[each[0]]) for each in seen]
    tasks = [each for each in tasks if not statuses or each["status"] in statuses]
    log_shown(hub, call, [each["id"] for each in tasks], None)
    bodies = [msgspec.json.encode(each) for each in tasks]
    url = f"{call.fhir_root}/Task?code=lift-request"
    return Answer(200, searchset(call.fhir_root, bodies, [("self", url)], len(bodies)))


def read_lift_task(hub: Hub, call: Call, number: str) -> Answer:
    """Return one request as a Task.

    Raises:
        NotFound: there is none, or none that the caller may see.
        Unavailable: the reading cannot be logged.
    """
    with hub.store.read() as connection:
        found = request_of(connection, number)
        labels = _labels(connection, {found[0]} if found else ())
    if found is None or not _may_see(call, found[1]):
        log_shown(hub, call, [], None)
        raise NotFound
    label = labels[found[0]]
    log_shown(hub, call, [number], found[0], shielded=label is not None)
    return Answer(200, msgspec.json.encode(_task(call, *found, label)))


def _labels(connection: Connection, persons: Collection[str]) -> dict[str, str | None]:
    """Return how each of the persons is protected, by what is known under any key of theirs."""
    return {
        each: LABELS[facts_of(connection, linked(connection, [each])).person.protected_identity]
        for each in persons
    }


def _may_see(call: Call, request: LiftRequest) -> bool:
    caller = call.caller
    mine = (caller.user, caller.organisation) == (request.user, request.organisation)
    return is_officer_of(call, request.owner) or (mine and caller.in_force)


def log_shown(
    hub: Hub, call: Call, numbers: Sequence[str], person: str | None, *, shielded: bool = False
) -> None:
    """Write which requests were shown, or that none was; of whom is protected it is for review.

    Raises:
        Unavailable: it cannot be logged; nothing may be shown.
    """
    owner = call.caller.organisation or ""
    shown = (Shown(owner, None, tuple(f"Task/{each}" for each in numbers)),) if numbers else ()
    outcome = Outcome.PERMIT if numbers else Outcome.DENY
    written = record(
        call, Action.OPERATION, outcome, person=person, shown=shown, query="Task?code=lift-request"
    )
    owed = (Obligation.NOTIFY_LOG_REVIEW.value,) if shielded else ()
    write(hub.log, replace(written, obligations=(*written.obligations, *owed)))


def _task(call: Call, person: str, request: LiftRequest, label: str | None) -> Resource:
    state = request.standing(call.at)
    found: Resource = {
        "resourceType": "Task",
        "id": request.id,
        "meta": {"profile": [PROFILE], **_security(label)},
        "status": STATUSES[state],
        "businessStatus": _code("escalated" if request.escalated else state.value),
        "intent": "order",
        "priority": "stat" if request.escalated else "urgent",
        "code": _code("lift-request"),
        "for": {"reference": f"Patient/{person}"},
        "authoredOn": _instant(request.asked),
        "requester": {**_named(request.organisation), "display": request.user},
        "owner": _named(request.owner),
        "reasonCode": {"text": request.reason},
        "restriction": _restriction(request),
        "input": [
            {"type": _code("block-kind"), "valueCode": request.kind.value},
            {"type": _code("purpose"), "valueCode": request.purpose.value},
            {"type": _code("danger"), "valueCode": request.emergency.danger.value},
            *_wanted(request),
        ],
    }
    if request.answered is not None:
        found["lastModified"] = _instant(request.answered)
        found["statusReason"] = {"text": request.answer_reason}
    if request.until is not None:
        found["output"] = [{"type": _code("until"), "valueInstant": _instant(request.until)}]
    return found


def _security(label: str | None) -> Resource:
    return {} if label is None else {"security": [{"system": LABEL, "code": label}]}


def _restriction(request: LiftRequest) -> Resource:
    """Until when it waits for those who are asked now."""
    found: Resource = {"period": {"end": _instant(request.escalates or request.lapses)}}
    if request.addressed:
        found["recipient"] = [
            {"type": "Practitioner", **_named(each)} for each in request.addressed
        ]
    return found


def _wanted(request: LiftRequest) -> list[Resource]:
    if request.wanted_until is None:
        return []
    return [{"type": _code("wanted-until"), "valueInstant": _instant(request.wanted_until)}]


def _code(code: str) -> Resource:
    return {"coding": [{"system": CODES, "code": code}]}


def _named(hsa_id: str) -> Resource:
    return {"identifier": {"system": HSA_ID, "value": hsa_id}}


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
