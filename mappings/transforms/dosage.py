"""Dosage: structured where FHIR can say the same thing, and always with a text that says it all.

An ordered maximum, a ramp or an unknown unit of time is told in the text only: a wrong timing is
worse than none.

Source: GetMedicationHistory 2.2 DosageType (rivta.md §4.4); FHIR R4 Dosage and Timing.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from mappings import local_time
from mappings.coverage import ALL
from mappings.paths import Value, child, children, leaf
from mappings.transforms.codes import codeable_concept
from mappings.transforms.quantities import TIME_UNITS, duration, make_quantity
from mappings.transforms.registry import Transform, transform
from mappings.transforms.text import clean, number

if TYPE_CHECKING:
    from mappings.engine import Frame

KINDS = (("setDosage", ""), ("maximumDosage", "högst "), ("conditionalDosage", "vid behov "))
_PER = re.compile(r"^(?:(?:ggr|gånger|gång|g)\s*)?(?:/|per\s+|om\s+)?", re.IGNORECASE)
_CONCEPT = codeable_concept()


@transform("dosage", takes=(ALL,))
def dosage() -> Transform:
    """Dosage elements from a DosageType, one for each form it has (or one with the text alone)."""

    def convert(value: Value, frame: "Frame") -> object | None:
        made = [each for each in _forms(value, frame) if each]
        lead = _lead(value)
        if not made:
            made = [{"text": lead}] if lead else []
        elif lead:
            for each in made:
                each["text"] = f"{lead}; {each['text']}" if each.get("text") else lead
        bounds = _bounds(child(value, "lengthOfTreatment"))
        if bounds is not None:
            for each in made:
                timing = each.setdefault("timing", {})
                if isinstance(timing, dict):
                    timing.setdefault("repeat", {}).update(bounds)
        return made or None

    return convert


@transform("dosage_text", takes=(ALL,))
def dosage_text() -> Transform:
    """The text of a DosageType: everything it says, in words."""
    whole = dosage()

    def convert(value: Value, frame: "Frame") -> object | None:
        made = whole(value, frame)
        if not isinstance(made, list):
            return None
        return " / ".join(str(each["text"]) for each in made if each.get("text")) or None

    return convert


def _lead(value: Value) -> str:
    unit = child(value, "unitDose")
    dose = leaf(unit, "originalText") or leaf(unit, "displayName") or leaf(unit, "code")
    length = child(value, "lengthOfTreatment")
    lasting = _interval(child(length, "treatmentInterval"))
    if lasting:
        most = leaf(length, "isMaximumTreatmentTime") == "true"
        lasting = f"behandlingstid {'högst ' if most else ''}{lasting}"
    parts = (
        leaf(value, "dosageInstruction"),
        leaf(value, "shortNotation"),
        f"enhet {dose}" if dose else None,
        lasting or None,
    )
    return clean("; ".join(part for part in parts if part))


def _bounds(length: Value | None) -> dict[str, object] | None:
    interval = child(length, "treatmentInterval")
    unit = leaf(interval, "unit")
    if (unit or "").lower() not in TIME_UNITS:
        return None
    low, high = number(leaf(interval, "low")), number(leaf(interval, "high"))
    if low is not None and high is not None and low > high:
        return None  # said in the text of the dosage; a range cannot be turned
    ends = {"low": low, "high": high}
    made = {end: duration(amount, unit) for end, amount in ends.items() if amount is not None}
    return {"boundsRange": made} if made else None


def _forms(value: Value, frame: "Frame") -> Iterable[dict[str, object]]:
    unit = _CONCEPT(child(value, "unitDose") or "", frame)
    unit_text = str(unit["text"]) if isinstance(unit, dict) and unit.get("text") else None
    for kind, label in KINDS:
        node = child(value, kind)
        condition = leaf(node, "conditionDescription")
        found = [*_timed(node, unit_text), *_told(node)]
        if condition and not found:
            found = [{}]
        for each in found:
            if condition:
                each["asNeededCodeableConcept"] = {"text": clean(condition)}
            said = each.get("text", "")
            words = f"{label}{f'({condition}) ' if condition else ''}{said}".strip()
            each["text"] = clean(words)
            if kind == "maximumDosage":
                yield {"text": each["text"]}
            else:
                yield each


def _timed(node: Value | None, unit: str | None) -> Iterable[dict[str, object]]:
    form = child(node, "frequencyDosage")
    if form is not None:
        times = child(form, "frequency")
        often = f"{leaf(times, 'value') or ''} gånger {leaf(times, 'unit') or ''}"
        text = " ".join(f"{_interval(child(form, 'dose'))} {often}".split())
        yield _dose(form, unit, text, _often(times))
    form = child(node, "periodDosage")
    if form is not None:
        every = child(form, "period")
        text = f"{_interval(child(form, 'dose'))} var {_quantity(every)}"
        yield _dose(form, unit, text, _every(every))
    form = child(node, "occasionDosage")
    for each in children(form, "administration"):
        every = child(form, "period")
        moment = local_time.read(leaf(each, "time") or "")
        clock = moment.fhir[11:19] if moment is not None and moment.precise else None
        day = leaf(each, "dayOfPeriod")
        text = f"{_interval(child(each, 'dose'))} per {_quantity(every)}"
        text += f", dag {day}" if day else ""
        text += f", kl. {clock[:5]}" if clock else ""
        repeat = _every(every)
        if repeat is not None and clock is not None and (day is None or day == "1"):
            repeat["timeOfDay"] = [clock]
        yield _dose(each, unit, text, None if day not in {None, "1"} else repeat)
    form = child(node, "singleDose")
    if form is not None:
        moment = local_time.read(leaf(form, "time") or "")
        text = f"{_interval(child(form, 'dose'))} en gång"
        made = _dose(form, unit, text + (f" {moment.fhir[:16]}" if moment else ""), None)
        if moment is not None:
            made["timing"] = {"event": [moment.fhir]}
        yield made


def _told(node: Value | None) -> Iterable[dict[str, object]]:
    ramp = child(node, "rampedDosage")
    if ramp is not None:
        step = f"{_quantity(child(ramp, 'doseStep'))} per {_quantity(child(ramp, 'timeStep'))}"
        ends = [
            " + ".join(str(form["text"]) for form in (*_timed(end, None), *_told(end)))
            for end in (child(ramp, "rampStart"), child(ramp, "rampEnd"))
        ]
        yield {"text": f"upptrappning eller nedtrappning {step}, från {ends[0]} till {ends[1]}"}
    free = leaf(child(node, "unstructuredDosageInformation"), "text")
    if free is not None:
        yield {"text": clean(free)}


def _dose(
    form: Value, unit: str | None, text: str, repeat: dict[str, object] | None
) -> dict[str, object]:
    made: dict[str, object] = {"text": clean(text.strip())}
    if repeat is not None:
        made["timing"] = {"repeat": repeat}
    dose = child(form, "dose")
    low, high = number(leaf(dose, "low")), number(leaf(dose, "high"))
    said = leaf(dose, "unit") or unit
    if low is not None and high is not None and low > high:
        # said in the text of the dosage; a range cannot be turned
        low = high = None
    if low is not None and (high is None or low == high):
        made["doseAndRate"] = [{"doseQuantity": make_quantity(low, said)}]
    elif low is not None or high is not None:
        ends = {"low": low, "high": high}
        made["doseAndRate"] = [
            {"doseRange": {k: make_quantity(v, said) for k, v in ends.items() if v is not None}}
        ]
    return made


MOST = 2**31 - 1  # FHIR's positiveInt; a larger number stands in the text of the dosage alone


def _often(times: Value | None) -> dict[str, object] | None:
    """Return the Timing.repeat of "3 /d"; None when the unit is no unit of time."""
    amount = number(leaf(times, "value"))
    unit = TIME_UNITS.get(_PER.sub("", (leaf(times, "unit") or "").strip()).lower())
    if amount is None or unit is None or not 1 <= amount <= MOST:
        return None
    if amount != int(amount):
        return None
    return {"frequency": int(amount), "period": Decimal(1), "periodUnit": unit}


def _every(period: Value | None) -> dict[str, object] | None:
    """Return the Timing.repeat of "every 2 d"; None when the unit is no unit of time."""
    amount = number(leaf(period, "value"))
    unit = TIME_UNITS.get((leaf(period, "unit") or "").lower())
    if amount is None or unit is None or amount <= 0:
        return None
    return {"frequency": 1, "period": amount, "periodUnit": unit}


def _interval(value: Value | None) -> str:
    low, high, unit = leaf(value, "low"), leaf(value, "high"), leaf(value, "unit")
    amount = low or high or ""
    if low and high and low != high:
        amount = f"{low}-{high}"
    return f"{amount} {unit}" if unit and amount else amount


def _quantity(value: Value | None) -> str:
    amount, unit = leaf(value, "value"), leaf(value, "unit")
    return " ".join(part for part in (amount, unit) if part)
