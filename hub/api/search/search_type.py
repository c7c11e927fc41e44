"""search-type: the resources of one type about one person, or of a system's own organisation.

Source: FHIR R4 search.html, http.html#search; DESIGN §3: one person at a time, otherwise too-broad.
A page that holds all that matches is one statement; otherwise a second one finds the keys of the
others, in the same snapshot.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection

from hub.api.call import Answer, Call
from hub.api.search.first_page import Matches, first_page
from hub.api.search.matches_as_kept import matches_as_kept
from hub.api.search.page import MOST_IN_A_SET, PageSet, few_enough, includes_of, link, save
from hub.api.search.reach import Reach, reach
from hub.api.search.search import read_search
from hub.api.search.search_include import bring
from hub.api.search.search_query import asked, order
from hub.running import Hub
from hub.store.reading import Found, Key, find, find_keys


def search_type(hub: Hub, call: Call, resource_type: str) -> Answer:
    """Return the first page of a searchset, with its total.

    Raises:
        TooBroad: the parameters do not name exactly one person, as anybody but a system must.
        NotAllowed: the reading session is not this token's, or is about somebody else; or the law
            has no such search across persons.
        BadRequest: a parameter cannot be understood, or is unknown under strict handling.
        TooCostly: more match than one answer's pages hold.
        Unavailable: the access cannot be logged.
    """
    search = read_search(call, resource_type)
    if (kept := matches_as_kept(hub, call, search)) is not None:
        return first_page(hub, call, search, kept)
    by, per_page = order(search), search.per_page
    with hub.store.read() as connection:
        reached = reach(hub, connection, call, resource_type)
        access, persons = reached.access, reached.persons
        wanted = asked(search, access, persons)
        said = search.notes(wanted.unknown)
        found, keys = matches(connection, reached, wanted.where, by, per_page)
        few_enough(keys)
        includes = includes_of(wanted.includes, resource_type)
        also = bring(connection, call, reached.of(found), includes, found)
    links = [("self", search.own_link(wanted.unknown))]
    if 0 < per_page < len(keys):
        pages = PageSet(reached.whom, tuple(keys), per_page, resource_type, wanted.includes)
        with hub.store.write() as connection:
            page_set = save(connection, call, pages)
        links.append(("next", link(call, page_set, 1)))
    page = Matches(access, found, len(keys), links, said, also)
    return first_page(hub, call, search, page)


def matches(
    connection: Connection,
    reached: Reach,
    where: ColumnElement[bool],
    by: Sequence[ColumnElement[Any]],
    per_page: int,
) -> tuple[list[Found], list[Key]]:
    """Return the first page's rows, and the keys of all that match.

    A page that holds them all says so by itself; otherwise the keys are asked for.
    """
    asked_for = (connection, reached.access.scope, reached.persons, where)
    found = find(*asked_for, order=by, limit=per_page + 1) if per_page else []
    if 0 < len(found) <= per_page:
        return found, [Key(each.type, each.id, each.version) for each in found]
    return found[:per_page], find_keys(*asked_for, order=by, limit=MOST_IN_A_SET + 1)
