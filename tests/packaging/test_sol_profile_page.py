"""docs/sol-profile.md: its profile is read, fits its export, and the page names all there is."""

import re
from pathlib import Path

from adapters.json_export import JsonExport
from mappings import source_reference
from mappings.source_concepts import CONCEPTS, HEADER_FIELDS
from mappings.source_keys import KEYS, TOP_KEYS
from mappings.source_profile import load
from mappings.source_reference import page
from tests.adapters.xml_export.conftest import mapped

KEYS_PAGE = (Path(__file__).parents[2] / "docs" / "sol-profile-keys.md").read_text("utf-8")
PAGE = (Path(__file__).parents[2] / "docs" / "sol-profile.md").read_text("utf-8")


def _block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_pages_profile_fits_its_export(tmp_path: Path) -> None:
    (tmp_path / "exempel.yaml").write_text(_block("yaml"), "utf-8")
    profile = load(str(tmp_path / "exempel.yaml"))
    (part,) = JsonExport().read(_block("json").encode(), "uttag.json", profile).parts()
    found = {r.header.record_id: r.header.regime for r in part.records}
    assert found == {
        "person": "SoL",
        "decision/1": "SoL",
        "decision/2": "SoL",
        "note/1": "SoL",
        "health_note/2": "HSL",
    }
    assert [path for record in part.records for path in mapped(record).unmapped] == []
    assert "delas" not in part.raw.decode()
    assert "Norm" not in part.raw.decode()
    assert {note.code for note in part.notes} == {"not-shared", "out-of-scope"}


def test_the_reference_of_keys_is_as_the_program_has_it() -> None:
    # samvy mappings keys > docs/sol-profile-keys.md
    assert page() == KEYS_PAGE


def test_every_key_is_described_and_nothing_else_is() -> None:
    assert set(source_reference.TOP) == set(TOP_KEYS)
    assert set(source_reference.HEADER) == set(HEADER_FIELDS)
    assert {key: tuple(told) for key, told in source_reference.BELOW.items()} == KEYS


def test_the_page_names_every_concept_and_key() -> None:
    undocumented = {"title", "root", "encoding", "system", "organisations"}
    for word in {*CONCEPTS, *TOP_KEYS} - undocumented:
        assert word in PAGE, word
