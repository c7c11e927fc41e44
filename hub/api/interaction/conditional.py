"""Conditional requests: which of the writer's own resources a write is about, by search criteria.

Source: FHIR R4 http.html#ccreate, #cond-update, #cdelete. Criteria find what the writer may see and
has written, and nothing else: they neither overwrite nor probe what is hidden (P3). They are about
one person, whom they name or the resource does.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from hub.api.access import weigh
from hub.api.call import Call
from hub.api.search.search import read_search
from hub.api.search.search_person import RESULT_PARAMETERS, names_person, person_asked
from hub.api.search.search_query import matching
from hub.errors import BadRequest, NotFound, PreconditionFailed
from hub.running import Hub
from hub.store.kept_away import API
from hub.store.person_now import person_now
from hub.store.reading import Key, find_keys
from hub.store.schema.resource import RESOURCE

Parameters = Sequence[tuple[str, str]]


def match(
    hub: Hub,
    connection: Connection,
    call: Call,
    resource_type: str,
    criteria: Parameters,
    person: str | None,
) -> Key | None:
    """Return the one resource that the criteria find, None where they find none.

    `person` is whom the resource that is sent is about, where one is.

    Raises:
        TooBroad: neither the criteria nor a resource name exactly one person.
        BadRequest: a criterion is not known; a search that ignored it would find too much.
        PreconditionFailed: several match.
    """
    asked = tuple((name, value) for name, value in criteria if name not in RESULT_PARAMETERS)
    if not asked:
        raise BadRequest("a conditional request has search criteria", code="no-criteria")
    wanted = call.asking(asked)
    if person is None or any(names_person(name) for name, _ in asked):
        person = person_asked(hub, connection, wanted)
    access = weigh(hub, connection, wanted, person_now(connection, [person]))
    where = matching(read_search(wanted, resource_type), access)
    own = (RESOURCE.c.source == API) & (RESOURCE.c.owner == call.caller.organisation)
    order = [RESOURCE.c.id]
    found = find_keys(connection, access.scope, access.persons, where & own, order=order, limit=2)
    if len(found) > 1:
        raise PreconditionFailed(
            "several resources match; name one by its id, or with narrower criteria",
            code="several-match",
        )
    return found[0] if found else None


def the_one(hub: Hub, connection: Connection, call: Call, resource_type: str) -> Key:
    """Return the one resource that the URL's criteria find.

    Raises:
        NotFound: they find none.
        HubError: as `match` does.
    """
    found = match(hub, connection, call, resource_type, call.parameters, None)
    if found is None:
        raise NotFound
    return found
