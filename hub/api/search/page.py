"""Pages: one snapshot, cut by opaque links that expire.

Source: FHIR R4 http.html#paging; DESIGN §5: pages are one snapshot ∩ the scope of the moment, and a
total stands on the first page only.
"""

import json
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, insert, select

from hub.api.bundle import history, searchset
from hub.api.call import Answer, Call
from hub.api.log import records, write
from hub.api.search.reach import reach_again
from hub.api.search.search_include import bring
from hub.audit.record import Action, Outcome
from hub.errors import Gone, TooCostly
from hub.running import Hub
from hub.store.reading import Key, at_versions
from hub.store.schema.session import PAGE_SET
from hub.store.scope_sql import seconds
from hub.store.search_include import Include, include

PAGES_LAST = timedelta(minutes=30)
MOST_IN_A_SET = 100_000
"""What one page set holds. Beyond it the answer says so (`few_enough`), and is not cut short."""
HISTORY = "_history"
"""What stands for the type where versions are paged, and no search."""
PAGE_NUMBER = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class PageSet:
    """What one search found: which resources at which versions, in order, and how many a page.

    `includes` are the search's own `_include` and `_revinclude`, as they were written, and `type`
    what was searched.
    """

    person: str
    keys: tuple[Key, ...]
    count: int
    type: str = ""
    includes: tuple[tuple[str, str], ...] = ()


def few_enough(keys: Sequence[Key]) -> None:
    """Return if a page set can hold these.

    Raises:
        TooCostly: it cannot.
    """
    if len(keys) > MOST_IN_A_SET:
        raise TooCostly(MOST_IN_A_SET)


def save(connection: Connection, call: Call, pages: PageSet) -> str:
    """Store what a search found beyond its first page; return the id that links carry."""
    page_set = secrets.token_urlsafe(24)
    content = {
        "count": pages.count,
        "type": pages.type,
        "includes": pages.includes,
        "keys": [[k.type, k.id, k.version] for k in pages.keys],
    }
    connection.execute(
        insert(PAGE_SET).values(
            person=pages.person,
            id=page_set,
            token=call.caller.token_id,
            session=call.session,
            content=json.dumps(content, separators=(",", ":")),
            expires=seconds(call.at + PAGES_LAST),
        )
    )
    return page_set


def link(call: Call, page_set: str, number: int) -> str:
    """Return the URL of a page; it says nothing but where to go on."""
    return f"{call.fhir_root}?_page={page_set}.{number}"


def page(hub: Hub, call: Call, reference: str) -> Answer:
    """Return a later page of a search.

    Raises:
        Gone: the link has expired, or another token or session made it.
    """
    with hub.store.read() as connection:
        pages, page_set, number = _load(connection, call, reference)
        reached = reach_again(hub, connection, call, pages.person)
        access, persons = reached.access, reached.persons
        start = number * pages.count
        keys = pages.keys[start : start + pages.count]
        versions = pages.type == HISTORY
        own = call.caller.own_system
        found = at_versions(connection, access.scope, persons, keys, history=versions, own=own)
        also = bring(
            connection, call, reached.of(found), includes_of(pages.includes, pages.type), found
        )
    outcome = Outcome.PERMIT if len(found) == len(keys) else Outcome.PARTIAL
    shown = [*found, *also.rows]
    action = Action.HISTORY if versions else Action.SEARCH
    write(hub.log, *records(call, action, outcome, access, shown, "_page"))
    links = page_links(call, page_set, number, start + pages.count < len(pages.keys))
    if versions:
        return Answer(200, history(call.fhir_root, found, links, None))
    return Answer(200, searchset(call.fhir_root, found, links, None, None, also.entries))


def includes_of(written: Iterable[tuple[str, str]], resource_type: str) -> list[Include]:
    """Return the includes of a search; one that leads nowhere is left out."""
    found = (include(name, value, resource_type) for name, value in written)
    return [each for each in found if each is not None]


def page_links(
    call: Call,
    page_set: str,
    number: int,
    more: bool,  # noqa: FBT001  # reads as a sentence
) -> Sequence[tuple[str, str]]:
    """Return the links of a page."""
    links = [("self", link(call, page_set, number))]
    if number > 1:
        links.append(("previous", link(call, page_set, number - 1)))
    if more:
        links.append(("next", link(call, page_set, number + 1)))
    return links


def _load(connection: Connection, call: Call, reference: str) -> tuple[PageSet, str, int]:
    page_set, _, number = reference.partition(".")
    statement = select(PAGE_SET).where(
        PAGE_SET.c.id == page_set,
        PAGE_SET.c.token == call.caller.token_id,
        PAGE_SET.c.expires > seconds(call.at),
    )
    row = connection.execute(statement).one_or_none()
    if row is None or row.session != call.session or not PAGE_NUMBER.fullmatch(number):
        raise Gone("the page link has expired, or is not this reader's; search again")
    content = json.loads(row.content)
    keys = tuple(Key(*each) for each in content["keys"])
    includes = tuple((name, value) for name, value in content["includes"])
    pages = PageSet(row.person, keys, content["count"], content["type"], includes)
    return pages, page_set, int(number)
