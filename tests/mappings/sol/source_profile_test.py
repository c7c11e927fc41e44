"""Profiles are checked when they are read; each mistake names its file, its key and a remedy."""

import re
from pathlib import Path

import pytest

from mappings.source_profile import ProfileError, check, load, shipped

SMALLEST = """\
profile: smallest
format: xml
root: A
person: {each: B, number: "@nr"}
"""


def written(folder: Path, text: str) -> str:
    (folder / "mine.yaml").write_text(text, "utf-8")
    return "mine.yaml"


def test_every_shipped_profile_can_be_read() -> None:
    assert "lifecare_like" in shipped()
    assert [load(name).name for name in shipped()] == shipped()


def test_a_path_is_taken_beside_the_sources_file(tmp_path: Path) -> None:
    assert load(written(tmp_path, SMALLEST), tmp_path).name == "smallest"
    assert load(str(tmp_path / "mine.yaml")).name == "smallest"


def test_a_checked_profile_is_also_the_mapping_that_was_written(tmp_path: Path) -> None:
    profile = load(written(tmp_path, SMALLEST), tmp_path)
    assert profile["root"] == "A"
    assert check(profile) is profile
    assert check(dict(profile)).name == "smallest"


@pytest.mark.parametrize(
    ("added", "key", "remedy"),
    [
        ("rekords: []", "rekords", "did you mean 'records'"),
        ("records: [{concept: beslut, each: C}]", "records[0].concept", "decision"),
        ("records: [{concept: note}]", "records[0].each", "missing"),
        ("records: [{concept: note, each: C, txt: D}]", "records[0].txt", "did you mean 'text'"),
        ("records: [{concept: note, each: 'C//D'}]", "records[0].each", "cannot be read"),
        ("records: [{concept: note, each: C, text: {path: D}}]", "records[0].text.path", "from"),
        (
            "records: [{concept: decision, each: C, outcome: {from: '@u', codes: {JA: yes}}}]",
            "records[0].outcome",
            "granted",
        ),
        (
            "records: [{concept: note, each: C, text: {from: D, codes: tab}}]",
            "records[0].text.codes",
            "no code table named 'tab'",
        ),
        ("records: [{concept: note, each: C, text: {when: {x: y}}}]", "records[0].text", "then"),
        ("records: [{concept: note, each: C, text: []}]", "records[0].text", "empty list"),
        ("records: [{concept: note, each: C, regime: {value: XYZ}}]", "records[0].regime", "SoL"),
        ("cases: [{each: C, id: '@i'}]", "cases[0].area", "no case can be judged"),
        (
            "cases: [{each: C, id: '@i', area: {from: '@a', codes: {X: everyone}}}]",
            "cases[0].area",
            "older",
        ),
        ("withhold: [{each: C, as: secret}]", "withhold[0].as", "not_shared"),
        ("left_out: [{path: C}]", "left_out[0].because", "why"),
        ("organisations: {each: C}", "organisations.id", "missing"),
        ("every: {ovner: '@o'}", "every.ovner", "did you mean 'owner'"),
    ],
)
def test_a_mistake_names_its_key_and_a_remedy(
    added: str, key: str, remedy: str, tmp_path: Path
) -> None:
    with pytest.raises(ProfileError) as caught:
        load(written(tmp_path, SMALLEST + added + "\n"), tmp_path)
    assert caught.value.key == key
    assert remedy in caught.value.remedy
    assert re.match(r"mine\.yaml:\d+: ", str(caught.value))


def test_a_mistake_names_its_line(tmp_path: Path) -> None:
    record = "records:\n  - concept: note\n    each: C\n    groups:\n      goal: {each: D}\n"
    with pytest.raises(ProfileError) as caught:
        load(written(tmp_path, SMALLEST + record), tmp_path)
    assert (caught.value.line, caught.value.key) == (9, "records[0].groups.goal")


@pytest.mark.parametrize("missing", ["profile", "format", "root", "person"])
def test_what_every_profile_must_have(missing: str, tmp_path: Path) -> None:
    text = re.sub(rf"^{missing}:.*\n", "", SMALLEST, flags=re.MULTILINE)
    with pytest.raises(ProfileError) as caught:
        load(written(tmp_path, text), tmp_path)
    assert caught.value.key == missing


def test_a_key_that_is_written_twice_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="written twice"):
        load(written(tmp_path, SMALLEST + "root: B\n"), tmp_path)


def test_a_name_that_is_not_shipped_gets_a_hint() -> None:
    with pytest.raises(ProfileError, match="did you mean 'lifecare_like'"):
        load("lifecare")
    with pytest.raises(ProfileError, match="cannot be read"):
        load("no/such/file.yaml")
