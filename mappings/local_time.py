"""Swedish local times as sources write them: a FHIR text and the span of instants they mean.

RIV-TA times are digits (YYYY to YYYYMMDDhhmmss) without a zone, Swedish time valid at that instant;
exports write ISO 8601, with or without an offset. The span is as wide as what was written.

Source: rivta.md §2.4 (DateType, TimeStampType, partial types) and §7.1; FHIR R4 dateTime.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")

AMBIGUOUS = "ambiguous-time"
IMPOSSIBLE = "impossible-time"

TEXTS = {
    AMBIGUOUS: "the time falls in the hour that is repeated in autumn; the first is taken",
    IMPOSSIBLE: "the time falls in the hour that is skipped in spring; the whole day is taken",
}

_DIGITS = re.compile(r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(\.\d+)?)?)?)?)?)?")
_ISO = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?"
    r"\s?(Z|[+-]\d\d:?\d\d)?)?)?)?"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A written time: as FHIR writes it, the instants it spans (half-open), and what is odd."""

    fhir: str
    start: datetime
    end: datetime
    precise: bool
    problem: str | None = None


@lru_cache(maxsize=16384)
def read(text: str) -> Moment | None:
    """Return what a written date or time means; None when it is no date that exists."""
    text = text.strip()
    match = _DIGITS.fullmatch(text) or _ISO.fullmatch(text)
    if match is None:
        return None
    offset = match[8] if match.re is _ISO else None
    try:
        return _moment([match[n] for n in range(1, 8)], offset)
    except (ValueError, OverflowError):
        return None


def _moment(parts: list[str | None], offset: str | None) -> Moment:
    year, month, day, hour, minute, second, fraction = parts
    if hour is None:
        start = datetime(int(year or 0), int(month or 1), int(day or 1), tzinfo=STOCKHOLM)
        text = "-".join(part for part in (year, month, day) if part)
        return Moment(text, _utc(start), _utc(_after(start, month, day)), precise=False)
    day_start = datetime(int(year or 0), int(month or 1), int(day or 1), tzinfo=STOCKHOLM)
    # Wall-clock arithmetic: an hour that is skipped in spring still comes out as it was written.
    start = day_start.replace(hour=int(hour), minute=int(minute or 0), second=int(second or 0))
    local = start.replace(tzinfo=None)
    step = timedelta(hours=1)
    if minute is not None:
        step = timedelta(minutes=1) if second is None else timedelta(seconds=1)
    if offset is not None:
        start = datetime.fromisoformat(f"{local.isoformat()}{offset.replace('Z', '+00:00')}")
        return _precise(start, step, fraction)
    if start.astimezone(UTC).astimezone(STOCKHOLM).replace(tzinfo=None) != local:
        return Moment(
            f"{local:%Y-%m-%d}",
            _utc(day_start),
            _utc(_after(day_start, month, day)),
            precise=False,
            problem=IMPOSSIBLE,
        )
    twice = start.utcoffset() != start.replace(fold=1).utcoffset()
    if (local.hour, local.minute, local.second) == (0, 0, 0) and second is not None:
        # Systems that know only the date send 000000: the span is the day, the text as written.
        exact = _precise(start, step, fraction)
        return Moment(exact.fhir, exact.start, _utc(_after(start, month, day)), precise=True)
    return _precise(start, step, fraction, AMBIGUOUS if twice else None)


def _precise(
    start: datetime, step: timedelta, fraction: str | None, problem: str | None = None
) -> Moment:
    text = start.isoformat(timespec="seconds")
    if fraction:
        text = text[:19] + fraction + text[19:]
    return Moment(text, _utc(start), _utc(start) + step, precise=True, problem=problem)


def _after(start: datetime, month: str | None, day: str | None) -> datetime:
    if month is None:
        return start.replace(year=start.year + 1)
    if day is None:
        return (start + timedelta(days=32)).replace(day=1)
    return start + timedelta(days=1)  # wall-clock arithmetic: the next Swedish midnight


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)
