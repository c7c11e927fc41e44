"""What it was about: the entities of an AuditEvent, and what Swedish rules ask beyond BALP.

Source: IHE ITI BALP 1.1.4; HSLF-FS 2016:40 4 kap. 9 § (from which organisation the data came, the
unit or process). A consent decision has the entities that BALP lists and no others, so there all
else stands in extensions.
"""

import base64
from collections.abc import Mapping
from typing import Any

from hub.audit.balp_codes import (
    DECISIONS,
    ENTITY_TYPE,
    OBJECT_ROLE,
    OURS,
    REQUEST_ENTITY,
    RESOURCE_TYPES,
    USER_AGENTS,
    coding,
    hsa,
    token_id,
)
from hub.audit.record import AccessRecord, Action, Rung, Shown

Entity = dict[str, Any]
EXTENSIONS = f"{OURS}StructureDefinition/"
LAW = f"{OURS}law"


def of_request(record: AccessRecord) -> list[Entity]:
    """Return the person, what was asked for or shown, whose it was, and the request's id."""
    entities = [_person(record.person)] if record.person else []
    if record.action is Action.SEARCH:
        entities += [_query(record.query)] if record.query is not None else []
    else:
        entities += _shown(record)
    entities += [_origin(shown) for shown in record.shown]
    if record.request_id:
        entities.append(
            {
                "what": {"identifier": {"value": record.request_id}},
                "type": coding(REQUEST_ENTITY, "XrequestId", "X-Request-Id"),
            }
        )
    return entities


def of_decision(record: AccessRecord) -> list[Entity]:
    """Return the person, the law in force as the consent that is on file for all, and the token."""
    entities = [_person(record.person)] if record.person else []
    if record.law_version:
        law = {"system": LAW, "value": record.law_version}
        entities.append(
            {
                "what": {"type": "Consent", "identifier": law},
                "type": coding(RESOURCE_TYPES, "Consent", "Consent"),
            }
        )
    if found := token_id(record):
        entities.append(
            {
                "what": {"identifier": {"value": found}},
                "type": coding(USER_AGENTS, "UserOauthAgent", "User OAuth Agent participant"),
            }
        )
    return entities


def of_disclosure(record: AccessRecord) -> list[Entity]:
    """Return the person, and what left."""
    entities = [_person(record.person)] if record.person else []
    return [*entities, *_shown(record), *(_origin(shown) for shown in record.shown)]


def extensions(record: AccessRecord) -> list[dict[str, Any]]:
    """Return the care context, and the rungs that were revealed."""
    decides = record.action in DECISIONS
    parts = {
        "action": record.action.value if decides else None,
        "unit": record.unit,
        "process": record.process,
        "assignment": record.assignment,
        "authority": record.authority,
        "session": record.session,
        "law-version": record.law_version,
        "request": record.request_id if decides else None,
        "reason": record.reason,
        "times": str(record.times) if record.times else None,
    }
    return [*_extension("care-context", parts), *(_rung(each) for each in record.rungs)]


def _extension(name: str, parts: Mapping[str, str | None]) -> list[dict[str, Any]]:
    within = [{"url": part, "valueString": value} for part, value in parts.items() if value]
    return [{"url": EXTENSIONS + name, "extension": within}] if within else []


def _rung(rung: Rung) -> dict[str, Any]:
    named = [{"url": "organisation", "valueString": each} for each in rung.organisations]
    return {
        "url": f"{EXTENSIONS}rung",
        "extension": [{"url": "code", "valueCode": rung.code}, *named],
    }


def _person(person: str) -> Entity:
    return {
        "what": {"reference": f"Patient/{person}"},
        "type": coding(ENTITY_TYPE, "1", "Person"),
        "role": coding(OBJECT_ROLE, "1", "Patient"),
    }


def _query(query: str) -> Entity:
    raw = query.encode("utf-8", "backslashreplace")
    return {
        "type": coding(ENTITY_TYPE, "2", "System Object"),
        "role": coding(OBJECT_ROLE, "24", "Query"),
        "query": base64.b64encode(raw).decode(),
    }


def _shown(record: AccessRecord) -> list[Entity]:
    return [
        {
            "what": {"reference": reference},
            "type": coding(ENTITY_TYPE, "2", "System Object"),
            "role": coding(OBJECT_ROLE, "4", "Domain Resource"),
        }
        for shown in record.shown
        for reference in shown.references
    ]


def _origin(shown: Shown) -> Entity:
    """Return whom data came from, and what: HSLF-FS 2016:40 asks which organisation it was."""
    detail = [{"type": "unit", "valueString": shown.unit}] if shown.unit else []
    detail += [{"type": "reference", "valueString": each} for each in shown.references]
    entity: Entity = {
        "what": hsa(shown.owner),
        "type": coding(ENTITY_TYPE, "3", "Organization"),
    }
    return {**entity, "detail": detail} if detail else entity
