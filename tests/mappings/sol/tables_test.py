"""The tables for social care: every field of every concept has a place, and no is never a yes."""

from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from hub.fhir.check import check
from mappings import coverage, tables
from mappings.engine import Context
from mappings.source_concepts import CONCEPTS
from mappings.source_field import Kind

TABLES = {
    **{concept: [f"sol/{concept}"] for concept in CONCEPTS},
    "note": ["sol/note", "sol/health_note"],
}


def run(table: str, tree: dict[str, Any], *, nullified: bool = False) -> list[dict[str, Any]]:
    context = Context(
        patient="Patient/p1",
        mint=lambda resource_type, place: f"{resource_type}-{abs(hash(place))}"[:60],
        identifier_system="urn:test:system",
        source="urn:test:source",
        owner="SE2329999990-4001",
        nullified=nullified,
    )
    found: list[dict[str, Any]] = tables.load(table).map(tree, context).resources
    for resource in found:
        get_fhir_model_class(str(resource["resourceType"])).model_validate(resource)
        assert [each for each in check(resource) if each.severity == "error"] == []
    return found


@pytest.mark.parametrize("concept", CONCEPTS)
def test_every_field_of_a_concept_is_mapped_or_left_out(concept: str) -> None:
    fitted = CONCEPTS[concept]
    leaves = list(fitted.fields)
    leaves += [f"{name}/{field}" for name, fields in fitted.groups.items() for field in fields]
    times = [name for name, field in fitted.fields.items() if field.kind is Kind.TIME]
    leaves += [f"{name}_exact" for name in times]
    for name in TABLES[concept]:
        assert coverage.missing(tables.load(name).known, leaves) == []


DECISION: dict[str, Any] = {
    "id": "D",
    "date": "2026-01-09",
    "law": "11 kap. 1 § SoL",
    "section": "SoL 8:1",
    "reason": "Skäl.",
    "application": "A",
}
SERVICES: dict[str, Any] = {"service": [{"id": "S1", "type": "home_help"}, {"id": "S2"}]}


@pytest.mark.parametrize("services", [{}, SERVICES])
@pytest.mark.parametrize("section", ["SoL 8:1", "SoL 11:5 home_help", "LSS 9", None])
@pytest.mark.parametrize("outcome", [{"outcome": "refused"}, {"outcome_written": "kanske"}, {}])
def test_what_is_not_granted_is_never_an_order(
    outcome: dict[str, str], section: str | None, services: dict[str, Any]
) -> None:
    tree = {**DECISION, **outcome, **services}
    tree.pop("section")
    found = run("sol/decision", tree | ({"section": section} if section else {}))
    requests = [each for each in found if each["resourceType"] == "ServiceRequest"]
    untested = section == "SoL 11:5 home_help" and not outcome
    assert {each["intent"] for each in requests} == ({"plan"} if untested else set())
    tasks = [each for each in found if each["resourceType"] == "Task"]
    assert len(tasks) == (0 if untested else 1)
    for task in tasks:
        assert task["status"] == ("rejected" if "outcome" in outcome else "on-hold")
        assert task["intent"] == "proposal"
        assert task["focus"]["identifier"]["value"] == "A"


@pytest.mark.parametrize("services", [{}, SERVICES])
@pytest.mark.parametrize("outcome", ["granted", "partly"])
def test_what_is_granted_is_an_order_for_each_service(
    outcome: str, services: dict[str, Any]
) -> None:
    found = run("sol/decision", {**DECISION, **services, "outcome": outcome})
    assert [each["resourceType"] for each in found if each["resourceType"] == "Task"] == []
    orders = [each for each in found if each["resourceType"] == "ServiceRequest"]
    assert len(orders) == (2 if services else 1)
    assert {each["intent"] for each in orders} == {"order"}
    assert {each["requisition"]["value"] for each in orders} == {"D"}


@pytest.mark.parametrize("services", [{}, SERVICES])
def test_what_needs_no_test_is_planned_also_when_it_is_called_granted(
    services: dict[str, Any],
) -> None:
    tree = {**DECISION, **services, "section": "SoL 11:5 home_help", "outcome": "granted"}
    requests = [r for r in run("sol/decision", tree) if r["resourceType"] == "ServiceRequest"]
    assert len(requests) == (2 if services else 1)
    assert {each["intent"] for each in requests} == {"plan"}
    assert not any("requisition" in each for each in requests)


def test_text_stands_once() -> None:
    found = run("sol/decision", {**DECISION, **SERVICES, "outcome": "granted"})
    assert str(found).count("U2vDpGwu") == 1
    assert "Skäl" not in str(found)


TREES: dict[str, dict[str, Any]] = {
    "sol/application": {"id": "1", "text": "Hjälp."},
    "sol/decision": {**DECISION, **SERVICES, "outcome": "granted"},
    "sol/assignment": {"id": "1", "status": "accepted", "goal": [{"id": "2", "text": "Mål"}]},
    "sol/plan": {"id": "1", "status": "active", "goal": [{"id": "2", "text": "Mål"}]},
    "sol/note": {"id": "1", "text": "Text", "signed": "true"},
    "sol/health_note": {"id": "1", "text": "Text", "kva": "PD008"},
    "sol/follow_up": {"id": "1", "result": [{"icf": "d510", "result": "2", "target": "9"}]},
}


@pytest.mark.parametrize("table", TREES)
def test_what_was_struck_out_is_entered_in_error(table: str) -> None:
    for resource in run(table, TREES[table], nullified=True):
        status = resource.get("lifecycleStatus", resource.get("status"))
        # Goal.lifecycleStatus has the code too (R4).
        assert status == "entered-in-error"


def test_a_note_without_a_text_is_still_a_document() -> None:
    (note,) = run("sol/note", {"id": "1", "time": "2026-01-13"})
    assert note["content"] == [{"attachment": {"title": "Anteckning utan text"}}]
    assert "date" not in note
    assert note["context"]["period"]["start"] == "2026-01-13"


def test_a_deviation_is_tagged_and_only_that() -> None:
    (yes,) = run("sol/note", {"id": "1", "text": "x", "deviation": "true"})
    (no,) = run("sol/note", {"id": "1", "text": "x", "deviation": "false"})
    assert [each["code"] for each in yes["meta"]["tag"]] == ["deviation"]
    assert "tag" not in no["meta"]


def test_plan_follows_from_service_to_goal_by_references() -> None:
    plan, goal = run(
        "sol/plan",
        {
            "id": "GP",
            "date": "2026-01-21",
            "assignment": "UP",
            "participated": "true",
            "goal": [{"id": "DM", "part_of": "MA", "text": "Delmål"}],
            "activity": [
                {
                    "id": "AK",
                    "service": "IN",
                    "goal": "DM",
                    "ksi": "SMBRBZZ",
                    "name": "Stöd",
                    "days": ["tue", "fri"],
                    "time": ["MORN.late"],
                    "minutes": "40",
                    "when": "helst före frukost",
                    "responsible": "Ali",
                }
            ],
        },
    )
    detail = plan["activity"][0]["detail"]
    assert plan["category"][0]["coding"][0]["code"] == "GP"
    assert detail["goal"] == [{"reference": f"Goal/{goal['id']}"}] == plan["goal"]
    assert detail["scheduledTiming"]["repeat"]["durationUnit"] == "min"
    assert "scheduledString" not in detail
    assert "helst före frukost" in str(detail["extension"])
    assert plan["contributor"] == [{"reference": "Patient/p1"}]
    assert plan["supportingInfo"][0]["identifier"]["value"] == "UP"
    assert goal["extension"][0]["valueReference"]["identifier"]["value"] == "MA"
