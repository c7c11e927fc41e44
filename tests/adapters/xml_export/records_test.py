"""Records of two differently built exports: headers, bodies and what became of every field."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.document import Part, Record
from mappings.source_profile import SourceProfile, check, load

Export = tuple[bytes, SourceProfile]
Read = Callable[[bytes, SourceProfile], list[Part]]
Resources = Callable[[Part], list[dict[str, Any]]]


def by_id(part: Part) -> dict[str, Record]:
    return {record.header.record_id: record for record in part.records}


def of_type(found: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [each for each in found if each["resourceType"] == name]


def test_a_short_number_gets_the_century_that_stands_beside_it(granvik: Export, read: Read) -> None:
    person = read(*granvik)[0].person
    assert person is not None
    assert person.value == "19410312-2385"


def test_a_person_without_a_number_is_kept_for_correction(granvik: Export, read: Read) -> None:
    first = read(granvik[0].replace(b'pnr="410312-2385"', b'pnr=""'), granvik[1])[0]
    assert first.person is None
    assert first.raw
    assert "no-person-number" in [note.code for note in first.notes]


def test_owner_and_unit_are_as_the_export_writes_them(granvik: Export, read: Read) -> None:
    records = by_id(read(*granvik)[0])
    assert (records["decision/1"].header.owner, records["decision/1"].header.regime) == (
        "OMSORGSNAMND",
        "SoL",
    )
    assert records["note/500"].header.unit == "HEM-SYD"
    health = records["health_note/500"].header
    assert (health.owner, health.regime, health.info_type, health.service) == (
        "HSL-SYD",
        "HSL",
        "note",
        None,
    )


def test_a_missing_owner_is_none(granvik: Export, read: Read) -> None:
    content = granvik[0].replace(
        b'av="Ssk Nilsson" yrke="Sjuksk\xf6terska" kva="PD008" enh="HSL-SYD"', b'enh="?"'
    )
    health = by_id(read(content, granvik[1])[0])["health_note/500"].header
    assert (health.owner, health.unit) == (None, None)


def test_the_service_is_the_section_that_it_rests_on(
    granvik: Export, ljunga: Export, read: Read
) -> None:
    assert by_id(read(*granvik)[0])["decision/2"].header.service == "SoL 8:4"
    lss, sol = (by_id(part) for part in read(*ljunga))
    assert (lss["decision/D1"].header.regime, lss["decision/D1"].header.service) == ("LSS", "LSS 9")
    assert sol["decision/D3"].header.service == "SoL2001 3:6"
    assert sol["decision/D4"].header.service == "SoL 11:5 home_help"


def test_a_note_rests_on_what_was_granted_when_it_was_written(
    granvik: Export, ljunga: Export, read: Read
) -> None:
    assert by_id(read(*granvik)[0])["note/500"].header.service == "SoL 8:1"
    sol = by_id(read(*ljunga)[1])
    assert sol["note/H1"].header.service == "SoL2001 3:6"
    assert sol["note/H2"].header.service == "SoL 11:5 home_help"


def test_a_note_older_than_the_act_that_its_case_rests_on_is_old_law_documentation(
    ljunga: Export, read: Read
) -> None:
    before = b"<Nummer>D3</Nummer>"
    start = ljunga[0].index(b"<Beslut>" + before)
    end = ljunga[0].index(b"</Beslut>", start) + len(b"</Beslut>")
    sol = by_id(read(ljunga[0][:start] + ljunga[0][end:], ljunga[1])[1])
    assert sol["note/H1"].header.service == "SoL2001 4:2 a"
    assert sol["note/H2"].header.service == "SoL 11:5 home_help"


def test_a_person_can_be_the_whole_document(ljunga: Export, read: Read) -> None:
    start, end = ljunga[0].index(b"<Klient>"), ljunga[0].index(b"</Klient>") + len(b"</Klient>")
    written = {**ljunga[1].document, "root": "Klient"}
    authority = {"owner": {"value": "N"}, "unit": {"value": "N"}}
    written["person"] = {**dict(ljunga[1].document["person"]), "each": ".", **authority}  # type: ignore[call-overload]
    (part,) = read(ljunga[0][start:end], check(written))
    assert [record.header.record_id for record in part.records][:2] == ["person", "application/B1"]
    (again,) = read(part.raw, check(written))
    assert again.raw == part.raw


def test_a_date_spans_the_swedish_day_and_a_time_its_second(granvik: Export, read: Read) -> None:
    records = by_id(read(*granvik)[0])
    day = records["decision/1"].header
    assert (day.date_from, day.date_to) == (
        datetime(2026, 2, 15, 23, tzinfo=UTC),
        datetime(2026, 2, 16, 23, tzinfo=UTC),
    )
    time = records["note/500"].header
    assert time.date_from == datetime(2026, 2, 19, 20, 10, tzinfo=UTC)
    assert time.date_to is not None
    assert (time.date_to - time.date_from).total_seconds() <= 60


def test_a_note_that_was_struck_out_is_nullified_and_in_error(
    granvik: Export, read: Read, resources: Resources
) -> None:
    part = read(*granvik)[0]
    assert by_id(part)["note/503"].header.nullified
    errors = [each for each in resources(part) if each.get("status") == "entered-in-error"]
    assert [each["identifier"][0]["value"] for each in errors] == ["503"]


def test_protected_identity_is_marked_and_masked(
    ljunga: Export, read: Read, resources: Resources
) -> None:
    part = read(*ljunga)[0]
    for record in part.records:
        assert record.header.protected_identity == "skyddad_folkbokforing"
        assert set(record.header.masks) == {"address", "contact", "unit_name"}
    (patient,) = of_type(resources(part), "Patient")
    assert [each["code"] for each in patient["meta"]["security"]] == ["skyddadFolkbokforing"]


def test_a_mark_of_protection_that_is_not_known_protects(
    ljunga: Export, read: Read, resources: Resources
) -> None:
    content = ljunga[0].replace(b"<Skydd>nej</Skydd>", b"<Skydd>kanske</Skydd>")
    part = read(content, ljunga[1])[1]
    assert {record.header.protected_identity for record in part.records} == {"sekretessmarkering"}
    (patient,) = of_type(resources(part), "Patient")
    assert patient["meta"]["security"][0]["code"] == "sekretessmarkering"


def test_a_refused_decision_is_never_a_service(
    granvik: Export, read: Read, resources: Resources
) -> None:
    found = resources(read(*granvik)[0])
    orders = of_type(found, "ServiceRequest")
    assert [each["requisition"]["value"] for each in orders if each["intent"] == "order"] == ["1"]
    assert "special_housing" not in str(orders)
    (refusal,) = of_type(found, "Task")
    assert (refusal["status"], refusal["identifier"][0]["value"]) == ("rejected", "2")


@pytest.mark.parametrize("outcome", [b"9", b"", b"BIFALL"])
def test_an_outcome_that_is_not_known_is_no_yes(
    outcome: bytes, granvik: Export, read: Read, resources: Resources
) -> None:
    content = granvik[0].replace(b'res="2"', b'res="%s"' % outcome)
    found = resources(read(content, granvik[1])[0])
    assert of_type(found, "ServiceRequest") == []
    assert sorted(each["status"] for each in of_type(found, "Task")) == ["on-hold", "rejected"]


def test_a_partly_granted_decision_says_so(
    granvik: Export, read: Read, resources: Resources
) -> None:
    (order,) = of_type(resources(read(*granvik)[0]), "ServiceRequest")
    assert {"delvis"} == {
        each.get("valueCode") for each in order["extension"] if each["url"].endswith("/utfall")
    }
    assert str(order["quantityQuantity"]["value"]) == "12.5"


def test_home_help_without_a_needs_test_is_planned_and_not_ordered(
    ljunga: Export, read: Read, resources: Resources
) -> None:
    requests = of_type(resources(read(*ljunga)[1]), "ServiceRequest")
    untested = [each for each in requests if each["identifier"][0]["value"] == "I4"]
    assert [(each["intent"], "requisition" in each) for each in untested] == [("plan", False)]


def test_every_field_is_mapped_left_out_or_reported(
    granvik: Export, ljunga: Export, read: Read, unmapped: Callable[[Part], list[str]]
) -> None:
    assert unmapped(read(*granvik)[0]) == [
        "Uttag/Personer/Person/Missbruksutredning",
        "Uttag/Personer/Person/Beslutsrad/@extra",
    ]
    content = ljunga[0].replace(
        b"<Skydd>nej</Skydd>", b'<Skydd>nej</Skydd><Okand x="1">text</Okand>'
    )
    content = content.replace(b"<Vem>Ida</Vem>", b"<Vem>Ida</Vem><Kanal>telefon</Kanal>")
    assert sorted(set(unmapped(read(content, ljunga[1])[1]))) == [
        "Arkiv/Namnd/Klienter/Klient/Mapp/Handelse/Kanal",
        "Arkiv/Namnd/Klienter/Klient/Okand",
    ]


def test_a_code_without_a_meaning_is_told_and_its_text_kept(
    granvik: Export, read: Read, resources: Resources
) -> None:
    content = granvik[0].replace(b'insats="101" res="2"', b'insats="777" res="2"')
    part = read(content, granvik[1])[0]
    (order,) = of_type(resources(part), "ServiceRequest")
    assert order["code"] == {"text": "777"}
    (again,) = [note for note in part.notes if note.code == "unknown-code"]
    assert "777" not in again.text + again.place


def test_a_date_that_is_none_is_told(granvik: Export, read: Read) -> None:
    content = granvik[0].replace(b'fr="18.02.2026"', b'fr="snart"')
    part = read(content, granvik[1])[0]
    assert [note.code for note in part.notes if note.code == "bad-date"] == ["bad-date"]
    assert by_id(part)["decision/1"].body()["from_written"] == "snart"


def test_shared_sample(shared: Path, read: Read, resources: Resources) -> None:
    sample = shared / "sol_samples" / "a_lifecare_like_sol.xml"
    if not sample.exists():
        pytest.skip("the shared sample is missing")
    (part,) = read(sample.read_bytes(), load("lifecare_like"))
    found_tables = " ".join(record.table.removeprefix("sol/") for record in part.records)
    assert found_tables == (
        "person application investigation decision decision assignment plan "
        "note note note follow_up"
    )
    assert {record.header.service for record in part.records} == {"SoL 8:1"}
    found = resources(part)
    requests = of_type(found, "ServiceRequest")
    assert sorted(each["intent"] for each in requests) == ["order", "order", "order", "proposal"]
    assert "escort" not in str(requests)
    (plan,) = of_type(found, "CarePlan")
    first = plan["activity"][0]["detail"]
    assert first["scheduledTiming"]["repeat"]["dayOfWeek"] == ["tue", "fri"]
    assert first["code"]["coding"][0]["code"] == "SMBRBZZ"
