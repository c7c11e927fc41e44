"""The span of time that a FHIR date means, as half-open microseconds since 1970.

Source: FHIR R4 search.html#date and datatypes.html#dateTime. "2024-03" is the whole month, a time
to the second is one second. What is written without a zone is Swedish time, as the law counts days.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from consent.period import STOCKHOLM

Span = tuple[int, int]
BEGINNING, END = -(1 << 62), 1 << 62
"""The ends of an open period: before and after everything."""

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_EPOCH = date(1970, 1, 1).toordinal()
_WRITTEN = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:T(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{1,20}))?)?"
    r"(?P<zone>Z|[+-]\d\d:\d\d)?)?)?)?",
    re.ASCII,
)


@lru_cache(maxsize=4096)
def span(text: str) -> Span:
    """Return the span of a date, a dateTime or an instant; ValueError when it is none."""
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise ValueError("not a FHIR date")
    part = match.groupdict()
    first, last = _days(part["year"], part["month"], part["day"])
    if part["hour"] is None:
        return _swedish(first), _swedish(last)
    start, width = _clock(part)
    zone = part["zone"]
    base = _swedish_clock(first, start) if zone is None else _at(first) + start - _offset(zone)
    return base, base + width


def microseconds(moment: datetime) -> int:
    """Return an aware instant as microseconds since 1970."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _days(year: str, month: str | None, day: str | None) -> tuple[int, int]:
    """The first day and the day after the last, as ordinals."""
    first = date(int(year), int(month or 1), int(day or 1)).toordinal()
    if day is not None:
        return first, first + 1
    if month is None:
        return first, date(int(year), 12, 31).toordinal() + 1
    if month == "12":
        return first, first + 31
    return first, date(int(year), int(month) + 1, 1).toordinal()


def _clock(part: dict[str, str | None]) -> Span:
    hour, minute = int(part["hour"] or 0), int(part["minute"] or 0)
    second = int(part["second"] or 0)
    if hour > 23 or minute > 59 or second > 60:  # noqa: PLR2004 -- 60 is a leap second
        raise ValueError("not a time of day")
    start = ((hour * 60 + minute) * 60 + second) * _SECOND
    if part["second"] is None:
        return start, 60 * _SECOND
    fraction = part["fraction"]
    if fraction is None:
        return start, _SECOND
    digits = fraction[:6]
    return start + int(digits.ljust(6, "0")), 10 ** (6 - len(digits))


def _offset(zone: str) -> int:
    if zone == "Z":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[4:])
    if hours > 14 or minutes > 59:  # noqa: PLR2004 -- the widest offset that is in use
        raise ValueError("not a zone")
    return (1 if zone[0] == "+" else -1) * (hours * 60 + minutes) * 60 * _SECOND


def _at(day: int) -> int:
    return (day - _EPOCH) * _DAY


def _swedish(day: int) -> int:
    return _swedish_clock(day, 0)


def _swedish_clock(day: int, start: int) -> int:
    # Ordinals, because the day after 9999-12-31 is none that datetime can hold.
    known = datetime.combine(date.fromordinal(min(day, date.max.toordinal())), datetime.min.time())
    offset = STOCKHOLM.utcoffset(known + timedelta(microseconds=min(start, _DAY - 1)))
    return _at(day) + start - (offset or timedelta()) // timedelta(microseconds=1)
