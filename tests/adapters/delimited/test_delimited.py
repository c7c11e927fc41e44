"""Delimited exports of different shape, and the register files by their layouts."""

import io
import zipfile
from pathlib import Path

import pytest

from adapters.delimited import Delimited
from adapters.document import Part, Unreadable
from mappings.source_profile import SourceProfile, load
from tests.adapters.xml_export.conftest import mapped

HERE = Path(__file__).parent
NUMBER = "194103122385"
PERSONER = f"Löpnummer;Personnummer;Namn\n1;{NUMBER};Göte Ek\n2;195208172391;MARKORD-NAMN\n"
BESLUT = (
    "Beslut nr;Person;Målgrupp;Datum;Lagrum;Utfall;Skäl\n"
    '10;1;Äldre;2026.02.16;"11 kap. 1 § SoL";J;"Skäl med ""citat""; semikolon\noch radbyte"\n'
    '11;1;Äldre;2026.02.16;"11 kap. 1 § SoL";N;\n'
    '12;2;IFO;2026.02.16;"12 kap. 1 § SoL";J;MARKORD-IFO\n'
)
INSATSER = "Rad;Beslut;Typ;Antal\n1;10;HT;12,5\n2;10;LARM;\n3;11;HT;\n"
NOTES = (
    f"{NUMBER}\tGöte Ek\t1\t2026-02-19 21:10\tA\tLugn kväll.\n"
    f"195208172391\tMARKORD\t2\t2026-02-19 21:10\tB\tMARKORD\n"
    f"{NUMBER}\tGöte Ek\t3\t2026-02-20 21:10\tA\tSov gott.\n"
    f"{NUMBER}\tGöte Ek\t4\t2026-02-20 22:10\tB\tMARKORD\n"
)


