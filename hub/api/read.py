"""read: one resource by type and id.

Source: FHIR R4 http.html#read. What does not exist and what the reader may not see get the same
answer (P3). With a reading session the request is about the session's person and no other.
"""

from email.utils import formatdate

from sqlalchemy import Connection, and_

from hub.api.access import Access, session_about, session_of, weigh
from hub.api.call import Answer, Call
from hub.api.log import record, write
from hub.api.patient import demographics, encode_patient, patient
from hub.audit.record import Action, Outcome
from hub.errors import NotFound
from hub.running import Hub
from hub.store.facts import linked
from hub.store.reading import Found, find, persons_of
from hub.store.schema.resource import RESOURCE


def read(
    hub: Hub, call: Call, resource_type: str, resource_id: str, version: int | None = None
) -> Answer:
    """Return the resource's bytes with ETag and Last-Modified.

    With a version, as the Location of what was created has it, only while that is the current one.

    Raises:
        NotFound: there is none, or none that the reader may see.
        Unavailable: the access cannot be logged.
    """
    if resource_type == "Patient":
        if version is not None:
            raise NotFound
        return _read_patient(hub, call, resource_id)
    with hub.store.read() as connection:
        access = _access(hub, connection, call, resource_type, resource_id)
        found = _find(connection, access, resource_type, resource_id, version)
    outcome = Outcome.PERMIT if found else Outcome.DENY
    query = f"{resource_type}/{resource_id}"
    write(hub.log, record(call, Action.READ, outcome, access=access, found=found, query=query))
    if not found:
        raise NotFound
    return Answer(200, found[0].body, version_headers(found[0].version, found[0].last_updated))


def version_headers(version: int, last_updated: int) -> dict[str, str]:
    """Return ETag and Last-Modified of a version; `last_updated` in microseconds since 1970."""
    return {
        "ETag": f'W/"{version}"',
        "Last-Modified": formatdate(last_updated / 1_000_000, usegmt=True),
    }


def _access(
    hub: Hub, connection: Connection, call: Call, resource_type: str, resource_id: str
) -> Access:
    session = session_of(connection, call)
    named = [session.person] if session else persons_of(connection, resource_type, resource_id)
    return weigh(hub, connection, call, linked(connection, named), session=session)


def _find(
    connection: Connection,
    access: Access,
    resource_type: str,
    resource_id: str,
    version: int | None,
) -> list[Found]:
    this = and_(RESOURCE.c.type == resource_type, RESOURCE.c.id == resource_id)
    if version is not None:
        this = and_(this, RESOURCE.c.version == version)
    if access.scope.empty:
        # `find` then asks nothing. As many statements as for what stands there and is hidden (P3).
        persons_of(connection, resource_type, resource_id)
    return find(connection, access.scope, access.persons, this, limit=1)


def _read_patient(hub: Hub, call: Call, person: str) -> Answer:
    with hub.store.read() as connection:
        persons = linked(connection, [person])
        session = session_about(connection, call, persons)
        access = weigh(hub, connection, call, persons, session=session)
        found = demographics(connection, access)
    outcome = Outcome.PERMIT if found else Outcome.PARTIAL
    write(
        hub.log,
        record(call, Action.READ, outcome, access=access, found=found, query=f"Patient/{person}"),
    )
    return Answer(200, encode_patient(patient(person, [], found)))
