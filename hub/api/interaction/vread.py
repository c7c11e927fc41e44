"""vread: one version of a resource.

Source: FHIR R4 http.html#vread. Whoever may see the resource now may see what it was; who may not,
sees no version of it (DESIGN §4, P3).
"""

from hub.api.access import about
from hub.api.call import Answer, Call
from hub.api.interaction.read import served
from hub.api.log import records, write
from hub.audit.record import Action, Outcome
from hub.errors import NotFound
from hub.running import Hub
from hub.store.reading import Key, at_versions


def vread(hub: Hub, call: Call, resource_type: str, number: str, version: int) -> Answer:
    """Return the version's bytes with ETag and Last-Modified; 304 where the reader has them.

    Raises:
        NotFound: there is no such version, or none that the reader may see.
        Gone: the version is the resource's deletion.
        Unavailable: the access cannot be logged.
    """
    with hub.store.read() as connection:
        access = about(hub, connection, call, resource_type, number)
        key = Key(resource_type, number, version)
        own = call.caller.own_system
        found = at_versions(connection, access.scope, access.persons, [key], history=True, own=own)
    outcome = Outcome.PERMIT if found else Outcome.DENY
    query = f"{resource_type}/{number}/_history/{version}"
    write(hub.log, *records(call, Action.VREAD, outcome, access, found, query))
    if not found:
        raise NotFound
    return served(call, found[0])
