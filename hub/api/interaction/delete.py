"""delete: a vendor's own resource is gone, and its history says when.

Source: FHIR R4 http.html#delete, #cdelete. Who might have seen it gets 410 from then on, everybody
else what they got before (P3). Gallring is something else: `samvy purge`.
"""

from sqlalchemy import Connection

from hub.api.call import Answer, Call
from hub.api.conditions import etag
from hub.api.interaction.conditional import the_one
from hub.api.interaction.own_change import Change, carry_out, standing
from hub.api.log import of_number, record, write
from hub.api.own_documents import writer
from hub.api.weighed import Access
from hub.audit.record import Action, Outcome
from hub.running import Hub
from hub.store.directory import directory


def delete(hub: Hub, call: Call, resource_type: str, number: str) -> Answer:
    """Return 204; also where it has been deleted before.

    Raises:
        NoSuchResource: there is no such resource, or none that the writer may see.
        NotAllowed: it came from a source system, or the token is not a system's.
        PreconditionFailed: it is at another version than If-Match names.
        Unavailable: the write cannot be logged; then nothing is deleted.
    """
    with hub.store.read() as connection:
        known = directory(connection)
        writer(call, known)
        access, change = deletion(hub, connection, call, resource_type, number)
    shown = (change.shown,) if change else ()
    whose = of_number(access, change.person) if change else access
    write(hub.log, record(call, Action.DELETE, Outcome.PERMIT, access=whose, shown=shown))
    if change is None:
        return Answer(204)
    with hub.store.write() as connection:
        (written,) = carry_out(hub, connection, known, [change], call.at)
    return Answer(204, headers={"ETag": etag(written.version)})


def delete_matching(hub: Hub, call: Call, resource_type: str) -> Answer:
    """Delete the one of the writer's own resources that the URL's criteria find.

    Raises:
        NotFound: none matches.
        PreconditionFailed: several do.
    """
    with hub.store.read() as connection:
        writer(call, directory(connection))
        found = the_one(hub, connection, call, resource_type)
    return delete(hub, call, resource_type, found.id)


def deletion(
    hub: Hub, connection: Connection, call: Call, kind: str, number: str
) -> tuple[Access, Change | None]:
    """Return the change that deletes the writer's own resource; None where it is deleted already.

    Raises:
        HubError: as `delete` does.
    """
    access, found = standing(hub, connection, call, kind, number)
    if found.deleted:
        return access, None
    key = (kind, number)
    return access, Change(found.person, key, found.owner, found.unit, None, found.version)
