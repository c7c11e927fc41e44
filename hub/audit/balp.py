"""A record as a FHIR R4 AuditEvent in the shape of IHE BALP.

Source: IHE ITI BALP 1.1 (PatientRead, PatientQuery, PatientCreate); HSLF-FS 2016:40 4 kap. 9 §.
A profile is claimed only where the event meets it: BALP describes successes, needs the caller's
address, and has no profile for operations such as `$open`; those events carry none. What Swedish
rules ask beyond BALP is in extensions (unit, process, assignment), in further agents (the
organisation) and in one entity for each organisation and unit that the data came from.
"""

import base64
from typing import Any

from hub.audit.administration import CONSOLE
from hub.audit.record import AccessRecord, Action, Outcome, Shown, instant

PROFILES = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
OURS = "https://samvy.se/fhir/"
HSA = "urn:oid:1.2.752.29.4.19"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
REQUEST_ENTITY = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType"
INTERACTIONS = "http://hl7.org/fhir/restful-interaction"

CLIENT_SENDS = {"client": "110153", "server": "110152"}
SERVER_SENDS = {"client": "110152", "server": "110153"}
NAMES = {"110152": "Destination Role ID", "110153": "Source Role ID"}

LETTERS = {
    Action.READ: "R",
    Action.VREAD: "R",
    Action.CREATE: "C",
    Action.UPDATE: "U",
    Action.DELETE: "D",
}
INTERACTION_CODES = frozenset(
    {
        Action.READ,
        Action.VREAD,
        Action.SEARCH,
        Action.HISTORY,
        Action.CREATE,
        Action.UPDATE,
        Action.DELETE,
        Action.TRANSACTION,
    }
)
OUTCOMES = {Outcome.PERMIT: "0", Outcome.PARTIAL: "0", Outcome.DENY: "4", Outcome.ERROR: "8"}
PURPOSES = {"vard": "TREAT", "forskning": "HRESCH", "egen": "PATRQT"}
"""Purposes that have an exact sister in v3-ActReason; the others go under our own system alone."""


def to_audit_event(record: AccessRecord, *, server: str) -> dict[str, Any]:
    """Return the AuditEvent of a record; `server` is the hub's address as its callers know it."""
    retrieval = LETTERS.get(record.action) == "R"
    event: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": record.id,
        "extension": _care_context(record),
        "type": _coding(f"{TERMINOLOGY}audit-event-type", "rest", "RESTful Operation"),
        "subtype": _subtypes(record.action),
        "action": LETTERS.get(record.action, "E"),
        "recorded": instant(record.recorded),
        "outcome": OUTCOMES[record.outcome],
        "outcomeDesc": "; ".join([*filter(None, [record.refusal]), *record.grounds]),
        "purposeOfEvent": _purpose(record),
        "agent": _agents(record, server, SERVER_SENDS if retrieval else CLIENT_SENDS),
        "source": {
            "site": server,
            "observer": {"identifier": {"value": server}},
            "type": [_coding(f"{TERMINOLOGY}security-source-type", "4", "Application Server")],
        },
        "entity": _entities(record),
    }
    if profile := _profile(record):
        event["meta"] = {"profile": [profile]}
    return {name: value for name, value in event.items() if value not in ("", [], None)}


def _profile(record: AccessRecord) -> str | None:
    """Return the BALP profile whose every constraint the event meets, or None."""
    described = OUTCOMES[record.outcome] == "0" and record.person and record.network
    if not described or not (record.client or record.organisation):
        return None
    alone = sum(len(shown.references) for shown in record.shown) == 1
    if record.action in (Action.READ, Action.VREAD) and alone:
        return f"{PROFILES}PatientRead"
    if record.action is Action.CREATE and alone:
        return f"{PROFILES}PatientCreate"
    if record.action is Action.SEARCH and record.query is not None:
        return f"{PROFILES}PatientQuery"
    return None


def _subtypes(action: Action) -> list[dict[str, str]]:
    if action in INTERACTION_CODES:
        return [_coding(INTERACTIONS, action.value, action.value)]
    return [
        _coding(INTERACTIONS, "operation", "operation"),
        _coding(f"{OURS}CodeSystem/audit-action", action.value, action.value),
    ]


