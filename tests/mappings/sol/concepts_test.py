"""docs/sol-concepts.md holds: each key exists, goes to that resource, and each test is there."""

import re
from pathlib import Path
from typing import Any

import pytest

from mappings.source_concepts import CONCEPTS
from mappings.source_targets import targets_of
from tests.mappings.sol.tables_test import run

ROOT = Path(__file__).parents[3]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs/sol-concepts.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and "Profile keys" not in line
]
CODES = frozenset({"person.number", "person.century", "person.kind"})
"""They tell who the person is, and their normal form stands in the resource."""


def _keys(row: list[str]) -> list[str]:
    return [key.strip() for key in row[2].split(",")]


def _asks(table: str, field: str) -> bool:
    """Tell whether a table does one thing or another by what a field says."""
    folder = ROOT / "mappings"
    texts = [(folder / f"{name}.yaml").read_text("utf-8") for name in (table, "sol/_social_care")]
    return any(re.search(rf"path: /?{field}\b", text) for text in texts)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_row_says_what_the_code_does(row: list[str]) -> None:
    named = set(re.findall(r"\b[A-Z][a-z]+(?:[A-Z][a-z]+)*\b", row[1]))
    reached: set[str] = set()
    for key in _keys(row):
        concept, _, name = key.partition(".")
        group, _, field = name.rpartition("/")
        fields = CONCEPTS[concept].groups[group] if group else CONCEPTS[concept].fields
        assert field in fields, key
        tables = ["sol/note", "sol/health_note"] if concept == "note" else [f"sol/{concept}"]
        places = [place for table in tables for place in targets_of(table).get(name, [])]
        asked = any(_asks(table, field) for table in tables)
        assert places or asked or key in CODES, key
        reached |= {place.partition(".")[0] for place in places}
    assert named & (reached | {"Patient"}), (row[1], reached)
    assert (ROOT / row[3]).is_file()


def test_every_concept_has_its_row() -> None:
    assert {key.partition(".")[0] for row in ROWS for key in _keys(row)} == set(CONCEPTS)


SIP: dict[str, Any] = {
    "id": "7",
    "date": "2026-02-01",
    "lead": "SE2329999990-0001",
    "coordinator": "Eva Ek",
    "party": [{"organisation": "SE2329999990-0001", "role": "Region"}, {"name": "Dottern"}],
    "activity": [{"name": "Stöd i dusch", "organisation": "SE2329999999-1001", "goal": "g"}],
    "goal": [{"id": "g", "text": "Duscha tryggt."}],
}


@pytest.mark.parametrize(
    ("consent", "said"),
    [
        ({"consent": "true", "consented": "2026-01-30"}, "har samtyckt"),
        ({"consent": "false"}, "har inte samtyckt"),
        ({}, "saknas"),
    ],
)
def test_a_sip_says_who_does_what_who_leads_and_whether_there_is_consent(
    consent: dict[str, str], said: str
) -> None:
    plan, team, goal = run("sol/sip", SIP | consent)
    assert plan["category"][0]["coding"][0]["code"] == "SIP"
    (found,) = [each for each in plan["supportingInfo"] if each["type"] == "Consent"]
    assert said in found["display"]
    assert plan["author"]["identifier"]["value"] == "SE2329999990-0001"
    detail = plan["activity"][0]["detail"]
    assert detail["performer"][0]["identifier"]["value"] == "SE2329999999-1001"
    assert detail["goal"][0]["reference"] == f"Goal/{goal['id']}"
    assert plan["careTeam"][0]["reference"] == f"CareTeam/{team['id']}"
    assert [each["member"].get("display") for each in team["participant"]] == [
        None,
        "Dottern",
        "Eva Ek",
    ]


def test_a_place_is_a_location_within_its_period() -> None:
    (period,) = run("sol/care_period", {"id": "1", "place": "Linden", "from": "2026-01-01"})
    (place,) = period["contained"]
    assert (place["resourceType"], place["name"]) == ("Location", "Linden")
    (reference,) = [e["valueReference"] for e in period["extension"]]
    assert reference["reference"] == f"#{place['id']}"


def test_the_two_fixed_contacts_are_two_roles() -> None:
    contacts = [{"kind": f"fixed_{of}_contact", "name": of} for of in ("social", "health")]
    _, team = run("sol/person", {"name": "x", "contact": contacts})
    roles = [each["role"][0]["text"] for each in team["participant"]]
    assert roles == ["Fast omsorgskontakt", "Fast vårdkontakt"]


@pytest.mark.parametrize(
    ("kind", "section", "code"),
    [
        ("home_help", "SoL 8:1", "HTJ"),
        ("safety_alarm", "SoL 8:1", "HTJ"),
        ("special_housing", "SoL 8:4", "SÄBO"),
        ("daily_activities", "LSS 9", "LSS"),
        ("escort", "SoL 8:1", None),
    ],
)
def test_a_kind_has_the_national_exchanges_word(kind: str, section: str, code: str | None) -> None:
    tree = {"id": "1", "outcome": "granted", "section": section, "service": [{"type": kind}]}
    (order,) = run("sol/decision", tree)
    codes = [each["coding"][0] for each in order["category"]]
    found = [each["code"] for each in codes if each["system"].endswith("care-service-type")]
    assert found == ([code] if code else [])
