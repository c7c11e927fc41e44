"""The base profiles of HL7 Sweden are claimed where their rules hold, and nowhere else."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from adapters.rivta import ADAPTER
from hub.api.patient import patient
from hub.fhir.check import check
from mappings.base_profiles import CANONICAL, HSA_ID, ORGANISATION_NUMBER, PROFILE, conform
from mappings.engine import Context
from mappings.personal_identity import PERSONNUMMER, SAMORDNINGSNUMMER
from mappings.tables import load

MESSAGES = Path(__file__).parents[1] / "adapters" / "rivta" / "messages"
OURS = sorted(MESSAGES.glob("*.xml"))


def _mint(kind: str, place: str) -> str:
    return hashlib.sha256(f"{kind}|{place}".encode()).hexdigest()[:40]


def _made(kind: str, **elements: object) -> dict[str, Any]:
    resource: dict[str, Any] = {"resourceType": kind, **elements}
    conform(resource)
    return resource


@pytest.mark.parametrize("kind", PROFILE)
def test_what_holds_is_claimed(kind: str) -> None:
    made = _made(kind, identifier=[{"system": HSA_ID, "value": "SE1-1"}], meta={"source": "s"})
    assert made["meta"] == {"source": "s", "profile": [f"{CANONICAL}SEBase{kind}"]}


@pytest.mark.parametrize(
    ("kind", "elements"),
    [
        ("Patient", {"name": [{"text": "a"}, {"text": "b"}]}),
        ("Practitioner", {"name": [{"text": "a"}, {"text": "b"}]}),
        ("Patient", {"identifier": [{"system": PERSONNUMMER, "value": v} for v in "12"]}),
        ("Organization", {"identifier": [{"system": HSA_ID, "value": v} for v in "12"]}),
    ],
)
def test_what_does_not_hold_is_kept_without_the_claim(kind: str, elements: dict[str, Any]) -> None:
    made = _made(kind, **elements)
    assert "meta" not in made
    assert {name: len(made[name]) for name in elements} == dict.fromkeys(elements, 2)


def test_a_former_number_of_another_kind_breaks_nothing() -> None:
    systems = [{"system": each, "value": "1"} for each in (PERSONNUMMER, SAMORDNINGSNUMMER)]
    assert "profile" in _made("Patient", identifier=systems)["meta"]


@pytest.mark.parametrize(
    ("kind", "system", "code"),
    [
        ("Practitioner", HSA_ID, "PRN"),
        ("Organization", HSA_ID, "PRN"),
        ("Organization", ORGANISATION_NUMBER, "XX"),
    ],
)
def test_an_identifier_has_the_type_of_its_slice(kind: str, system: str, code: str) -> None:
    (identifier,) = _made(kind, identifier=[{"system": system, "value": "1"}])["identifier"]
    assert identifier["type"]["coding"][0]["code"] == code
    own = {"system": system, "value": "1", "type": {"text": "own"}}
    assert _made(kind, identifier=[own])["identifier"][0]["type"] == {"text": "own"}


def test_the_hubs_own_patient_claims_it() -> None:
    made = patient("p1", [{"system": PERSONNUMMER, "value": "1"}], [])
    assert made["meta"] == {"profile": [f"{CANONICAL}SEBasePatient"]}


def test_other_types_are_left_alone() -> None:
    assert _made("Condition", name="x") == {"resourceType": "Condition", "name": "x"}


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_people_and_organisations_within_documents_claim_them(path: Path) -> None:
    context = Context("Patient/p1", _mint, "urn:x", "urn:y")
    for part in ADAPTER.read(path.read_bytes(), path.name, None).parts():
        for record in part.records:
            for resource in load(record.table).map(record.body(), context).resources:
                inside: Any = resource.get("contained", ())
                for each in inside:
                    claimed = each.get("meta", {}).get("profile")
                    wanted = PROFILE.get(each["resourceType"])
                    assert claimed == (None if wanted is None else [wanted])
                assert [each for each in check(resource) if each.severity == "error"] == []
