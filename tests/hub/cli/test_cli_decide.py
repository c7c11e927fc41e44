"""samvy decide and samvy law, as lawyers and machines run them."""

import json
from pathlib import Path

import pytest

from tests.hub.cli.cli_runner import Shell

LAW = Path(__file__).parents[2] / "law"
SCENARIO = """
id: T1
facts:
  organisations:
    - {id: RegionEtt, kind: vardgivare}
    - {id: RegionTva, kind: vardgivare}
  items:
    - {id: i1, owner: RegionTva}
  relations:
    - {organisation: RegionEtt, kind: patient, state: current}
  consents:
    - {giver: self, organisation: RegionEtt, answer: "yes"}
requests:
  - id: r1
    reader: {user: U, organisation: RegionEtt, as: vardpersonal}
    expect:
      items: {i1: {outcome: permit, basis: ["SVOD 3:1"]}}
      shows: [U0]
  - id: r2
    reader: {user: U, organisation: RegionEtt, as: vardpersonal}
    purpose: kvalitet
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path, {"COLUMNS": "200"})


def test_json_has_the_shape_of_the_interface(shell: Shell) -> None:
    shell.write("t.yaml", SCENARIO)
    ran = shell.run("decide", "t.yaml", "--json")
    assert (ran.status, ran.err) == (0, "")
    (answer,) = ran.lines
    assert answer["file"] == "t.yaml"
    first, second = answer["requests"]
    assert first == {
        "id": "r1",
        "items": {"i1": {"outcome": "permit", "basis": ["SVOD 3:1"]}},
        "shows": ["U0"],
        "masked": [],
        "obligations": ["LOG", "REEVALUATE_EACH_FETCH"],
        "errors": [],
        "agrees": True,
        "differs": [],
    }
    assert second["items"]["i1"]["outcome"] == "deny"
    assert "agrees" not in second


def test_several_files_are_several_lines(shell: Shell) -> None:
    shell.write("a.yaml", SCENARIO)
    shell.write("b.yaml", SCENARIO.replace("id: T1", "id: T2"))
    ran = shell.run("decide", "a.yaml", "b.yaml", "--json")
    assert [each["file"] for each in ran.lines] == ["a.yaml", "b.yaml"]


def test_a_disagreement_is_named_and_ends_with_1(shell: Shell) -> None:
    shell.write("t.yaml", SCENARIO.replace("outcome: permit", "outcome: deny"))
    ran = shell.run("decide", "t.yaml", "--json")
    assert ran.status == 1
    assert ran.lines[0]["requests"][0]["differs"] == [
        "i1: expected deny, and the law answers permit"
    ]
    assert "DISAGREES" in shell.run("decide", "t.yaml").out


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: patient", "kinds: patient", "kinds"),
        ("state: current", "state: currant", "state"),
        ("purpose: kvalitet", "purpose: nyfikenhet", "purpose"),
        ("as: vardpersonal", "as: doktor", "as"),
        ("basis: [", "grounds: [", "grounds"),
        ("id: T1", "", "id"),
        ("[U0]", "[U9]", "shows"),
    ],
)
def test_what_is_not_of_the_format_is_named_with_key_file_and_line(
    shell: Shell, old: str, new: str, said: str
) -> None:
    shell.write("t.yaml", SCENARIO.replace(old, new, 1))
    ran = shell.run("decide", "t.yaml", "--json")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("t.yaml:")
    assert said in ran.err


def test_a_file_that_cannot_be_read_does_not_stop_the_others(shell: Shell) -> None:
    shell.write("t.yaml", SCENARIO)
    ran = shell.run("decide", "nosuch.yaml", "t.yaml", "--json")
    assert (ran.status, len(ran.lines)) == (2, 1)
    assert "nosuch.yaml" in ran.err


def test_a_lawyer_can_follow_the_account(shell: Shell) -> None:
    shell.write("t.yaml", SCENARIO)
    out = shell.run("decide", "t.yaml").out
    assert "i1: permit (SVOD 3:1)" in out
    assert "Vårdpersonal hos RegionEtt får läsa uppgiften (SVOD 3:1: " in out
    assert "1. true: " in out
    assert "request.purpose: vard" in out
    assert "2. true: the person has consented" in out


def test_every_file_is_decided_in_one_go(shell: Shell, shared: Path) -> None:
    files = sorted((shared / "scenarios").glob("S*.yaml"))
    ran = shell.run("decide", *files, "--json")
    assert (ran.status, len(ran.lines)) == (0, len(files))


def test_law_diff_says_what_changes_for_whom_and_by_what(shell: Shell) -> None:
    ran = shell.run("law", "diff", "2026-01-01", "ehds", "--facts", LAW, "--json")
    assert ran.status == 0
    assert {each["by"][0] for each in ran.lines} == {"SVOD 2:5", "PDL 4:4"}
    told = shell.run("law", "diff", "2025-06-30", "2025-07-01", "--facts", LAW).out
    assert "(vardpersonal of RegionAlm)" in told
    assert "SVOD 1:1" in told
    same = shell.run("law", "diff", "2026-01-01", "2026-02-01", "--facts", LAW)
    assert same.out == "0 decisions change\n"


@pytest.mark.parametrize(
    "words",
    [("diff", "yesterday", "ehds", "--facts", str(LAW)), ("diff", "ehds", "ehds", "--facts", ".")],
)
def test_a_law_or_folder_that_is_not_there_is_told(shell: Shell, words: tuple[str, ...]) -> None:
    ran = shell.run("law", *words)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err


def test_the_page_of_the_law_is_current(shell: Shell) -> None:
    page = shell.run("law", "page", "--facts", LAW).out
    kept = (LAW.parents[1] / "docs/law.md").read_text(encoding="utf-8")
    assert page == kept, "run: samvy law page > docs/law.md"
    assert json.dumps(page)


CHILD = """
id: T2
facts:
  organisations:
    - {id: Namnd, kind: omsorgsgivare}
    - {id: Region, kind: vardgivare}
  person: {age: 8, can_consent_self: false}
  items:
    - {id: i1, owner: Region}
  relations:
    - {organisation: Namnd, kind: service, state: ongoing}
  consents:
    - {giver: guardian, organisation: Namnd, answer: "yes"}
requests:
  - id: r1
    reader: {user: U, organisation: Namnd, as: omsorgspersonal}
    purpose: insats
"""


@pytest.mark.parametrize(("value", "outcome"), [("no", "metadata"), ("yes", "permit")])
def test_what_the_statutes_leave_open_can_be_switched(
    shell: Shell, value: str, outcome: str
) -> None:
    shell.write("t.yaml", CHILD)
    ran = shell.run(
        "decide", "t.yaml", "--json", "--switch", f"guardian_consents_for_child={value}"
    )
    (answer,) = ran.lines
    assert answer["requests"][0]["items"]["i1"]["outcome"] == outcome


@pytest.mark.parametrize("given", ["nothing=yes", "guardian_sees_child", "guardian_sees_child=1"])
def test_a_switch_that_is_none_is_said_to_be_so(shell: Shell, given: str) -> None:
    shell.write("t.yaml", CHILD)
    ran = shell.run("decide", "t.yaml", "--switch", given)
    assert ran.status == 2
    assert "undated_loss_keeps_consent" in ran.err
