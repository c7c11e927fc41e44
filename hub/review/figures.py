"""A month of accesses and of their review in numbers, for charts.

Source: HSLF-FS 2016:40 4 kap. Counted from the log's terms and the worklist; nothing is read of any
record. A day is a Swedish day.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, Select, func, select

from consent.law import SECTIONS
from consent.period import STOCKHOLM
from hub.audit.key_list import any_of
from hub.audit.kind import kinds_of, parts_of, record_keys
from hub.audit.term import Term
from hub.review.listing import DONE, SECOND
from hub.review.month import unexplained
from hub.review.sample import begins, following
from hub.store.instant import at_micros, micros
from hub.store.schema.audit import audit_term
from hub.store.schema.review import REVIEW_ITEM

HOUR = 3_600_000_000
AT_ONCE = 72 * HOUR
"""What a month is counted in: so few records that telling them apart takes no room on disk."""
EMERGENCY = frozenset({"SVOD 3:5", "SVOD 3:6"})
CITATIONS = frozenset(section.citation for section in SECTIONS)
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
    accesses, emergencies, grounds = _counted(connection, own, period)
    missing = _unexplained(connection, own, period)
    shares = tuple(
        (day, round(100 * missing[day] / accesses[day], 1) if accesses[day] else 0) for day in days
    )
    return Figures(
        tuple((day, accesses[day]) for day in days),
        tuple((day, emergencies[day]) for day in days),
        tuple(sorted(grounds.items(), key=lambda each: (-each[1], each[0]))),
        shares,
        _progress(connection, own, period),
    )


def _days(period: str) -> list[str]:
    first, after = begins(period).date(), begins(following(period)).date()
    return [(first + timedelta(days=n)).isoformat() for n in range((after - first).days)]


def _counted(
    connection: Connection, own: Sequence[str], period: str
) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Count accesses by day, emergencies by day and accesses by section, of each hour and kind."""
    kinds = record_keys(kinds_of(connection, own))
    accesses, emergencies, grounds = Counter[str](), Counter[str](), Counter[str]()
    first, after = micros(begins(period)), micros(begins(following(period)))
    for start in range(first, after, AT_ONCE):
        within = start, min(start + AT_ONCE, after)
        for row in connection.execute(_by_hour(connection, sorted(kinds), own, within)):
            day, cited = _day(int(row.hour) * HOUR), parts_of(kinds[row.term])[Term.GROUND]
            accesses[day] += row.records
            emergencies[day] += row.records if cited & EMERGENCY else 0
            grounds.update(dict.fromkeys(cited & CITATIONS, row.records))
    return accesses, emergencies, grounds


def _by_hour(
    connection: Connection, keys: Sequence[int], own: Sequence[str], within: tuple[int, int]
) -> Select[tuple[int, int, int]]:
    """Select the records of each hour and key; one that several may read counts once."""
    filed = audit_term.c
    start, end = within
    rows = select((filed.at // HOUR).label("hour"), filed.term).where(
        any_of(connection, filed.term, keys), filed.at >= start, filed.at < end
    )
    if len(own) > 1:  # its kind is the same, whoever reads it, and so is its time
        rows = rows.with_only_columns(
            (func.min(filed.at) // HOUR).label("hour"), func.min(filed.term).label("term")
        ).group_by(filed.leaf_index)
    each = rows.subquery()
    counted = select(each.c.hour, each.c.term, func.count().label("records"))
    return counted.group_by(each.c.hour, each.c.term)


def _unexplained(connection: Connection, own: Sequence[str], period: str) -> Counter[str]:
    hour = REVIEW_ITEM.c.at // HOUR
    rows = connection.execute(
        select(hour.label("hour"), REVIEW_ITEM.c.reasons, func.count().label("items"))
        .where(REVIEW_ITEM.c.organisation.in_(own), REVIEW_ITEM.c.period == period)
        .group_by(hour, REVIEW_ITEM.c.reasons)
    )
    missing = Counter[str]()
    for row in rows:
        if unexplained(row.reasons.split(",")):
            missing[_day(int(row.hour) * HOUR)] += row.items
    return missing


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
