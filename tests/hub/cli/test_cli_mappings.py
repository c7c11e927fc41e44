"""samvy mappings try and new: what a profile makes of an export, and a draft for one unknown."""

import json
from pathlib import Path

import pytest

from mappings.source_profile import load
from tests.adapters.delimited.test_delimited import BESLUT, INSATSER, PERSONER
from tests.hub.cli.cli_runner import Shell

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
