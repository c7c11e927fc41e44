"""update: a vendor's own resource in its new form.

Source: FHIR R4 http.html#update, #cond-update. No update-as-create: an id that names nothing that
the writer may see is answered alike, whether or not something is there (P3).
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from hub.api.call import Answer, Call, resource_in
from hub.api.interaction.conditional import match
from hub.api.interaction.create import person_of, write_new
from hub.api.interaction.own_change import Change, answer, carry_out, standing
from hub.api.log import of_number, record, write
from hub.api.own_documents import own_document, writer
from hub.api.rewritten import refuse_unresolved
from hub.api.weighed import Access
from hub.audit.record import Action, Outcome
from hub.errors import BadRequest, PreconditionFailed, Unprocessable
from hub.running import Hub
from hub.store.directory import Directory, directory


def update(hub: Hub, call: Call, resource_type: str, number: str) -> Answer:
    """Return 200 with the new version, or the version that stands where nothing is new.

    Raises:
        NoSuchResource: there is no such resource, or none that the writer may see.
        NotAllowed: it came from a source system, or the token is not a system's.
        PreconditionFailed: it is at another version than If-Match names.
        Unprocessable: the resource is not valid, or is about somebody else than before.
        Conflict: somebody else changed it at the same time.
        Unavailable: the write cannot be logged; then nothing is kept.
    """
    resource = resource_in(call, resource_type)
    if resource.get("id") != number:
        raise BadRequest(
            "the id in the body is not that of the URL; send the resource with its own id",
            code="id",
            expression=f"{resource_type}.id",
        )
    return replace_own(hub, call, resource, number)


def update_matching(hub: Hub, call: Call, resource_type: str) -> Answer:
    """Update the one of the writer's own resources that the URL's criteria find, or create it.

    Raises:
        PreconditionFailed: several match.
    """
    resource = resource_in(call, resource_type)
    with hub.store.read() as connection:
        writer(call, directory(connection))
        person = person_of(resource)
        found = match(hub, connection, call, resource_type, call.parameters, person)
    if found is None:
        if "id" in resource:
            raise BadRequest(
                "nothing matches, and ids are given by the hub; leave the id out to create",
                code="id",
                expression=f"{resource_type}.id",
            )
        return write_new(hub, call, resource)
    if resource.get("id", found.id) != found.id:
        raise BadRequest(
            "the id in the body is not that of the resource that matches",
            code="id",
            expression=f"{resource_type}.id",
        )
    return replace_own(hub, call, resource, found.id)


def replace_own(
    hub: Hub,
    call: Call,
    resource: Mapping[str, Any],
    number: str,
    *,
    version: int | None = None,
) -> Answer:
    """Write a resource in the place of the writer's own; `version`: only while that one stands."""
    with hub.store.read() as connection:
        known = directory(connection)
        writer(call, known)
        access, change = replacement(hub, connection, call, known, {**resource, "id": number})
        refuse_unresolved(resource)
    if version is not None and change.version != version:
        raise PreconditionFailed("the resource was changed at the same time; read it again")
    shown = (change.shown,)
    whose = of_number(access, change.person)
    write(hub.log, record(call, Action.UPDATE, Outcome.PERMIT, access=whose, shown=shown))
    with hub.store.write() as connection:
        (written,) = carry_out(hub, connection, known, [change], call.at)
    return answer(call, change, written)


def replacement(
    hub: Hub,
    connection: Connection,
    call: Call,
    known: Directory,
    resource: Mapping[str, Any],
    at: str = "",
) -> tuple[Access, Change]:
    """Return the change that puts a resource in the place of the writer's own of that id.

    Raises:
        HubError: as `update` does.
    """
    kind, number = str(resource.get("resourceType")), str(resource["id"])
    access, found = standing(hub, connection, call, kind, number)
    if call.conditions.none_match is not None and not found.deleted:
        raise PreconditionFailed("the resource is there, and If-None-Match asks that it be not")
    own = own_document(resource, call, known, at, number=number)
    if own.person not in access.persons:
        raise Unprocessable(
            "a resource stays about the same person; create one for the other, and delete this",
            code="another-person",
            expression=f"{at}.{kind}" if at else kind,
        )
    item = own.incoming.item
    moved = own if own.person == found.person else own.of(found.person)
    return access, Change(
        found.person, own.incoming.key, item.owner, item.unit, moved, found.version
    )
