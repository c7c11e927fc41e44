"""The matrix of rule, direction and edge: each cell has a scenario, or a reason against it."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from consent.decision import Outcome
from hub.scenario.scenario import read_scenario

FOLDER = Path(__file__).parent
MATRIX: dict[str, Any] = yaml.safe_load((FOLDER / "matrix/matrix.yaml").read_text(encoding="utf-8"))
DIRECTIONS = ("granted", "refused")
Cell = tuple[str, str, str]

CELLS: dict[Cell, list[str]] = {
    (cell["rule"], cell["direction"], cell["edge"]): cell["scenarios"] for cell in MATRIX["cells"]
}
CANNOT: dict[Cell, str] = {
    (rule, direction, edge): entry["because"]
    for entry in MATRIX["cannot"]
    for rule in entry["rules"]
    for direction in entry["directions"]
    for edge in entry["edges"]
}
EVERY = [
    (rule, direction, edge)
    for rule in MATRIX["rules"]
    for direction in DIRECTIONS
    for edge in MATRIX["edges"]
]


def printed() -> str:
    """The matrix as a table: a number of requests, or a dash for a cell that cannot be."""
    lines = []
    for rule in MATRIX["rules"]:
        for direction in DIRECTIONS:
            row = [len(CELLS.get((rule, direction, edge), ())) for edge in MATRIX["edges"]]
            marks = " ".join(f"{number or '-':>3}" for number in row)
            lines.append(f"{rule:<26} {direction:<8} {marks}")
    return "\n".join(lines)


def test_no_cell_is_empty_without_a_reason() -> None:
    print(printed())  # noqa: T201  # the matrix is to be seen with -s
    assert [cell for cell in EVERY if cell not in CELLS and not CANNOT.get(cell)] == []
    assert set(CELLS) <= set(EVERY)
    assert all(len(reason) > 20 for reason in CANNOT.values())


@pytest.mark.parametrize("cell", sorted(CELLS), ids="-".join)
def test_a_cells_scenarios_are_there_and_in_its_direction(cell: Cell) -> None:
    for reference in CELLS[cell]:
        name, _, request = reference.partition("/")
        (file,) = FOLDER.glob(f"{name}_*.yaml")
        (asked,) = [each for each in read_scenario(file).requests if each.id == request]
        assert asked.expect is not None
        outcomes = {each.outcome for each in asked.expect.items.values()}
        if cell[1] == "granted" and not re.match(r"SVOD (2:4|2:5|3:5)|HSLF|PDL 4:4", cell[0]):
            assert Outcome.PERMIT in outcomes
        elif cell[1] == "refused" and not re.match(r"SVOD (2:4|2:5|3:5)|PDL 4:4", cell[0]):
            assert outcomes & {Outcome.DENY, Outcome.METADATA}
