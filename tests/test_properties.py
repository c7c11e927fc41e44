"""The table in tests/properties.md has a row for each property, and names tests that are there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "tests" / "properties.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py::\w+)`", TEXT)))


def test_every_property_has_a_row_with_tests() -> None:
    rows = {
        line.split("|")[1].strip(): line for line in TEXT.splitlines() if line.startswith("| P")
    }
    assert list(rows) == [f"P{number}" for number in range(1, 10)]
    assert all(re.search(r"`tests/", line) for line in rows.values())


@pytest.mark.parametrize("named", NAMED)
def test_a_test_that_it_names_is_there(named: str) -> None:
    file, _, name = named.partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
