"""Several values where a contract has one, and answers that are no number: all shown, none chosen.

Source: rivta.md §4.9, §4.12 (one of pq, cv, …), §7.10 (text in a numeric result); DESIGN P6.
"""

import re
from decimal import Decimal
from typing import Any

import pytest
from rivta_support import assert_valid, context, message

from adapters.rivta import ADAPTER, forms, known_message
from mappings import tables
from mappings.engine import Mapped
from mappings.forms import Forms

PQ = "<d:pq><d:value>187</d:value><d:unit>cm</d:unit></d:pq>"
CV = "<d:cv><d:code>1</d:code><d:codeSystem>1.2.752.1</d:codeSystem><d:displayName>Lång</d:displayName></d:cv>"  # noqa: E501 - one element
TS = "<d:ts><d:format>YYYYMM</d:format><d:value>202509</d:value></d:ts>"
IVL = f"<d:ivl_ts><d:start>{TS[6:-7]}</d:start></d:ivl_ts>"
HB = "<d:pq><d:value>121,5</d:value><d:unit>g/L</d:unit></d:pq>"
ST, CODE = "<d:st>måttligt sänkt</d:st>", CV
INTERVAL = "<d:intervalPQ><d:low>120</d:low><d:high>125</d:high><d:unit>g/L</d:unit></d:intervalPQ>"


