"""What SVOD does not cover is in no part, record, note or resource (P6; SVOD 1:1 and 1:3)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.document import Part
from adapters.xml_export import XmlExport
from mappings.source_profile import SourceProfile, check, load

Export = tuple[bytes, SourceProfile]
Read = Callable[[bytes, SourceProfile], list[Part]]
Resources = Callable[[Part], list[dict[str, Any]]]

MARK = "MARKORD"


def everything(part: Part, resources: Resources) -> str:
    bodies = [record.body() for record in part.records]
    headers = [str(record) for record in part.records]
    return part.raw.decode() + repr((part.name, part.notes, bodies, headers, resources(part)))


def codes(part: Part) -> dict[str, int]:
    return {note.code: int(note.text.split()[0]) for note in part.notes if note.text[0].isdigit()}


def test_marked_words_stand_in_the_exports(granvik: Export, ljunga: Export) -> None:
    assert granvik[0].decode("iso-8859-1").count(MARK) == 12
    assert ljunga[0].decode().count(MARK) == 3


@pytest.mark.parametrize("name", ["granvik", "ljunga"])
def test_nothing_out_of_scope_is_kept(
    name: str, request: pytest.FixtureRequest, read: Read, resources: Resources
) -> None:
    content, profile = request.getfixturevalue(name)
    for part in read(content, profile):
        assert MARK not in everything(part, resources)
    assert MARK not in repr(XmlExport().read(content, "x", profile).notes)


def test_what_is_left_out_is_counted_and_not_described(granvik: Export, read: Read) -> None:
    first = read(*granvik)[0]
    assert codes(first) == {
        "not-shared": 1,
        "out-of-scope": 5,
        "undescribed": 1,
        "unjudged": 2,
    }
    told = repr(first.notes)
    for word in ("EB", "ekonomi", "LVM", "missbruk", "Missbruk", "7002", "410312", "Göte"):
        assert word not in told


def test_documentation_that_is_not_per_person_is_counted(granvik: Export) -> None:
    notes = XmlExport().read(granvik[0], "x", granvik[1]).notes
    assert [(note.code, note.text.split()[0]) for note in notes] == [("not-per-person", "1")]


def test_a_person_with_nothing_in_scope_is_not_kept_at_all(granvik: Export, read: Read) -> None:
    second = read(*granvik)[1]
    assert (second.raw, second.person, second.records) == (b"", None, ())
    assert "nothing-in-scope" in [note.code for note in second.notes]


def test_what_follows_a_decision_out_of_scope_goes_with_it(granvik: Export, read: Read) -> None:
    ids = [record.header.record_id for record in read(*granvik)[0].records]
    assert "decision/4" not in ids
    assert "plan/78" not in ids
    assert "plan/77" in ids


def test_a_decision_about_services_within_and_without_goes_whole(
    ljunga: Export, read: Read
) -> None:
    ids = [record.header.record_id for record in read(*ljunga)[1].records]
    assert "decision/D5" not in ids
    assert {"decision/D3", "decision/D4"} <= set(ids)


def test_an_area_that_the_profile_does_not_name_is_outside(granvik: Export, read: Read) -> None:
    content, profile = granvik
    renamed = content.replace(b'nr="7001" slag="AO"', b'nr="7001" slag="NYTT"')
    first = read(renamed, profile)[0]
    assert [record.table for record in first.records] == ["sol/person", "sol/health_note"]


def test_comments_and_loose_text_after_what_goes_are_not_kept(
    granvik: Export, read: Read, resources: Resources
) -> None:
    content = granvik[0].replace(
        b'<g:Akt nr="7001" slag="AO"/>',
        b'<!-- MARKORD --><?note MARKORD?><g:Akt nr="7001" slag="AO"/>'
        b'<g:Akt nr="7009" slag="EB"/>MARKORD',
    )
    for part in read(content, granvik[1]):
        assert MARK not in everything(part, resources)


def test_a_part_read_again_gives_the_same(granvik: Export, ljunga: Export, read: Read) -> None:
    for content, profile in (granvik, ljunga):
        for part in read(content, profile):
            if not part.records:
                continue
            (again,) = read(part.raw, profile)
            assert again.raw == part.raw
            assert [r.header for r in again.records] == [r.header for r in part.records]
            assert [r.path for r in again.records] == [r.path for r in part.records]
            for one, two in zip(again.records[1:], part.records[1:], strict=True):
                assert one.body() == two.body()


def test_the_same_person_in_tomorrows_export_is_the_same_part(granvik: Export, read: Read) -> None:
    tonight = granvik[0].replace(b'tid="2026-03-02 03:00"', b'tid="2026-03-03 03:00"')
    assert tonight != granvik[0]
    assert read(tonight, granvik[1])[0].raw == read(*granvik)[0].raw


def test_only_organisations_that_the_person_meets_are_kept(granvik: Export, read: Read) -> None:
    raw = read(*granvik)[0].raw.decode()
    assert "Hemtjänst Syd" in raw
    assert "OANVAND" not in raw


def test_the_whole_person_can_be_withheld(ljunga: Export, read: Read) -> None:
    document = json.loads(json.dumps(dict(ljunga[1].document)))
    document["withhold"] = [{"each": ".", "when": {"Skydd": "folkbokföring"}, "as": "not_shared"}]
    first, second = read(ljunga[0], check(document))
    assert first.raw == b""
    assert second.raw != b""


def test_shared_sample_leaves_economic_aid_and_the_note_that_must_not_be_shared(
    shared: Path,
    read: Read,
    resources: Resources,
) -> None:
    sample = shared / "sol_samples" / "a_lifecare_like_sol.xml"
    if not sample.exists():
        pytest.skip("the shared sample is missing")
    (part,) = read(sample.read_bytes(), load("lifecare_like"))
    found = everything(part, resources)
    for word in ("EKONOMISKT", "AR-2026-0099", "JA-4", "inte ska delas", "REJECTED"):
        assert word not in found
    assert codes(part) == {"not-shared": 1, "out-of-scope": 1}


def test_what_is_withheld_on_a_condition_is_counted_only_where_it_holds(granvik: Export) -> None:
    """A rule about the whole export asks for its condition, as one about a person does."""
    written = yaml.safe_load((Path(__file__).parent / "granvik.yaml").read_text(encoding="utf-8"))
    written["withhold"][1]["when"] = {"@datum": "01.02.2026"}
    content = granvik[0].replace(
        b"</g:Enheter>",
        b'</g:Enheter><g:Gruppverksamhet datum="02.02.2026">x</g:Gruppverksamhet>',
    )
    notes = XmlExport().read(content, "x", written).notes
    counted = {note.code: int(note.text.split()[0]) for note in notes}
    assert counted["not-per-person"] == 1
    assert counted["undescribed"] == 1
