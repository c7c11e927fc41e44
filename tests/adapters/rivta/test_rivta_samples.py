"""The published mock answers of the contracts that are read: each VALID one becomes resources."""

from pathlib import Path

import pytest
from rivta_support import CONTRACTS, SHARED, assert_valid, map_part, references

from adapters.document import Standing
from adapters.rivta import ADAPTER

pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the published samples (../shared/rivta) are not here"
)


def _samples() -> list[tuple[str, str]]:
    listing = SHARED / "VALIDATION.tsv"
    if not listing.is_file():
        return []
    rows = [line.split("\t") for line in listing.read_text("utf-8").splitlines()]
    return [
        (row[0], row[1]) for row in rows if any(f"/samples/{name}/" in row[0] for name in CONTRACTS)
    ]


SAMPLES = _samples()
# VALID by their schema, but without any record: two empty answers and the like.
WITHOUT_RECORDS = ("Empty_Response", "EmptyResponse", "ERROR")


@pytest.mark.parametrize("path", [path for path, state in SAMPLES if state == "VALID"])
def test_valid_sample_becomes_valid_resources(path: str) -> None:
    content = (SHARED / path).read_bytes()
    assert ADAPTER.recognises(content, path)
    delivery = ADAPTER.read(content, path, None)
    found = list(delivery.parts())
    if Path(path).stem in WITHOUT_RECORDS:
        assert not found
        assert delivery.notes
        return
    assert delivery.standing is Standing.ANSWER
    assert found
    for part in found:
        assert part.person is not None
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
def test_other_sample_gets_a_standing_with_a_reason(path: str) -> None:
    delivery = ADAPTER.read((SHARED / path).read_bytes(), path, None)
    assert delivery.standing in {Standing.SOURCE_ERROR, Standing.REJECTED}
    assert not list(delivery.parts())
    assert delivery.notes[0].severity == "error"
    assert delivery.notes[0].text


@pytest.mark.parametrize("path", [path for path, state in SAMPLES if state == "VALID"])
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
