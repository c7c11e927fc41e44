"""Every leaf of a contract's shape is mapped or left out with a reason."""

import pytest

from adapters.rivta.contracts import CONTRACTS, Contract
from mappings import shape, tables
from mappings.coverage import covers


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda each: each.name)
def test_every_leaf_is_mapped_or_left_out_with_a_reason(contract: Contract) -> None:
    leaves = shape.leaves(contract.table)
    assert leaves is not None
    assert len(leaves) > 20
    assert shape.gaps(tables.load(contract.table)) == []


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda each: each.name)
def test_table_is_of_its_contract(contract: Contract) -> None:
    assert tables.load(contract.table).contract == contract.name


def test_an_element_that_the_table_does_not_know_is_a_gap() -> None:
    known = tables.load("rivta/get_diagnosis_2").known
    assert covers(known, "diagnosisBody/diagnosisTime")
    assert not covers(known, "diagnosisBody/diagnosisColour")


def test_an_element_within_its_own_kind_is_known_however_deep() -> None:
    known = tables.load("rivta/get_laboratory_order_outcome_4").known
    deep = "body/groupOfAnalyses/analysis/result/related/result/related/code/code"
    assert covers(known, deep)
