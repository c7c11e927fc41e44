"""Searches by value set, by hierarchy and by list.

Source: FHIR R4 search.html#modifiers, #list.
"""

from typing import Any

import pytest

from tests.worlds.hub_world import (
    OTHER_REGION,
    REGION,
    WARD,
    WARD_DOCTOR,
    World,
    condition,
    documented,
)
from tests.worlds.usual import facts

ICD, ATC = "http://hl7.org/fhir/sid/icd-10", "http://www.whocc.no/atc"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
SETS = "http://hl7.org/fhir/ValueSet"
SEEN = documented(REGION, WARD)
GONE = documented(OTHER_REGION, "SE2329999980-1002", withdrawn=True)


def _coded(system: str, code: str) -> dict[str, Any]:
    return {"code": {"coding": [{"system": system, "code": code}]}}


def _list(person: str, number: str, *items: str) -> dict[str, Any]:
    return {
        "resourceType": "List",
        "id": number,
        "status": "current",
        "mode": "working",
        "subject": {"reference": f"Patient/{person}"},
        "entry": [{"item": {"reference": f"Condition/{each}"}} for each in items],
    }


@pytest.fixture
def filled(world: World) -> World:
    person = world.person()
    active = {"clinicalStatus": {"coding": [{"system": CLINICAL, "code": "active"}]}}
    other = {"clinicalStatus": {"coding": [{"system": "http://x.example", "code": "active"}]}}
    world.know(facts())
    world.hold(
        [
            (condition(person, "c1", **active, **_coded(ICD, "I48.0")), SEEN),
            (condition(person, "c2", **other, **_coded(ICD, "I48")), SEEN),
            (condition(person, "c3", **_coded(ICD, "I49.1")), SEEN),
            (condition(person, "c4", **_coded(ATC, "C03CA01")), SEEN),
            (_list(person, "l1", "c1", "c3"), SEEN),
            (_list(person, "l2", "c2"), GONE),
        ]
    )
    return world


FOUND = [
    (("clinical-status:in", f"{SETS}/condition-clinical"), "c1"),
    (("clinical-status:in", f"{SETS}/condition-clinical|4.0.1"), "c1"),
    (("clinical-status:not-in", f"{SETS}/condition-clinical"), "c2 c3 c4"),
    (("code:below", f"{ICD}|I48"), "c1 c2"),
    (("code:below", f"{ICD}|I48.0"), "c1"),
    (("code:above", f"{ICD}|I48.0"), "c1 c2"),
    (("code:below", f"{ATC}|C03C"), "c4"),
    (("code:above", f"{ATC}|C03C"), ""),
    (("_list", "l1"), "c1 c3"),
    (("_list", "l2"), ""),
    (("_list", "nothing"), ""),
]


@pytest.mark.parametrize(("asked", "expected"), FOUND, ids=range(len(FOUND)))
def test_what_is_found(filled: World, asked: tuple[str, str], expected: str) -> None:
    given = [("patient", filled.person()), asked, ("_sort", "_id")]
    reply = filled.get(WARD_DOCTOR, "/fhir/Condition", given)
    assert (reply.status, reply.ids) == (200, expected.split())


@pytest.mark.parametrize(
    "asked",
    [
        ("code:in", "http://x.example/ValueSet/mine"),
        ("code:not-in", "x"),
        ("code:below", "I48"),
        ("code:above", "http://snomed.info/sct|22298006"),
        ("code:below", f"{ICD}|%"),
    ],
)
def test_what_the_hub_cannot_know_is_said(filled: World, asked: tuple[str, str]) -> None:
    reply = filled.get(WARD_DOCTOR, "/fhir/Condition", [("patient", filled.person()), asked])
    assert (reply.status, reply.codes) == (400, ["search-parameter"])


@pytest.mark.parametrize("name", ["_text", "_content", "_filter", "_query"])
def test_what_is_not_built_is_refused_under_either_handling(filled: World, name: str) -> None:
    given = [("patient", filled.person()), (name, "x")]
    strict = filled.get(
        WARD_DOCTOR, "/fhir/Condition", given, headers={"Prefer": "handling=strict"}
    )
    lenient = filled.get(WARD_DOCTOR, "/fhir/Condition", given)
    for refused in (strict, lenient):  # left out, it would widen what is found
        assert (refused.status, refused.codes) == (400, ["not-built"])
