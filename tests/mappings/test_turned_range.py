"""A range whose lower end is above its upper one is left out with a note: found by the fuzzer."""

from mappings import tables
from mappings.engine import Context


def test_a_turned_range_is_told_and_left_out() -> None:
    value = {"intervalPQ": {"low": "9", "high": "3", "unit": "g/L"}}
    analysis = {"code": {"originalText": "Hb"}, "result": {"value": value}}
    tree = {"body": {"groupOfAnalyses": {"analysis": analysis}}}
    context = Context("Patient/p", lambda kind, place: f"{kind}-{place}", "urn:x", "urn:x")
    mapped = tables.load("rivta/get_laboratory_order_outcome_4").map(tree, context)
    made = next(each for each in mapped.resources if each["resourceType"] == "Observation")
    assert "valueRange" not in made
    assert "turned-range" in {each.code for each in mapped.notes}
