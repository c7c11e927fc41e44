"""The first page of a search, as it is logged and answered.

Source: FHIR R4 http.html#search; DESIGN P2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.api.bundle import searchset
from hub.api.call import Answer, Call
from hub.api.log import records, write
from hub.api.search.search import Search
from hub.api.search.search_include import NOTHING, Brought
from hub.api.weighed import Access
from hub.audit.record import Action, Outcome
from hub.running import Hub
from hub.store.reading import Found


@dataclass(frozen=True, slots=True)
class Matches:
    """What the first page shows, and how many match in all.

    `said` is an OperationOutcome about the search itself; `brought` what the page brings along.
    """

    access: Access
    found: Sequence[Found]
    matched: int
    links: Sequence[tuple[str, str]]
    said: bytes | None = None
    brought: Brought = NOTHING


def first_page(hub: Hub, call: Call, search: Search, page: Matches) -> Answer:
    """Return the searchset, with its total, once what it shows has been logged.

    Raises:
        BadRequest: `_total` takes no such value.
        Unavailable: the access cannot be logged.
    """
    counted = page.matched if search.is_counted() else None
    shown = [*page.found, *page.brought.rows]
    write(hub.log, *records(call, Action.SEARCH, Outcome.PERMIT, page.access, shown, search.text))
    body = searchset(
        call.fhir_root, page.found, page.links, counted, page.said, page.brought.entries
    )
    return Answer(200, body)
