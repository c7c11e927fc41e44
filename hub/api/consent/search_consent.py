"""search-type of Consent: the answers and blocks of one person that concern the caller.

Source: FHIR R4 search.html, consent.html; SVOD 2:3, 3:1, 4:2. Without `status` also those that
count no more. A page goes on from a number; what follows is what concerns the caller then.
"""

from urllib.parse import urlencode

import msgspec

from hub.api.access import about_person
from hub.api.bundle import searchset
from hub.api.call import Answer, Call
from hub.api.consent.resource import resource_of
from hub.api.consent.search_match import PARAMETERS, compiled, order
from hub.api.consent.shown import consent_records
from hub.api.consent.standing import standing
from hub.api.log import write
from hub.api.search.search import Search, read_search
from hub.api.search.search_person import RESULT_PARAMETERS, names_person, person_asked
from hub.audit.record import Action, Outcome
from hub.errors import BadRequest
from hub.running import Hub
from hub.store.search_values import Criterion, criterion

FROM = "_from"
"""How many are left out before the page, in the links of a search."""


def search_consent(hub: Hub, call: Call) -> Answer:
    """Return a searchset of Consent.

    Raises:
        TooBroad: the parameters do not name exactly one person.
        NotAllowed: the reading session is not this token's, or is about somebody else.
        BadRequest: a parameter cannot be understood, or is unknown under strict handling.
        Unavailable: the access cannot be logged.
    """
    search = read_search(call, "Consent")
    criteria, unknown = _criteria(search)
    tests = [compiled(each, search.at) for each in criteria]
    by = order(search.sort or "")
    said = search.notes(unknown)
    size, begin = search.per_page, _begin(call)
    with hub.store.read() as connection:
        person = person_asked(hub, connection, call)
        access = about_person(hub, connection, call, person)
        found = standing(hub, connection, access, call.at)
    pairs = [(each, resource_of(each)) for each in found]
    fitting = [pair for pair in pairs if all(test(pair[1]) for test in tests)]
    for rank, backwards in reversed(by):
        fitting.sort(key=lambda pair: rank(pair[1]), reverse=backwards)  # at once
    page = fitting[begin : begin + size]
    links = [("self", search.own_link(unknown))]
    if size and begin + size < len(fitting):
        links.append(("next", _next(search, person, begin + size)))
    shown = [each for each, _ in page]
    records = consent_records(call, Action.SEARCH, Outcome.PERMIT, access, shown, search.text)
    write(hub.log, *records)
    bodies = [msgspec.json.encode(resource) for _, resource in page]
    counted = len(fitting) if search.is_counted() else None
    return Answer(200, searchset(call.fhir_root, bodies, links, counted, said))


def _criteria(search: Search) -> tuple[list[Criterion], list[str]]:
    known, unknown = [], []
    for name, value in search.parameters:
        asked = criterion(name, value)
        if name == FROM or name in RESULT_PARAMETERS or names_person(name):
            continue
        if asked.name in PARAMETERS and asked.of is None:
            known.append(asked)
        else:
            unknown.append(name)
    return known, unknown


def _begin(call: Call) -> int:
    given = call.values(FROM) or ["0"]
    if not (given[0].isascii() and given[0].isdecimal() and len(given[0]) < 7):  # noqa: PLR2004
        raise BadRequest("follow a link as it was given", code="bad-page")
    return int(given[0])


def _next(search: Search, person: str, begin: int) -> str:
    """The next page; a number that came in a body stays out of the URL."""
    kept = [pair for pair in search.parameters if pair[0] != FROM and not names_person(pair[0])]
    query = urlencode([("patient", f"Patient/{person}"), *kept, (FROM, str(begin))])
    return f"{search.base}?{query}"
