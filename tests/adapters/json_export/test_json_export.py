"""Two JSON exports of different shape: what each record becomes, and what is kept of none."""

from pathlib import Path
from typing import Any

import pytest

from adapters.document import Part, Unreadable
from adapters.json_export import JsonExport
from mappings.source_profile import SourceProfile, load
from tests.adapters.xml_export.conftest import mapped

HERE = Path(__file__).parent
MARK = "MARKORD"


def export(name: str) -> tuple[bytes, SourceProfile]:
    return (HERE / f"{name}.json").read_bytes(), load(f"{name}.yaml", HERE)


def parts(content: bytes, profile: SourceProfile) -> list[Part]:
    return list(JsonExport().read(content, "export.json", profile).parts())


def resources(part: Part) -> list[dict[str, Any]]:
    return [each for record in part.records for each in mapped(record).resources]


@pytest.mark.parametrize("name", ["asby", "dalvik"])
def test_nothing_out_of_scope_is_kept(name: str) -> None:
    content, profile = export(name)
    assert content.decode().count(MARK) >= 3
    delivery = JsonExport().read(content, "export.json", profile)
    found = repr(delivery.notes)
    for part in delivery.parts():
        bodies = [record.body() for record in part.records]
        found += part.raw.decode() + repr((part.name, part.notes, bodies, resources(part)))
    assert MARK not in found


@pytest.mark.parametrize("name", ["asby", "dalvik"])
def test_a_part_read_again_gives_the_same(name: str) -> None:
    content, profile = export(name)
    first = parts(content, profile)[0]
    (again,) = parts(first.raw, profile)
    assert again.raw == first.raw
    assert [r.header for r in again.records] == [r.header for r in first.records]
    assert [r.body() for r in again.records[1:]] == [r.body() for r in first.records[1:]]


def test_nested_records_have_owner_section_and_date() -> None:
    (first, second) = parts(*export("asby"))
    assert second.raw == b""
    headers = {record.header.record_id: record.header for record in first.records}
    assert list(headers) == ["person", "decision/11", "decision/12", "note/21"]
    assert headers["decision/11"].owner == "ASBY-N"
    assert headers["note/21"].service == "SoL 8:1"
    assert headers["note/21"].date_from is not None


def test_a_refusal_in_json_is_no_order() -> None:
    found = resources(parts(*export("asby"))[0])
    orders = [each for each in found if each["resourceType"] == "ServiceRequest"]
    assert [each["code"]["coding"][0]["code"] for each in orders] == ["home_help", "safety_alarm"]
    assert [each["status"] for each in found if each["resourceType"] == "Task"] == ["rejected"]


def test_rows_are_joined_by_two_columns_and_a_row_of_nobody_is_counted() -> None:
    content, profile = export("dalvik")
    delivery = JsonExport().read(content, "x.json", profile)
    assert [n.text.split()[0] for n in delivery.notes if n.code == "no-person-of-row"] == ["1"]
    first, second = delivery.parts()
    assert first.person is not None
    assert first.person.value == "19410372-2383"
    regimes = {r.header.record_id: r.header.regime for r in first.records}
    assert regimes["health_note/1"] == "HSL"
    assert regimes["note/2"] == "SoL"
    assert regimes["decision/5"] == "LSS"
    assert (second.raw, second.records) == (b"", ())


