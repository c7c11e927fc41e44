"""$everything: all of one person's record that the reader may see, in pages.

Source: FHIR R4 patient-operation-everything.html; DESIGN P1, P3, §5. The hub's Patient comes first,
then the answers and blocks that concern the reader, then one snapshot of what the scope permits;
later pages are that snapshot ∩ the scope of the moment. `start` and `end` go by the date of the
care, and what has no date is never left out.
"""

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, or_

from hub.api.access import about_person
from hub.api.bundle import searchset
from hub.api.call import Answer, Call
from hub.api.consent.in_record import consents_in_record
from hub.api.consent.resource import resource_of
from hub.api.consent.shown import shown_of_consents
from hub.api.consent.standing import Stands
from hub.api.log import of_each_number, persons_in, record, shown_by_owner, write
from hub.api.operation.operation_input import number, read_input, time_asked
from hub.api.operation.operation_table import EVERYTHING, STORED
from hub.api.patient import demographics, encode_patient, patient
from hub.api.search.page import MOST_IN_A_SET, PageSet, few_enough, link, save
from hub.api.weighed import Access
from hub.audit.record import AccessRecord, Action, Outcome
from hub.auth.scopes import Interaction
from hub.errors import BadRequest
from hub.running import Hub
from hub.store.reading import Found, at_versions, find_keys
from hub.store.schema.resource import RESOURCE

PER_PAGE = 100
MOST_ON_A_PAGE = 500
SECOND = 1_000_000
CONSENT = "Consent"


def everything(hub: Hub, call: Call, _kind: str, person: str) -> Answer:
    """Return the first page: the Patient, consents, then what is permitted, by type and id.

    Raises:
        BadRequest: a parameter cannot be understood.
        TooCostly: the record is larger than its pages hold.
        Unavailable: the access cannot be logged.
    """
    given = read_input(call, EVERYTHING.inputs)
    where, count = _asked(call, given), min(number(given, "_count", PER_PAGE), MOST_ON_A_PAGE)
    with hub.store.read() as connection:
        access = about_person(hub, connection, call, person)
        keys = find_keys(
            connection,
            access.scope,
            access.persons,
            where,
            order=[RESOURCE.c.type, RESOURCE.c.id],
            limit=MOST_IN_A_SET + 1,
        )
        few_enough(keys)
        shown = demographics(connection, access)
        found = at_versions(connection, access.scope, access.persons, keys[:count])
        said = _consents(hub, connection, call, access, given)
    links = [("self", f"{call.fhir_root}/Patient/{person}/$everything")]
    if 0 < count < len(keys):
        with hub.store.write() as connection:
            page_set = save(connection, call, PageSet(person, tuple(keys), count))
        links.append(("next", link(call, page_set, 1)))
    query = f"Patient/{person}/$everything"
    write(hub.log, *_records(call, access, [*shown, *found], said, query))
    whom = encode_patient(patient(person, [], shown))
    bodies = [msgspec.json.encode(resource_of(each)) for each in said]
    everybody = len(keys) + len(said) + 1
    return Answer(200, searchset(call.fhir_root, [whom, *bodies, *found], links, everybody))


def _records(
    call: Call, access: Access, found: Sequence[Found], said: Sequence[Stands], query: str
) -> list[AccessRecord]:
    by_person = persons_in(found)
    return [
        record(
            call,
            Action.OPERATION,
            Outcome.PERMIT,
            access=each,
            found=rows,
            shown=(*shown_by_owner(rows), *shown_of_consents(each, said)),
            query=query,
        )
        for each in of_each_number(access, [*by_person, *(one.person for one in said)])
        for rows in [[row for number in each.persons for row in by_person.get(number, ())]]
    ]


def _consents(
    hub: Hub,
    connection: Connection,
    call: Call,
    access: Access,
    given: Mapping[str, Sequence[str]],
) -> list[Stands]:
    """The answers and blocks that are asked for: a person has few, and no page ends among them."""
    types = _types(given)
    if not call.caller.allows(CONSENT, Interaction.READ) or (types and CONSENT not in types):
        return []
    since, start, end = (time_asked(given, name) for name in ("_since", "start", "end"))
    return consents_in_record(hub, connection, access, since=since, start=start, end=end)


def _types(given: Mapping[str, Sequence[str]]) -> set[str]:
    return {each for value in given.get("_type", ()) for each in value.split(",")}


def _asked(call: Call, given: Mapping[str, Sequence[str]]) -> ColumnElement[bool]:
    """What `_type`, `_since`, `start` and `end` leave of the record."""
    types = _types(given)
    if types - {*STORED, CONSENT}:
        raise BadRequest(
            "_type names a type that the hub does not hold; /fhir/metadata lists those it does",
            code="unknown-type",
            expression="http._type",
        )
    readable = {name for name in STORED if call.caller.allows(name, Interaction.READ)}
    wanted = sorted((readable & types if types else readable) - {"Patient"})
    parts: list[ColumnElement[bool]] = [RESOURCE.c.type.in_(wanted)]
    since, start, end = (time_asked(given, name) for name in ("_since", "start", "end"))
    if since is not None:
        parts.append(RESOURCE.c.last_updated >= since[0])
    if start is not None:
        parts.append(_open_or(RESOURCE.c.date_to, RESOURCE.c.date_to * SECOND > start[0]))
    if end is not None:
        parts.append(_open_or(RESOURCE.c.date_from, RESOURCE.c.date_from * SECOND < end[1]))
    return and_(*parts)


def _open_or(column: ColumnElement[int], holds: ColumnElement[bool]) -> ColumnElement[bool]:
    return or_(column.is_(None), holds)
