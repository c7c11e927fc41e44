"""Swedish clock time where it is not one instant: the hour that comes twice in October.

Source: SVOD 3 kap., PDL 4:5; P5. What was written without an offset in the doubled hour is read so
that nobody sees more by it: what opens begins the second time and ends the first, what closes
begins the first time and ends the second. Where a time is told, it is said which of the two it is.
"""

from datetime import date, datetime, timedelta

from consent.period import STOCKHOLM, Period, period


def opening(start: date | None, end: date | None) -> Period:
    """Return the written period of what opens: a consent, a relation, a lift, an assignment."""
    return period(_second(start), end)


def closing(start: date | None, end: date | None) -> Period:
    """Return the written period of what closes: the information that a block covers."""
    return period(start, _second(end))


def days_later(at: datetime, days: timedelta) -> datetime:
    """Return the same time of day so many days later, or as many times 24 hours if that is later.

    A day has 23 or 25 hours when the clock is changed; either count is the days that were meant.
    """
    same_time = (at.astimezone(STOCKHOLM) + days).replace(fold=1)
    return max(at + days, same_time.astimezone(at.tzinfo))


def day(at: datetime) -> date:
    """Return the day that it is in Sweden at an instant."""
    return at.astimezone(STOCKHOLM).date()


def told(at: datetime, form: str) -> str:
    """Return an instant in Swedish time; in the doubled hour with which of the two it is."""
    local = at.astimezone(STOCKHOLM)
    which = (" vintertid" if local.fold else " sommartid") if _doubled(local) else ""
    return local.strftime(form) + which


def _second(written: date | None) -> date | None:
    if isinstance(written, datetime) and written.tzinfo is None and _doubled(written):
        return written.replace(fold=1)
    return written


def _doubled(local: datetime) -> bool:
    one, other = (local.replace(tzinfo=STOCKHOLM, fold=each).utcoffset() for each in (0, 1))
    return one is not None and other is not None and one > other
