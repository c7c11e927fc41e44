"""samvy mappings check: every element of every contract, and what it says of a gap."""

import pytest

from mappings import shape
from tests.hub.cli.cli_runner import Shell


def test_every_table_is_held_to_its_contract(shell: Shell) -> None:
    ran = shell.run("mappings", "check", "--json")
    assert ran.status == 0
    held = [row for row in ran.lines if row["table"].startswith("rivta/")]
    assert len(held) == 19
    assert all(row["elements"] and not row["problems"] for row in held)


def test_an_element_that_no_table_takes_is_named(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = shape.leaves
    monkeypatch.setattr(shape, "leaves", lambda name: [*(known(name) or ()), "diagnosisBody/new"])
    ran = shell.run("mappings", "check", "rivta/get_diagnosis_2")
    assert ran.status == 1
    assert "diagnosisBody/new is neither mapped nor left out with a reason" in ran.out
