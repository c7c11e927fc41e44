"""How a dose and its times are read out of each form that the contract has for them."""

from decimal import Decimal
from typing import Any

import pytest

from mappings import transforms as transforms  # noqa: PLC0414 - importing registers them
from mappings.engine import Context, Frame
from mappings.transforms.registry import REGISTRY


def _frame() -> Frame:
    return Frame(
        Context(
            patient="Patient/p",
            mint=lambda kind, place: f"{kind}{place}",
            identifier_system="urn:x:local",
            source="urn:x:s",
        )
    )


def _run(name: str, value: Any, **options: Any) -> tuple[Any, list[str]]:  # noqa: ANN401 - any value
    frame = _frame()
    made = REGISTRY[name].make(**options)(value, frame)
    return made, [note.code for note in frame.notes.values()]


def _dose(low: str, high: str | None = None) -> dict[str, str]:
    return {"low": low, "unit": "st"} | ({"high": high} if high else {})


@pytest.mark.parametrize(
    ("form", "timing"),
    [
        (
            {
                "frequencyDosage": {
                    "dose": _dose("1"),
                    "frequency": {"value": "2", "unit": "ggr/dag"},
                }
            },
            {"repeat": {"frequency": 2, "period": Decimal(1), "periodUnit": "d"}},
        ),
        (
            {
                "frequencyDosage": {
                    "dose": _dose("1"),
                    "frequency": {"value": "2", "unit": "då och då"},
                }
            },
            None,
        ),
        (
            {"periodDosage": {"dose": _dose("1", "2"), "period": {"value": "3", "unit": "veckor"}}},
            {"repeat": {"frequency": 1, "period": Decimal(3), "periodUnit": "wk"}},
        ),
        (
            {
                "occasionDosage": {
                    "period": {"value": "1", "unit": "d"},
                    "administration": {"dose": _dose("1"), "time": "20240115080000"},
                }
            },
            {
                "repeat": {
                    "frequency": 1,
                    "period": Decimal(1),
                    "periodUnit": "d",
                    "timeOfDay": ["08:00:00"],
                }
            },
        ),
        (
            {"singleDose": {"dose": _dose("1"), "time": "20240115080000"}},
            {"event": ["2024-01-15T08:00:00+01:00"]},
        ),
        ({"unstructuredDosageInformation": {"text": "efter schema"}}, None),
    ],
)
def test_dosage_form(form: dict[str, Any], timing: dict[str, Any] | None) -> None:
    ((made,), notes) = _run("dosage", {"setDosage": form})
    assert made.get("timing") == timing
    assert made["text"]
    assert notes == []


def test_a_maximum_is_never_a_timing() -> None:
    form = {"frequencyDosage": {"dose": _dose("1"), "frequency": {"value": "4", "unit": "/d"}}}
    ((made,), _) = _run("dosage", {"maximumDosage": form})
    assert made == {"text": "högst 1 st 4 gånger /d"}


def test_as_needed_says_for_what() -> None:
    node = {"conditionDescription": "vid smärta", "singleDose": {"dose": _dose("1")}}
    ((made,), _) = _run("dosage", {"conditionalDosage": node, "dosageInstruction": "Instruktion"})
    assert made["asNeededCodeableConcept"] == {"text": "vid smärta"}
    assert made["text"] == "Instruktion; vid behov (vid smärta) 1 st en gång"


def test_a_ramp_is_told_in_full() -> None:
    end = {"singleDose": {"dose": _dose("1")}}
    ramp = {
        "doseStep": {"value": "1", "unit": "st"},
        "timeStep": {"value": "1", "unit": "d"},
        "rampStart": end,
        "rampEnd": {"singleDose": {"dose": _dose("4")}},
    }
    made, _ = _run("dosage_text", {"setDosage": {"rampedDosage": ramp}})
    assert (
        made == "upptrappning eller nedtrappning 1 st per 1 d, från 1 st en gång till 4 st en gång"
    )


def test_length_of_treatment_bounds_the_timing() -> None:
    node = {
        "lengthOfTreatment": {
            "treatmentInterval": {"low": "5", "high": "7", "unit": "dagar"},
            "isMaximumTreatmentTime": "true",
        },
        "setDosage": {"singleDose": {"dose": _dose("1")}},
    }
    ((made,), _) = _run("dosage", node)
    assert made["timing"]["repeat"]["boundsRange"]["high"]["code"] == "d"
    assert made["text"].startswith("behandlingstid högst 5-7 dagar")