def zipped(encoding: str = "windows-1252", **files: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        for name, text in files.items():
            made.writestr(f"natt/{name}.csv", text.encode(encoding))
    return archive.getvalue()


EKBY = zipped(personer=PERSONER, beslut=BESLUT, insatser=INSATSER)


def profile(name: str) -> SourceProfile:
    return load(f"{name}.yaml", HERE)


def parts(content: bytes, fitted: SourceProfile, name: str = "natt.zip") -> list[Part]:
    return list(Delimited().read(content, name, fitted).parts())


def test_files_that_belong_together_are_one_delivery() -> None:
    first, second = parts(EKBY, profile("ekby"))
    assert (second.raw, second.records) == (b"", ())
    ids = [record.header.record_id for record in first.records]
    assert ids == ["person", "decision/10", "decision/11"]
    found = [each for record in first.records for each in mapped(record).resources]
    orders = [each for each in found if each["resourceType"] == "ServiceRequest"]
    assert [each["identifier"][0]["value"] for each in orders] == ["1", "2"]
    assert str(orders[0]["quantityQuantity"]["value"]) == "12.5"
    assert [each["status"] for each in found if each["resourceType"] == "Task"] == ["rejected"]
    assert [path for record in first.records for path in mapped(record).unmapped] == []


@pytest.mark.parametrize(
    ("content", "name", "fitted"),
    [(EKBY, "natt.zip", "ekby"), (NOTES.encode("utf-16"), "x.txt", "fors")],
)
def test_nothing_out_of_scope_is_kept(content: bytes, name: str, fitted: str) -> None:
    delivery = Delimited().read(content, name, profile(fitted))
    found = repr(delivery.notes)
    for part in delivery.parts():
        found += part.raw.decode() + repr((part.notes, [r.body() for r in part.records]))
    assert "MARKORD" not in found
    assert "Göte" in found


def test_rows_of_one_person_are_one_part_and_read_again_the_same() -> None:
    fitted = profile("fors")
    (first, _) = parts(NOTES.encode("utf-16"), fitted, "x.txt")
    assert [r.header.record_id for r in first.records] == ["person", "note/1", "note/3"]
    (again,) = parts(first.raw, fitted, "x.txt")
    assert (again.raw, [r.header for r in again.records]) == (
        first.raw,
        [r.header for r in first.records],
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252", "latin-1"])
def test_encodings_without_a_word_in_the_profile(encoding: str) -> None:
    first = parts(NOTES.encode(encoding), profile("fors"), "x.txt")[0]
    assert "Göte" in first.raw.decode()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (
            zipped("windows-1252", personer=PERSONER, beslut=BESLUT[: BESLUT.index("citat")]),
            "not-delimited",
        ),
        (EKBY[:300], "not-zip"),
        (PERSONER.replace("Namn", "Löpnummer").encode("windows-1252"), "repeated-column"),
    ],
)
def test_what_cannot_be_read_says_so(content: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parts(content, profile("ekby"), "personer.csv")
    assert caught.value.code == code
    assert "Göte" not in caught.value.text + caught.value.place


def khsl(*rows: str) -> list[Part]:
    return parts("\r\n".join(rows).encode(), load("khsl"), "khsl2_202602.csv")


GOOD = f"202602;9901;{NUMBER};1;;20260203;PD008;XS919;XS910;;;"


@pytest.mark.parametrize(
    "row",
    [
        GOOD,
        f"202602;9901;{NUMBER};1;;20260203;PD008;XS919;XS910;XS912;XS913;XS914",
        f"202602;9901;{NUMBER};1;;20260203;QC000;XS919;;;;",
    ],
)
def test_a_row_by_the_rules_is_an_action(row: str) -> None:
    (part,) = khsl(row)
    assert part.refused == ()
    (action,) = [r for r in part.records if r.table == "sol/health_action"]
    (made,) = mapped(action).resources
    assert made["resourceType"] == "Procedure"
    assert made["performer"][0]["function"]["coding"][0]["code"] == "XS919"
    warned = [note.code for note in part.notes if note.severity == "warning"]
    assert warned == (["breaks-rule"] if "QC000" in row else [])


@pytest.mark.parametrize(
    "row",
    [
        f"202602;9901;{NUMBER};1;;20260203;PD008;XS919",
        GOOD + ";",
        GOOD.replace("PD008", "PD000"),
        GOOD.replace("PD008", "PD008  A"),
        GOOD.replace("PD008", ""),
        GOOD.replace("XS919", "XS921"),
        GOOD.replace("XS910", "XS915"),
        GOOD.replace("XS919", ""),
    ],
)
def test_a_row_against_the_rules_is_kept_apart_and_the_others_are_taken(row: str) -> None:
    good, broken = khsl(GOOD, row)
    assert [r.header.record_id for r in good.records][:1] == ["person"]
    assert len(good.records) == 2
    assert (broken.records, bool(broken.refused)) == ((), True)
    assert {note.place for note in broken.refused} == {"row 2"}
    assert NUMBER not in repr(broken.refused)


@pytest.mark.parametrize(
    ("name", "fitted", "kind"),
    [
        ("c1_khsl1_personmanad.csv", "khsl", "EpisodeOfCare"),
        ("c2_khsl2_kva.csv", "khsl", "Procedure"),
        ("c3_sol1_pagaende.csv", "sol_register", "ServiceRequest"),
        ("c4_sol2_handelser.csv", "sol_register", "ServiceRequest"),
        ("c5_lss_1oktober.csv", "lss", "ServiceRequest"),
    ],
)
def test_shared_register_files(shared: Path, name: str, fitted: str, kind: str) -> None:
    sample = shared / "sol_samples" / name
    if not sample.exists():
        pytest.skip("the shared sample is missing")
    for given in (name, "a file of another name.csv"):
        read = parts(sample.read_bytes(), load(fitted), given)
        assert read
        assert sum(bool(part.refused) for part in read) == (name == "c2_khsl2_kva.csv")
        for part in read:
            made = [each for r in part.records for each in mapped(r).resources]
            assert part.refused or kind in {each["resourceType"] for each in made}
            assert [path for r in part.records for path in mapped(r).unmapped] == []
