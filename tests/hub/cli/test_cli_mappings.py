"""samvy mappings try and new: what a profile makes of an export, and a draft for one unknown."""

import json
from pathlib import Path

import pytest

from mappings.source_profile import load
from tests.adapters.delimited.test_delimited import BESLUT, INSATSER, PERSONER
from tests.hub.cli.cli_runner import Shell
from tests.hub.ingest.unseen.exports import EXPORTS
from tests.hub.ingest.unseen.odd_exports import ODD

JSON_FOLDER = Path(__file__).parents[2] / "adapters" / "json_export"
XML_FOLDER = Path(__file__).parents[2] / "adapters" / "xml_export"
DELIMITED = (
    "Personnummer;Namn;Nr;Datum;Målgrupp;Lagrum;Utfall;Insats\n"
    "194103122385;Göte Ek;1;2026-02-16;Äldre;11 kap. 1 § SoL;Bifall;Hemtjänst\n"
    "194103122385;Göte Ek;2;2026-02-16;Äldre;11 kap. 1 § SoL;Avslag;Trygghetslarm\n"
    "195208172391;MARKORD;3;2026-02-16;Ekonomi;12 kap. 1 § SoL;Bifall;MARKORD\n"
)


@pytest.mark.parametrize(
    ("profile", "file"),
    [
        (JSON_FOLDER / "asby.yaml", JSON_FOLDER / "asby.json"),
        (XML_FOLDER / "granvik.yaml", XML_FOLDER / "granvik.xml"),
    ],
)
def test_what_each_field_became_and_nothing_out_of_scope(
    shell: Shell, profile: Path, file: Path
) -> None:
    before = sorted(shell.folder.rglob("*"))
    ran = shell.run("mappings", "try", profile, file)
    assert ran.status == 0, ran.err
    assert "decision.date" in ran.out
    assert "ServiceRequest.authoredOn" in ran.out
    for word in ("MARKORD", "Göte", "Lugn", "Orolig", "410312"):
        assert word not in ran.out + ran.err
    assert sorted(shell.folder.rglob("*")) == before


def test_unknown_codes_get_the_nearest_and_unknown_areas_are_named(shell: Shell) -> None:
    content = (JSON_FOLDER / "asby.json").read_text("utf-8").replace('"Larm"', '"Larmet"')
    ran = shell.run(
        "mappings", "try", JSON_FOLDER / "asby.yaml", shell.write("a.json", content), "--json"
    )
    (report,) = ran.lines
    (code,) = report["unknown_codes"]
    assert (code["code"], code["nearest"]) == (
        "Larmet",
        {"code": "larm", "meaning": "safety_alarm"},
    )
    assert report["unknown_areas"] == [{"code": "Nytt", "times": 1}]


def test_what_is_not_used_is_named_without_its_value(shell: Shell) -> None:
    content = (JSON_FOLDER / "asby.json").read_text("utf-8")
    content = content.replace('"ord": "Lugn kväll."', '"ord": "Lugn kväll.", "ton": "HEMLIGT"')
    ran = shell.run("mappings", "try", JSON_FOLDER / "asby.yaml", shell.write("a.json", content))
    assert "export/distrikt/klienter/mappar/dagbok/@ton" in ran.out
    assert "HEMLIGT" not in ran.out


def test_a_mistake_in_the_profile_is_told_by_key(shell: Shell) -> None:
    text = (JSON_FOLDER / "asby.yaml").read_text("utf-8").replace("rekords", "records")
    wrong = shell.write("wrong.yaml", text.replace("records:", "rekords:"))
    ran = shell.run("mappings", "try", wrong, JSON_FOLDER / "asby.json")
    assert ran.status == 2
    assert "did you mean 'records'" in ran.err


@pytest.mark.parametrize(
    ("file", "concepts"),
    [
        (JSON_FOLDER / "asby.json", {"decision", "note"}),
        (JSON_FOLDER / "dalvik.json", {"decision"}),
        (XML_FOLDER / "granvik.xml", {"decision"}),
        (XML_FOLDER / "ljunga.xml", {"decision", "application"}),
        (None, {"decision"}),
    ],
)
def test_a_draft_loads_and_gives_records(
    shell: Shell, file: Path | None, concepts: set[str]
) -> None:
    export = file or shell.write("uttag.csv", DELIMITED)
    drafted = shell.run("mappings", "new", "--from", export)
    assert drafted.status == 0, drafted.err
    assert "DECIDE" in drafted.out
    assert "Göte" not in drafted.out
    profile = shell.write("mine.yaml", drafted.out)
    assert load(str(profile)).name == "draft"
    ran = shell.run("mappings", "try", profile, export, "--json")
    assert ran.status == 0, ran.err
    report = json.loads(ran.out)
    assert report["persons"] >= 1
    assert set(report["records"]) >= concepts


