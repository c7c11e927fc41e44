"""The demo's expectations: every reader of the issue, every cell, on any day."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from consent.facts import Capacity
from hub.config.problem import ConfigurationError
from hub.demo.load import DATA, _dated
from hub.demo.readers import FILE, read_script
from hub.fhir.definitions import TYPES_IN_USE

READERS = [
    "ward doctor with consent",
    "ward doctor without consent",
    "home-help worker",
    "municipal nurse as vårdpersonal of the kommun",
    "municipal nurse as omsorgspersonal of the nämnd",
    "emergency doctor, the person unconscious",
    "employee with no relation",
    "the person herself",
]


def test_every_reader_is_there_and_says_what_it_gets() -> None:
    script = read_script(DATA)
    assert [reader.name for reader in script.readers] == READERS
    for reader in script.readers:
        assert all(step.basis for step in reader.steps)
        assert bool(reader.sees) == bool(reader.owners), reader.name
        assert set(reader.sees) <= set(TYPES_IN_USE)
        assert reader.example in TYPES_IN_USE


def test_a_rung_that_names_somebody_says_whom() -> None:
    for reader in read_script(DATA).readers:
        for step in reader.steps:
            assert set(step.names) == {rung for rung in step.shows if rung in ("U1", "B1", "I1")}


def test_what_is_shared_is_seen_by_somebody_and_what_is_blocked_by_nobody() -> None:
    readers = read_script(DATA).readers
    owners = frozenset[str]().union(*(reader.owners for reader in readers))
    assert owners == {
        "SE2329999990-0001",
        "SE2329999999-0001",
        "SE2329999999-NAMND",
        "SE5599999999-0001",
    }
    assert "SE5599999988-0001" not in owners


def test_social_care_staff_are_shown_no_block() -> None:
    for reader in read_script(DATA).readers:
        if reader.token.as_ in (Capacity.OMSORGSPERSONAL, Capacity.INDIVIDUAL):
            assert not {"B0", "B1"} & {rung for step in reader.steps for rung in step.shows}


@pytest.mark.parametrize("years", [0, 1, 20, 60])
def test_the_facts_hold_on_the_day_that_the_demo_runs(years: int) -> None:
    at = datetime(2026, 11, 22, 23, 30, tzinfo=UTC) + timedelta(days=366 * years)
    text = _dated(DATA / "facts.yaml", at).decode()
    swedish = (at + timedelta(hours=1)).date()
    assert f"from: {swedish}, to: {swedish + timedelta(days=365)}" in text
    assert "to: $" not in text


def test_a_script_that_is_not_right_says_where(tmp_path: Path) -> None:
    text = (DATA / FILE).read_text(encoding="utf-8")
    (tmp_path / FILE).write_text(text.replace("shows: [U0]", "shows: [U9]", 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="shows"):
        read_script(tmp_path)