def _agents(record: AccessRecord, server: str, roles: dict[str, str]) -> list[dict[str, Any]]:
    client: dict[str, Any] = {
        "type": _concept(DCM, roles["client"], NAMES[roles["client"]]),
        # Without a registered client the organisation whose system called stands for it.
        "who": _named(record.client) if record.client else _hsa(record.organisation),
        "requestor": record.user is None,
        "network": record.network and {"address": record.network, "type": "2"},
    }
    agents = [
        client,
        {
            "type": _concept(DCM, roles["server"], NAMES[roles["server"]]),
            "who": _named(server),
            "requestor": False,
            "network": {"address": server, "type": "5"},
        },
    ]
    if record.user:
        agents.append(_user(record))
    if record.organisation:
        agents.append(
            {
                "type": _concept(f"{TERMINOLOGY}v3-RoleClass", "PROV", "healthcare provider"),
                "who": _hsa(record.organisation),
                "requestor": False,
            }
        )
    return [{name: value for name, value in agent.items() if value is not None} for agent in agents]


def _user(record: AccessRecord) -> dict[str, Any]:
    writes = record.action in (Action.CREATE, Action.UPDATE)
    kind = ("AUT", "author") if writes else ("IRCP", "information recipient")
    user: dict[str, Any] = {
        "type": _concept(f"{TERMINOLOGY}v3-ParticipationType", *kind),
        "who": _named(record.user) if _is_no_hsa_id(record) else _hsa(record.user),
        "requestor": True,
    }
    if record.capacity:
        user["role"] = [_concept(f"{OURS}CodeSystem/capacity", record.capacity, record.capacity)]
    if purpose := _purpose(record):
        user["purposeOfUse"] = purpose
    return user


def _is_no_hsa_id(record: AccessRecord) -> bool:
    return record.capacity == "individual" or (record.user or "").startswith(CONSOLE)


def _purpose(record: AccessRecord) -> list[dict[str, Any]]:
    if record.purpose is None:
        return []
    codings = [_coding(f"{OURS}CodeSystem/purpose", record.purpose, record.purpose)]
    if code := PURPOSES.get(record.purpose):
        codings.append(_coding(f"{TERMINOLOGY}v3-ActReason", code, code))
    return [{"coding": codings}]


def _entities(record: AccessRecord) -> list[dict[str, Any]]:
    entities: list[dict[str, Any]] = []
    if record.person:
        entities.append(
            {
                "what": {"reference": f"Patient/{record.person}"},
                "type": _coding(f"{TERMINOLOGY}audit-entity-type", "1", "Person"),
                "role": _coding(f"{TERMINOLOGY}object-role", "1", "Patient"),
            }
        )
    system_object = _coding(f"{TERMINOLOGY}audit-entity-type", "2", "System Object")
    if record.action is Action.SEARCH and record.query is not None:
        raw = record.query.encode("utf-8", "backslashreplace")
        entities.append(
            {
                "type": system_object,
                "role": _coding(f"{TERMINOLOGY}object-role", "24", "Query"),
                "query": base64.b64encode(raw).decode(),
            }
        )
    elif record.action is not Action.SEARCH:
        entities += [
            {
                "what": {"reference": reference},
                "type": system_object,
                "role": _coding(f"{TERMINOLOGY}object-role", "4", "Domain Resource"),
            }
            for shown in record.shown
            for reference in shown.references
        ]
    entities += [_origin(shown) for shown in record.shown]
    if record.request_id:
        entities.append(
            {
                "what": {"identifier": {"value": record.request_id}},
                "type": _coding(REQUEST_ENTITY, "XrequestId", "X-Request-Id"),
            }
        )
    return entities


def _origin(shown: Shown) -> dict[str, Any]:
    """Return whom data came from, and what: HSLF-FS 2016:40 asks which organisation it was."""
    detail = [{"type": "unit", "valueString": shown.unit}] if shown.unit else []
    detail += [{"type": "reference", "valueString": each} for each in shown.references]
    entity: dict[str, Any] = {
        "what": _hsa(shown.owner),
        "type": _coding(f"{TERMINOLOGY}audit-entity-type", "3", "Organization"),
    }
    return {**entity, "detail": detail} if detail else entity


def _care_context(record: AccessRecord) -> list[dict[str, Any]]:
    parts = {
        "unit": record.unit,
        "process": record.process,
        "assignment": record.assignment,
        "authority": record.authority,
        "session": record.session,
        "law-version": record.law_version,
    }
    within = [
        {"url": name, "valueString": value} for name, value in parts.items() if value is not None
    ]
    return (
        [{"url": f"{OURS}StructureDefinition/care-context", "extension": within}] if within else []
    )


def _named(value: str | None) -> dict[str, Any] | None:
    return {"identifier": {"value": value}} if value else None


def _hsa(value: str | None) -> dict[str, Any] | None:
    return {"identifier": {"system": HSA, "value": value}} if value else None


def _coding(system: str, code: str, display: str) -> dict[str, str]:
    return {"system": system, "code": code, "display": display}


def _concept(system: str, code: str, display: str) -> dict[str, Any]:
    return {"coding": [_coding(system, code, display)]}
