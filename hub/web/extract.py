"""A person's log extract: the page, and the files to keep.

Source: PDL 8:5, SVOD 4:5; HSLF-FS 2016:40 4 kap.: which unit took part of the data and when, so
that the person can judge whether it was justified. The person gets it by themself; an organisation
that is asked for it makes it of what its mandate covers. A file that leaves is logged as disclosed.
"""

from dataclasses import replace
from itertools import islice

from hub.api.audit_event.log_query import patients_asked
from hub.api.audit_event.log_reading import readings
from hub.api.log import write
from hub.audit.record import Action
from hub.audit.search import Entry, every, how_many
from hub.audit.term import Term
from hub.audit.words import in_words
from hub.errors import NotFound, TooLarge
from hub.store.facts import linked
from hub.store.identity import identities_of
from hub.web.asked import FROM, TO, address, parameters, sought
from hub.web.by_hand import listed_of
from hub.web.extract_csv import as_csv
from hub.web.extract_pdf import as_pdf
from hub.web.extracted import Extract, Line
from hub.web.swedish import ACTIONS, CAPACITIES, OUTCOMES
from hub.web.visit import File, Page, Shown, Visit

MOST, MOST_PRINTED = 20_000, 5_000
"""Accesses in an extract; in print, where each takes a thousandth of a second to set."""
SHOWN_ON_THE_PAGE = 500


def page(visit: Visit) -> Shown:
    """Return the newest of the extract to be read, and how many there are."""
    made, total = _made(visit, Action.LOG_READ, SHOWN_ON_THE_PAGE)
    context = {
        "extract": made,
        "total": total,
        "listed": listed_of(visit, [line.record.id for line in made.lines]),
        "asked": address(visit.call),
        "given": dict(parameters(visit.call)),
    }
    return Page("extract.html", "Loggutdrag", context, "_extract.html")


def csv_file(visit: Visit) -> Shown:
    """Return the extract for a spreadsheet."""
    content = as_csv(_whole(visit, MOST))
    return File(content, "text/csv; charset=utf-8", "loggutdrag.csv")


def pdf_file(visit: Visit) -> Shown:
    """Return the extract for print."""
    return File(as_pdf(_whole(visit, MOST_PRINTED)), "application/pdf", "loggutdrag.pdf")


def _whole(visit: Visit, most: int) -> Extract:
    """Return an extract that leaves, whole.

    Raises:
        TooLarge: there are more than a file should hold.
    """
    return _made(visit, Action.EXPORT, most)[0]


def _made(visit: Visit, action: Action, most: int) -> tuple[Extract, int]:
    """Find the person's newest records, log that, and return them in words; and how many there are.

    Raises:
        NotFound: a reviewer named no person.
        TooLarge: there are more than a file should hold.
    """
    given = tuple(each for each in parameters(visit.call) if each[0] in ("patient", FROM, TO))
    call = visit.call.asking(given)
    with visit.hub.store.read() as connection:
        asked = patients_asked(call.asking(given[:1])) if call.values("patient") else ()
        persons = linked(connection, asked) if visit.reviewer else sorted(visit.mandate.persons)
        if not persons:
            raise NotFound
        wanted = sought(visit.call.asking(tuple(e for e in given if e[0] != "patient")), [])
        wanted = replace(wanted, terms=((Term.PERSON, tuple(persons)),))
        total = how_many(connection, visit.mandate, wanted)
        if action is Action.EXPORT and total > most:
            raise TooLarge(f"an extract holds at most {most} accesses", code="extract-too-large")
        entries = list(islice(every(connection, visit.mandate, wanted), most))
        numbers = tuple(value for _, value in identities_of(connection, persons))
    read = readings(call, visit.mandate, persons, entries, f"console extract {address(call)}")
    write(visit.hub.log, *(replace(each, action=action) for each in read))
    first, last = (next(iter(call.values(name)), "") for name in (FROM, TO))
    lines = tuple(_line(visit, entry) for entry in entries)
    return Extract(numbers, first, last, lines, visit.call.at), total


def _line(visit: Visit, entry: Entry) -> Line:
    record, names = entry.record, visit.names
    owners = sorted({names.of(shown.owner) for shown in record.shown})
    return Line(
        record.recorded,
        CAPACITIES.get(record.capacity or "", "okänd"),
        names.of(record.organisation, record.unit),
        ACTIONS[record.action],
        ", ".join(owners),
        OUTCOMES[record.outcome],
        in_words(record, names),
        record,
    )
