"""search-type of AuditEvent: the log, for its auditors and for the person it is about.

Source: FHIR R4 auditevent.html#search; DESIGN §6; PDL 4:3, 8:5, SVOD 4:2, 4:4, 4:5. Newest first.
Every search is itself logged. What the mandate does not cover is as if it were not there.
"""

from urllib.parse import urlencode

from hub.api.audit_event.log_mandate import mandate_of
from hub.api.audit_event.log_page import sealed, unsealed
from hub.api.audit_event.log_query import page_size, patients_asked, wanted
from hub.api.audit_event.log_reading import events, readings
from hub.api.bundle import searchset
from hub.api.call import Answer, Call
from hub.api.log import write
from hub.audit.search import search
from hub.running import Hub
from hub.store.directory import directory
from hub.store.facts import linked


def search_audit_event(hub: Hub, call: Call) -> Answer:
    """Return a searchset of the records that the caller may read, newest first.

    Raises:
        NotAllowed: the caller has no mandate to read the log.
        BadRequest: a parameter cannot be understood.
        Gone: the page's link has expired or is another reader's.
        Unavailable: the reading itself cannot be logged.
    """
    count, after = page_size(call), unsealed(hub, call)
    with hub.store.read() as connection:
        known = directory(connection)
        mandate = mandate_of(hub, connection, call, known)
        asked = patients_asked(call)
        persons = linked(connection, asked) if asked else []
        sought = wanted(call, persons)
        entries, goes_on = search(connection, mandate, sought, count=count, after=after)
    parameters = [(name, value) for name, value in call.parameters if name != "_after"]
    write(hub.log, *readings(call, mandate, persons, entries, urlencode(parameters)))
    links = [("self", _url(call, list(call.parameters)))]
    if goes_on is not None:
        links.append(("next", _url(call, [*parameters, ("_after", sealed(hub, call, goes_on))])))
    found = events(call, entries, mandate, known)
    return Answer(200, searchset(call.fhir_root, found, links, None))


def _url(call: Call, parameters: list[tuple[str, str]]) -> str:
    return f"{call.fhir_root}/AuditEvent?{urlencode(parameters)}"
