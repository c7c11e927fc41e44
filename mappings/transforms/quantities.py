"""Quantities, ranges and durations.

Source: rivta.md §2.4 (PQ is a number, or in lab a text with point or comma; unit may be empty).
"""

from decimal import Decimal
from typing import TYPE_CHECKING

from mappings.paths import Value, leaf
from mappings.transforms.registry import Transform, transform
from mappings.transforms.text import clean, number

if TYPE_CHECKING:
    from mappings.engine import Frame

UCUM = "http://unitsofmeasure.org"

# Units of time as sources write them; FHIR durations must be stated in UCUM.
TIME_UNITS = {
    **dict.fromkeys(("s", "sek", "sekund", "sekunder", "second", "seconds"), "s"),
    **dict.fromkeys(("min", "minut", "minuter", "minute", "minutes"), "min"),
    **dict.fromkeys(("h", "tim", "timme", "timmar", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "dag", "dagar", "dygn", "day", "days"), "d"),
    **dict.fromkeys(("wk", "v", "vecka", "veckor", "week", "weeks"), "wk"),
    **dict.fromkeys(("mo", "mån", "månad", "månader", "month", "months"), "mo"),
    **dict.fromkeys(("a", "år", "year", "years"), "a"),
}


TURNED = "the lower end of a range is above the upper; the range is left out"


def make_quantity(value: Decimal, unit: str | None) -> dict[str, object]:
    """Return a Quantity; without a unit when the source has none."""
    return {"value": value} if unit is None else {"value": value, "unit": clean(unit)}


def duration(value: Decimal, unit: str | None) -> dict[str, object]:
    """Return a Duration; in UCUM when the unit is a known unit of time."""
    made = make_quantity(value, unit)
    ucum = TIME_UNITS.get((unit or "").lower())
    if ucum is not None:
        made |= {"system": UCUM, "code": ucum}
    return made


@transform("quantity", takes=("", "value", "unit"))
def quantity(*, unit: str | None = None, as_duration: bool = False) -> Transform:
    """A Quantity from value and unit, or from a number alone with the unit that the table says."""
    make = duration if as_duration else make_quantity

    def convert(value: Value, frame: "Frame") -> object | None:
        simple = isinstance(value, str)
        amount = number(leaf(value) if simple else leaf(value, "value"))
        if amount is None:
            frame.note("not-a-number", "the amount is not a number and is left out")
            return None
        return make(amount, unit if simple else leaf(value, "unit") or unit)

    return convert


@transform("range", takes=("low", "high", "unit", "lowClosed", "highClosed"))
def range_() -> Transform:
    """A Range from low and high, whose limits belong to it."""

    def convert(value: Value, frame: "Frame") -> object | None:
        made: dict[str, object] = {}
        low, high = number(leaf(value, "low")), number(leaf(value, "high"))
        if low is not None and high is not None and low > high:
            frame.note("turned-range", TURNED)
            return None
        for end, amount in (("low", low), ("high", high)):
            if amount is not None:
                made[end] = make_quantity(amount, leaf(value, "unit"))
        return made or None

    return convert
