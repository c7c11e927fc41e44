"""read: one resource by type and id.

Source: FHIR R4 http.html#read. What does not exist and what the reader may not see get the same
answer (P3). With a reading session the request is about the session's person and no other.
"""

from email.utils import formatdate
from itertools import islice

from hub.api.access import about_one, about_person
from hub.api.call import Answer, Call
from hub.api.conditions import etag
from hub.api.log import records, write
from hub.api.patient import demographics, encode_patient, patient
from hub.audit.record import Action, Outcome
from hub.errors import Gone, NotFound
from hub.running import Hub
from hub.store.read_one import read_one
from hub.store.reading import Found


def read(hub: Hub, call: Call, resource_type: str, resource_id: str) -> Answer:
    """Return the resource's bytes with ETag and Last-Modified; 304 where the reader has them.

    Raises:
        NotFound: there is none, or none that the reader may see.
        Gone: it has been deleted, and the reader might have seen it.
        Unavailable: the access cannot be logged.
    """
    if resource_type == "Patient":
        return _read_patient(hub, call, resource_id)
    with hub.store.glance() as connection:
        access, rows = about_one(hub, connection, call, resource_type, resource_id)
        # A row that is deleted has no content, and is told of by its version alone.
        permitted = (read_one(connection, access.scope, row) for row in rows)
        found = list(islice(filter(None, permitted), 1))
    outcome = Outcome.PERMIT if found else Outcome.DENY
    query = f"{resource_type}/{resource_id}"
    write(hub.log, *records(call, Action.READ, outcome, access, found, query))
    if not found:
        raise NotFound
    return served(call, found[0])


def served(call: Call, found: Found) -> Answer:
    """Return a version as it is served: its bytes, 304 for who has it, 410 for its deletion.

    Raises:
        Gone: the version is the resource's deletion.
    """
    headers = version_headers(found.version, found.last_updated)
    if not found.body:
        raise Gone(
            "the resource has been deleted; its earlier versions stand in its _history",
            code="deleted",
            headers=headers,
        )
    if call.conditions.unchanged(found.version, found.last_updated):
        return Answer(304, b"", headers)
    return Answer(200, found.body, headers)


def version_headers(version: int, last_updated: int) -> dict[str, str]:
    """Return ETag and Last-Modified of a version; `last_updated` in microseconds since 1970."""
    return {
        "ETag": etag(version),
        "Last-Modified": formatdate(last_updated / 1_000_000, usegmt=True),
    }


def _read_patient(hub: Hub, call: Call, person: str) -> Answer:
    with hub.store.read() as connection:
        access = about_person(hub, connection, call, person)
        found = demographics(connection, access)
    outcome = Outcome.PERMIT if found else Outcome.PARTIAL
    write(hub.log, *records(call, Action.READ, outcome, access, found, f"Patient/{person}"))
    return Answer(200, encode_patient(patient(person, [], found)))
