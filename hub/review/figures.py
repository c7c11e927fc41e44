"""A month of accesses and of their review in numbers, for charts.

Source: HSLF-FS 2016:40 4 kap. Counted from the log's terms and the worklist; nothing is read of any
record. A day is a Swedish day.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, Function, func, select

from consent.law import SECTIONS
from consent.period import STOCKHOLM
from hub.audit.term import Term, key
from hub.review.looking import DONE, SECOND
from hub.review.month import unexplained
from hub.review.sample import begins, following
from hub.store.instant import at_micros, micros
from hub.store.schema.audit import audit_term
from hub.store.schema.review import REVIEW_ITEM

HOUR = 3_600_000_000
EMERGENCY = ("SVOD 3:5", "SVOD 3:6")
MONTHS = 6
"""Of which the review's progress is shown."""

Bars = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """A month of the worklist: how many accesses, and how many of them are done."""

    period: str
    total: int
    done: int
    second: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Accesses and emergencies by day, accesses by ground, unexplained in percent by day."""

    accesses: Bars
    emergencies: Bars
    grounds: Bars
    unexplained: Bars
    progress: tuple[Progress, ...]


def figures(connection: Connection, organisations: frozenset[str], period: str) -> Figures:
    """Return the figures of what concerns some organisations in a month."""
    own = sorted(organisations)
    days = _days(period)
    accesses = _by_day(connection, _keys(own, Term.RECORD, ""), period)
    emergencies = _by_day(connection, _keys(own, Term.GROUND, *EMERGENCY), period)
    missing = _unexplained(connection, own, period)
    shares = tuple(
        (day, round(100 * missing[day] / accesses[day], 1) if accesses[day] else 0) for day in days
    )
    return Figures(
        tuple((day, accesses[day]) for day in days),
        tuple((day, emergencies[day]) for day in days),
        _by_ground(connection, own, period),
        shares,
        _progress(connection, own, period),
    )


def _days(period: str) -> list[str]:
    first, after = begins(period).date(), begins(following(period)).date()
    return [(first + timedelta(days=n)).isoformat() for n in range((after - first).days)]


def _by_day(connection: Connection, keys: Sequence[int], period: str) -> Counter[str]:
    """Count what is filed under any of the keys by day."""
    hour = audit_term.c.at // HOUR
    found: Counter[str] = Counter()
    query = select(hour, _counted(keys)).where(*_within(keys, period)).group_by(hour)
    for number, count in connection.execute(query):
        found[_day(int(number) * HOUR)] += count
    return found


def _by_ground(connection: Connection, own: Sequence[str], period: str) -> Bars:
    """Count each section's records; the index has a run of each, and there are few sections."""
    found = []
    for citation in sorted({section.citation for section in SECTIONS}):
        keys = _keys(own, Term.GROUND, citation)
        count = connection.scalar(select(_counted(keys)).where(*_within(keys, period)))
        found += [(citation, count)] if count else []
    return tuple(sorted(found, key=lambda each: (-each[1], each[0])))


def _keys(own: Sequence[str], term: Term, *values: str) -> list[int]:
    return [key(organisation, term, value) for organisation in own for value in values]


def _counted(keys: Sequence[int]) -> Function[int]:
    """A record may be filed under several keys, and then it is counted once."""
    return func.count(audit_term.c.leaf_index.distinct()) if len(keys) > 1 else func.count()


def _within(keys: Sequence[int], period: str) -> tuple[ColumnElement[bool], ...]:
    return (
        audit_term.c.term.in_(keys),
        audit_term.c.at >= micros(begins(period)),
        audit_term.c.at < micros(begins(following(period))),
    )


def _unexplained(connection: Connection, own: Sequence[str], period: str) -> Counter[str]:
    rows = connection.execute(
        select(REVIEW_ITEM.c.at, REVIEW_ITEM.c.reasons).where(
            REVIEW_ITEM.c.organisation.in_(own), REVIEW_ITEM.c.period == period
        )
    )
    return Counter(_day(row.at) for row in rows if unexplained(row.reasons.split(",")))


def _progress(connection: Connection, own: Sequence[str], period: str) -> tuple[Progress, ...]:
    periods = [following(period, -n) for n in range(MONTHS - 1, -1, -1)]
    rows = connection.execute(
        select(REVIEW_ITEM.c.period, REVIEW_ITEM.c.state, func.count())
        .where(REVIEW_ITEM.c.organisation.in_(own), REVIEW_ITEM.c.period.in_(periods))
        .group_by(REVIEW_ITEM.c.period, REVIEW_ITEM.c.state)
    )
    counts = {(each, state): count for each, state, count in rows}
    return tuple(
        Progress(
            each,
            sum(count for (month, _), count in counts.items() if month == each),
            counts.get((each, DONE), 0),
            counts.get((each, SECOND), 0),
        )
        for each in periods
    )


def _day(at: int) -> str:
    return at_micros(at).astimezone(STOCKHOLM).date().isoformat()
