"""What the check found, as an OperationOutcome."""

import pytest

from hub.errors import Unprocessable
from hub.fhir.check import check
from hub.fhir.json_codec import decode
from hub.fhir.outcome import outcome, refuse

BAD = {"resourceType": "Patient", "gender": "x", "active": "true"}
WARNED = {
    "resourceType": "Condition",
    "subject": {"reference": "Patient/1"},
    "category": [
        {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/condition-category",
                    "code": "problem-list-item",
                }
            ]
        }
    ],
}


def test_an_outcome_says_what_is_wrong_and_where() -> None:
    found = decode(outcome(check(BAD)))
    assert check(found) == []
    first, second = found["issue"]
    assert first["code"] == "code-invalid"
    assert first["expression"] == ["Patient.gender"]
    assert first["details"]["coding"] == [
        {"system": "https://samvy.se/fhir/CodeSystem/error", "code": "code"}
    ]
    assert second["expression"] == ["Patient.active"]


def test_nothing_wrong_is_said_too() -> None:
    found = decode(outcome([]))
    assert check(found) == []
    assert [each["severity"] for each in found["issue"]] == ["information"]


def test_errors_refuse_and_warnings_do_not() -> None:
    refuse(check(WARNED))
    with pytest.raises(Unprocessable) as refused:
        refuse(check(BAD))
    assert decode(refused.value.outcome()) == decode(outcome(check(BAD)))
