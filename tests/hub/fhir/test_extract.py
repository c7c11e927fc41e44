"""What the index holds of a resource, and how texts, times and units are made comparable."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.fhir.extract import HIGHEST, LOWEST, index_rows
from hub.fhir.index_rows import IndexRows
from hub.fhir.index_text import MAX_KEY, key, normalised
from hub.fhir.time_span import BEGINNING, END, span
from hub.fhir.ucum import canonical

UCUM = "http://unitsofmeasure.org"


def _rows(resource_type: str, **more: object) -> IndexRows:
    return index_rows({"resourceType": resource_type, "id": "a", **more})


def _of(rows: list[Any], param: str) -> list[tuple[Any, ...]]:
    return [tuple(row[1:]) for row in rows if row[0] == param]


def _at(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


SPANS = [
    ("2024", "2024-01-01T00:00:00+01:00", "2025-01-01T00:00:00+01:00"),
    ("2024-02", "2024-02-01T00:00:00+01:00", "2024-03-01T00:00:00+01:00"),
    ("2024-12", "2024-12-01T00:00:00+01:00", "2025-01-01T00:00:00+01:00"),
    ("2024-03-31", "2024-03-31T00:00:00+01:00", "2024-04-01T00:00:00+02:00"),  # 23 hours
    ("2024-07-01", "2024-07-01T00:00:00+02:00", "2024-07-02T00:00:00+02:00"),
    ("2024-07-01T10:00", "2024-07-01T08:00:00+00:00", "2024-07-01T08:01:00+00:00"),
    ("2024-07-01T10:00:05Z", "2024-07-01T10:00:05+00:00", "2024-07-01T10:00:06+00:00"),
    ("2024-07-01T10:00:05.25-05:00", "2024-07-01T15:00:05.25+00:00",
     "2024-07-01T15:00:05.26+00:00"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "low", "high"), SPANS)
def test_a_date_is_the_span_that_its_precision_leaves_open(text: str, low: str, high: str) -> None:
    assert span(text) == (_at(low), _at(high))


def test_the_ends_of_time_have_spans() -> None:
    assert span("0001")[0] < span("9999")[0] < span("9999")[1] < END
    assert span("0001-01-01T00:00:00+14:00")[0] > BEGINNING
    leap = span("2016-12-31T23:59:60Z")
    assert leap[0] == int(datetime(2017, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    "text", ["", "24", "2024-13", "2023-02-29", "2024-01-01T25:00", "x", "0000"]
)
def test_what_is_no_date_has_no_span(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a|out of range|must be in|month"):
        span(text)


UNITS = [
    ("mg/dL", "g/L", 0.01),
    ("mm[Hg]", "kPa", 0.133322),
    ("/min", "{slag}/min", 1),
    ("umol/L", "mmol/L", 0.001),
    ("10*9/L", "10*12/L", 0.001),
    ("wk", "d", 7),
    ("%", "1", 0.01),
    ("kg/m2", "g/cm2", 0.1),
    ("ukat/L", "U/L", 60),
    ("mL/min/{1.73_m2}", "L/h", 0.06),
    ("m.s-1", "km/h", 3.6),
]


@pytest.mark.parametrize(("one", "other", "factor"), UNITS)
def test_units_of_one_dimension_compare(one: str, other: str, factor: float) -> None:
    first, second = canonical(one), canonical(other)
    assert first is not None
    assert second is not None
    assert first.dimension == second.dimension
    assert first.factor / second.factor == pytest.approx(factor)


@pytest.mark.parametrize(
    "code",
    [
        "Cel",
        "[iU]/L",
        "",
        "mg dL",
        "x",
        "mg//dL",
        "mg/",
        "10*400",
        "TL99",
        "1/0",
        "10*99.10*99.10*99.10*99",
        "9" * 99,
        ".",
    ],
)
def test_other_units_are_left_alone(code: str) -> None:
    assert canonical(code) is None


@given(st.text(st.sampled_from("mgkLl/.*10-+{}[]%sT "), max_size=70))
def test_any_code_is_a_unit_or_none(code: str) -> None:
    found = canonical(code)
    assert found is None or 0 < found.factor < float("inf")


def test_texts_lose_case_accents_and_space() -> None:
    assert normalised("  Åsa-Märta \t ÉKSKOG\u0301 ") == "asa-marta ekskog"
    assert normalised("Straße") == "strasse"


def test_long_keys_are_cut_and_stay_apart() -> None:
    one, other = "a" * 1000 + "1", "a" * 1000 + "2"
    assert len(key(one)) <= MAX_KEY
    assert key(one) == key(one) != key(other)
    assert key("a" * MAX_KEY) == "a" * MAX_KEY


def test_tokens() -> None:
    kind = {"coding": [{"system": "urn:t", "code": "MR"}], "text": "Journalnummer"}
    rows = _rows(
        "Patient",
        active=True,
        gender="female",
        identifier=[{"type": kind, "system": "urn:oid:1", "value": "7"}],
        telecom=[{"system": "email", "value": "a@x.example"}, {"system": "phone"}],
    ).token
    assert _of(rows, "active") == [(None, "true", None)]
    assert _of(rows, "gender") == [("http://hl7.org/fhir/administrative-gender", "female", None)]
    assert _of(rows, "identifier") == [("urn:oid:1", "7", "journalnummer")]
    assert _of(rows, "identifier:of-type") == [("urn:t", "mr|7", None)]
    assert _of(rows, "email") == [(None, "a@x.example", None)]
    assert _of(rows, "phone") == []
    assert _of(rows, "deceased") == [(None, "false", None)]


def test_case_is_kept_of_codes_that_differ_by_it_alone() -> None:
    codings = [{"system": each, "code": "Mg"} for each in ("http://unitsofmeasure.org", "urn:s")]
    rows = _rows("Condition", code={"coding": codings}).token
    assert [row[1] for row in _of(rows, "code")] == ["Mg", "mg"]


def test_concepts_keep_text_beside_codes() -> None:
    concept = {"coding": [{"system": "urn:s", "code": "1", "display": "Ett"}], "text": "Första"}
    rows = _rows("Condition", code=concept).token
    assert _of(rows, "code") == [("urn:s", "1", "ett"), (None, None, "forsta")]


def test_strings_are_found_by_every_part_of_a_name() -> None:
    rows = _rows("Patient", name=[{"family": "Åberg", "given": ["Eva", None], "text": "Eva Åberg"}])
    assert _of(rows.string, "family") == [("aberg", "aberg", "Åberg")]
    assert {row[2] for row in _of(rows.string, "name")} == {"Åberg", "Eva", "Eva Åberg"}


def test_dates_of_every_shape() -> None:
    year = span("2024")
    assert _of(_rows("Observation", effectiveDateTime="2024").date, "date") == [year]
    open_end = _rows("Encounter", period={"start": "2024"}).date
    assert _of(open_end, "date") == [(year[0], END)]
    timing = {"event": ["2024", "2026"], "repeat": {"boundsPeriod": {"end": "2025"}}}
    assert _of(_rows("Observation", effectiveTiming=timing).date, "date") == [
        (BEGINNING, span("2026")[1])
    ]
    assert _rows("Procedure", performedString="i somras").date == []


def test_references_of_every_shape() -> None:
    rows = _rows(
        "Observation",
        subject={"reference": "Patient/p/_history/3"},
        performer=[
            {"reference": "https://x.example/Practitioner/1"},
            {"type": "Practitioner", "identifier": {"system": "urn:hsa", "value": "SE1"}},
            {"reference": "#c"},
            {"display": "x"},
        ],
    ).reference
    assert _of(rows, "patient") == [("Patient", "p", None, None, None)]
    assert _of(rows, "performer") == [
        (None, None, "https://x.example/Practitioner/1", None, None),
        ("Practitioner", None, None, "urn:hsa", "SE1"),
    ]
    plan = _rows("CarePlan", instantiatesCanonical=["http://x.example/p|2"]).reference
    assert [row[2] for row in _of(plan, "instantiates-canonical")] == [
        "http://x.example/p|2",
        "http://x.example/p",
    ]


def test_quantities_in_their_own_and_in_base_units() -> None:
    def quantity(**more: object) -> tuple[Any, ...]:
        rows = _rows("Observation", valueQuantity=more).quantity
        return _of(rows, "value-quantity")[0]

    assert quantity(value=Decimal("1.50")) == (1.5, 1.5, None, None, None, None, None, None)
    grams = quantity(value=5, unit="g", system=UCUM, code="kg")
    assert grams == (5.0, 5.0, "g", UCUM, "kg", 5000.0, 5000.0, "0.0.1.0.0")
    less = quantity(value=5, comparator="<", system=UCUM, code="kg")
    assert less[:2] == (LOWEST, 5.0)
    assert less[5:7] == (LOWEST, 5000.0)
    age = _rows("Condition", onsetRange={"low": {"value": 3}}).quantity
    assert _of(age, "onset-age")[0][:2] == (3.0, HIGHEST)


def test_uris_and_extensions() -> None:
    rows = _rows("Patient", meta={"profile": ["http://x.example/p|1"], "source": "urn:oid:1#a"})
    assert _of(rows.uri, "_profile") == [("http://x.example/p|1",), ("http://x.example/p",)]
    assert _of(rows.uri, "_source") == [("urn:oid:1#a",)]
    url = "http://hl7.org/fhir/StructureDefinition/DiagnosticReport-geneticsAssessedCondition"
    report = _rows(
        "DiagnosticReport",
        extension=[{"url": url, "valueReference": {"reference": "Condition/c"}}],
    )
    assert _of(report.reference, "assessed-condition") == [("Condition", "c", None, None, None)]


def test_a_row_stands_once() -> None:
    coding = {"system": "urn:s", "code": "1"}
    rows = _rows("Condition", code={"coding": [coding, coding]}).token
    assert _of(rows, "code") == [("urn:s", "1", None)]


def test_what_is_a_column_is_not_indexed() -> None:
    rows = _rows("Patient", meta={"lastUpdated": "2024-01-01T00:00:00Z"})
    assert {row[0] for row in rows.token} == {"deceased"}
    assert rows.date == []
