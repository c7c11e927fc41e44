"""A message of each contract, odd cases among them, and what it becomes, checked by the models."""

from collections import Counter

import pytest
from rivta_support import assert_valid, map_part, parts, read, references, resources

from adapters.rivta.contracts import CONTRACTS

BECOMES = {
    "alert_hypersensitivity": {"Flag": 1, "AllergyIntolerance": 1},
    "alert_obsolete": {"Flag": 1},
    "functional_status": {"Observation": 2},
    "vaccination": {"Immunization": 2},
    "vaccination_note_only": {"Immunization": 1},
    "contact_2": {"Encounter": 1},
    "contact_3": {"Encounter": 1},
    "care_service_hsjv": {"CarePlan": 1},
    "care_service_htj": {"CarePlan": 1},
    "care_service_sabo": {"CarePlan": 1},
    "care_service_lss": {"CarePlan": 1},
    "care_service_svtj": {"CarePlan": 1},
    "referral": {
        "ServiceRequest": 1,
        "DiagnosticReport": 1,
        "Observation": 1,
        "DocumentReference": 1,
    },
    "laboratory_3": {"ServiceRequest": 1, "DiagnosticReport": 1, "Observation": 3},
    "laboratory_4": {"DiagnosticReport": 1, "Specimen": 2, "Observation": 5},
    "imaging": {
        "ServiceRequest": 1,
        "DiagnosticReport": 1,
        "ImagingStudy": 1,
        "DocumentReference": 1,
    },
    "ecg": {"DiagnosticReport": 1, "Observation": 1, "DocumentReference": 1},
    "maternity_2": {"Observation": 5},
    "maternity_3": {"Observation": 5},
    "observations": {"Observation": 3},
}


@pytest.mark.parametrize("name", BECOMES)
def test_a_message_becomes_these_resources_and_nothing_is_unmapped(name: str) -> None:
    mapped = [each for part in parts(name) for each in map_part(part)]
    made = [resource for each in mapped for resource in each.resources]
    assert Counter(each["resourceType"] for each in made) == BECOMES[name]
    assert [each.unmapped for each in mapped] == [[] for _ in mapped]
    ids = {f"{each['resourceType']}/{each['id']}" for each in made}
    for resource in made:
        assert_valid(resource)
        inside = {f"#{each['id']}" for each in resource.get("contained", [])}  # type: ignore[attr-defined]
        assert references(resource) <= ids | inside | {"Patient/p1"}


def test_every_contract_has_a_message_here() -> None:
    own = {
        read(name).contract for name in (*BECOMES, "note_2", "note_3", "diagnosis", "medication")
    }
    assert own | {read("care_plan_sip").contract} == {each.name for each in CONTRACTS}


@pytest.mark.parametrize(
    ("name", "regime", "service"),
    [
        ("care_service_hsjv", "HSL", None),
        ("care_service_htj", "SoL", "SoL 8:1"),
        ("care_service_sabo", "SoL", "SoL 8:4"),
        ("care_service_svtj", "SoL", "SoL 11:5 home_help"),
        ("care_service_lss", "LSS", "LSS 9"),
    ],
)
def test_a_care_service_says_under_which_act_it_is(
    name: str, regime: str, service: str | None
) -> None:
    header = parts(name)[0].records[0].header
    assert (header.regime, header.service) == (regime, service)


def test_each_observation_has_its_own_approval() -> None:
    records = parts("observations")[0].records
    assert [each.header.not_for_patient for each in records] == [False, True, False]
    assert [each.header.owner for each in records] == ["SE2329999990-0001"] * 3


def test_a_laboratory_answer_keeps_commas_limits_words_and_depth() -> None:
    found = [each for each in resources("laboratory_4") if each["resourceType"] == "Observation"]
    shown = [
        (str(each["valueQuantity"]["value"]), each["valueQuantity"].get("comparator"))
        for each in found
        if "valueQuantity" in each
    ]
    assert ("121.5", None) in shown
    assert ("5", "<") in shown
    assert "neg" in {each.get("valueString") for each in found}
    old = [each for each in resources("laboratory_3") if each["resourceType"] == "Observation"]
    assert [each.get("valueString") for each in old] == [None, None, "neg"]
    assert old[1]["valueQuantity"]["comparator"] == "<"


def test_statuses_say_what_the_source_says() -> None:
    def status(name: str, kind: str) -> str:
        return str(next(r for r in resources(name) if r["resourceType"] == kind)["status"])

    assert status("referral", "DiagnosticReport") == "preliminary"
    assert status("imaging", "DiagnosticReport") == "appended"
    assert status("imaging", "ImagingStudy") == "entered-in-error"
    assert status("laboratory_4", "DiagnosticReport") == "partial"
    assert status("contact_2", "Encounter") == "finished"
    assert status("contact_3", "Encounter") == "in-progress"
