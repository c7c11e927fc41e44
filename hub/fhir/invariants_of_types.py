"""The invariants of the data types, each a small function by its key and type.

Source: FHIR R4 datatypes.html, by way of definitions/invariants.json, which says where each holds;
the keys are the specification's, the texts ours.
"""

from hub.fhir.invariant import Holds, Invariant, Json, any_of, in_order, missing, needs, not_both
from hub.fhir.ucum import SYSTEM as UCUM


def _unit(value: Json) -> bool:
    """The part that ages, counts, distances and durations share: a value has a code, in UCUM."""
    return ("code" in value or "value" not in value) and value.get("system", UCUM) == UCUM


def _age(value: Json, _root: Json) -> bool:
    return _unit(value) and value.get("value", 1) > 0


def _count(value: Json, _root: Json) -> bool:
    whole = "." not in str(value.get("value", 0))
    return _unit(value) and value.get("code", "1") == "1" and whole


def _range(value: Json, _root: Json) -> bool:
    low, high = value.get("low", {}), value.get("high", {})
    same = all(low.get(name) == high.get(name) for name in ("unit", "system", "code"))
    return not (same and "value" in low and "value" in high) or low["value"] <= high["value"]


def _ratio(value: Json, _root: Json) -> bool:
    both = ("numerator" in value) == ("denominator" in value)
    return both and ("numerator" in value or "extension" in value)


def _offset(value: Json, _root: Json) -> bool:
    when = value.get("when", ())
    return "offset" not in value or (
        bool(when) and not any(each in ("C", "CM", "CD", "CV") for each in when)
    )


def _trigger(value: Json, _root: Json) -> bool:
    kind = value.get("type", "")
    return (
        (kind != "named-event" or "name" in value)
        and (kind != "periodic" or not missing(value, "timing[x]"))
        and (not kind.startswith("data-") or "data" in value)
    )


def _not_negative(name: str) -> Holds:
    return lambda value, _root: bool(value.get(name, 0) >= 0)


OF_TYPES: dict[str, Invariant] = {
    key: Invariant(holds, remedy)
    for key, holds, remedy in (
        ("age-1 Age", _age, "an age is above 0 and has a UCUM code"),
        ("att-1 Attachment", needs("data", "contentType"), "data need a contentType"),
        ("cnt-3 Count", _count, "a count is a whole number with the UCUM code 1"),
        ("cpt-2 ContactPoint", needs("value", "system"), "a value needs a system"),
        ("dis-1 Distance", lambda value, _root: _unit(value), "a distance has a UCUM code"),
        (
            "drq-1 DataRequirement",
            lambda value, _root: ("path" in value) != ("searchParam" in value),
            "give path or searchParam, not both",
        ),
        (
            "drq-2 DataRequirement",
            lambda value, _root: ("path" in value) != ("searchParam" in value),
            "give path or searchParam, not both",
        ),
        (
            "drt-1 Duration",
            lambda value, _root: (
                "code" not in value or (value.get("system") == UCUM and "value" in value)
            ),
            "a code is UCUM's and has a value",
        ),
        (
            "exp-1 Expression",
            any_of("expression", "reference"),
            "expression or reference is needed",
        ),
        (
            "per-1 Period",
            lambda value, _root: in_order(value.get("start"), value.get("end")),
            "start is not after end",
        ),
        ("qty-3 Quantity", needs("code", "system"), "a code needs its system"),
        ("rat-1 Ratio", _ratio, "numerator and denominator stand together, or an extension alone"),
        ("rng-2 Range", _range, "low is not above high"),
        ("tim-1 Timing", needs("duration", "durationUnit"), "a duration needs a durationUnit"),
        ("tim-2 Timing", needs("period", "periodUnit"), "a period needs a periodUnit"),
        ("tim-4 Timing", _not_negative("duration"), "a duration is not negative"),
        ("tim-5 Timing", _not_negative("period"), "a period is not negative"),
        ("tim-6 Timing", needs("periodMax", "period"), "periodMax needs a period"),
        ("tim-7 Timing", needs("durationMax", "duration"), "durationMax needs a duration"),
        ("tim-8 Timing", needs("countMax", "count"), "countMax needs a count"),
        ("tim-9 Timing", _offset, "an offset needs a when, other than C, CM, CD and CV"),
        ("tim-10 Timing", not_both("timeOfDay", "when"), "give timeOfDay or when, not both"),
        ("trd-1 TriggerDefinition", not_both("data", "timing[x]"), "data or timing, not both"),
        ("trd-2 TriggerDefinition", needs("condition", "data"), "a condition needs data"),
        ("trd-3 TriggerDefinition", _trigger, "what the trigger's type needs is absent"),
        (
            "ext-1 Extension",
            lambda value, _root: ("extension" in value) != (not missing(value, "value[x]")),
            "give a value or extensions, not both",
        ),
    )
}