@pytest.fixture(params=["element by element", "by its form"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Have records mapped as they come, or each by its form."""
    known = Forms(after=1 if request.param == "by its form" else 10**9, most=2000)
    monkeypatch.setattr(forms, "FORMS", known)
    monkeypatch.setattr(known_message, "_KNOWN", {})
    return str(request.param)


def _mapped(name: str, *changes: tuple[str, str]) -> tuple[list[dict[str, Any]], list[Mapped]]:
    text = message(name).decode()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    for _ in range(2):  # the first time makes a form known
        found = [
            tables.load(record.table).map(record.body(), context(record.header))
            for part in ADAPTER.read(text.encode(), name, None).parts()
            for record in part.records
        ]
    made = [resource for each in found for resource in each.resources]
    for resource in made:
        assert_valid(resource)
    return made, found


def _codes(found: list[Mapped]) -> set[str]:
    return {note.code for each in found for note in each.notes}


def _values(element: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in element.items() if re.match("value[A-Z]", name)}


@pytest.mark.usefixtures("way")
class TestOfAnObservation:
    def test_all_kinds_are_components_with_what_was_observed(self) -> None:
        (one, *_), found = _mapped("observations", (PQ, PQ + TS + IVL + CV))
        assert not _values(one)
        assert [list(_values(each)) for each in one["component"]] == [
            ["valueQuantity"],
            ["valueDateTime"],
            ["valuePeriod"],
            ["valueCodeableConcept"],
        ]
        assert all(each["code"] == one["code"] for each in one["component"])
        assert one["note"] == [
            {"text": "Källan anger flera värden där avtalet har ett; alla visas."}
        ]
        assert "several-values" in _codes(found)
        assert not any(each.unmapped for each in found)

    def test_two_of_one_kind_are_components(self) -> None:
        (one, *_), found = _mapped("observations", (PQ, PQ + PQ.replace("187", "178")))
        amounts = [each["valueQuantity"]["value"] for each in one["component"]]
        assert amounts == [Decimal(187), Decimal(178)]
        assert not _values(one)
        assert "several-values" in _codes(found)

    def test_two_value_elements_are_components(self) -> None:
        (one, *_), _ = _mapped("observations", (PQ, f"{PQ}</d:value><d:value>{CV}"))
        assert [list(_values(each)) for each in one["component"]] == [
            ["valueQuantity"],
            ["valueCodeableConcept"],
        ]

    @pytest.mark.parametrize("filler", ["<d:cv/>", "<d:ts><d:value>?</d:value></d:ts>"])
    def test_what_says_nothing_is_no_other_value(self, filler: str) -> None:
        (one, *_), found = _mapped("observations", (PQ, PQ + filler))
        assert _values(one) == {"valueQuantity": {"value": Decimal(187), "unit": "cm"}}
        assert "component" not in one
        assert "several-values" not in _codes(found)

    @pytest.mark.parametrize(
        ("amount", "value"),
        [
            ("<190", {"valueQuantity": {"comparator": "<", "value": Decimal(190), "unit": "cm"}}),
            ("lång", {"valueString": "lång cm"}),
            ("1,5", {"valueQuantity": {"value": Decimal("1.5"), "unit": "cm"}}),
        ],
    )
    def test_an_amount_that_is_no_number_is_shown(self, amount: str, value: object) -> None:
        text = amount.replace("<", "&lt;")
        (one, *_), found = _mapped("observations", (">187<", f">{text}<"))
        assert _values(one) == value
        assert "not-a-number" not in _codes(found)


@pytest.mark.usefixtures("way")
class TestOfALaboratory:
    def test_all_kinds_are_components_with_what_is_said_of_them(self) -> None:
        made, found = _mapped("laboratory_4", (HB, HB + INTERVAL + CODE + ST))
        (one,) = _several(made)
        assert not _values(one)
        assert [list(_values(each)) for each in one["component"]] == [
            ["valueQuantity"],
            ["valueRange"],
            ["valueCodeableConcept"],
            ["valueString"],
        ]
        for each in one["component"]:
            assert each["code"] == one["code"]
            assert each["referenceRange"][0]["low"]["value"] == Decimal(134)
        assert "referenceRange" not in one
        assert "several-values" in _codes(found)

    def test_words_for_an_amount_are_not_lost_beside_words(self) -> None:
        neg = HB.replace("121,5", "neg")
        made, _ = _mapped("laboratory_4", (HB, neg + ST))
        (one,) = _several(made)
        assert [each["valueString"] for each in one["component"]] == ["neg g/L", "måttligt sänkt"]

    def test_of_two_results_only_the_one_with_several_is_divided(self) -> None:
        others = "".join(
            f"<d:result><d:value>{each}</d:value></d:result>"
            for each in (HB + ST, ST.replace("sänkt", "höjt"), INTERVAL, CV)
        )
        made, _ = _mapped("laboratory_4", ("<d:result>", f"{others}<d:result>"))
        (one,) = _several(made)
        hb = {"valueQuantity": {"value": Decimal("121.5"), "unit": "g/L"}}
        shown = [_values(each) for each in one["component"]]
        assert shown[0] == {"valueString": "måttligt höjt"}
        assert [list(each) for each in shown[1:3]] == [["valueRange"], ["valueCodeableConcept"]]
        assert shown[3:] == [hb, hb, {"valueString": "måttligt sänkt"}]
        assert ["referenceRange" in each for each in one["component"]] == [
            *[False] * 3,
            True,
            *[False] * 2,
        ]
        assert len(one["note"]) == 1

    def test_two_results_with_one_value_each_are_as_the_contract_has_them(self) -> None:
        second = f"<d:result><d:value>{ST}</d:value></d:result>"
        made, found = _mapped("laboratory_4", ("<d:result>", f"{second}<d:result>"))
        assert not _several(made)
        assert "several-values" not in _codes(found)

    @pytest.mark.parametrize(
        ("interval", "value"),
        [
            (
                "<d:low>1</d:low><d:high>3</d:high>",
                {
                    "low": {"value": Decimal(1), "unit": "g/L"},
                    "high": {"value": Decimal(3), "unit": "g/L"},
                },
            ),
            ("<d:high>3</d:high>", {"comparator": "<=", "value": Decimal(3), "unit": "g/L"}),
            ("<d:low>9</d:low><d:high>3</d:high>", "9 - 3 g/L"),
            ("<d:low>neg</d:low><d:high>3</d:high>", "neg - 3 g/L"),
            ("<d:low>1</d:low><d:lowClosed>false</d:lowClosed><d:high>3</d:high>", ">1 - 3 g/L"),
        ],
    )
    def test_an_interval_says_no_more_than_the_source(self, interval: str, value: object) -> None:
        given = f"<d:intervalPQ>{interval}<d:unit>g/L</d:unit></d:intervalPQ>"
        made, _ = _mapped("laboratory_4", (HB, given))
        one = next(each for each in made if _identified(each) == "A1")
        assert list(_values(one).values()) == [value]


def _identified(resource: dict[str, Any]) -> str | None:
    (identifier, *_) = resource.get("identifier") or [{}]
    return identifier.get("value")


def _several(made: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the observations whose reader is told that they have several values."""
    return [
        each
        for each in made
        if any("flera värden" in note["text"] for note in each.get("note", ()))
    ]
