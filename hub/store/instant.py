"""Instants as the store's fact tables keep them: whole microseconds since 1970 in UTC.

Source: DESIGN §4. Both databases compare integers alike, and nothing of a Python instant is lost.
"""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """Return the microseconds of an aware instant."""
    return (at - _EPOCH) // _MICROSECOND


def micros_or_none(at: datetime | None) -> int | None:
    """Return the microseconds of an instant, or None where there is none."""
    return None if at is None else micros(at)


def at_micros(value: int) -> datetime:
    """Return the aware UTC instant of so many microseconds."""
    return _EPOCH + value * _MICROSECOND
