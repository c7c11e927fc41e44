"""patch: a vendor's own resource, changed in places.

Source: FHIR R4 http.html#patch. JSON Patch by its media type; FHIRPath Patch as Parameters in FHIR
JSON or XML. It is applied to the version that stands, and written only while that one does.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, and_

from hub.api.call import JSON_TYPES, Answer, Call
from hub.api.interaction.conditional import the_one
from hub.api.interaction.own_change import standing
from hub.api.interaction.update import replace_own
from hub.api.own_documents import writer
from hub.errors import Conflict, Gone, Unprocessable, UnsupportedMediaType
from hub.fhir.fhirpath_patch import fhirpath_patch
from hub.fhir.json_codec import decode
from hub.fhir.json_patch import json_patch
from hub.running import Hub
from hub.store.directory import directory
from hub.store.reading import find
from hub.store.schema.resource import RESOURCE

JSON_PATCH = "application/json-patch+json"


def patch(hub: Hub, call: Call, resource_type: str, number: str) -> Answer:
    """Return 200 with the new version, or with the one that stands where nothing is new.

    Raises:
        UnsupportedMediaType: the body is neither of the two kinds of patch.
        NoSuchResource, NotAllowed, PreconditionFailed, Conflict, Unavailable: as `update` does.
        Unprocessable: a step cannot be carried out, or leaves a resource that is not valid.
    """
    with hub.store.read() as connection:
        writer(call, directory(connection))
        before, version = content_to_patch(hub, connection, call, resource_type, number)
    return replace_own(hub, call, patched(call, before), number, version=version)


def patch_matching(hub: Hub, call: Call, resource_type: str) -> Answer:
    """Patch the one of the writer's own resources that the URL's criteria find.

    Raises:
        NotFound: none matches.
        PreconditionFailed: several do.
    """
    with hub.store.read() as connection:
        writer(call, directory(connection))
        found = the_one(hub, connection, call, resource_type)
    return patch(hub, call, resource_type, found.id)


def patched(call: Call, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return a resource after the patch in the call's body; type and id stay.

    Raises:
        UnsupportedMediaType: the body is neither of the two kinds of patch.
        Unprocessable: a step cannot be carried out, or changes what the resource is.
    """
    if call.content_type == JSON_PATCH:
        after = json_patch(before, call.body)
    elif call.content_type in JSON_TYPES:
        after = fhirpath_patch(before, decode(call.body))
    else:
        raise UnsupportedMediaType(f"send {JSON_PATCH}, or Parameters with a FHIRPath patch")
    if any(after.get(name) != before[name] for name in ("resourceType", "id")):
        raise Unprocessable("a patch changes neither the type nor the id", code="patch")
    return after


def content_to_patch(
    hub: Hub, connection: Connection, call: Call, resource_type: str, number: str
) -> tuple[dict[str, Any], int]:
    """Return the writer's own resource as it stands, and its version.

    Raises:
        HubError: it is not there, not the writer's, deleted, or not served whole.
    """
    access, _ = standing(hub, connection, call, resource_type, number)
    this = and_(RESOURCE.c.type == resource_type, RESOURCE.c.id == number)
    found = find(connection, access.scope, access.persons, this, limit=1)
    if not found:
        raise Gone("the resource has been deleted; update it to bring it back", code="deleted")
    if found[0].masked:
        raise Conflict(
            "the person's identity is protected, and what is served is not whole; update the"
            " resource as a whole",
            code="protected-identity",
        )
    return decode(found[0].body), found[0].version
