"""A search by a scope that was kept, in the one statement that proves that it still holds.

Source: DESIGN §4, §7, P4. The statement finds what the scope permits, and tells in the same
snapshot which facts and which directory stand; where they are others, nothing of it is used.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from hub.api.access import unproved
from hub.api.call import Call
from hub.api.search.first_page import Matches
from hub.api.search.reach import across_persons
from hub.api.search.search import Search
from hub.api.search.search_person import IDENTIFIES_A_PERSON, person_named
from hub.api.search.search_query import asked, order
from hub.api.weighed import Access
from hub.errors import BadRequest
from hub.running import Hub
from hub.store.person_now import telling, told
from hub.store.reading import find_prepared, prepare
from hub.store.written_out import WrittenOut

QUERIES_KEPT = 64
"""With one scope."""
_NOW = "ap"
"""What is about (`ap`) some time depends on how long ago that is."""


def matches_as_kept(hub: Hub, call: Call, search: Search) -> Matches | None:
    """Return all that a search matches, where one page holds it.

    None where that does not do: no scope was kept, or it stands no longer; a parameter cannot be
    understood; nothing was found (P3:
    what is hidden and what is not there then go the same way); or one page does not hold it all.

    Raises:
        TooBroad: the search does not name exactly one person.
        NotAllowed: the reading session does not live.
        BadRequest: a parameter is unknown under strict handling.
    """
    if search.per_page == 0 or not call.values("patient") or across_persons(call):
        return None
    if any(call.values(each) for each in IDENTIFIES_A_PERSON):
        return None  # whose number that is has to be looked up
    person = person_named(call)
    with hub.store.glance() as connection:
        kept = unproved(hub, connection, call, person)
        if kept is None:
            return None
        try:
            asking = _asking(connection, search, kept.access)
        except BadRequest:
            return None  # refused, and logged with whom it is about, by the way that weighs anew
        if asking is None:
            return None
        found, text = find_prepared(connection, kept.access.scope, asking.query)
    if text is None or len(found) > search.per_page or not kept.stands(told(text)):
        return None
    links = [("self", asking.link)]
    return Matches(kept.access, found, len(found), links, search.notes(asking.unknown))


@dataclass(frozen=True, slots=True)
class _Asking:
    """What parameters ask for as a query, those that are not known, and the search's own link."""

    query: WrittenOut
    unknown: tuple[str, ...]
    link: str


def _asking(connection: Connection, search: Search, access: Access) -> _Asking | None:
    """The query of a search, kept with the scope that is part of it; None where it includes."""
    key = (search.in_body, search.base, search.parameters, search.per_page)
    made: _Asking | None = access.scope.forms.get(key)
    if made is not None:
        return made
    wanted = asked(search, access, access.persons)
    if wanted.includes:
        return None
    query = prepare(
        connection,
        access.scope,
        access.persons,
        wanted.where,
        telling(access.persons[0]),
        order=order(search),
        limit=search.per_page + 1,
    )
    made = _Asking(query, wanted.unknown, search.own_link(wanted.unknown))
    about_now = any(_NOW in value for _, value in search.parameters)
    if len(access.scope.forms) < QUERIES_KEPT and not about_now:
        access.scope.forms[key] = made
    return made
