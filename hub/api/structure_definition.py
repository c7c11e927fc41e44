"""StructureDefinition: the profiles of what the hub makes itself, as FHIR describes them.

Source: FHIR R4 structuredefinition.html, profiling.html; docs/consents.md. They say nothing about
any person and need no consent. Each is a differential: what the base leaves open and the hub says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.api.call import Answer, Call
from hub.api.described import read_described, search_described

BASE = "https://samvy.se/fhir/StructureDefinition"
CONSENT_CODES = "https://samvy.se/fhir/CodeSystem/consent"
LIFT_CODES = "https://samvy.se/fhir/CodeSystem/lift-request"


@dataclass(frozen=True, slots=True)
class Element:
    """What a profile says of one element: how often, what it is fixed to, and what it means."""

    path: str
    least: int
    most: str
    says: str
    fixed: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile of one base type."""

    id: str
    title: str
    type: str
    elements: Sequence[Element]
    context: str | None = None
    """Of an extension: the element that it extends."""


def _coded(path: str, system: str, code: str, says: str) -> Element:
    pattern = {"patternCodeableConcept": {"coding": [{"system": system, "code": code}]}}
    return Element(path, 1, "1", says, pattern)


def _consent(name: str, title: str, organisations: str, *more: Element) -> Profile:
    return Profile(
        name,
        title,
        "Consent",
        (
            Element("Consent.identifier", 0, "1", "the name that operations know it by; the hub's"),
            Element(
                "Consent.status", 1, "1", "active; inactive: ended; entered-in-error: a mistake"
            ),
            Element("Consent.patient", 1, "1", "the person who has said so"),
            Element("Consent.dateTime", 0, "1", "when it was said, or recorded; the hub's"),
            Element("Consent.organization", 1, organisations, "whose reading or data it is about"),
            _coded("Consent.policyRule", CONSENT_CODES, name, "what kind it is"),
            *more,
        ),
    )


def _extension(name: str, title: str, context: str) -> Profile:
    url = {"fixedUri": f"{BASE}/{name}"}
    return Profile(
        name,
        title,
        "Extension",
        (
            Element("Extension.url", 1, "1", "which extension it is", url),
            Element("Extension.value[x]", 1, "1", "in words", {"type": [{"code": "string"}]}),
        ),
        context,
    )


PROFILES = (
    _consent(
        "samtycke",
        "The person's answer to whether an organisation may read (SVOD 3:1, 3:2)",
        "1",
        Element("Consent.provision.type", 1, "1", "permit for a yes, deny for a no"),
        Element("Consent.provision.period", 0, "1", "when it counts; a yes has an end"),
        Element("Consent.provision.actor", 1, "3", "the organisation, a unit, one person of it"),
    ),
    _consent(
        "yttre-sparr",
        "A block towards other organisations (SVOD 2:3)",
        "2",
        Element("Consent.provision.type", 1, "1", "always deny", {"fixedCode": "deny"}),
        Element("Consent.provision.dataPeriod", 0, "1", "which time the information is from"),
        Element("Consent.provision.provision", 0, "1", "types of information that stay open"),
    ),
    _consent(
        "inre-sparr",
        "A block around a unit or a process of a vårdgivare (PDL 4:4)",
        "2",
        Element("Consent.provision.type", 1, "1", "always deny", {"fixedCode": "deny"}),
        Element("Consent.provision.dataPeriod", 0, "1", "which time the information is from"),
        Element("Consent.provision.provision", 0, "1", "types of information that stay open"),
        Element("Consent.provision.extension", 0, "1", f"the process: {BASE}/care-process"),
    ),
    Profile(
        "lift-request",
        "A request to lift a block in an emergency (SVOD 3:5, PDL 4:5)",
        "Task",
        (
            _coded("Task.code", LIFT_CODES, "lift-request", "what is asked for"),
            Element("Task.for", 1, "1", "the person whose block it is"),
            Element("Task.requester", 1, "1", "the vårdgivare that asks"),
            Element("Task.owner", 1, "1", "the vårdgivare that has blocked, and answers"),
            Element("Task.reasonCode", 1, "1", "why, in the asker's own words"),
            Element("Task.restriction.period", 1, "1", "its end is when it is escalated"),
            Element("Task.output", 0, "1", "when the block stands again"),
        ),
    ),
    _extension(
        "care-process",
        "The process of a vårdgivare that an inner block is around (PDL 4:4)",
        "Consent.provision",
    ),
    _extension(
        "status-reason",
        "What the mistake was, where a block is taken away as one (entered-in-error)",
        "Consent",
    ),
)


def definition(profile: Profile) -> dict[str, Any]:
    """Return a profile as a StructureDefinition."""
    return {
        "resourceType": "StructureDefinition",
        "id": profile.id,
        "url": f"{BASE}/{profile.id}",
        "name": profile.id.title().replace("-", ""),
        "title": profile.title,
        "status": "active",
        "fhirVersion": "4.0.1",
        "kind": "complex-type" if profile.context else "resource",
        "abstract": False,
        **(
            {"context": [{"type": "element", "expression": profile.context}]}
            if profile.context
            else {}
        ),
        "type": profile.type,
        "baseDefinition": f"http://hl7.org/fhir/StructureDefinition/{profile.type}",
        "derivation": "constraint",
        "differential": {
            "element": [
                {
                    "id": each.path,
                    "path": each.path,
                    "short": each.says,
                    "min": each.least,
                    "max": each.most,
                    **(each.fixed or {}),
                }
                for each in profile.elements
            ]
        },
    }


def read_profile(number: str) -> Answer:
    """Return one profile.

    Raises:
        NotFound: there is none of that id.
    """
    return read_described(map(definition, PROFILES), number)


def search_profiles(call: Call) -> Answer:
    """Return every profile that has the url, type or id asked for."""
    return search_described(call, "StructureDefinition", map(definition, PROFILES), ("url", "type"))
