"""Each cell that is not as expected is named; a reading that is as expected differs in nothing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from hub.demo.check import differences
from hub.demo.load import DATA
from hub.demo.readers import Reader, Script, read_script
from hub.demo.reading import Opened, Reading

SCRIPT = read_script(DATA)
EMERGENCY = next(r for r in SCRIPT.readers if len(r.steps) == 2)
LOG = {"verified": True, "records": 30, "faults": []}


def _as_expected(reader: Reader) -> Reading:
    opened = tuple(
        Opened("s", step.shows, step.names, tuple(sorted(step.basis))) for step in reader.steps
    )
    return Reading(reader, "p", "t", opened, reader.sees, reader.owners, logged=30)


def _differs(reading: Reading, log: Mapping[str, Any] = LOG) -> list[str]:
    return differences(Script("x", {}, (reading.reader,)), {}, [reading], log)


@pytest.mark.parametrize("reader", SCRIPT.readers, ids=lambda reader: str(reader.name))
def test_nothing_differs_when_all_is_as_expected(reader: Reader) -> None:
    assert _differs(_as_expected(reader)) == []


def _first(reading: Reading, changes: Mapping[str, Any]) -> Reading:
    return replace(reading, opened=(replace(reading.opened[0], **changes), *reading.opened[1:]))


@pytest.mark.parametrize(
    ("changes", "cell"),
    [
        ({"sees": {**EMERGENCY.sees, "Condition": 5}}, "sees Condition: expected 4, got 5"),
        ({"sees": {**EMERGENCY.sees, "Goal": 1}}, "sees Goal: expected 0, got 1"),
        ({"sees": {}}, "sees CarePlan: expected 1, got 0"),
        ({"owners": EMERGENCY.owners | {"SE5599999988-0001"}}, "from: expected"),
    ],
)
def test_a_wrong_count_or_owner_is_named(changes: dict[str, Any], cell: str) -> None:
    found = _differs(replace(_as_expected(EMERGENCY), **changes))
    assert any(cell in each for each in found)


@pytest.mark.parametrize(
    ("changes", "cell"),
    [
        ({"shows": ("U0",)}, "step 1: shows"),
        ({"basis": ("SVOD 3:6",)}, "step 1: basis"),
        ({"names": {"U1": frozenset({"SE5599999988-0001"})}}, "step 1: B1 names"),
    ],
)
def test_a_wrong_answer_to_the_first_step_is_named(changes: dict[str, Any], cell: str) -> None:
    assert any(cell in each for each in _differs(_first(_as_expected(EMERGENCY), changes)))


def test_a_log_that_does_not_verify_or_lacks_a_record_is_named() -> None:
    reading = _as_expected(EMERGENCY)
    altered = {"verified": False, "records": 30, "faults": [{"kind": "altered"}]}
    assert _differs(reading, altered) == ["log: it does not verify (altered)"]
    assert _differs(reading, {**LOG, "records": 29}) == ["log: records: expected 30, got 29"]


def test_a_document_that_was_not_taken_in_is_named() -> None:
    script = replace(SCRIPT, readers=())
    found = differences(script, {"stored": 9, "quarantined": 1}, [], {**LOG, "records": 0})
    assert found == [
        "documents: receipts: expected 1 rejected, 10 stored, got 1 quarantined, 9 stored"
    ]
