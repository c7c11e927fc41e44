"""Intervals: as a Range, as a Quantity with a comparator, or as it was written.

Source: rivta.md §2.4, §4.9 (PQInterval). FHIR's Range holds its ends; an interval with an open end,
with ends that are turned or with words for an end is shown as text, so that it says no more than
the source does.
"""

from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from mappings.paths import Value, leaf
from mappings.transforms.quantities import make_quantity
from mappings.transforms.registry import Transform, transform
from mappings.transforms.text import clean, number

if TYPE_CHECKING:
    from mappings.engine import Frame

_OPEN = frozenset({"false", "0"})
_Ends: TypeAlias = tuple[Decimal | None, Decimal | None]


@transform("interval", takes=("low", "high", "unit", "lowClosed", "highClosed"))
def interval(*, shape: str) -> Transform:
    """An interval as a Range, as a Quantity where it has one end, or as the text of any other.

    A Range holds both its ends, and a Quantity its limit unless it is said that it does not.
    """
    if shape not in {"Range", "Quantity", "string"}:
        message = f"shape must be Range, Quantity or string, not {shape}"
        raise ValueError(message)

    def convert(value: Value, frame: "Frame") -> object | None:
        ends = _ends(value)
        if shape == "Range":
            return None if ends is None else _range(value, ends)
        if shape == "Quantity":
            return None if ends is None else _one_sided(value, ends)
        if ends is not None and (_range(value, ends) or _one_sided(value, ends)):
            return None
        return _text(value, ends, frame)

    return convert


def _range(value: Value, ends: _Ends) -> dict[str, object] | None:
    if ends[0] is None or ends[1] is None or ends[0] > ends[1] or _is_open(value):
        return None
    unit = leaf(value, "unit")
    return {"low": make_quantity(ends[0], unit), "high": make_quantity(ends[1], unit)}


def _is_open(value: Value) -> bool:
    return bool(_OPEN & {leaf(value, "lowClosed"), leaf(value, "highClosed")})


def _ends(value: Value) -> _Ends | None:
    """Return the ends; None when one is written that is no number."""
    written = leaf(value, "low"), leaf(value, "high")
    low, high = map(number, written)
    if (low is None and written[0] is not None) or (high is None and written[1] is not None):
        return None
    return low, high


def _one_sided(value: Value, ends: _Ends) -> dict[str, object] | None:
    low, high = ends
    unit = leaf(value, "unit")
    if low is not None and high is None:
        is_open = leaf(value, "lowClosed") in _OPEN
        return {"comparator": ">" if is_open else ">=", **make_quantity(low, unit)}
    if high is not None and low is None:
        is_open = leaf(value, "highClosed") in _OPEN
        return {"comparator": "<" if is_open else "<=", **make_quantity(high, unit)}
    return None


def _text(value: Value, ends: _Ends | None, frame: "Frame") -> str | None:
    written = [_end(value, "low", ">"), _end(value, "high", "<")]
    if written == [None, None]:
        return None
    if ends is None:
        frame.note("not-a-number", "an end of an interval is not a number; it is shown as text")
    elif None not in ends and not _is_open(value):
        text = "the lower end of an interval is above the upper; it is shown as text"
        frame.note("turned-range", text)
    text, unit = " - ".join(each or "" for each in written).strip(), leaf(value, "unit")
    return clean(f"{text} {unit}" if unit else text)


def _end(value: Value, name: str, sign: str) -> str | None:
    written = leaf(value, name)
    is_open = leaf(value, f"{name}Closed") in _OPEN
    return f"{sign}{written}" if is_open and number(written) is not None else written


@transform("bound", takes=("low", "high", "unit"))
def bound(*, end: str) -> Transform:
    """One end of an interval as a Quantity, with the interval's unit."""

    def convert(value: Value, frame: "Frame") -> object | None:
        written = leaf(value, end)
        if written is None:
            return None
        amount = number(written)
        if amount is None:
            frame.note("not-a-number", "the end of an interval is not a number and is left out")
            return None
        return make_quantity(amount, leaf(value, "unit"))

    return convert
