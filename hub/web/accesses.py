"""The log searched and drilled into: the list, and one access.

Source: PDL 4:3, SVOD 4:4; HSLF-FS 2016:40 4 kap. The mandate, the search and the record of the
reading are those of AuditEvent over FHIR (hub/api/audit_event/search_audit_event.py).
"""

from collections.abc import Sequence

from hub.again import decide_again, with_session
from hub.api.audit_event.log_page import sealed, unsealed
from hub.api.audit_event.log_query import patients_asked
from hub.api.audit_event.log_reading import readings
from hub.api.log import write
from hub.audit.search import Entry, entry_at, search
from hub.audit.words import in_words
from hub.errors import NotFound
from hub.store.facts import linked
from hub.store.identity import identities_of
from hub.web.asked import NAMES, address, parameters, sought
from hub.web.by_hand import listed_of
from hub.web.swedish import ACTIONS, FLAGS, OUTCOMES, PURPOSES
from hub.web.visit import Page, Shown, Visit

ON_A_PAGE = 50


def listed(visit: Visit) -> Shown:
    """Return the accesses that the form asks for, newest first, a page at a time."""
    call = visit.call
    given = tuple(parameters(call))
    patients = patients_asked(call.asking(tuple(each for each in given if each[0] in NAMES)))
    with visit.hub.store.read() as connection:
        persons = linked(connection, patients) if patients else []
        after = unsealed(visit.hub, call)
        entries, goes_on = search(
            connection, visit.mandate, sought(call, persons), count=ON_A_PAGE, after=after
        )
        people = identities_of(connection, persons) if persons and entries else []
    write(
        visit.hub.log, *readings(call, visit.mandate, persons, entries, f"console {address(call)}")
    )
    more = None if goes_on is None else address(call, _after=sealed(visit.hub, call, goes_on))
    context = {
        "entries": entries,
        "sentences": _sentences(visit, entries),
        "listed": listed_of(visit, [entry.record.id for entry in entries]),
        "more": more,
        "continued": after is not None,
        "given": dict(given),
        "people": people,
        "actions": ACTIONS,
        "outcomes": {"0": OUTCOMES["permit"], "4": OUTCOMES["deny"], "8": OUTCOMES["error"]},
        "purposes": PURPOSES,
        "flags": FLAGS,
    }
    part = "_more.html" if after is not None else "_accesses.html"
    return Page("accesses.html", "Åtkomster", context, part)


def one(visit: Visit, number: str) -> Shown:
    """Return one access with everything that the mandate lets its reader know of it."""
    with visit.hub.store.read() as connection:
        entry = entry_at(connection, visit.mandate, number)
        persons = [entry.record.person] if entry and entry.record.person else []
        people = identities_of(connection, linked(connection, persons)) if persons else []
    entries = [entry] if entry else []
    write(
        visit.hub.log, *readings(visit.call, visit.mandate, persons, entries, f"console {number}")
    )
    if entry is None:
        raise NotFound
    member = visit.known.staff.get((entry.record.organisation or "", entry.record.user or ""))
    own = entry.record.organisation in visit.mandate.organisations
    context = {
        "entry": entry,
        "record": entry.record,
        "sentence": in_words(entry.record, visit.names),
        "people": people,
        "name": member.name if member and own else None,
        "judges": visit.reviewer and entry.record.organisation == visit.call.caller.organisation,
        "listed": bool(listed_of(visit, [number])),
    }
    return Page("access.html", "En åtkomst", context)


def decided_again(visit: Visit, number: str) -> Shown:
    """Return what would be decided of the access today, thing by thing, without content."""
    with visit.hub.store.read() as connection:
        entry = entry_at(connection, visit.mandate, number)
        whole = with_session(connection, entry.record) if entry else None
        again = list(decide_again(connection, whole)) if whole else []
    entries = [entry] if entry else []
    persons = [entry.record.person] if entry and entry.record.person else []
    query = f"console again {number}"
    write(visit.hub.log, *readings(visit.call, visit.mandate, persons, entries, query))
    if entry is None:
        raise NotFound
    return Page(
        "again.html", "Prövad på nytt", {"again": again, "record": entry.record}, "_again.html"
    )


def _sentences(visit: Visit, entries: Sequence[Entry]) -> dict[str, str]:
    """The person reads sentences; a reviewer reads a table."""
    if visit.reviewer:
        return {}
    return {entry.record.id: in_words(entry.record, visit.names) for entry in entries}
