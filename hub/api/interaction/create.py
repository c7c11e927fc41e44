"""create: a vendor's own document, with an id that the hub gives.

Source: FHIR R4 http.html#create, #ccreate; DESIGN §5. No update-as-create: an id in the body is not
used. With If-None-Exist it is written unless the writer has it already.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from hub.api.access import weigh
from hub.api.call import Answer, Call, resource_in
from hub.api.interaction.conditional import match
from hub.api.interaction.own_change import answer, carry_out, creation
from hub.api.interaction.read import read
from hub.api.log import record, write
from hub.api.own_documents import PERSON, PERSON_AT, own_document, writer
from hub.api.rewritten import refuse_unresolved
from hub.api.search.search_person import RESULT_PARAMETERS
from hub.audit.record import Action, Outcome
from hub.errors import BadRequest
from hub.running import Hub
from hub.store.directory import directory
from hub.store.person_now import person_now


def create(hub: Hub, call: Call, resource_type: str) -> Answer:
    """Return 201 with Location, ETag and what Prefer asks for; 200 with what was there already.

    Raises:
        UnsupportedMediaType: the body is not FHIR JSON.
        BadRequest: it cannot be read, or is of another type than the URL.
        PreconditionFailed: several resources match If-None-Exist.
        Unprocessable: it is not valid.
        Unavailable: the write cannot be logged; then nothing is kept.
    """
    resource = resource_in(call, resource_type)
    refuse_criteria(call)
    if call.conditions.none_exist is not None:
        criteria = criteria_of(call.conditions.none_exist)
        with hub.store.read() as connection:
            writer(call, directory(connection))
            person = person_of(resource)
            there = match(hub, connection, call, resource_type, criteria, person)
        if there is not None:
            found = read(hub, call, resource_type, there.id)
            location = f"{call.fhir_root}/{there.type}/{there.id}/_history/{there.version}"
            body = b"" if call.returns == "minimal" else found.body
            return Answer(200, body, {**found.headers, "Location": location})
    return write_new(hub, call, resource)


def refuse_criteria(call: Call) -> None:
    """Return if a create has no search criteria in its URL, where they would do nothing.

    Raises:
        BadRequest: it has; some servers take them there, and a second resource would be made.
    """
    if any(name not in RESULT_PARAMETERS for name, _ in call.parameters):
        raise BadRequest(
            "criteria of a conditional create stand in If-None-Exist, and not in the URL",
            code="criteria-in-url",
        )


def write_new(hub: Hub, call: Call, resource: Mapping[str, Any]) -> Answer:
    """Write a resource that is not there yet.

    Raises:
        HubError: as `create` does.
    """
    with hub.store.read() as connection:
        known = directory(connection)
        own = own_document(resource, call, known)
        refuse_unresolved(resource)
        access = weigh(hub, connection, call, person_now(connection, [own.person]))
    change = creation(own)
    # The record comes first: should the write then fail, the log says that it was tried (P2).
    shown = (change.shown,)
    write(hub.log, record(call, Action.CREATE, Outcome.PERMIT, access=access, shown=shown))
    with hub.store.write() as connection:
        (written,) = carry_out(hub, connection, known, [change], call.at)
    return answer(call, change, written)


def criteria_of(header: str) -> list[tuple[str, str]]:
    """Return the search criteria in an If-None-Exist."""
    return parse_qsl(header.lstrip("?"), keep_blank_values=True)


def person_of(resource: Mapping[str, Any]) -> str | None:
    """Return the hub id of whom a resource says that it is about, None where it does not."""
    for name in PERSON_AT:
        reference = resource.get(name)
        if isinstance(reference, Mapping):
            literal = PERSON.fullmatch(str(reference.get("reference", "")))
            return literal[1] if literal else None
    return None
