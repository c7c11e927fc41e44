"""A record as a FHIR R4 AuditEvent in the shape of IHE BALP.

Source: IHE ITI BALP 1.1.4; HSLF-FS 2016:40 4 kap. 9 §; PDL 3:11. A profile is claimed only where
the event meets it: BALP describes successes (but for consent decisions), needs the caller's
address, and has no profile for operations and histories; those claim none. The same record is,
to an owner whose data were read elsewhere, a disclosure of theirs.
"""

from typing import Any

from hub.audit import balp_agents, balp_entities
from hub.audit.balp_codes import (
    AUTHZ,
    DCM,
    DECISIONS,
    INTERACTIONS,
    OURS,
    OUTCOMES,
    PROFILES,
    TERMINOLOGY,
    coding,
    named,
    purpose,
)
from hub.audit.record import AccessRecord, Action, instant

LETTERS = {
    Action.READ: "R",
    Action.VREAD: "R",
    Action.CREATE: "C",
    Action.UPDATE: "U",
    Action.DELETE: "D",
}
OF_ONE = {
    Action.READ: "PatientRead",
    Action.VREAD: "PatientRead",
    Action.CREATE: "PatientCreate",
    Action.UPDATE: "PatientUpdate",
    Action.DELETE: "PatientDelete",
}
"""The profiles of requests that are about one resource."""
INTERACTION_CODES = frozenset(
    {*OF_ONE, Action.SEARCH, Action.HISTORY, Action.TRANSACTION, Action.CREATE}
)


def to_audit_event(
    record: AccessRecord, *, server: str, discloses: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """Return the AuditEvent of a record.

    `server` is the hub's address as its callers know it; `discloses`: the organisations to which it
    is shown as a disclosure of what is theirs to another.
    """
    if _is_disclosure(record, discloses):
        return _event(record, server, _disclosure(record, server))
    if record.action in DECISIONS:
        return _event(record, server, _decision(record, server))
    return _event(record, server, _request(record, server))


def _event(record: AccessRecord, server: str, own: dict[str, Any]) -> dict[str, Any]:
    profiles = own.pop("profiles")
    event: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": record.id,
        "meta": {"profile": profiles} if profiles else None,
        "extension": balp_entities.extensions(record),
        "recorded": instant(record.recorded),
        "outcome": OUTCOMES[record.outcome],
        "outcomeDesc": "; ".join([*filter(None, [record.refusal]), *record.grounds]),
        "purposeOfEvent": purpose(record),
        "source": {
            "site": server,
            "observer": named(server),
            "type": [coding(f"{TERMINOLOGY}security-source-type", "4", "Application Server")],
        },
        **own,
    }
    return {name: value for name, value in event.items() if value not in ("", [], None)}


def _request(record: AccessRecord, server: str) -> dict[str, Any]:
    return {
        "profiles": _profiles(record),
        "type": coding(f"{TERMINOLOGY}audit-event-type", "rest", "RESTful Operation"),
        "subtype": _subtypes(record.action),
        "action": LETTERS.get(record.action, "E"),
        "agent": balp_agents.of_request(record, server),
        "entity": balp_entities.of_request(record),
    }


def _decision(record: AccessRecord, server: str) -> dict[str, Any]:
    known = (record.client or record.organisation, record.user, record.organisation)
    met = all((*known, record.person, record.network, record.law_version))
    code = coding(AUTHZ, "AuthZ-Consent", "Authorization Decision using Roles and Consent")
    return {
        "profiles": [f"{PROFILES}AuthZconsent"] if met else [],
        "type": coding(DCM, "110113", "Security Alert"),
        "subtype": [code],
        "action": "E",
        "agent": balp_agents.of_decision(record, server),
        "entity": balp_entities.of_decision(record),
    }


def _disclosure(record: AccessRecord, server: str) -> dict[str, Any]:
    owners = sorted({shown.owner for shown in record.shown})
    lifecycle = f"{TERMINOLOGY}iso-21089-lifecycle"
    met = record.person and record.network and (record.client or record.organisation)
    return {
        "profiles": [f"{PROFILES}PrivacyDisclosure.Source"] if met else [],
        "type": coding(DCM, "110106", "Export"),
        "subtype": [
            coding(lifecycle, "disclose", "Disclose Record Lifecycle Event"),
            *_subtypes(record.action),
        ],
        "action": "R",
        "agent": balp_agents.of_disclosure(record, server, owners),
        "entity": balp_entities.of_disclosure(record),
    }


def _is_disclosure(record: AccessRecord, to: frozenset[str]) -> bool:
    """Whether content of these organisations was shown to somebody outside them."""
    if record.organisation in to or OUTCOMES[record.outcome] != "0" or record.action in DECISIONS:
        return False
    theirs = [shown for shown in record.shown if shown.owner in to and shown.references]
    return bool(theirs) and record.action in READING


READING = frozenset(
    {Action.READ, Action.VREAD, Action.SEARCH, Action.HISTORY, Action.OPERATION, Action.TRANSACTION}
)


def _profiles(record: AccessRecord) -> list[str]:
    """Return the BALP profiles whose every constraint the event meets."""
    described = OUTCOMES[record.outcome] == "0" and record.person and record.network
    if not described or not (record.client or record.organisation):
        return []
    alone = sum(len(shown.references) for shown in record.shown) == 1
    if record.action in OF_ONE and alone:
        found = [OF_ONE[record.action]]
    elif record.action is Action.SEARCH and record.query is not None:
        found = ["PatientQuery"]
    else:
        return []
    if record.client and record.token:
        found.append("OAUTHaccessTokenUse.Comprehensive")
    return [PROFILES + name for name in found]


def _subtypes(action: Action) -> list[dict[str, str]]:
    if action in INTERACTION_CODES:
        return [coding(INTERACTIONS, action.value, action.value)]
    return [
        coding(INTERACTIONS, "operation", "operation"),
        coding(f"{OURS}CodeSystem/audit-action", action.value, action.value),
    ]
