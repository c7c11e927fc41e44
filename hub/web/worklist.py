"""The review worklist: what to look at first, one access with its reasons, and the judgement.

Source: PDL 4:3, HSLF-FS 2016:40 4 kap. Each page is logged as a reading of the log, each judgement
as an act of its own.
"""

import re
from urllib.parse import urlencode

from sqlalchemy import func, select

from hub.api.audit_event.log_reading import readings
from hub.api.log import write
from hub.audit.search import entry_at
from hub.audit.words import in_words
from hub.errors import BadRequest, NotAllowed, NotFound
from hub.review.by_hand import addition_of
from hub.review.judgement import ACTIONS, VERDICTS, Judgement, item_of, judge
from hub.review.listing import DONE, OPEN, SECOND
from hub.review.looking import waiting
from hub.review.month import month
from hub.review.sample import (
    ONE_IN,
    begins,
    commitment_of,
    following,
    period_of,
    seed,
)
from hub.review.signals import BY_CODE, SAMPLE, SAMPLED, TITLES
from hub.store.facts import linked
from hub.store.identity import identities_of
from hub.store.schema.review import REVIEW_ITEM
from hub.web.visit import ROOT, Goto, Page, Shown, Visit

ON_A_PAGE = 50
STATES = {OPEN: "Att granska", SECOND: "Väntar på en andra granskare", DONE: "Klara"}
PERIOD = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")


def listed(visit: Visit) -> Shown:
    """Return a month's worklist; what evidence does not explain comes first."""
    period, state = period_asked(visit), visit.value("lage") or OPEN
    if state not in STATES:
        raise BadRequest("there is no such state", code="bad-value")
    begin = _number(visit.value("fran-rad"))
    table = REVIEW_ITEM
    which = (
        table.c.organisation.in_(sorted(visit.mandate.organisations)),
        table.c.period == period,
    )
    with visit.hub.store.read() as connection:
        rows = connection.execute(
            select(table)
            .where(*which, table.c.state == state)
            .order_by(table.c.rank.desc(), table.c.at.desc(), table.c.record)
            .offset(begin)
            .limit(ON_A_PAGE + 1)
        ).all()
        counts = connection.execute(
            select(table.c.state, func.count().label("number"))
            .where(*which)
            .group_by(table.c.state)
        ).all()
        remaining = waiting(connection)
    write(visit.hub.log, *readings(visit.call, visit.mandate, (), (), f"console worklist {period}"))
    context = {
        "rows": rows[:ON_A_PAGE],
        "more": begin + ON_A_PAGE if len(rows) > ON_A_PAGE else None,
        "period": period,
        "state": state,
        "states": STATES,
        "counts": {row.state: row.number for row in counts},
        "titles": TITLES,
        "codes": BY_CODE,
        "remaining": remaining,
        "before": following(period, -1),
        "after": following(period),
        "sample": _sample(visit, period),
        "one_in": ONE_IN,
    }
    return Page("worklist.html", "Arbetslista", context)


def one(visit: Visit, number: str, wrong: str = "") -> Shown:
    """Return one access of the worklist: its reasons, what to think of, and the form."""
    with visit.hub.store.read() as connection:
        item = item_of(connection, visit.mandate.organisations, number)
        entry = entry_at(connection, visit.mandate, number) if item else None
        persons = linked(connection, [item.person]) if item and item.person else []
        people = identities_of(connection, persons) if persons else []
        addition = addition_of(connection, item.organisation, number) if item else None
    entries = [entry] if entry else []
    write(visit.hub.log, *readings(visit.call, visit.mandate, persons, entries, f"review {number}"))
    if item is None or entry is None:
        raise NotFound
    record = entry.record
    member = visit.known.staff.get((record.organisation or "", record.user or ""))
    context = {
        "item": item,
        "record": record,
        "entry": entry,
        "sentence": in_words(record, visit.names),
        "people": people,
        "name": member.name if member else None,
        "signals": [SAMPLED if code == SAMPLE else BY_CODE[code] for code in item.reasons],
        "verdicts": VERDICTS,
        "actions": ACTIONS,
        "states": STATES,
        "four_eyes": bool(four_eyes(visit, item.organisation) & set(item.reasons)),
        "own": item.user == visit.call.caller.user,
        "judges": item.organisation == visit.call.caller.organisation,
        "addition": addition,
        "wrong": wrong,
        "given": dict(visit.call.parameters),
    }
    return Page("review.html", "Granska en åtkomst", context, status=400 if wrong else 200)


def judged(visit: Visit, number: str) -> Shown:
    """Keep what the reviewer judged, and lead back to the list."""
    with visit.hub.store.read() as connection:
        item = item_of(connection, visit.mandate.organisations, number)
    if item is None:
        raise NotFound
    if item.organisation != visit.call.caller.organisation:
        raise NotAllowed("an organisation judges what its own staff did", code="not-own-review")
    said = Judgement(
        visit.call.caller.user,
        visit.call.at,
        visit.value("bedomning"),
        visit.value("atgard"),
        visit.value("anteckning"),
    )
    four = four_eyes(visit, item.organisation)
    try:
        judge(visit.hub, visit.call, item, said, _number(visit.value("sedda")), four)
    except BadRequest as error:
        return one(visit, number, WRONG.get(error.code, WRONG["no-judgement"]))
    return Goto(f"{ROOT}/arbetslista?{urlencode({'period': item.period})}")


def monthly(visit: Visit) -> Shown:
    """Return the month's report."""
    period = period_asked(visit)
    with visit.hub.store.read() as connection:
        figures = month(connection, visit.mandate.organisations, period)
    write(visit.hub.log, *readings(visit.call, visit.mandate, (), (), f"console month {period}"))
    context = {
        "month": figures,
        "period": period,
        "before": following(period, -1),
        "after": following(period),
        "sample": _sample(visit, period),
        "one_in": ONE_IN,
    }
    return Page("month.html", "Månadsrapport", context)


WRONG = {
    "no-judgement": "Välj en bedömning och en åtgärd, och skriv högst 2 000 tecken.",
    "note-needed": "Skriv varför, när åtkomsten inte bedöms vara motiverad.",
}


def four_eyes(visit: Visit, organisation: str) -> frozenset[str]:
    """Return the reasons that an organisation has two reviewers judge."""
    entry = visit.known.entries.get(organisation)
    return frozenset(entry.four_eyes) if entry else frozenset()


def period_asked(visit: Visit) -> str:
    """Return the month that was asked for, or this one.

    Raises:
        BadRequest: it is no month.
    """
    given = visit.value("period") or period_of(visit.call.at)
    if not PERIOD.fullmatch(given):
        raise BadRequest("period is no month", code="bad-value")
    return given


def _number(given: str) -> int:
    if not re.fullmatch(r"[0-9]{0,6}", given):
        raise BadRequest("not a number", code="bad-value")
    return int(given or 0)


def _sample(visit: Visit, period: str) -> list[dict[str, object]]:
    """What was committed to for the month; the seed itself once the month is over."""
    over = visit.call.at >= begins(following(period))
    found: list[dict[str, object]] = []
    for organisation in sorted(visit.mandate.organisations):
        commitment = commitment_of(visit.hub, organisation, period)
        shown = seed(visit.hub, organisation, period).hex() if over and commitment else None
        if commitment:
            found.append({"commitment": commitment, "seed": shown})
    return found
