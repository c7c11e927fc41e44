"""Every leaf of a contract's shape is mapped or left out with a reason."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.rivta.contracts import CONTRACTS, SPELLINGS, Contract
from mappings import tables
from mappings.coverage import missing

SHAPES = Path(__file__).parents[2].parent / "shared" / "rivta" / "shapes"
FILES = {
    "GetCareDocumentation 2.1": "legacy__clinicalprocess_healthcond_description_2.1.1"
    "__GetCareDocumentationResponder_2.1",
    "GetCareDocumentation 3.0": "clinicalprocess_healthcond_description_3.0.5"
    "__GetCareDocumentationResponder_3.0",
    "GetDiagnosis 2.0": "clinicalprocess_healthcond_description_3.0.5__GetDiagnosisResponder_2.0",
    "GetMedicationHistory 2.2": "clinicalprocess_activityprescription_actoutcome_2.2.1"
    "__GetMedicationHistoryResponder_2.2",
    "GetCarePlans 2.0": "clinicalprocess_logistics_logistics_3.0.13__GetCarePlansResponder_2.0",
}
_LINE = re.compile(r"( *)(\S+) (?:\[ns \S+\] )?\d+\.\.\S+ ?(\S*)")
Shape = list[tuple[int, str, str]]


def _shape(path: Path) -> Shape:
    """Return the lines of a shape file as (depth, name, type); "…" as a name."""
    rows = []
    for line in path.read_text("utf-8").splitlines():
        match = _LINE.match(line)
        if match is not None:
            rows.append((len(match[1]) // 2, match[2], match[3]))
        elif line.strip() == "…":
            rows.append((len(line) // 2, "…", ""))
        elif line and not line.startswith((" ", "#")):
            rows.append((0, line.strip(), ""))
    return rows


def _types(rows: Shape) -> dict[str, list[int]]:
    """Return for each type the rows of its children where it is written out."""
    found: dict[str, list[int]] = {}
    for index, (depth, _name, kind) in enumerate(rows):
        below = _below(rows, index, depth)
        if kind and below and rows[below[0]][1] != "…":
            found.setdefault(kind, below)
    return found


def _below(rows: Shape, index: int, depth: int) -> list[int]:
    children = []
    for later in range(index + 1, len(rows)):
        if rows[later][0] <= depth:
            break
        if rows[later][0] == depth + 1:
            children.append(later)
    return children


def _leaves(rows: Shape, index: int, prefix: str) -> Iterator[str]:
    types = _types(rows)

    def walk(index: int, prefix: str) -> Iterator[str]:
        depth, name, kind = rows[index]
        path = f"{prefix}{SPELLINGS.get(name, name)}"
        below = _below(rows, index, depth)
        if below and rows[below[0]][1] == "…":
            below = types[kind]
        if not below and kind in types:
            below = types[kind]
        if not below:
            yield path
        for each in below:
            yield from walk(each, f"{path}/")

    for child in _below(rows, index, rows[index][0]):
        yield from walk(child, prefix)


def _record_leaves(contract: Contract) -> list[str]:
    rows = _shape(SHAPES / f"{FILES[contract.name]}.txt")
    answer = next(i for i, row in enumerate(rows) if row[:2] == (0, contract.answer))
    record = next(i for i in _below(rows, answer, 0) if rows[i][1] == contract.record)
    return list(_leaves(rows, record, ""))


@pytest.mark.skipif(
    not SHAPES.is_dir(), reason="the published shapes (../shared/rivta) are not here"
)
@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda each: each.name)
def test_every_leaf_is_mapped_or_left_out_with_a_reason(contract: Contract) -> None:
    leaves = _record_leaves(contract)
    assert len(leaves) > 20
    assert missing(tables.load(contract.table).known, leaves) == []


@pytest.mark.skipif(
    not SHAPES.is_dir(), reason="the published shapes (../shared/rivta) are not here"
)
@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda each: each.name)
def test_nothing_is_left_out_that_the_contract_does_not_have(contract: Contract) -> None:
    leaves = _record_leaves(contract)
    for path in tables.load(contract.table).left_out:
        stem = path.removesuffix("/*")
        assert any(each == stem or each.startswith(f"{stem}/") for each in leaves), path


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda each: each.name)
def test_table_is_of_its_contract(contract: Contract) -> None:
    assert tables.load(contract.table).contract == contract.name
