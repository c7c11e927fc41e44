"""$summary: an International Patient Summary of what the reader may see, as a document.

Source: HL7 IPS, operation summary; FHIR R4 documents.html; DESIGN P1, P3. It is made from one
snapshot through the scope of the moment; its ids follow from what it holds, so that the same record
gives the same document.
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import and_, exists, not_

from hub.api.access import (
    about_person,
)
from hub.api.call import Answer, Call
from hub.api.operation.operated import log_operated
from hub.api.operation.operation_input import read_input
from hub.api.operation.operation_table import SUMMARY
from hub.api.operation.summary_section import LOINC, MOST_IN_A_SECTION, SECTIONS, section
from hub.api.patient import demographics, encode_patient, patient
from hub.api.weighed import Access
from hub.auth.scopes import Interaction
from hub.fhir.json_codec import decode, encode
from hub.running import Hub
from hub.store.reading import Found, find
from hub.store.schema.resource import RESOURCE
from hub.store.schema.search_index import IX_TOKEN

NAMESPACE = uuid.UUID("6f1d1e0a-6a0f-5a8e-9d3e-2f6c7b6d5a41")
_STATE = IX_TOKEN.alias("state")
STILL_SAYS_SOMETHING = not_(
    exists().where(
        _STATE.c.person == RESOURCE.c.person,
        _STATE.c.type == RESOURCE.c.type,
        _STATE.c.id == RESOURCE.c.id,
        _STATE.c.param.in_(["status", "verification-status"]),
        _STATE.c.code == "entered-in-error",
    )
)
"""What was entered in error says nothing."""


def summary(hub: Hub, call: Call, _kind: str, person: str) -> Answer:
    """Return the document Bundle.

    Raises:
        Unavailable: the access cannot be logged.
    """
    read_input(call, SUMMARY.inputs)
    types = [name for each in SECTIONS for name in each.types]
    readable = [name for name in types if call.caller.allows(name, Interaction.READ)]
    with hub.store.read() as connection:
        access = about_person(hub, connection, call, person)
        whom = demographics(connection, access)
        chosen = [
            find(
                connection,
                access.scope,
                access.persons,
                and_(
                    RESOURCE.c.type.in_([name for name in kind.types if name in readable]),
                    STILL_SAYS_SOMETHING,
                ),
                order=[RESOURCE.c.date_from.desc().nulls_last(), RESOURCE.c.type, RESOURCE.c.id],
                limit=MOST_IN_A_SECTION + 1,
            )
            for kind in SECTIONS
        ]
    shown = [each for part in chosen for each in part[:MOST_IN_A_SECTION]]
    log_operated(hub, call, access, [*whom, *shown], f"Patient/{person}/$summary")
    who = encode_patient(patient(person, [], whom))
    return Answer(200, _document(call, access, person, who, shown, chosen))


def _document(
    call: Call,
    access: Access,
    person: str,
    whom: bytes,
    shown: Sequence[Found],
    chosen: Sequence[Sequence[Found]],
) -> bytes:
    keys = [f"{each.type}/{each.id}/{each.version}/{each.ground}" for each in shown]
    number = str(uuid.uuid5(NAMESPACE, "\n".join([person, access.scope.law, *keys])))
    latest = max((each.last_updated for each in shown), default=0)
    made = datetime.fromtimestamp(latest / 1_000_000, UTC) if latest else call.at
    root = call.fhir_root
    composition: dict[str, Any] = {
        "resourceType": "Composition",
        "id": number,
        "status": "final",
        "type": {"coding": [{"system": LOINC, "code": "60591-5"}]},
        "subject": {"reference": f"{root}/Patient/{person}"},
        "date": made.isoformat(timespec="seconds"),
        "author": [{"display": "Samvy"}],
        "title": "Patientöversikt",
        "section": [
            section(
                kind,
                [
                    (f"{root}/{each.type}/{each.id}", decode(each.body))
                    for each in part[:MOST_IN_A_SECTION]
                ],
                cut=len(part) > MOST_IN_A_SECTION,
            )
            for kind, part in zip(SECTIONS, chosen, strict=True)
        ],
    }
    entries = [
        _entry(f"{root}/Composition/{number}", encode(composition)),
        _entry(f"{root}/Patient/{person}", whom),
        *(_entry(f"{root}/{each.type}/{each.id}", each.body) for each in shown),
    ]
    head = {
        "resourceType": "Bundle",
        "id": number,
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{number}"},
        "type": "document",
        "timestamp": call.at.isoformat(timespec="seconds"),
    }
    return msgspec.json.encode(head)[:-1] + b',"entry":[' + b",".join(entries) + b"]}"


def _entry(url: str, body: bytes) -> bytes:
    return b'{"fullUrl":' + msgspec.json.encode(url) + b',"resource":' + body + b"}"
