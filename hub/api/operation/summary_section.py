"""The sections of a patient summary, and what a line of each says.

Source: HL7 International Patient Summary, Composition; LOINC for the kinds of section. The titles
and sentences are ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

LOINC = "http://loinc.org"
EMPTY = "Inget som den här läsaren kan se."
MOST_IN_A_SECTION = 100
NAMED_BY = ("code", "medicationCodeableConcept", "vaccineCode", "category", "type")
DATED_BY = (
    "effectiveDateTime",
    "onsetDateTime",
    "recordedDate",
    "occurrenceDateTime",
    "performedDateTime",
    "authoredOn",
    "created",
    "issued",
)

Resource = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its LOINC code, its title, and the types that stand in it."""

    code: str
    title: str
    types: tuple[str, ...]


SECTIONS = (
    Section("10160-0", "Läkemedel", ("MedicationStatement", "MedicationRequest")),
    Section("48765-2", "Överkänsligheter", ("AllergyIntolerance",)),
    Section("11450-4", "Hälsoproblem", ("Condition",)),
    Section("11369-6", "Vaccinationer", ("Immunization",)),
    Section("47519-4", "Åtgärder", ("Procedure",)),
    Section("46264-8", "Medicintekniska produkter", ("Device",)),
    Section("30954-2", "Resultat", ("DiagnosticReport", "Observation")),
    Section("18776-5", "Planer", ("CarePlan",)),
    Section("104605-1", "Varningar", ("Flag",)),
)


def section(kind: Section, held: Sequence[tuple[str, Resource]], *, cut: bool) -> dict[str, Any]:
    """Return a section of what it holds, each by full URL; `cut` says that the oldest are left out.

    Without anything to hold it says that nothing can be seen, and not whether there is something.
    """
    coding = {"system": LOINC, "code": kind.code}
    made: dict[str, Any] = {"title": kind.title, "code": {"coding": [coding]}}
    if not held:
        reason = {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/list-empty-reason",
                    "code": "unavailable",
                }
            ],
            "text": EMPTY,
        }
        return {**made, "text": _narrative([EMPTY], "p"), "emptyReason": reason}
    lines = [line(resource) for _, resource in held]
    if cut:
        lines.append(f"Endast de {MOST_IN_A_SECTION} senaste står här.")
    entries = [{"reference": url} for url, _ in held]
    return {**made, "text": _narrative(lines, "li"), "entry": entries}


def line(resource: Resource) -> str:
    """Return what a resource comes to in a line: its name, its value and its date."""
    named = next((_concept(resource[name]) for name in NAMED_BY if name in resource), "")
    pointed = resource.get("medicationReference", {}).get("display", "")
    parts = [named or pointed or "utan benämning", _value(resource), _date(resource)]
    return ", ".join(part for part in parts if part)


def _concept(value: Any) -> str:  # noqa: ANN401 -- a concept, a list of them, or a code
    if isinstance(value, list):
        return _concept(value[0]) if value else ""
    if not isinstance(value, Mapping):
        return str(value)
    codings = value.get("coding", ())
    shown = (coding.get("display") or coding.get("code") for coding in codings)
    return str(value.get("text") or next(filter(None, shown), ""))


def _value(resource: Resource) -> str:
    quantity = resource.get("valueQuantity")
    if isinstance(quantity, Mapping) and "value" in quantity:
        unit = quantity.get("unit") or quantity.get("code", "")
        return f"{quantity.get('comparator', '')}{quantity['value']} {unit}".strip()
    if "valueCodeableConcept" in resource:
        return _concept(resource["valueCodeableConcept"])
    return str(resource.get("valueString", ""))


def _date(resource: Resource) -> str:
    return next((str(resource[name])[:10] for name in DATED_BY if name in resource), "")


def _narrative(lines: Sequence[str], tag: str) -> dict[str, str]:
    inner = "".join(f"<{tag}>{escape(_plain(each))}</{tag}>" for each in lines)
    whole = f"<ul>{inner}</ul>" if tag == "li" else inner
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">{whole}</div>'
    return {"status": "generated", "div": div}


def _plain(text: str) -> str:
    """Text without what XML cannot hold."""
    return "".join(each if each.isprintable() else " " for each in text)
