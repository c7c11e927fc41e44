"""docs/api.md says what is so: its tests are there, and so is what it says of each operation."""

import re
from pathlib import Path

from hub.api.operation.operation_table import EVERYTHING, EXPORT, LASTN, META, OPERATIONS, SUMMARY
from hub.api.search.search_query import MOST_PARAMETERS, MOST_VALUES, NOT_BUILT
from tests.worlds.hub_world import REGION_SYSTEM, World

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def test_the_tests_that_it_names_are_there() -> None:
    named = set(re.findall(r"test_[a-z_]+\.py", PAGE))
    there = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    assert named
    assert named <= there


def test_it_names_what_is_not_built_and_the_limits() -> None:
    for name in NOT_BUILT:
        assert f"`{name}`" in PAGE or f"Location.{name}" in PAGE, name
    assert f"at most {MOST_PARAMETERS} parameters and {MOST_VALUES} values" in PAGE


def test_operations_of_fhir_are_named_with_their_parameters() -> None:
    for operation in (EVERYTHING, EXPORT, LASTN, META, SUMMARY):
        assert f"`${operation.code}`" in PAGE
    for name in EVERYTHING.inputs | EXPORT.inputs:
        assert f"`{name}`" in PAGE, name
    assert len(OPERATIONS) > len((EVERYTHING, EXPORT, LASTN, META, SUMMARY))


def test_what_it_says_is_not_there_is_not(standing_world: World) -> None:
    person = standing_world.person()
    for path in (
        "/fhir/ValueSet/$expand",
        "/fhir/CodeSystem/$validate-code",
        "/fhir/Patient/$match",
        f"/fhir/Patient/{person}/$graphql",
        "/fhir/$graphql",
    ):
        assert standing_world.get(REGION_SYSTEM, path).status in (404, 405), path
    whole = standing_world.get(REGION_SYSTEM, "/fhir", {"_type": "Condition", "patient": person})
    assert whole.status == 400
    filtered = standing_world.get(
        REGION_SYSTEM,
        "/fhir/$export",
        {"_typeFilter": "Condition?code=x"},
        headers={"Prefer": "respond-async"},
    )
    assert (filtered.status, filtered.codes) == (400, ["unknown-parameter"])
    packed = standing_world.get(
        REGION_SYSTEM, "/fhir/metadata", headers={"Accept-Encoding": "gzip"}
    )
    assert "content-encoding" not in packed.headers
