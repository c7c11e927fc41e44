"""The invariants agree with the specification's own expressions, evaluated by another program."""

from collections.abc import Iterator
from typing import Any

import pytest

from hub.fhir.check import check
from hub.fhir.check_shape import INVARIANTS, shape
from hub.fhir.definitions import TYPES_IN_USE, table
from hub.fhir.invariants_of_resources import NOT_CHECKED
from hub.fhir.shape import resource_types
from tests.hub.fhir.filled import filled, filled_type
from tests.hub.fhir.invariant_oracle import NOT_COMPARED, compared_at, evaluated, inside


def test_every_invariant_is_checked_or_has_a_reason() -> None:
    assert set(table("invariants")) == set(INVARIANTS) | set(NOT_CHECKED)
    assert not set(INVARIANTS) & set(NOT_CHECKED)


def _samples() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for name in TYPES_IN_USE:
        for seed in range(40):
            resource = filled(name, seed, share=0.1 + 0.02 * seed)
            yield from ((at, each, resource) for at, each in inside(resource, shape(name)))
    rare = {key.split(" ")[1] for key in table("invariants")} - resource_types()
    for name in sorted(rare - {"DomainResource", "Narrative"}):
        for seed in range(40):
            value = filled_type(name, seed, share=0.5)
            yield from ((at, each, {}) for at, each in inside(value, shape(name)))


def test_invariants_agree_with_their_expressions() -> None:
    seen: dict[str, set[bool]] = {}
    for at, value, resource in _samples():
        for key in compared_at(at):
            found = evaluated(at, table("invariants")[key]["expression"], value, resource)
            ours = INVARIANTS[key].holds(value, resource)
            assert found in ([ours], []), (key, value)  # empty: nothing to say about it
            seen.setdefault(key, set()).add(ours)
    compared = set(INVARIANTS) - set(NOT_COMPARED)
    assert set(seen) == compared
    never_broken = {key for key in compared if seen[key] == {True}}
    assert never_broken - {key for key, _ in BROKEN} == set(), "each needs a case below"


UCUM = "http://unitsofmeasure.org"
TERMS = "http://terminology.hl7.org/CodeSystem/"
PATIENT = {"reference": "Patient/1"}
CONCEPT = {"text": "x"}


def _concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": TERMS + system, "code": code}]}


