"""Dates and times: Swedish local time in, FHIR dateTime, instant or date out.

Source: rivta.md §2.4; FHIR R4 date (YYYY, YYYY-MM, YYYY-MM-DD), dateTime, instant.
"""

from typing import TYPE_CHECKING

from mappings import local_time
from mappings.paths import Value, leaf
from mappings.transforms.registry import Transform, transform

if TYPE_CHECKING:
    from mappings.engine import Frame


def read(value: Value | None, frame: "Frame") -> local_time.Moment | None:
    """Return the moment a value means; what is odd about it becomes a note."""
    text = leaf(value)
    if text is None:
        return None
    moment = local_time.read(text)
    if moment is None:
        frame.note("not-a-time", "the value is not a date or a time and is left out")
    elif moment.problem is not None:
        frame.note(moment.problem, local_time.TEXTS[moment.problem])
    return moment


def make_period(
    start: local_time.Moment | None, end: local_time.Moment | None, frame: "Frame"
) -> dict[str, object] | None:
    """Return a Period; of one that ends before it starts (FHIR per-1), the start, with a note."""
    if start is not None and end is not None and start.start >= end.end:
        text = "the end is before the start; the start is shown, the stored document keeps the end"
        frame.note("turned-period", text)
        end = None
    ends = (("start", start), ("end", end))
    return {name: moment.fhir for name, moment in ends if moment is not None} or None


@transform("date_time")
def date_time() -> Transform:
    """A dateTime as precise as it was written, with the Swedish offset of that instant."""

    def convert(value: Value, frame: "Frame") -> object | None:
        moment = read(value, frame)
        return None if moment is None else moment.fhir

    return convert


@transform("instant")
def instant() -> Transform:
    """An instant; a value without a time of day gives none."""

    def convert(value: Value, frame: "Frame") -> object | None:
        moment = read(value, frame)
        if moment is not None and not moment.precise:
            frame.note("not-an-instant", "a time of day is needed here and the source gives none")
            return None
        return None if moment is None else moment.fhir

    return convert


@transform("date")
def date() -> Transform:
    """A date (or year, or year and month); a time of day is cut off."""

    def convert(value: Value, frame: "Frame") -> object | None:
        moment = read(value, frame)
        return None if moment is None else moment.fhir[:10]

    return convert


_STARTS = ("start", "low", "startOfTreatment")
_ENDS = ("end", "high", "endOfTreatment")


@transform("period", takes=(*_STARTS, *_ENDS))
def period() -> Transform:
    """A Period from start and end."""

    def convert(value: Value, frame: "Frame") -> object | None:
        if not isinstance(value, dict):
            return None
        start, end = (
            [moment for name in names if (moment := read(value.get(name), frame)) is not None]
            for names in (_STARTS, _ENDS)
        )
        return make_period(start[-1] if start else None, end[-1] if end else None, frame)

    return convert
