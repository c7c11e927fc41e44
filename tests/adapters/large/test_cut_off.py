"""Exports that break off: who was read whole is taken, and what follows is named by its place."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from adapters.document import Delivery, Part, Unreadable
from adapters.incoming import OnDisk
from hub.ingest.adapters import ADAPTERS
from tests.bench.made_export import ADAPTER, FORMS, Made, profile, write

PERSONS = 6
NESTED = ("json", "xml")


def read(form: str, content: bytes | OnDisk, name: str = "export") -> Delivery:
    adapter = ADAPTERS[ADAPTER.get(form, "delimited")].adapter
    return adapter.read(content, name, profile(form))


def made(folder: Path, form: str, **more: Any) -> Path:  # noqa: ANN401
    return write(folder / form, form, Made(PERSONS, notes=2, **more))


def persons(parts: list[Part]) -> list[str | None]:
    return [part.person.value if part.person else None for part in parts]


@pytest.mark.parametrize("form", FORMS)
def test_a_whole_export_gives_everybody_and_can_be_gone_on_with(tmp_path: Path, form: str) -> None:
    delivery = read(form, OnDisk(made(tmp_path, form)))
    parts = list(delivery.parts())
    assert delivery.persons == len(parts) == len(set(persons(parts))) == PERSONS
    assert delivery.notes == ()
    assert [part.number for part in parts] == list(range(1, PERSONS + 1))
    rest = list(delivery.parts(4))
    assert [(part.raw, part.name) for part in rest] == [(p.raw, p.name) for p in parts[4:]]
    assert all(part.alone for part in parts)


@pytest.mark.parametrize("form", NESTED)
def test_persons_before_the_break_are_whole_and_the_place_is_told(
    tmp_path: Path, form: str
) -> None:
    content = made(tmp_path, form).read_bytes()
    whole = list(read(form, content).parts())
    ends = [content.index(str(f"Person {n}").encode()) for n in range(PERSONS)]
    for number in range(1, PERSONS):
        # Anywhere within the next person: in a name, in a value, between two of its records.
        for cut in range(ends[number], min(ends[number] + 700, len(content) - 12), 97):
            delivery = read(form, content[:cut])
            parts = list(delivery.parts())
            assert [p.raw for p in parts] == [p.raw for p in whole[: len(parts)]]
            assert len(parts) in (number, number + 1)
            assert delivery.broken is not None
            assert delivery.broken.place.startswith("line ")
            assert not any(part.alone for part in parts)


@pytest.mark.parametrize("form", NESTED)
def test_nobody_read_whole_is_nothing_read(tmp_path: Path, form: str) -> None:
    content = made(tmp_path, form).read_bytes()
    with pytest.raises(Unreadable):
        read(form, content[: content.index(b"Person 0") + 20])


def test_damage_in_the_middle_is_where_reading_stops(tmp_path: Path) -> None:
    content = made(tmp_path, "json").read_bytes()
    broken = content.replace(b'"namn": "Person 3"', b'"namn" "Person 3"')
    delivery = read("json", broken)
    assert len(list(delivery.parts())) == 3
    assert delivery.broken is not None
    assert delivery.broken.place.startswith("line 5, byte ")


def test_rows_of_a_person_stand_in_several_places_so_that_nobody_is_whole(tmp_path: Path) -> None:
    content = made(tmp_path, "json_flat").read_bytes()
    with pytest.raises(Unreadable) as caught:
        read("json_flat", content[:-100])
    assert caught.value.code == "not-json"
    content = made(tmp_path, "xml_flat").read_bytes()
    with pytest.raises(Unreadable) as caught:
        read("xml_flat", content[:-100])
    assert caught.value.code == "not-well-formed"
    folder = made(tmp_path, "delimited")
    notes = folder / "notat.csv"
    notes.write_bytes(notes.read_bytes()[:-12])
    with pytest.raises(Unreadable) as caught:
        read("delimited", OnDisk(folder))
    assert (caught.value.code, caught.value.place) == ("not-delimited", "line 13")


def test_rows_that_are_each_a_person_are_taken_as_far_as_they_go() -> None:
    written = {**profile("delimited"), "files": {"klienter": {"name": "*.csv", "delimiter": ";"}}}
    del written["joins"]
    written["records"] = [
        {"concept": "note", "each": ".", "id": "@nr", "text": "@ord", "time": "@tid"}
    ]
    header = b"grupp;pnr;namn;nr;tid;ord\n"
    row = b"A;194103122385;Ek;%d;2026-02-19;Lugn.\n"
    content = header + row % 1 + row % 2 + b"A;19410312"
    adapter = ADAPTERS["delimited"].adapter
    delivery = adapter.read(content, "x.csv", written)
    assert len(list(delivery.parts())) == 2
    assert delivery.broken is not None
    assert delivery.broken.place == "line 4"
    assert adapter.read(header + row % 1 + row % 2, "x.csv", written).broken is None
    # A last row that merely lacks its line's end is whole.
    assert adapter.read(header + row[:-1] % 1, "x.csv", written).broken is None


def test_an_archive_with_a_wrong_checksum_is_damaged(tmp_path: Path) -> None:
    folder = made(tmp_path, "delimited", text="Ovanliga ord. " * 40)
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as packed:
        for file in sorted(folder.iterdir()):
            packed.write(file, file.name)
    assert len(list(read("delimited", OnDisk(archive), "x.zip").parts())) == PERSONS
    archive.write_bytes(archive.read_bytes().replace(b"Ovanliga", b"Vanliga!", 1))
    with pytest.raises(Unreadable) as caught:
        read("delimited", OnDisk(archive), "x.zip")
    assert caught.value.code == "not-zip"


def _encoded_again(path: Path, encoding: str) -> None:
    path.write_bytes(path.read_bytes().decode("utf-8").encode(encoding))


@pytest.mark.parametrize("form", ["json", "json_flat", "xml", "xml_flat"])
def test_a_whole_export_in_another_encoding_is_told_and_the_profile_can_say_which(
    tmp_path: Path, form: str
) -> None:
    path = made(tmp_path, form)
    _encoded_again(path, "cp865")
    adapter = ADAPTERS[ADAPTER[form]].adapter
    written = profile(form)
    if form.startswith("xml"):
        with pytest.raises(Unreadable) as caught:
            list(read(form, OnDisk(path)).parts())
        assert caught.value.code == "wrong-encoding"
    else:
        with pytest.raises(Unreadable) as caught:
            adapter.read(OnDisk(path), "x", {**written, "encoding": "utf-8"})
        assert caught.value.code == "wrong-encoding"
    parts = list(adapter.read(OnDisk(path), "x", {**written, "encoding": "cp865"}).parts())
    assert len(parts) == PERSONS
    assert {r.body()["text"] for p in parts for r in p.records if r.table == "sol/note"} == {
        "Lugn kväll."
    }
