"""Compact tables of FHIR R4 (4.0.1), made from HL7's definitions by make.py; facts, no prose.

elements.json           type → element → "min..max type|type ^required-value-set"; `@` names a part
                        of a type, `*` any type, ":" the type whose elements are inherited
value_sets.json         required value set → code system → codes
search_parameters.json  type → parameter → kind, expression, targets, components
"""

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

TYPES_IN_USE = (
    "AllergyIntolerance",
    "AuditEvent",
    "Binary",
    "Bundle",
    "CapabilityStatement",
    "CarePlan",
    "CareTeam",
    "ClinicalImpression",
    "Communication",
    "Composition",
    "Condition",
    "Consent",
    "Device",
    "DiagnosticReport",
    "DocumentReference",
    "Encounter",
    "EpisodeOfCare",
    "Flag",
    "Goal",
    "ImagingStudy",
    "Immunization",
    "List",
    "Location",
    "Medication",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "OperationOutcome",
    "Organization",
    "Parameters",
    "Patient",
    "Practitioner",
    "PractitionerRole",
    "Procedure",
    "Provenance",
    "QuestionnaireResponse",
    "RelatedPerson",
    "ServiceRequest",
    "Specimen",
    "Task",
)
"""The resource types that the hub stores, searches and answers with."""


@cache
def table(name: str) -> dict[str, Any]:
    """Return one of the tables as it lies on disk."""
    found: dict[str, Any] = msgspec.json.decode(
        (Path(__file__).parent / f"{name}.json").read_bytes()
    )
    return found
