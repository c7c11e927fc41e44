"""All published mock answers: each VALID one about a person becomes resources, others a reason."""

import pytest
from rivta_support import SHARED, assert_valid, map_part, references

from adapters.document import Standing, Unreadable
from adapters.rivta import ADAPTER
from adapters.rivta.contracts import CONTRACTS as TABLE

pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the published samples (../shared/rivta) are not here"
)


def _samples() -> list[tuple[str, str]]:
    listing = SHARED / "VALIDATION.tsv"
    if not listing.is_file():
        return []
    rows = [line.split("\t") for line in listing.read_text("utf-8").splitlines()]
    return [(row[0], row[1]) for row in rows]


SAMPLES = _samples()
VALID = [path for path, state in SAMPLES if state == "VALID"]
# Valid by a schema, and not the answer of any contract that holds documentation.
NOT_ANSWERS = {"request", "unknown-contract", "empty-answer", "source-error"}


@pytest.mark.parametrize("path", VALID)
def test_valid_answer_about_a_person_becomes_valid_resources(path: str) -> None:
    content = (SHARED / path).read_bytes()
    assert ADAPTER.recognises(content, path)
    delivery = ADAPTER.read(content, path, None)
    found = list(delivery.parts())
    if not found:
        assert delivery.notes[0].code in NOT_ANSWERS
        return
    assert delivery.standing is Standing.ANSWER
    for part in found:
        if part.person is None:  # "?" instead of a number: kept in quarantine
            assert "no-person" in {each.code for each in part.notes}
            continue
        for mapped in map_part(part):
            assert mapped.resources
            assert mapped.unmapped == []
            ids = {f"{each['resourceType']}/{each['id']}" for each in mapped.resources}
            assert len(ids) == len(mapped.resources)
            for resource in mapped.resources:
                assert_valid(resource)
                inside = {f"#{each['id']}" for each in resource.get("contained", [])}  # type: ignore[attr-defined]
                assert references(resource) <= ids | inside | {"Patient/p1"}
                assert "?" not in _texts(resource)


@pytest.mark.parametrize("path", [path for path, state in SAMPLES if state != "VALID"])
def test_other_sample_gets_resources_or_a_reason(path: str) -> None:
    try:
        delivery = ADAPTER.read((SHARED / path).read_bytes(), path, None)
    except Unreadable:
        return
    found = list(delivery.parts())
    if not found:
        assert delivery.standing in {Standing.SOURCE_ERROR, Standing.REJECTED}
        assert delivery.notes[0].severity == "error"
        assert delivery.notes[0].text
    for part in found:
        if part.person is None:
            assert "no-person" in {each.code for each in part.notes}
            continue
        for mapped in map_part(part):
            for resource in mapped.resources:
                assert_valid(resource)


def test_every_contract_has_a_sample_that_becomes_resources() -> None:
    seen = set()
    for path, _ in SAMPLES:
        try:
            delivery = ADAPTER.read((SHARED / path).read_bytes(), path, None)
        except Unreadable:
            continue
        if any(part.person for part in delivery.parts()):
            seen.add(delivery.contract)
    assert seen == {each.name for each in TABLE}


@pytest.mark.parametrize("path", VALID)
def test_part_of_a_sample_read_again_gives_the_same_records(path: str) -> None:
    for part in ADAPTER.read((SHARED / path).read_bytes(), path, None).parts():
        (again,) = ADAPTER.read(part.raw, path, None).parts()
        assert [each.header for each in again.records] == [each.header for each in part.records]
        assert [each.body() for each in again.records] == [each.body() for each in part.records]


def _texts(value: object) -> set[str]:
    if isinstance(value, dict):
        return set().union(*(_texts(each) for each in value.values()))
    if isinstance(value, list):
        return set().union(*(_texts(each) for each in value))
    return {value} if isinstance(value, str) else set()
