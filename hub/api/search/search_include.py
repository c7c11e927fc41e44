"""What a page brings along: the resources that its matches refer to, or that refer to them.

Source: FHIR R4 search.html#include, #revinclude. They are read through the scope of the moment; how
many statements that takes follows from the request and from what is shown, never from what is
hidden (P3). A type that the token's scopes do not let be read is not brought along.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from hub.api.call import Call
from hub.api.patient import demographics, encode_patient, patient
from hub.api.weighed import Access
from hub.auth.scopes import Interaction
from hub.errors import BadRequest
from hub.fhir.definitions import TYPES_IN_USE
from hub.store.reading import Found, find
from hub.store.schema.resource import RESOURCE
from hub.store.search_include import (
    PATIENT,
    Include,
    Ref,
    brought,
    may_lead_to_person,
    refers_to_person,
)

MOST_ROUNDS = 5
MOST_BROUGHT = 2000


@dataclass(frozen=True, slots=True)
class Brought:
    """The bodies that a page brings along, and the rows that they come from, for the log."""

    entries: tuple[Found | tuple[str, bytes], ...]
    rows: tuple[Found, ...]


NOTHING = Brought((), ())


def bring(
    connection: Connection,
    call: Call,
    access: Access,
    includes: Sequence[Include],
    matches: Iterable[Found],
) -> Brought:
    """Return what the matches bring along, each once, and none of the matches again.

    Raises:
        BadRequest: more than a page can hold; ask for fewer matches at a time.
    """
    round_: list[Ref] = [(each.type, each.id) for each in matches]
    if not includes or not round_:
        return NOTHING
    types = [name for name in TYPES_IN_USE if call.caller.allows(name, Interaction.READ)]
    seen, rows = set(round_), list[Found]()
    persons: dict[str, None] = {}
    following = list(includes)
    for _ in range(MOST_ROUNDS):
        if (access.across or not persons) and PATIENT in types and may_lead_to_person(following):
            named = refers_to_person(following, round_, access.persons)
            persons.update(dict.fromkeys(connection.execute(named).scalars()))
        where = brought(following, round_, access.persons, RESOURCE)
        of_types = RESOURCE.c.type.in_(types)
        limit = MOST_BROUGHT + 1
        found = find(
            connection,
            access.scope,
            access.persons,
            where & of_types,
            order=[RESOURCE.c.type, RESOURCE.c.id],
            limit=limit,
        )
        new = [each for each in found if (each.type, each.id) not in seen]
        rows += new
        if len(rows) > MOST_BROUGHT or len(found) == limit:
            raise BadRequest(
                f"a page brings along at most {MOST_BROUGHT} resources; ask for fewer with _count",
                code="too-many-included",
                expression="http._include",
            )
        round_ = [(each.type, each.id) for each in new]
        seen.update(round_)
        following = [each for each in following if each.iterate]
        if not following or not round_:
            break
    entries: list[Found | tuple[str, bytes]] = [*rows]
    for person in persons if access.across else list(persons)[:1]:
        of_person = replace(access, persons=(person,)) if access.across else access
        shown = demographics(connection, of_person)
        rows += shown
        body = encode_patient(patient(person, [], shown))
        entries.append((f"{call.fhir_root}/{PATIENT}/{person}", body))
    return Brought(tuple(entries), tuple(rows))
