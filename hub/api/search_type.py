"""search-type: the resources of one type about one person.

Source: FHIR R4 search.html, http.html#search; DESIGN §3: one person at a time, otherwise too-broad.
The first statement finds which permitted resources match; the page's bodies come from the same
snapshot. Unknown parameters are an error under strict handling and reported otherwise.
"""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement

from hub.api.access import session_about, weigh
from hub.api.bundle import searchset
from hub.api.call import Answer, Call
from hub.api.log import record, write
from hub.api.page import MOST_IN_A_SET, PageSet, link, save
from hub.api.search_person import PERSON_PARAMETERS, RESULT_PARAMETERS, person_named
from hub.audit.record import Action, Outcome
from hub.errors import BadRequest, Place, operation_outcome
from hub.fhir.search_parameters import parameters
from hub.running import Hub
from hub.store.facts import linked
from hub.store.reading import at_versions, find_keys
from hub.store.schema.resource import RESOURCE
from hub.store.search_sql import search
from hub.store.search_values import criterion

DEFAULT_COUNT = 50
MOST_ON_A_PAGE = 500
MOST_PARAMETERS = 20
MOST_VALUES = 200
"""Of all parameters together: what both databases plan and carry out without effort."""

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,60}")
NUMBER = re.compile(r"0*[1-9][0-9]{0,8}")


def search_type(hub: Hub, call: Call, resource_type: str) -> Answer:
    """Return the first page of a searchset, with its total.

    Raises:
        TooBroad: the parameters do not name exactly one person.
        NotAllowed: the reading session is not this token's, or is about somebody else.
        BadRequest: a parameter cannot be understood, or is unknown under strict handling.
        Unavailable: the access cannot be logged.
    """
    person = person_named(call)
    count = _count(call)
    with hub.store.read() as connection:
        persons = linked(connection, [person])
        session = session_about(connection, call, persons)
        access = weigh(hub, connection, call, persons, session=session)
        where, notes = _where(call, resource_type, access.persons)
        keys = find_keys(
            connection,
            access.scope,
            access.persons,
            where,
            order=_order(call),
            limit=MOST_IN_A_SET,
        )
        found = at_versions(connection, access.scope, access.persons, keys[:count])
    links = [("self", f"{call.fhir_root}/{resource_type}")]
    if len(keys) > count:
        with hub.store.write() as connection:
            page_set = save(connection, call, PageSet(person, tuple(keys), count))
        links.append(("next", link(call, page_set, 1)))
    query = resource_type + "?" + "&".join(f"{name}={value}" for name, value in call.parameters)
    write(
        hub.log,
        record(call, Action.SEARCH, Outcome.PERMIT, access=access, found=found, query=query),
    )
    return Answer(200, searchset(call.fhir_root, found, links, len(keys), notes))


def _where(
    call: Call, resource_type: str, persons: Sequence[str]
) -> tuple[ColumnElement[bool], bytes | None]:
    """The SQL of the search parameters, and what is to be said about those that are unknown."""
    # Whom the search is about is settled by the rows' person: a record that stands under an
    # earlier identity of the same person names that one.
    settled = RESULT_PARAMETERS | (PERSON_PARAMETERS & parameters(resource_type).keys())
    given = [
        criterion(name, value)
        for name, value in call.parameters
        if name.partition(":")[0] not in settled
    ]
    if len(given) > MOST_PARAMETERS or sum(len(each.values) for each in given) > MOST_VALUES:
        raise BadRequest(
            f"a search has at most {MOST_PARAMETERS} parameters, with {MOST_VALUES} values in all;"
            " divide it",
            code="too-many-parameters",
        )
    found = search(resource_type, given, RESOURCE, now=call.at, persons=persons)
    places = [
        Place(
            "not-supported",
            "unknown-parameter",
            "a search parameter is not known for this type and was not used",
            f"http.{each.name}" if NAME.fullmatch(each.name) else "http",
            severity="warning",
        )
        for each in found.unknown
    ]
    if places and "handling=strict" in call.prefer:
        raise BadRequest(
            "a search parameter is not known for this type; see /fhir/metadata",
            code="unknown-parameter",
            expression=places[0].expression,
        )
    return found.where, operation_outcome(places) if places else None


def _order(call: Call) -> Sequence[ColumnElement[Any]]:
    sort = call.values("_sort")
    orders: dict[str, ColumnElement[Any]] = {
        "_lastUpdated": RESOURCE.c.last_updated.asc(),
        "-_lastUpdated": RESOURCE.c.last_updated.desc(),
        "_id": RESOURCE.c.id.asc(),
        "-_id": RESOURCE.c.id.desc(),
        "date": RESOURCE.c.date_from.asc(),
        "-date": RESOURCE.c.date_from.desc(),
    }
    names = sort[0].split(",") if sort else ["-_lastUpdated"]
    if any(name not in orders for name in names) or len(set(names)) < len(names):
        raise BadRequest(
            "_sort takes _lastUpdated, _id or date, each once, with - before it for the reverse",
            code="unknown-sort",
            expression="http._sort",
        )
    return [*(orders[name] for name in names), RESOURCE.c.id.asc()]


def _count(call: Call) -> int:
    given = call.values("_count")
    if not given:
        return DEFAULT_COUNT
    if not NUMBER.fullmatch(given[0]):
        raise BadRequest(
            "_count takes a whole number from 1", code="bad-count", expression="http._count"
        )
    return min(int(given[0]), MOST_ON_A_PAGE)
