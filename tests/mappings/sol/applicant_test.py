"""Who applied: the person, a relative or representative of theirs, or somebody of the staff."""

from typing import Any

import pytest

from hub.fhir.check import check
from mappings import tables
from mappings.engine import Context

LINKS = {("relative", "R1"): [("relative", "RelatedPerson/r1")],
         ("representative", "G1"): [("representative", "RelatedPerson/g1")]}  # fmt: skip
RELATIVE, STAFF = {"type": "RelatedPerson"}, {"type": "Practitioner"}
CASES: list[tuple[dict[str, str], dict[str, Any] | None]] = [
    ({}, None),
    ({"applicant": "person"}, {"reference": "Patient/p1"}),
    ({"applicant": "relative"}, {**RELATIVE, "display": "Närstående"}),
    ({"applicant": "relative", "applicant_name": "Eva Ek"}, {**RELATIVE, "display": "Eva Ek"}),
    (
        {"applicant": "relative", "applicant_id": "R1", "applicant_name": "Eva Ek"},
        {"reference": "RelatedPerson/r1", **RELATIVE, "display": "Eva Ek"},
    ),
    (
        {"applicant": "representative", "applicant_id": "G1"},
        {"reference": "RelatedPerson/g1", **RELATIVE, "display": "Företrädare"},
    ),
    (
        {"applicant": "representative", "applicant_id": "G9"},
        {**RELATIVE, "display": "Företrädare"},
    ),
    ({"applicant": "staff", "applicant_name": "Ssk Mia"}, {**STAFF, "display": "Ssk Mia"}),
    ({"applicant": "staff", "applicant_id": "SE2-P1"}, {**STAFF, "display": "Personal"}),
    ({"applicant": "other", "applicant_name": "Grannen"}, {"display": "Grannen"}),
    ({"applicant_written": "Kurator"}, {"display": "Kurator"}),
]


@pytest.mark.parametrize(("said", "requester"), CASES)
def test_whoever_applied_is_the_requester(
    said: dict[str, str], requester: dict[str, Any] | None
) -> None:
    context = Context(
        patient="Patient/p1",
        mint=lambda kind, _place: kind,
        identifier_system="urn:test:system",
        source="urn:test:source",
        links=lambda kind, key: LINKS.get((kind, key), ()),
    )
    mapped = tables.load("sol/application").map({"id": "A", **said}, context)
    (made,) = mapped.resources
    assert (mapped.notes, mapped.unmapped) == ([], [])
    assert [each for each in check(made) if each.severity == "error"] == []
    found = made.get("requester")
    if found is not None:
        told = found.pop("identifier", None)
        assert (told is not None) == ("applicant_id" in said)
    assert found == requester
