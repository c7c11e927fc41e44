"""The page "Spärrens verkan": what a new block would have stopped, with drafts of notices.

Source: hub/block_radius.py. The question is logged as a reading of the log about the person.
"""

from dataclasses import replace

from hub.api.audit_event.log_reading import readings
from hub.api.log import write
from hub.audit.search import Wanted, search
from hub.audit.term import Term
from hub.block_radius import block_of, radius
from hub.errors import BadRequest
from hub.store.facts import linked
from hub.web.asked import sought
from hub.web.person import person_given
from hub.web.visit import Page, Shown, Visit

TITLE = "Spärrens verkan"
MOST = 500
"""Openings that are tried, the latest first."""


def page(visit: Visit) -> Shown:
    """Return the empty form."""
    return _page(visit, {})


def answered(visit: Visit) -> Shown:
    """Return what the block would have stopped."""
    owner, kind = visit.value("agare"), visit.value("slag")
    if owner not in visit.mandate.organisations or kind not in ("yttre", "inre"):
        raise BadRequest("no such block", code="bad-value")
    unit = visit.value("enhet") or None
    if kind == "inre" and unit is None:
        raise BadRequest("an inner block is around a unit", code="unit-needed")
    block = block_of(owner, inner=kind == "inre", unit=unit)
    person = person_given(visit)
    with visit.hub.store.read() as connection:
        persons = linked(connection, [person])
        period = sought(visit.call.asking(_days(visit)), [])
        terms = ((Term.PERSON, tuple(persons)), (Term.OWNER, (owner,)))
        wanted: Wanted = replace(period, terms=terms)
        entries, more = search(connection, visit.mandate, wanted, count=MOST)
        found = radius(connection, (each.record for each in entries), block)
    query = f"console block-radius {kind} {owner} {unit or ''}".rstrip()
    write(visit.hub.log, *readings(visit.call, visit.mandate, persons, entries, query))
    context = {"radius": found, "more": more is not None, "owner": owner, "kind": kind}
    return _page(visit, {**context, "unit": unit})


def _days(visit: Visit) -> tuple[tuple[str, str], ...]:
    return tuple((name, visit.value(name)) for name in ("fran", "till") if visit.value(name))


def _page(visit: Visit, more: dict[str, object]) -> Page:
    owners = sorted(visit.mandate.organisations)
    units = [
        (unit.id, f"{unit.name}, {entry.name}")
        for name in owners
        if (entry := visit.known.entries.get(name))
        for unit in entry.units
    ]
    context = {
        "radius": None,
        "owners": [(name, visit.names.of(name)) for name in owners],
        "units": units,
        "given": dict(visit.call.parameters),
        "most": MOST,
    }
    return Page(
        "block_radius.html", TITLE, {**context, **more}, "_block_radius.html" if more else None
    )
