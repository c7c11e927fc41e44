"""Dates in a profile's own forms: those of strptime, Swedish names, and counts since 1970.

    "%d/%m/%Y %H:%M"      16/02/2026 21:10
    "%d %B %Y"            16 februari 2026
    epoch_ms, epoch_s     1771200000000

ISO dates, and /Date(1771200000000)/ as .NET writes it, need no form.

Source: docs/decisions/0006-fitted-exports.md.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from mappings.local_time import STOCKHOLM, Moment, read

EPOCHS = {"epoch_ms": 1000, "epoch_s": 1}
_DOTNET = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")
_COUNT = re.compile(r"-?\d{1,15}")
_WORD = re.compile(r"[^\W\d_]+")
_SWEDISH = {
    **dict(zip(
        ("januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september",
         "oktober", "november", "december"),
        ("January", "February", "March", "April", "May", "June", "July", "August", "September",
         "October", "November", "December"), strict=True)),
    **dict(zip(
        ("mån", "tis", "ons", "tor", "tors", "fre", "lör", "sön", "okt", "måndag", "tisdag",
         "onsdag", "torsdag", "fredag", "lördag", "söndag"),
        ("Mon", "Tue", "Wed", "Thu", "Thu", "Fri", "Sat", "Sun", "Oct", "Monday", "Tuesday",
         "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True)),
}  # fmt: skip


@lru_cache(maxsize=16384)
def read_in(value: str, forms: tuple[str, ...], *, day: bool = False) -> Moment | None:
    """Return what a written date or time means in one of the forms, or in ISO form.

    `day`: a day is asked for, which systems count from midnight in Greenwich too.
    """
    text = value.strip()
    for form in forms:
        found = _counted(text, EPOCHS[form], day=day) if form in EPOCHS else _parsed(text, form)
        if found is not None:
            return found
    count = _DOTNET.fullmatch(text)
    return _counted(count[1], EPOCHS["epoch_ms"], day=day) if count else read(text)


def _parsed(text: str, form: str) -> Moment | None:
    named = text
    if "%b" in form or "%B" in form or "%a" in form or "%A" in form:
        named = _WORD.sub(lambda word: _SWEDISH.get(word[0].casefold(), word[0]), text)
    try:
        parsed = datetime.strptime(named, form)  # noqa: DTZ007  # local, as sources write
    except ValueError:
        return None
    if parsed.tzinfo is not None:
        return read(parsed.isoformat(timespec="seconds"))
    timed = "%H" in form or "%I" in form
    return read(f"{parsed:%Y-%m-%d %H:%M:%S}" if timed else f"{parsed:%Y-%m-%d}")


def _counted(text: str, per_second: int, *, day: bool) -> Moment | None:
    if _COUNT.fullmatch(text) is None:
        return None
    try:
        instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(text) / per_second)
    except OverflowError:
        return None
    if day and (instant.hour, instant.minute, instant.second) == (0, 0, 0):
        return read(f"{instant:%Y-%m-%d}")
    local = instant.astimezone(STOCKHOLM)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return read(f"{local:%Y-%m-%d}")  # a date that a system counts from its midnight
    return read(local.isoformat(timespec="seconds"))
