"""Whose records a search reaches: one person's, or those that the system's own organisation holds.

Source: DESIGN §3 "One person at a time" and its exceptions; PDL 2:4, 2:8; SoLPuL 7 a;
docs/decisions/0010. What the law says of a search across persons is asked of `consent` and of no
person's facts: nothing that is known about a person widens or narrows what their care provider's
own system reads, so that one scope serves for all of them (tests/consent/test_across_persons.py).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from consent.facts import Capacity, Facts, Item, Operation, Purpose, Target
from consent.scope import scope
from consent.search_term import SearchTerm
from hub.api.access import about_person, reader_as, session_of, weigh
from hub.api.call import Call
from hub.api.own_documents import writer
from hub.api.search.search_person import names_person, person_asked
from hub.api.search.search_terms import terms_of
from hub.api.weighed import Access
from hub.errors import NotAllowed
from hub.running import Hub
from hub.situated import known_now
from hub.stated import NOTHING_STATED
from hub.store.directory import directory
from hub.store.person_now import person_now
from hub.store.reading import EVERY_PERSON, Found, Persons

EVERYBODY = ""
"""In the place of a person's hub id, where a page set is of a search across persons."""
_HEALTH = frozenset({SearchTerm.HEALTH})


@dataclass(frozen=True, slots=True)
class Reach:
    """What the caller may see, of which person keys, and whose pages it is."""

    access: Access
    persons: Persons
    whom: str

    def of(self, found: Iterable[Found]) -> Access:
        """Return the access to the records that rows were found in, for what they bring along."""
        if self.persons is not EVERY_PERSON:
            return self.access
        return replace(self.access, persons=tuple(dict.fromkeys(each.person for each in found)))


def reach(hub: Hub, connection: Connection, call: Call, resource_type: str) -> Reach:
    """Return whose records a search reaches.

    Raises:
        TooBroad: it names not exactly one person, and the caller is no organisation's own system.
        NotAllowed: the law has no search across persons like this one.
    """
    if across_persons(call):
        terms = terms_of(resource_type, call.parameters)
        return _everybody(hub, connection, call, terms)
    person = person_asked(hub, connection, call)
    access = about_person(hub, connection, call, person)
    return Reach(access, access.persons, person)


def reach_again(hub: Hub, connection: Connection, call: Call, whom: str) -> Reach:
    """Return the same at a later page, by the facts of its moment.

    Raises:
        NotAllowed: it is no longer allowed.
    """
    if whom == EVERYBODY:
        return _everybody(hub, connection, call, _HEALTH)
    session = session_of(connection, call)
    access = weigh(hub, connection, call, person_now(connection, [whom]), session=session)
    return Reach(access, access.persons, whom)


def across_persons(call: Call) -> bool:
    """Tell whether a search is an organisation's own system's, and about nobody or several."""
    caller = call.caller
    if caller.capacity is not Capacity.SYSTEM or caller.person or call.session:
        return False
    named = [value for name, value in call.parameters if names_person(name)]
    return not named or any("," in value for value in named)


def own_data(
    hub: Hub,
    connection: Connection,
    call: Call,
    op: Operation = Operation.READ,
    target: Target = Target(),  # noqa: B008  # frozen
) -> Access:
    """Return what the law lets the caller do with anybody's record, by no person's facts."""
    current = directory(connection)
    call.weighed.assumed.bear_out(current.counter)
    known = known_now(Facts(), current)
    purpose = call.caller.purpose or Purpose.VARD
    reader = replace(reader_as(hub, call, purpose, ()), takes_part=True)
    request = replace(NOTHING_STATED.request(reader, call.at, purpose), op=op, target=target)
    situation = known.asked(request)
    return Access(situation, scope(situation), (), None, claimed=False)


def _everybody(
    hub: Hub, connection: Connection, call: Call, terms: Collection[SearchTerm]
) -> Reach:
    target = Target(across_persons=True, terms=frozenset(terms))
    access = own_data(hub, connection, call, Operation.SEARCH, target)
    if not _finds_any(connection, call, access):
        raise NotAllowed(
            "the law does not let this search be made across persons; name one with"
            " patient=Patient/{id}, or leave out free text and what PDL 2:8 forbids to search for",
            code="too-broad",
        )
    return Reach(access, EVERY_PERSON, EVERYBODY)


def _finds_any(connection: Connection, call: Call, access: Access) -> bool:
    """Whether the law permits anything like what the organisation's own system writes."""
    owner, regime = writer(call, directory(connection))
    return access.scope.ground(Item("", owner, regime=regime)) is not None