def _bundle(kind: str, *entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def _observation(**more: object) -> dict[str, Any]:
    code = {"coding": [{"system": "urn:oid:1", "code": "a"}]}
    return {"resourceType": "Observation", "status": "final", "code": code, **more}


def _condition(**more: object) -> dict[str, Any]:
    return {"resourceType": "Condition", "subject": PATIENT, **more}


def _dosage(**repeat: object) -> dict[str, Any]:
    return {
        "resourceType": "MedicationStatement",
        "status": "active",
        "medicationCodeableConcept": CONCEPT,
        "subject": PATIENT,
        "dosage": [{"timing": {"repeat": repeat}}],
    }


def _contained(**more: object) -> dict[str, Any]:
    inner = {"resourceType": "Patient", "id": "p", **more}
    return _observation(contained=[inner], subject={"reference": "#p"})


PLAIN = {"resource": {"resourceType": "Patient", "id": "a"}}
REQUEST = {"request": {"method": "GET", "url": "Patient/1"}}

BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("bdl-3 Bundle", _bundle("transaction", PLAIN)),
    ("bdl-3 Bundle", _bundle("collection", {**PLAIN, **REQUEST})),
    ("bdl-4 Bundle", _bundle("batch-response", PLAIN)),
    ("bdl-4 Bundle", _bundle("collection", {**PLAIN, "response": {"status": "200"}})),
    ("bdl-8 Bundle", _bundle("collection", {**PLAIN, "fullUrl": "http://x/Patient/a/_history/1"})),
    ("con-2 Condition", _condition(evidence=[{"extension": [
        {"url": "http://x.example/a", "valueCode": "x"}]}])),
    ("con-3 Condition", _condition(category=[_concept("condition-category", "problem-list-item")])),
    ("cpb-9 CapabilityStatement", {
        "resourceType": "CapabilityStatement", "status": "active", "date": "2024",
        "kind": "requirements", "fhirVersion": "4.0.1", "format": ["json"], "description": "x",
        "rest": [{"mode": "server", "resource": [{"type": "Patient"}, {"type": "Patient"}]}]}),
    ("ctm-1 CareTeam", {"resourceType": "CareTeam", "participant": [
        {"member": PATIENT, "onBehalfOf": {"reference": "Organization/1"}}]}),
    ("dom-2 DomainResource", _contained(contained=[
        {"resourceType": "Basic", "id": "q", "code": CONCEPT, "subject": {"reference": "#"}}])),
    ("dom-3 DomainResource", _observation(contained=[{"resourceType": "Patient", "id": "p"}])),
    ("dom-4 DomainResource", _contained(meta={"versionId": "1"})),
    ("dom-5 DomainResource", _contained(meta={"security": [{"code": "R"}]})),
    ("gol-1 Goal", {
        "resourceType": "Goal", "lifecycleStatus": "active", "description": CONCEPT,
        "subject": PATIENT, "target": [{"detailString": "x"}]}),
    ("org-2 Organization", {
        "resourceType": "Organization", "name": "x", "address": [{"use": "home", "city": "x"}]}),
    ("inv-1 Task", {"resourceType": "Task", "status": "draft", "intent": "order",
                    "authoredOn": "2024-03", "lastModified": "2024-02"}),
    ("mdd-1 MedicationDispense", {
        "resourceType": "MedicationDispense", "status": "completed",
        "medicationCodeableConcept": CONCEPT,
        "whenPrepared": "2024-03-02", "whenHandedOver": "2024-03-01T10:00:00Z"}),
    ("obs-7 Observation", _observation(valueString="x", component=[
        {"code": {"coding": [{"system": "urn:oid:1", "code": "a", "display": "A"}]}}])),
    ("per-1 Period", _observation(effectivePeriod={"start": "2025", "end": "2024-12-31"})),
    ("rng-2 Range", _observation(valueRange={"low": {"value": 2}, "high": {"value": 1}})),
    ("tim-9 Timing", _dosage(offset=1)),
    ("tim-9 Timing", _dosage(offset=1, when=["C"])),
]  # fmt: skip


@pytest.mark.parametrize(("key", "resource"), BROKEN, ids=range(len(BROKEN)))
def test_a_broken_invariant_is_named(key: str, resource: dict[str, Any]) -> None:
    assert {issue.rule for issue in check(resource) if issue.code == "invariant"} == {
        key.split(" ", maxsplit=1)[0]
    }


HELD = [
    _observation(effectivePeriod={"start": "2024-06", "end": "2024"}),
    _observation(valueRange={"low": {"value": 2, "unit": "g"}, "high": {"value": 1, "unit": "kg"}}),
    _observation(valueString="x", component=[{"code": {"coding": [{"display": "A"}]}}]),
    _dosage(offset=1, when=["ACM"]),
    _contained(),
    _condition(abatementDateTime="2024", clinicalStatus=_concept("condition-clinical", "resolved")),
    _bundle("history", {**PLAIN, **REQUEST, "response": {"status": "200"}}),
    {
        "resourceType": "CareTeam",
        "participant": [
            {"member": {"reference": "Practitioner/1"}, "onBehalfOf": {"display": "x"}},
            {"member": {"display": "x"}, "onBehalfOf": {"display": "x"}},
        ],
    },
]


@pytest.mark.parametrize("resource", HELD, ids=range(len(HELD)))
def test_what_does_not_break_an_invariant_passes(resource: dict[str, Any]) -> None:
    assert check(resource) == []


def test_a_warning_is_no_error() -> None:
    problem = _condition(category=[_concept("condition-category", "problem-list-item")])
    assert [issue.severity for issue in check(problem)] == ["warning"]