DECIDED = {
    "kallinge": (
        {
            'recipient: [{from: "@omr", codes: {"IFO": "out", "Äldre": "older"}}]': (
                'recipient: [{from: "@omr", codes: {"IFO": "out", "Äldre": "older"}}, '
                '{from: "@lag", codes: {SOL: older, HSL: older, EKB: out}}]'
            ),
            'codes: {}}  # DECIDE\n        quantity: "@ant"': (
                "codes: {HTJ: home_help, LRM: safety_alarm, LDS: escort, FST: out}}\n"
                '        quantity: "@ant"'
            ),
        },
        {"decision": 2, "note": 3},
    ),
    "lillboda": ({}, {"decision": 1, "note": 3}),
    "mosseby": (
        {},
        {
            "decision": 2,
            "note": 2,
            "investigation": 1,
            "assignment": 1,
            "plan": 1,
            "follow_up": 1,
        },
    ),
    "norrvik": ({}, {"decision": 1, "note": 2}),
    "porla": (
        {"codes: {}}": 'codes: {"10": home_help, "20": safety_alarm, "30": escort}}'},
        {"decision": 2, "note": 1},
    ),
    "qvarnby": (
        {'"HSL": "out"': '"HSL": "disability"'},
        {"decision": 2, "note": 2},
    ),
    "rasbo": ({'"Ä": "out"': '"Ä": "older"'}, {"assignment": 1, "decision": 1, "note": 1}),
}
"""What somebody who knows the export decides in its draft, and the records that it gives then."""


@pytest.mark.parametrize("name", DECIDED)
def test_a_draft_of_an_unseen_export_needs_few_decisions(shell: Shell, name: str) -> None:
    _, file, content = EXPORTS[name]
    export = shell.write(file, content)
    drafted = shell.run("mappings", "new", "--from", export)
    assert drafted.status == 0, drafted.err
    for word in ("MARKORD", "Ada", "Åkerö", "194103122385", "410312"):
        assert word not in drafted.out
    decisions, records = DECIDED[name]
    text = drafted.out
    for before, after in decisions.items():
        assert before in text, text
        text = text.replace(before, after)
    ran = shell.run("mappings", "try", shell.write("mine.yaml", text), export, "--json")
    assert ran.status == 0, ran.err
    report = json.loads(ran.out)
    assert {key: n for key, n in report["records"].items() if key != "person"} == records
    assert not [each for each in report["unknown_codes"] if each["field"].endswith("date")]
    assert "MARKORD" not in ran.out or name == "lillboda"


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("tjust", "#   item/item/item (5): @1, @2, @3, @4, @5, @6"),
        (
            "ullared",
            "#   item (8): @_typ, @arendenr, @nr, @skrevs, @av, @text, @kommun, @lopnr, @pnr",
        ),
        ("viskan", "#   besl (3): @1, @2, @3, @4, @5, @6, @7, @8, @9, @10"),
        ("asele", "#   Mottagare/Person/Akt/Post/Falt (9): @namn, @varde, ., b"),
    ],
)
def test_a_draft_without_persons_or_records_says_what_stands_where(
    shell: Shell, name: str, place: str
) -> None:
    _, file, content = ODD[name]
    ran = shell.run("mappings", "new", "--from", shell.write(file, content))
    assert ran.status == 0, ran.err
    assert place in ran.out, ran.out
    for word in ("MARKORD", "Ada", "Åkerö", "194103122385", "410312"):
        assert word not in ran.out
    load(str(shell.write("mine.yaml", ran.out)))


def test_what_is_no_export_is_told(shell: Shell) -> None:
    ran = shell.run("mappings", "new", "--from", shell.write("x.txt", b"\x00\x01\x02"))
    assert ran.status == 2
    assert "Traceback" not in ran.err


def test_a_folder_of_delimited_files_is_one_delivery(shell: Shell) -> None:
    """The three files of ekby are given as they lie in a folder, and tried with their profile."""
    folder = Path(__file__).parents[2] / "adapters" / "delimited"
    files = {"personer": PERSONER, "beslut": BESLUT, "insatser": INSATSER}
    for name, text in files.items():
        shell.write(f"natt/{name}_2026.csv", text.encode("windows-1252"))
    ran = shell.run("mappings", "try", folder / "ekby.yaml", shell.folder / "natt", "--json")
    assert ran.status == 0, ran.err
    assert ran.lines[0]["records"] == {"decision": 2, "person": 1}
    assert "missing-file" not in ran.out


def test_whose_each_record_is_and_what_would_wait_in_quarantine_is_told(shell: Shell) -> None:
    """The nurse's note is under HSL, the case officer's under SoL; a number is no number."""
    _, file, content = EXPORTS["kallinge"]
    profile = Path(__file__).parents[1] / "ingest" / "unseen" / "kallinge.yaml"
    ran = shell.run("mappings", "try", profile, shell.write(file, content), "--json")
    whose = {(e["concept"], e["owner"], e["regime"], e["unit"]) for e in ran.lines[0]["whose"]}
    assert ("note", "K", "HSL", "HSL-N") in whose
    assert ("note", "N", "SoL", "HT-N") in whose
    wrong = content.replace(b"4103122385", b"4113992385")
    ran = shell.run("mappings", "try", profile, shell.write(file, wrong))
    assert "no-person-number at person number" in ran.out
    assert "411399" not in ran.out
    named = content.replace(b'avd="HT-N"', b'avd="Eva Ek"')
    ran = shell.run("mappings", "try", profile, shell.write(file, named))
    assert "Eva Ek" not in ran.out