def test_tomorrows_export_of_the_same_is_the_same_part() -> None:
    content, profile = export("asby")
    later = content.replace(b"2026-03-01", b"2026-03-02")
    assert parts(later, profile)[0].raw == parts(content, profile)[0].raw


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "windows-1252"])
def test_encodings(encoding: str) -> None:
    content, profile = export("asby")
    raw = parts(content.decode().encode(encoding), profile)[0].raw
    assert "Göte" in raw.decode()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"distrikt": [{"kod"', "not-json"),
        (b"[" * 100_000, "too-deep"),
        (b"[" * 150 + b"1" + b"]" * 150, "too-deep"),
        (b'{"samvy-part":[1]}', "not-a-part"),
        (b"", "not-json"),
    ],
)
def test_what_cannot_be_read_says_so(content: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parts(content, export("asby")[1])
    assert caught.value.code == code


def test_shared_sample_maps_whole(shared: Path) -> None:
    sample = shared / "sol_samples" / "b_treserva_like_sol_lss.json"
    if not sample.exists():
        pytest.skip("the shared sample is missing")
    older, disabled = parts(sample.read_bytes(), load("treserva_like"))
    assert [
        path for part in (older, disabled) for r in part.records for path in mapped(r).unmapped
    ] == []
    found = resources(older)
    by_type = {
        kind: [e for e in found if e["resourceType"] == kind] for kind in ("ServiceRequest", "Task")
    }
    assert sorted(each["intent"] for each in by_type["ServiceRequest"]) == [
        "order",
        "order",
        "plan",
    ]
    undone = [e for e in by_type["ServiceRequest"] if "not-carried-out" in str(e)]
    assert [e["identifier"][0]["value"] for e in undone] == ["9002"]
    assert len(by_type["Task"]) == 1
    assert {r.header.protected_identity for r in disabled.records} == {"skyddad_folkbokforing"}
    health = next(r.header for r in older.records if r.table == "sol/health_note")
    assert (health.regime, health.service) == ("HSL", None)


KEYED: dict[str, Any] = {
    "profile": "keyed",
    "format": "json",
    "every": {
        "owner": {"value": "N"},
        "unit": {"value": "U"},
        "recipient": {"from": "@mg", "codes": {"A": "older", "E": "out"}},
        "service": {"value": "SoL 8:1"},
    },
    "person": {"each": "klienter/item", "number": "@key"},
    "records": [{"concept": "note", "each": "notat/item", "id": "@key", "text": "@text"}],
}


def test_a_number_that_persons_stand_under_is_read_and_stands_in_no_path() -> None:
    """A receipt tells paths, and must hold no personal value (INTERFACES)."""
    number, other = "194103122385", "195208172391"
    content = (
        f'{{"klienter": {{"{number}": {{"notat": {{"7": {{"text": "Lugnt.", "mg": "A", "x": 1}}}}}}'
        f","
        f' "{other}": {{"notat": {{"8": {{"text": "{MARK}", "mg": "E"}}}}}}}},'
        f' "skyddade": {{"{number}": "{MARK}"}}}}'
    ).encode()
    delivery = JsonExport().read(content, "x.json", KEYED)
    first, second = delivery.parts()
    assert first.person is not None
    assert first.person.value == number
    assert [record.header.record_id for record in first.records] == ["person", "note/7"]
    assert second.records == ()
    paths = [path for record in first.records for path in mapped(record).unmapped]
    assert paths == ["export/klienter/item/notat/item/@x"]
    told = repr((delivery.notes, first.notes, second.notes, paths, first.name, second.name))
    told += repr([record.path for record in first.records])
    assert number not in told
    assert other not in told
    assert MARK.encode() not in first.raw


def test_rows_that_are_joined_keep_the_number_that_they_stand_under() -> None:
    written = {
        **KEYED,
        "joins": {"notat/item": {"under": "klienter/item", "on": {"klient": "key"}}},
        "person": {"each": "klienter/item", "number": "@pnr"},
        "records": [{"concept": "note", "each": "item", "id": "@key", "text": "@text"}],
    }
    content = b"""{"notat": {"7": {"klient": "551", "text": "Lugnt.", "mg": "A"}},
                   "klienter": {"551": {"pnr": "194103122385"}}}"""
    (part,) = JsonExport().read(content, "x.json", written).parts()
    assert [record.header.record_id for record in part.records] == ["person", "note/7"]


def test_rows_are_one_persons_by_a_number_that_lies_within_them() -> None:
    rows = [
        '{"vem": {"nr": "194103122385"}, "id": 1, "text": "Ett.", "mg": "A"}',
        '{"vem": {"nr": "194103122385"}, "id": 2, "text": "Tv\u00e5.", "mg": "A"}',
    ]
    written = {
        **KEYED,
        "persons": {"item": "vem/nr"},
        "person": {"each": "person", "number": "item/vem/@nr"},
        "records": [{"concept": "note", "each": "item", "id": "@id", "text": "@text"}],
    }
    (part,) = JsonExport().read("\n".join(rows).encode(), "x.jsonl", written).parts()
    assert [record.header.record_id for record in part.records] == ["person", "note/1", "note/2"]


@pytest.mark.parametrize(
    ("mark", "struck"), [("null", False), ('"nej"', False), ("false", False), ("true", True),
                         ('"2026-02-20 10:00"', True), ('"Ali"', True)],
)  # fmt: skip
def test_a_mark_that_is_neither_yes_nor_no_counts_as_struck_out(mark: str, *, struck: bool) -> None:
    written = {**KEYED, "every": {**KEYED["every"], "struck_out": "@makulerad"}}
    content = (
        f'{{"klienter": {{"194103122385": {{"notat": {{"7": {{"text": "Lugnt.", "mg": "A", '
        f'"makulerad": {mark}}}}}}}}}}}'
    ).encode()
    (part,) = JsonExport().read(content, "x.json", written).parts()
    assert part.records[1].header.nullified is struck
    told = [note.code for note in part.notes]
    assert told == (["unknown-flag"] if mark in ('"2026-02-20 10:00"', '"Ali"') else [])


def test_all_values_of_a_list_count_where_several_codes_may_stand() -> None:
    plan = {
        "concept": "plan",
        "each": "plan",
        "id": "@id",
        "text": {"all": "rader/@vad", "with": "; "},
        "groups": {
            "activity": {
                "each": "rader",
                "name": "@vad",
                "days": {"from": ["dagar", "@dagar"], "codes": {"TIS": "tue", "FRE": "fri"}},
            }
        },
    }
    written = {**KEYED, "records": [plan]}
    content = b"""{"klienter": {"194103122385": {"plan": {"id": 1, "mg": "A", "rader":
        [{"vad": "Dusch", "dagar": ["TIS", "FRE"]}, {"vad": "Mat", "dagar": "TIS, FRE"},
         {"vad": "Larm", "dagar": ["TIS", "ONS"]}]}}}}"""
    (part,) = JsonExport().read(content, "x.json", written).parts()
    body = part.records[1].body()
    assert body["text"] == "Dusch; Mat; Larm"
    days = [each.get("days") for each in body["activity"]]  # type: ignore[union-attr]
    assert days == [["tue", "fri"], ["tue", "fri"], None]
    assert [note.code for note in part.notes] == ["unknown-code"]
