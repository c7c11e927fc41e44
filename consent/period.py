"""Periods as the law counts them: whole Swedish days, or from and to an instant.

Source: SVOD 3 kap. (relations and consents in force), PDL 4:5 (lifts for a while). A date without a
time is the whole day at both ends of a period; a time begins a period from that instant and ends it
at that instant. Times without an offset are Swedish local time.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open stretch of time, `start` <= t < `end`, of aware instants; None means no bound."""

    start: datetime | None = None
    end: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Tell whether `at` (aware) lies within."""
        return (self.start is None or self.start <= at) and (self.end is None or at < self.end)


ALWAYS = Period()


def instant(value: datetime | date) -> datetime:
    """Return the aware UTC instant of a time, or of the first moment of a date, in Sweden."""
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=STOCKHOLM)
    if value.tzinfo is None:
        value = value.replace(tzinfo=STOCKHOLM)
    return value.astimezone(UTC)


def period(start: datetime | date | None, end: datetime | date | None) -> Period:
    """Return the period that two written ends mean: a date as an end includes all of that day."""
    if end is not None and not isinstance(end, datetime):
        end = end + timedelta(days=1)
    return Period(
        None if start is None else instant(start),
        None if end is None else instant(end),
    )
