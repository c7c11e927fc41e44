"""P7: everything shown says where it comes from; ids and receipts say nothing of the person."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hub.fhir.check import check
from hub.fhir.json_codec import decode
from hub.ingest.receipt import Receipt, State
from hub.store import identity_key
from tests.hub.ingest.desk import ALL_SOCIAL, JOURNAL, SOCIAL, Desk, opened_desk
from tests.hub.ingest.documents import (
    AINA,
    NAMES,
    REGION,
    SIGNE,
    SYSTEM,
    WARD,
    Doc,
    Served,
    diagnoses,
    export,
    notes_2,
)

TAINT = (*NAMES, SIGNE, SIGNE[2:], f"{SIGNE[:8]}-{SIGNE[8:]}", AINA, "Hypertoni", "Hemligt")


def _resources(desk: Desk) -> list[dict[str, Any]]:
    return [decode(row.body) for row in desk.rows("resource")]


def _provenances(desk: Desk) -> list[dict[str, Any]]:
    return [each for each in _resources(desk) if each["resourceType"] == "Provenance"]


def _references(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "reference" in value:
            yield value
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def test_each_record_has_one_provenance_that_says_where_it_comes_from(desk: Desk) -> None:
    desk.taken(diagnoses(Doc("D-1"), Doc("D-2")))
    first, second = sorted(
        _provenances(desk), key=lambda p: p["entity"][0]["what"]["identifier"]["value"]
    )
    what = first["entity"][0]["what"]
    assert what["identifier"] == {"system": f"urn:samvy:source:journal:{SYSTEM}", "value": "D-1"}
    said = {each["url"].rpartition("/")[2]: each for each in what["extension"]}
    assert said["source-path"]["valueString"] == "GetDiagnosisResponse/diagnosis[1]"
    assert said["regime"]["valueCode"] == "HSL"
    assert said["contract"]["valueString"] == "GetDiagnosis 2.0"
    agents = {
        each["type"]["coding"][0]["code"]: each["who"]["identifier"]["value"]
        for each in first["agent"]
    }
    assert agents == {"custodian": REGION, "author": WARD}
    assert first["target"] != second["target"]


@pytest.mark.parametrize("social", [False, True])
def test_every_resource_is_the_target_of_exactly_one(desk: Desk, *, social: bool) -> None:
    if social:
        desk.take(export(Served(notes=("a", "b")), Served(AINA)), SOCIAL)
    else:
        desk.taken(notes_2(Doc("D-1"), Doc("D-2")))
    targets = sorted(
        target["reference"] for each in _provenances(desk) for target in each["target"]
    )
    mapped = sorted(f"{row.type}/{row.id}" for row in desk.resources())
    assert targets == mapped


def test_a_record_that_did_not_change_keeps_its_provenance(desk: Desk) -> None:
    desk.taken(diagnoses(Doc("D-1"), Doc("D-2")))
    desk.taken(diagnoses(Doc("D-1", "Primär hypertoni"), Doc("D-2")))
    versions = sorted(row.version for row in desk.rows("resource", "type = 'Provenance'"))
    assert versions == [1, 2]


def test_references_are_logical_or_lead_to_a_row_or_to_the_person(desk: Desk) -> None:
    desk.take(export(Served(notes=("a", "b")), Served(AINA)), SOCIAL)
    desk.taken(diagnoses(Doc()))
    desk.taken(notes_2(Doc()))
    rows = {f"{row.type}/{row.id}": row.person for row in desk.rows("resource")}
    persons = {f"Patient/{row.person}": row.person for row in desk.rows("resource")}
    for row in desk.rows("resource"):
        for each in _references(decode(row.body)):
            target = each["reference"]
            known = {**rows, **persons}.get(target)
            assert known == row.person or target.startswith("#"), f"{row.type}: {target}"


def test_what_is_stored_is_valid(desk: Desk) -> None:
    desk.take(export(Served(protected=True, notes=("a",))), SOCIAL)
    desk.taken(diagnoses(Doc(nullified=True)))
    for row in desk.rows("resource_version"):
        for body in filter(None, (row.body, row.masked_body)):
            wrong = [issue for issue in check(decode(body)) if issue.severity == "error"]
            assert not wrong, (row.type, wrong)


class TestIds:
    def test_the_same_record_has_the_same_ids_whatever_the_file_is_called(
        self, small_desk: Desk
    ) -> None:
        (first,) = small_desk.take(diagnoses(Doc()), name="one.xml")
        (second,) = small_desk.take(diagnoses(Doc(), Doc("D-2")), name=f"{SIGNE}.xml")
        assert first.resources[0] in second.resources

    def test_another_source_person_or_system_gives_other_ids(self, small_desk: Desk) -> None:
        desk = small_desk
        contents = (
            (diagnoses(Doc()), JOURNAL),
            (diagnoses(Doc()), replace(JOURNAL, id="another")),
            (diagnoses(Doc(person=AINA)), JOURNAL),
            (diagnoses(Doc()).replace(SYSTEM.encode(), b"SE2329999990-E009"), JOURNAL),
        )
        ids = [desk.taken(content, source).resources[0][1] for content, source in contents]
        assert len(set(ids)) == len(ids)

    def test_another_stores_key_gives_other_ids(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(identity_key.VARIABLE, "")
        ids = []
        for name in ("a", "b"):
            folder = tmp_path / name
            folder.mkdir()
            with opened_desk(f"sqlite:///{folder}/s.db", folder) as desk:
                receipt = desk.taken(diagnoses(Doc()))
                ids.append((desk.person(), receipt.resources[0][1]))
        assert not set(ids[0]) & set(ids[1])

    def test_no_key_of_a_row_says_who_it_is(self, desk: Desk) -> None:
        desk.take(export(Served(), Served(AINA)), SOCIAL)
        desk.take(diagnoses(Doc(owner=None)), name=f"{SIGNE}.xml")
        desk.taken(diagnoses(Doc()))
        keys = [
            repr((row.person, row.id))
            for table in ("resource", "source_part", "fact")
            for row in desk.rows(table)
        ]
        assert not [each for each in keys for taint in TAINT if taint in each]


def _receipts(desk: Desk) -> list[Receipt]:
    """Receipts of every state, of documents that are full of what must not be repeated."""
    tainted = Doc(text="Hemligt", extra="<d:okand>Signe Norrby</d:okand>")
    contents = [
        (diagnoses(tainted, replace(tainted, id="D-2", person=AINA)), JOURNAL),
        (diagnoses(tainted, replace(tainted, id="D-2", person=AINA)), JOURNAL),
        (diagnoses(replace(tainted, text="Hemligt igen")), JOURNAL),
        (diagnoses(replace(tainted, owner="Signe Norrby")), JOURNAL),
        (diagnoses(replace(tainted, unit=f"{SIGNE}" * 8)), JOURNAL),
        (diagnoses(replace(tainted, time="Signe", approved="Signe")), JOURNAL),
        (diagnoses(replace(tainted, person=SIGNE[:-1] + "x")), JOURNAL),
        (diagnoses(replace(tainted, person=SIGNE[2:])), JOURNAL),
        (diagnoses(tainted)[:-30], JOURNAL),
        (b"<Annat namn='Signe'>Norrby</Annat>", JOURNAL),
        (f"<!DOCTYPE x [<!ENTITY e '{SIGNE}'>]><x>&e;</x>".encode(), JOURNAL),
        (diagnoses(), JOURNAL),
        (export(Served(notes=("Hemligt",)), Served(AINA, protected=True)), SOCIAL),
        (export(Served(None, notes=("Hemligt",))), SOCIAL),
        (export(Served(area="EKONOMISKT_BISTAND", notes=("Hemligt",))), SOCIAL),
        (export(Served(notes=("Hemligt",)))[:-20], SOCIAL),
        (export(Served(AINA, notes=("Hemligt",))), ALL_SOCIAL),
        (export(Served(notes=("Hemligt",))), ALL_SOCIAL),
    ]
    return [receipt for content, source in contents for receipt in desk.take(content, source)]


def test_receipts_have_the_documented_form_and_hold_no_personal_value(desk: Desk) -> None:
    receipts = _receipts(desk)
    assert {each.state for each in receipts} >= {
        State.STORED,
        State.UNCHANGED,
        State.REPLACED,
        State.QUARANTINED,
        State.REJECTED,
    }
    for receipt in receipts:
        written = receipt.as_json()
        assert list(written) == [
            "document",
            "part",
            "source",
            "adapter",
            "contract",
            "state",
            "resources",
            "issues",
            "unmapped",
        ]
        assert all(list(each) == ["type", "id"] for each in written["resources"])
        for issue in written["issues"]:
            assert list(issue) == ["severity", "code", "place", "text"]
            assert issue["severity"] in {"error", "warning", "information"}
        text = json.dumps(written, ensure_ascii=False)
        assert not [taint for taint in TAINT if taint in text], text


def test_what_no_table_takes_is_named_by_its_path(desk: Desk) -> None:
    receipt = desk.taken(diagnoses(Doc(extra="<d:okand>Hemligt</d:okand>")))
    assert receipt.state is State.STORED
    assert [path.rpartition("/")[2] for path in receipt.unmapped] == ["okand"]


def test_a_name_that_would_write_on_the_terminal_is_made_harmless(desk: Desk) -> None:
    (receipt,) = desk.take(diagnoses(Doc()), name="a\x1b[2Jb\x00c\ud800.xml")
    assert receipt.document == "a?[2Jb?c?.xml"
