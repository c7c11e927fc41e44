"""$lastn: the last observations of each kind about one person.

Source: FHIR R4 observation-operation-lastn.html. Observations are of one kind when they share a
code, and without any code when they have the same text. Only what the reader may see is looked at,
and only what is answered with is read.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace

from hub.api.access import about_person
from hub.api.bundle import searchset
from hub.api.call import Answer, Call
from hub.api.operation.operated import log_operated
from hub.api.operation.operation_input import number, read_input
from hub.api.operation.operation_table import LASTN
from hub.api.search.page import few_enough
from hub.api.search.search_person import IDENTIFIES_A_PERSON, NAMES_A_PERSON, person_asked
from hub.errors import BadRequest
from hub.running import Hub
from hub.store.latest_codes import codes_in_order
from hub.store.reading import Key, at_versions
from hub.store.schema.resource import RESOURCE
from hub.store.search_sort import orders
from hub.store.search_sql import search
from hub.store.search_values import criterion

OBSERVATION = "Observation"
NAMED = frozenset({*NAMES_A_PERSON, *IDENTIFIES_A_PERSON})
SEARCHED = frozenset({"category", "code", "date", "status", "code:text", "code:not"})


def lastn(hub: Hub, call: Call, _kind: str, _number: str | None) -> Answer:
    """Return a searchset with at most `max` of each kind, the latest first.

    Raises:
        TooBroad: not exactly one person is named.
        BadRequest: a parameter cannot be understood.
        Unavailable: the access cannot be logged.
    """
    given = read_input(call, LASTN.inputs | NAMED | SEARCHED)
    most = number(given, "max", 1)
    if most < 1:
        raise BadRequest("max takes a whole number from 1", code="parameters")
    named = tuple((name, value) for name, values in given.items() for value in values)
    asked = [criterion(name, value) for name, value in named if name in SEARCHED]
    with hub.store.read() as connection:
        person = person_asked(hub, connection, replace(call, parameters=named))
        access = about_person(hub, connection, call, person)
        kinds = codes_in_order(
            connection,
            access.scope,
            access.persons,
            search(OBSERVATION, asked, RESOURCE, now=call.at, persons=access.persons).where,
            orders(OBSERVATION, "-date,-_lastUpdated", RESOURCE),
        )
        keys = list(last_of_each(kinds, most))
        few_enough(keys)
        found = at_versions(connection, access.scope, access.persons, keys)
    query = f"{OBSERVATION}/$lastn"
    log_operated(hub, call, access, found, query)
    links = [("self", f"{call.fhir_root}/{query}")]
    return Answer(200, searchset(call.fhir_root, found, links, len(found)))


def last_of_each(found: Mapping[Key, Sequence[Hashable]], most: int) -> Iterator[Key]:
    """Yield the first `most` of each kind, in the order given; to share a code is to be alike."""
    groups: dict[Hashable, list[int]] = {}
    for key, kinds in found.items():
        counts = next((groups[kind] for kind in kinds if kind in groups), [0])
        groups.update((kind, counts) for kind in kinds if kind not in groups)
        counts[0] += 1
        if counts[0] <= most:
            yield key
