"""What the fuzzer found: a range whose ends are turned, a frequency that no integer holds."""

from mappings import tables
from mappings.engine import Context
from mappings.transforms import dosage


def test_a_turned_range_is_told_and_shown_as_text() -> None:
    value = {"intervalPQ": {"low": "9", "high": "3", "unit": "g/L"}}
    analysis = {"code": {"originalText": "Hb"}, "result": {"value": value}}
    tree = {"body": {"groupOfAnalyses": {"analysis": analysis}}}
    context = Context("Patient/p", lambda kind, place: f"{kind}-{place}", "urn:x", "urn:x")
    mapped = tables.load("rivta/get_laboratory_order_outcome_4").map(tree, context)
    made = next(each for each in mapped.resources if each["resourceType"] == "Observation")
    assert "valueRange" not in made
    assert made["valueString"] == "9 - 3 g/L"
    assert "turned-range" in {each.code for each in mapped.notes}


def test_a_frequency_beyond_what_fhir_counts_stands_in_the_text_alone() -> None:
    often = {"value": "9" * 400, "unit": "/d"}
    assert dosage._often(often) is None
    assert dosage._often({"value": "3", "unit": "/d"}) is not None
