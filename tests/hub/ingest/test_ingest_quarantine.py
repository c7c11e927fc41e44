"""P6: nothing received is lost: what cannot be taken is kept with its reason and can be retried."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

import pytest

from adapters.document import Tree, Unreadable
from hub.config.source import Source
from hub.ingest.quarantine import retry
from hub.ingest.receipt import Receipt, State
from hub.store.directory import load_sources
from hub.store.parts import content_of, quarantined
from tests.hub.ingest.desk import FALLING_BACK, JOURNAL, OTHER, OWN, SOCIAL, Desk, organisation
from tests.hub.ingest.documents import (
    AINA,
    CLINIC,
    NAMND,
    OTHER_REGION,
    REGION,
    SIGNE,
    Doc,
    Served,
    diagnoses,
    export,
)
from tests.hub.ingest.prepared import PREPARED, diagnosis_body, part, prepare, record

NOBODY = "no organisation"


def _errors(receipt: Receipt) -> list[str]:
    return [note.code for note in receipt.issues if note.severity == "error"]


def _retry(desk: Desk, which: str | None = None) -> list[Receipt]:
    desk.now += desk.now - desk.now.replace(minute=0)
    return list(retry(desk.store, desk.key, which, desk.now))


def _sources(desk: Desk, *sources: Source) -> None:
    with desk.store.write() as connection:
        load_sources(connection, sources, desk.now)


def _waiting(desk: Desk) -> list[str]:
    with desk.store.read() as connection:
        return [each.id for each in quarantined(connection)]


@pytest.mark.parametrize(
    ("owner", "shown"),
    [
        (OTHER_REGION, f", {OTHER_REGION},"),
        (OTHER_REGION.lower(), f", {OTHER_REGION},"),
        ("SE194203172384-1", ""),
        ("SE4203172384-1", ""),  # a person's firm: the number may be a person number
        (f"{OTHER_REGION}{SIGNE}", ""),
        (SIGNE, ""),
        ("Region Lov", ""),
    ],
)
def test_a_care_giver_that_is_not_the_sources_is_named_where_it_is_no_person(
    small_desk: Desk, owner: str, shown: str
) -> None:
    receipt = small_desk.taken(diagnoses(Doc(owner=owner)))
    (note,) = [each for each in receipt.issues if each.code == "owner-not-of-source"]
    assert note.text.startswith(f"the document's care giver{shown} is not among")


@pytest.mark.parametrize(
    ("doc", "source", "code"),
    [
        (Doc(owner=None), JOURNAL, "no-owner"),
        (Doc(owner="?"), JOURNAL, "no-owner"),
        (Doc(owner="0"), JOURNAL, "no-owner"),
        (Doc(owner=OTHER_REGION), JOURNAL, "owner-not-of-source"),
        (Doc(owner=OTHER_REGION), FALLING_BACK, "owner-not-of-source"),
        (Doc(owner=NOBODY), replace(JOURNAL, owners=(NOBODY,)), "unknown-owner"),
        (Doc(owner=NAMND), replace(JOURNAL, owners=(NAMND,)), "owner-in-wrong-capacity"),
        (Doc(unit="U" * 65), JOURNAL, "id-too-long"),
        (Doc(person="?"), JOURNAL, "no-person"),
        (Doc(person="19991399"), JOURNAL, "no-person"),
    ],
)
def test_what_cannot_be_judged_is_kept_whole_with_its_reason(
    small_desk: Desk, doc: Doc, source: Source, code: str
) -> None:
    content = diagnoses(doc)
    receipt = small_desk.taken(content, source)
    assert receipt.state is State.QUARANTINED
    assert code in _errors(receipt)
    assert receipt.resources == ()
    assert small_desk.count("resource") == 0
    with small_desk.store.read() as connection:
        (waiting,) = quarantined(connection)
        assert content_of(connection, waiting.id) == content
    assert waiting.reasons == receipt.issues
    again = small_desk.taken(content, source)
    assert again == receipt
    assert len(_waiting(small_desk)) == 1


def test_one_record_that_cannot_be_judged_keeps_the_whole_part_out(desk: Desk) -> None:
    receipt = desk.taken(diagnoses(Doc("D-1"), Doc("D-2", owner=OTHER_REGION)))
    assert receipt.state is State.QUARANTINED
    assert desk.count("resource") == 0


def test_one_persons_part_does_not_wait_for_anothers(desk: Desk) -> None:
    first, second = desk.take(diagnoses(Doc(owner=OTHER_REGION), Doc(person=AINA)))
    assert (first.state, second.state) == (State.QUARANTINED, State.STORED)
    assert {row.person for row in desk.resources()} == {desk.person(AINA)}


def test_a_retry_takes_in_what_has_been_mended_and_empties_the_quarantine(desk: Desk) -> None:
    content = diagnoses(Doc(owner=OTHER_REGION))
    desk.taken(content)
    (still,) = _retry(desk)
    assert still.state is State.QUARANTINED
    assert len(_waiting(desk)) == 1
    _sources(desk, replace(JOURNAL, owners=(REGION, OTHER_REGION)))
    (mended,) = _retry(desk, _waiting(desk)[0])
    assert (mended.state, mended.document) == (State.STORED, "answer.xml")
    assert len(desk.read(OTHER)) == 1
    assert _waiting(desk) == []
    assert [row.state for row in desk.rows("source_part")] == ["stored"]
    assert desk.taken(content, replace(JOURNAL, owners=(OTHER_REGION,))).state is State.UNCHANGED


def test_a_retry_of_several_persons_names_the_part(desk: Desk) -> None:
    bad = [Doc(owner=OTHER_REGION), Doc("D-2", person=AINA, owner=OTHER_REGION)]
    names = {each.part for each in desk.take(diagnoses(*bad))}
    _sources(desk, replace(JOURNAL, owners=(OTHER_REGION,)))
    assert {(each.part, each.state) for each in _retry(desk)} == {
        (name, State.STORED) for name in names
    }


def test_parts_are_tried_again_in_the_order_in_which_they_came(desk: Desk) -> None:
    for text in ("First", "Second", "Third", "Fourth"):
        desk.taken(diagnoses(Doc(text=text, owner=OTHER_REGION)))
    _sources(desk, replace(JOURNAL, owners=(OTHER_REGION,)))
    assert [each.state for each in _retry(desk)] == [State.STORED, *[State.REPLACED] * 3]
    assert desk.texts(OTHER) == ["Fourth"]


def test_a_retry_does_not_take_the_place_of_what_came_after(desk: Desk) -> None:
    clinics = organisation(CLINIC)
    old = [Doc("D-1", "Old", owner=CLINIC), Doc("D-2", "Only then", owner=CLINIC)]
    desk.taken(diagnoses(*old))
    source = replace(JOURNAL, owners=(REGION, CLINIC))
    _sources(desk, source)
    desk.load(clinics)
    desk.taken(diagnoses(Doc("D-1", "New", owner=CLINIC)), source)
    (receipt,) = _retry(desk)
    assert receipt.state is State.STORED
    assert [n.code for n in receipt.issues if n.severity == "information"] == ["newer-delivery"]
    assert desk.texts(OTHER) == ["New", "Only then"]


def test_an_old_complete_delivery_that_is_retried_withdraws_nothing(desk: Desk) -> None:
    source = replace(JOURNAL, complete=True)
    desk.taken(diagnoses(Doc("D-1", owner=CLINIC)), source)
    opened = replace(source, owners=(REGION, CLINIC))
    _sources(desk, opened)
    desk.taken(diagnoses(Doc("D-1", owner=CLINIC), Doc("D-2")), opened)
    _retry(desk)
    assert desk.withdrawn() == set()


def test_an_unreadable_answer_is_kept_whole(desk: Desk) -> None:
    content = diagnoses(Doc())[:-40]
    receipt = desk.taken(content)
    assert (receipt.state, receipt.part, receipt.contract) == (State.QUARANTINED, None, None)
    assert _errors(receipt) == ["not-well-formed"]
    (waiting,) = _waiting(desk)
    with desk.store.read() as connection:
        assert content_of(connection, waiting) == content
    assert desk.taken(content) == receipt
    assert _waiting(desk) == [waiting]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (export(Served())[:-40], "not-well-formed"),
        (b"\x00\x01junk", "not-well-formed"),
        (b"<Annat><Brukare>Signe</Brukare></Annat>", "wrong-profile"),
    ],
    ids=["cut", "junk", "another-form"],
)
def test_of_an_unreadable_export_only_hash_size_place_and_reason_remain(
    small_desk: Desk, content: bytes, code: str
) -> None:
    receipt = small_desk.taken(content, SOCIAL)
    assert receipt.state is State.QUARANTINED
    assert code in _errors(receipt) or code == "not-well-formed"
    assert small_desk.count("source_part") == 0
    (row,) = small_desk.rows("unreadable_delivery")
    assert (row.source, row.adapter, row.size) == ("social", "xml_export", len(content))
    assert row.place
    assert "Signe" not in repr(tuple(row))
    assert small_desk.taken(content, SOCIAL) == receipt
    with small_desk.store.read() as connection:
        (waiting,) = quarantined(connection)
    assert not waiting.kept
    assert _retry(small_desk) == []


def test_an_export_that_could_not_be_read_is_forgotten_once_it_has_been(desk: Desk) -> None:
    content = export(Served())
    broken = desk.folder / "broken.yaml"
    broken.write_text("form: none", encoding="utf-8")
    receipt = desk.taken(content, replace(SOCIAL, profile=str(broken)))
    assert (receipt.state, _errors(receipt)) == (State.QUARANTINED, ["bad-profile"])
    assert desk.count("source_part") == 0
    assert desk.taken(content, SOCIAL).state is State.STORED
    assert desk.count("unreadable_delivery") == 0


def test_an_exports_person_without_a_number_is_kept_for_a_retry(desk: Desk) -> None:
    first, second = desk.take(export(Served(None), Served(AINA)), SOCIAL)
    assert (first.state, second.state) == (State.QUARANTINED, State.STORED)
    assert "no-person-number" in _errors(first)
    (row,) = desk.rows("source_part", "state = 'quarantined'")
    assert (row.person, row.name) == ("?", first.part)


def test_nothing_at_all_is_kept_of_a_person_who_is_out_of_scope(desk: Desk) -> None:
    before = desk.whole()
    receipt = desk.taken(export(Served(AINA, area="EKONOMISKT_BISTAND")), SOCIAL)
    assert receipt.state is State.REJECTED
    assert desk.whole() == before


@pytest.mark.parametrize("header", [{"regime": "OTHER"}, {"regime": "SoL", "service": "SoL 12:1"}])
def test_nothing_at_all_is_kept_of_a_record_that_svod_does_not_list(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, header: dict[str, str]
) -> None:
    prepare(monkeypatch, part(record(**header), number=AINA))
    before = desk.whole()
    receipt = desk.taken(b"", PREPARED)
    assert (receipt.state, _errors(receipt)) == (State.REJECTED, ["out-of-scope"])
    assert desk.whole() == before


def _raises() -> NoReturn:
    raise RuntimeError("Signe Norrby " + SIGNE)


def _unmappable() -> Tree:
    return Tree({**diagnosis_body(), "diagnosisHeader": 7})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("body", "table", "header"),
    [
        (_raises, "rivta/get_diagnosis_2", {}),
        (diagnosis_body, "rivta/no_such_table", {}),
        (diagnosis_body, "rivta/get_diagnosis_2", {"info_type": "no such type"}),
        (diagnosis_body, "rivta/get_diagnosis_2", {"recipient": "nobody"}),
        (diagnosis_body, "rivta/get_diagnosis_2", {"regime": "no such act"}),
    ],
    ids=["body", "table", "info-type", "recipient", "regime"],
)
def test_a_record_that_cannot_be_handled_is_kept_and_the_next_goes_on(
    small_desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    body: Callable[[], Tree],
    table: str,
    header: dict[str, str],
) -> None:
    bad = part(record(body, table, **header), name="part 1")
    good = part(record(), number=AINA, name="part 2")
    prepare(monkeypatch, bad, good)
    first, second = small_desk.take(b"whatever", PREPARED)
    assert (first.state, second.state) == (State.QUARANTINED, State.STORED)
    assert SIGNE not in json.dumps(first.as_json())
    assert "Norrby" not in json.dumps(first.as_json())
    with small_desk.store.read() as connection:
        (waiting,) = quarantined(connection)
        assert content_of(connection, waiting.id) == bad.raw
    assert {row.person for row in small_desk.resources()} == {small_desk.person(AINA)}


def test_two_records_that_give_the_same_resource_are_kept_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(monkeypatch, part(record(), record(path="answer/record[2]")))
    receipt = desk.taken(b"whatever", PREPARED)
    assert (receipt.state, _errors(receipt)) == (State.QUARANTINED, ["same-id"])


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize(
    "error", [RecursionError(), ValueError("Signe"), Unreadable("odd", "line 1", "it is odd")]
)
def test_an_adapter_that_fails_half_way_loses_nothing(
    small_desk: Desk, monkeypatch: pytest.MonkeyPatch, error: Exception, *, keeps: bool
) -> None:
    prepare(monkeypatch, part(record()), fails=error, keeps=keeps)
    first, last = small_desk.take(b"the whole document", replace(PREPARED, id="journal"))
    assert (first.state, last.state) == (State.STORED, State.QUARANTINED)
    assert "Signe" not in json.dumps(last.as_json())
    with small_desk.store.read() as connection:
        (waiting,) = quarantined(connection)
        assert waiting.kept is keeps
        if keeps:
            assert content_of(connection, waiting.id) == b"the whole document"


def test_a_retry_that_cannot_read_the_profile_loses_nothing(desk: Desk) -> None:
    desk.take(export(Served(None)), SOCIAL)
    _sources(desk, replace(SOCIAL, profile=str(desk.folder / "gone.yaml")))
    (receipt,) = _retry(desk)
    assert (receipt.state, _errors(receipt)) == (State.QUARANTINED, ["bad-profile"])
    assert len(desk.rows("source_part", "state = 'quarantined'")) == 1


def test_a_part_that_turns_out_to_be_out_of_scope_leaves_the_quarantine(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(monkeypatch, part(record(owner=CLINIC)))
    _sources(desk, PREPARED)
    desk.take(b"whatever", PREPARED)
    assert len(_waiting(desk)) == 1
    prepare(monkeypatch, part(record(regime="OTHER")))
    (receipt,) = _retry(desk)
    assert receipt.state is State.REJECTED
    assert desk.count("source_part") == 0


def test_own_staff_read_what_falls_back(desk: Desk) -> None:
    receipt = desk.taken(diagnoses(Doc(owner="?")), FALLING_BACK)
    assert receipt.state is State.STORED
    assert [n.code for n in receipt.issues if n.code == "own-staff-only"] == ["own-staff-only"]
    assert (len(desk.read(OWN)), desk.read(OTHER)) == (1, [])
