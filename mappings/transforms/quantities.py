"""Quantities and durations.

Source: rivta.md §2.4 (PQ is a number, or in lab a text with point or comma; unit may be empty).
"""

import re
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


_COMPARED = re.compile(r"(<=|>=|<|>)\s*([+-]?\d+(?:[.,]\d+)?)")


def compared(written: str | None, unit: str | None) -> dict[str, object] | None:
    """Return a Quantity of an amount that may say less or more than it; None for other text."""
    amount = number(written)
    if amount is not None:
        return make_quantity(amount, unit)
    match = _COMPARED.fullmatch(written or "")
    amount = None if match is None else number(match[2])
    if match is None or amount is None:
        return None
    return {"comparator": match[1], **make_quantity(amount, unit)}


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


@transform("answer", takes=("value", "unit", "outcomeValue", "outcomeUnit"))
def answer(*, amount: str = "value", unit: str = "unit", words: bool = False) -> Transform:
    """A Quantity of an answer, such as 5,4 or <0.1; with `words`, the text of what is no number."""

    def convert(value: Value, _frame: "Frame") -> object | None:
        written, its_unit = leaf(value, amount), leaf(value, unit)
        made = compared(written, its_unit)
        if not words or made is not None or written is None:
            return None if words else made
        return clean(f"{written} {its_unit}" if its_unit else written)

    return convert
