"""Patient: the hub's own resource for a person, with the demographics that the reader may see.

Source: INTERFACES (`Patient/_search`), DESIGN §3, P3; HL7 Sweden's SEBasePatient. Every well-formed
number gets the same kind of answer, whether the hub holds anything about that person or not.
"""

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection

from hub.api.weighed import Access
from hub.fhir.json_codec import decode
from hub.store.reading import Found, find
from hub.store.schema.resource import RESOURCE
from mappings.base_profiles import conform


def demographics(connection: Connection, access: Access) -> list[Found]:
    """Return the owners' own Patient rows that the reader may see, the latest first."""
    of_type: ColumnElement[bool] = RESOURCE.c.type == "Patient"
    latest = RESOURCE.c.last_updated.desc()
    return find(connection, access.scope, access.persons, of_type, order=[latest], limit=1)


def patient(person: str, identifiers: list[dict[str, str]], found: list[Found]) -> dict[str, Any]:
    """Return the Patient: id and identifiers, and the demographics of the row, if any.

    The version is of the answer's own content: the hub's Patient has no row of its own.
    """
    shown = dict(decode(found[0].body)) if found else {}
    rest = {
        name: value
        for name, value in shown.items()
        if name not in ("resourceType", "id", "meta", "identifier")
    }
    security = shown.get("meta", {}).get("security")
    made: dict[str, Any] = {
        "resourceType": "Patient",
        "id": person,
        **({"meta": {"security": security}} if security else {}),
        **({"identifier": identifiers} if identifiers else {}),
        **rest,
    }
    conform(made)
    return made


def encode_patient(resource: dict[str, Any]) -> bytes:
    """Return the Patient as JSON."""
    return msgspec.json.encode(resource)
