"""An access put on the worklist by hand: the form, and what it does.

Source: HSLF-FS 2016:40 4 kap. (checks on suspicion). It is reached from the list of accesses, from
one access and from a person's extract.
"""

from hub.api.audit_event.log_reading import readings
from hub.api.log import write
from hub.audit.search import entry_at
from hub.audit.words import in_words
from hub.errors import BadRequest, Conflict, NotFound
from hub.review.by_hand import LONGEST, add, on_list
from hub.web.visit import ROOT, Goto, Page, Shown, Visit

WRONG = "Skriv varför åtkomsten ska granskas, med högst 2 000 tecken."


def form(visit: Visit, number: str, wrong: str = "") -> Shown:
    """Return what asks why an access is to be reviewed; one that is on the list leads there."""
    with visit.hub.store.read() as connection:
        entry = entry_at(connection, visit.mandate, number)
        listed = on_list(connection, visit.call.caller.organisation or "", (number,))
    entries = [entry] if entry else []
    persons = [entry.record.person] if entry and entry.record.person else []
    query = f"console review-add {number}"
    write(visit.hub.log, *readings(visit.call, visit.mandate, persons, entries, query))
    if entry is None:
        raise NotFound
    if listed:
        return Goto(f"{ROOT}/arbetslista/{number}")
    context = {
        "record": entry.record,
        "sentence": in_words(entry.record, visit.names),
        "judges": entry.record.organisation == visit.call.caller.organisation,
        "wrong": wrong,
        "why": visit.value("skal"),
        "longest": LONGEST,
    }
    status = 400 if wrong else 200
    return Page("by_hand.html", "Lägg på arbetslistan", context, "_by_hand.html", status)


def added(visit: Visit, number: str) -> Shown:
    """Put the access on the worklist, and lead to it there."""
    with visit.hub.store.read() as connection:
        entry = entry_at(connection, visit.mandate, number)
    if entry is None:
        raise NotFound
    try:
        add(visit.hub, visit.call, entry.record, visit.value("skal"))
    except BadRequest:
        return form(visit, number, WRONG)
    except Conflict:  # sent twice, or by two: it is there, and that is what was wanted
        pass
    return Goto(f"{ROOT}/arbetslista/{number}")


def listed_of(visit: Visit, numbers: list[str]) -> frozenset[str]:
    """Return which accesses are on the visitor's own worklist."""
    if not visit.reviewer:
        return frozenset()
    with visit.hub.store.read() as connection:
        return on_list(connection, visit.call.caller.organisation or "", numbers)
