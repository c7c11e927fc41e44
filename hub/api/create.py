"""create: a vendor's own document, with an id that the hub gives.

Source: FHIR R4 http.html#create; DESIGN §5. No update-as-create: an id in the body is not used.
"""

from hub.api.access import weigh
from hub.api.call import FHIR_JSON, JSON_TYPES, Answer, Call
from hub.api.log import record, write
from hub.api.own_documents import own_document, settled
from hub.api.read import version_headers
from hub.audit.record import Action, Outcome
from hub.errors import BadRequest, UnsupportedMediaType
from hub.fhir.json_codec import decode
from hub.running import Hub
from hub.store.counter import lock
from hub.store.directory import directory
from hub.store.facts import facts_of, linked
from hub.store.schema.fact import PERSON_COUNTER
from hub.store.writing import put, stamped


def create(hub: Hub, call: Call, resource_type: str) -> Answer:
    """Return 201 with Location, ETag and, unless `return=minimal`, the resource as stored.

    Raises:
        UnsupportedMediaType: the body is not FHIR JSON.
        BadRequest: it cannot be read, or is of another type than the URL.
        Unprocessable: it is not valid.
        Unavailable: the write cannot be logged; then nothing is kept.
    """
    if call.content_type not in JSON_TYPES:
        raise UnsupportedMediaType(f"send {FHIR_JSON}")
    resource = decode(call.body)
    if resource.get("resourceType") != resource_type:
        raise BadRequest(
            f"the body is not a {resource_type}; post it to its own type", expression="resourceType"
        )
    with hub.store.read() as connection:
        known = directory(connection)
        own = own_document(resource, call, known)
        access = weigh(hub, connection, call, linked(connection, [own.person]))
    # The record comes first: should the write then fail, the log says that it was tried (P2).
    write(hub.log, record(call, Action.CREATE, Outcome.PERMIT, access=access, shown=own.shown()))
    now = int(call.at.timestamp() * 1_000_000)
    with hub.store.write() as connection:
        lock(connection, PERSON_COUNTER, [own.person])
        facts = facts_of(connection, linked(connection, [own.person]))
        (written,) = put(connection, own.person, [settled(own, known, facts, call.at)], now)
    location = f"{call.fhir_root}/{written.type}/{written.id}/_history/{written.version}"
    headers = {"Location": location, **version_headers(written.version, written.last_updated)}
    if "return=minimal" in call.prefer:
        return Answer(201, b"", headers)
    return Answer(201, stamped(own.incoming.resource, written.version, now), headers)
