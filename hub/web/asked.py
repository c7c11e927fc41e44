"""What the search form asks for, read into what the log is searched for.

Source: hub/api/audit_event/log_query.py, whose parameters these are; two
dates bound a period in Swedish days.
"""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from consent.period import STOCKHOLM
from hub.api.audit_event.log_query import wanted
from hub.api.call import Call
from hub.audit.search import Wanted
from hub.errors import BadRequest
from hub.store.instant import micros

NAMES = (
    *("patient", "agent", "organisation", "unit", "entity", "action", "outcome"),
    *("purpose", "section", "flag"),
)
FROM, TO = "fran", "till"


def parameters(call: Call) -> list[tuple[str, str]]:
    """Return what was filled in, in a fixed order."""
    given = ((name, next(iter(call.values(name)), "").strip()) for name in (*NAMES, FROM, TO))
    return [(name, value) for name, value in given if value]


def address(call: Call, **more: str) -> str:
    """Return the query of an address that asks the same, and more."""
    return urlencode([*parameters(call), *more.items()])


def sought(call: Call, persons: list[str]) -> Wanted:
    """Return what is searched for; `persons` are the keys of whom `patient` names.

    Raises:
        BadRequest: something cannot be understood.
    """
    given = tuple((name, value) for name, value in parameters(call) if name in NAMES)
    found = wanted(call.asking(given), persons)
    start, end = day(call, FROM), day(call, TO)
    return replace(
        found,
        start=None if start is None else micros(midnight(start)),
        end=None if end is None else micros(midnight(end + timedelta(days=1))),
    )


def day(call: Call, name: str) -> date | None:
    """Return a day that was filled in, None for none.

    Raises:
        BadRequest: it is no day.
    """
    given = next(iter(call.values(name)), "").strip()
    if not given:
        return None
    try:
        found = date.fromisoformat(given)
    except ValueError:
        raise BadRequest(f"{name} is no date", code="bad-value") from None
    if not 1970 <= found.year <= 9998:  # noqa: PLR2004  # what the calendar of both databases holds
        raise BadRequest(f"{name} is no date", code="bad-value")
    return found


def midnight(of: date) -> datetime:
    """Return when a Swedish day begins."""
    return datetime.combine(of, time(), STOCKHOLM)
