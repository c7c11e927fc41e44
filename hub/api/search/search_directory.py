"""The directory searched and read without a person: organisations, units, one's own staff.

Source: DESIGN §3 (directory types are an exception of "One person at a time"); FHIR R4 search.html;
docs/decisions/0020. Nothing here is about anybody's care. What a source has sent of an organisation
or of staff stands in the record of the person whom it came with, and is found there alone.
"""

from functools import lru_cache
from threading import Lock
from urllib.parse import urlencode

from hub.api.bundle import searchset
from hub.api.call import Answer, Call
from hub.api.log import record, write
from hub.api.search.directory_entry import people, places
from hub.api.search.search import read_search
from hub.api.search.search_person import RESULT_PARAMETERS
from hub.api.search.search_query import refuse_not_built
from hub.audit.record import Action, Outcome
from hub.errors import BadRequest, NotFound
from hub.fhir.json_codec import encode
from hub.running import Hub
from hub.store.directory import Directory, directory
from hub.store.directory_index import DirectoryIndex
from hub.store.search_values import criterion

EVERYBODY = "everybody"
KEPT = 8
_MAKING = Lock()


def search_directory(hub: Hub, call: Call, kind: str) -> Answer:
    """Return a page of the entries of a type that match.

    Raises:
        BadRequest: a parameter cannot be understood, or is unknown under strict handling.
        Unavailable: the look-up cannot be logged.
    """
    search, page = read_search(call, kind), _page(call)
    for name, _ in search.parameters:
        refuse_not_built(name.partition(":")[0])
    asked = [(name, value) for name, value in search.parameters if name not in RESULT_PARAMETERS]
    named = [(name, criterion(name, value)) for name, value in asked]
    criteria, sort = [each for _, each in named], search.sort or "_id"
    found, unknown = _index(hub, call).find(
        kind, criteria, _whom(call), sort, search.at, search.roots
    )
    names = [name for name, each in named if each in unknown]
    said = search.notes(names)
    write(hub.log, record(call, Action.SEARCH, Outcome.PERMIT, query=kind))
    per_page = search.per_page
    shown = found[page * per_page : (page + 1) * per_page]
    links = [("self", search.own_link(names))]
    if per_page and len(found) > (page + 1) * per_page:
        used = [each for each in search.parameters if each[0] not in ("_page", *names)]
        query = urlencode([*used, ("_page", str(page + 1))])
        links.append(("next", f"{search.base}?{query}"))
    bodies = [encode(each) for each in shown]
    counted = len(found) if search.is_counted() and not page else None
    return Answer(200, searchset(call.fhir_root, bodies, links, counted, said))


def read_directory(hub: Hub, call: Call, kind: str, number: str) -> Answer:
    """Return one entry.

    Raises:
        NotFound: there is none, or none for this caller.
        Unavailable: the look-up cannot be logged.
    """
    found = _index(hub, call).read(kind, number, _whom(call))
    outcome = Outcome.DENY if found is None else Outcome.PERMIT
    write(hub.log, record(call, Action.READ, outcome, query=f"{kind}/{number}"))
    if found is None:
        raise NotFound
    return Answer(200, encode(found))


def _whom(call: Call) -> list[str]:
    """For whom the entries are that the caller may see: staff only of the caller's own."""
    organisation = call.caller.organisation
    own = [organisation] if organisation and not call.caller.person else []
    return [EVERYBODY, *own]


def _index(hub: Hub, call: Call) -> DirectoryIndex:
    with hub.store.read() as connection:
        known = directory(connection)
    own = _whom(call)[1:]
    with _MAKING:  # one request makes it, and the others wait for that one
        return _made(_Known(known), own[0] if own else None)


class _Known:
    """A directory as the key of what is made of it: the same object is the same directory."""

    def __init__(self, known: Directory) -> None:
        self.known = known

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and other.known is self.known

    def __hash__(self) -> int:
        return id(self.known)


@lru_cache(maxsize=KEPT)
def _made(known: _Known, organisation: str | None) -> DirectoryIndex:
    groups = {EVERYBODY: places(known.known)}
    if organisation is not None:
        groups[organisation] = people(known.known, organisation)
    return DirectoryIndex.of(groups)


def _page(call: Call) -> int:
    given = call.values("_page")
    if not given:
        return 0
    if len(given) > 1 or not given[0].isdecimal() or len(given[0]) > len("99999"):
        raise BadRequest("follow the link of a page as it stands", code="bad-page")
    return int(given[0])
