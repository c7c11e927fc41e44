"""A protected identity hides where the person is in every row, whoever knew it first (OSL 22)."""

from dataclasses import replace

import pytest

from consent.facts import Person, ProtectedIdentity
from hub.fhir.check import check
from hub.fhir.json_codec import decode
from hub.ingest.judge import EVERY_MASK
from hub.ingest.masking import masked
from hub.ingest.protection import mask_protected
from hub.ingest.receipt import State
from hub.store.facts import DECLARED, facts_of, known_of, load_facts
from hub.store.identity import link_persons
from tests.hub.ingest.desk import KNOWN, OWN, SOCIAL, Desk
from tests.hub.ingest.documents import AINA, SIGNE, Doc, Served, diagnoses, export
from tests.hub.ingest.prepared import PREPARED, part, prepare, record

WHEREABOUTS = ("Kvarnstigen", "010-9876543", "Avdelning Kvarn", "Ljungvik")
PROTECTED = replace(KNOWN, person=Person(age=84, protected_identity=ProtectedIdentity.FINGERAD))


def _protect(desk: Desk) -> None:
    """Load facts as the command does."""
    with desk.store.write() as connection:
        load_facts(connection, desk.person(), PROTECTED, desk.now)
        mask_protected(connection, desk.person())


def _shown(desk: Desk) -> str:
    """What anybody can be served of Signe, in every version, and what a search can find."""
    served = [
        bytes(row.masked_body or row.body).decode()
        for table in ("resource", "resource_version")
        for row in desk.rows(table)
        if row.person == desk.person()
    ]
    kinds = ("token", "string", "reference", "uri")
    found = [
        repr(tuple(row))
        for kind in kinds
        for row in desk.rows(f"ix_{kind}")
        if row.person == desk.person()
    ]
    return "\n".join([*served, *found])


def _revealed(desk: Desk) -> list[str]:
    return [each for each in WHEREABOUTS if each.casefold() in _shown(desk).casefold()]


def test_nothing_is_masked_for_others(desk: Desk) -> None:
    desk.taken(diagnoses(Doc()))
    desk.take(export(Served()), SOCIAL)
    assert _revealed(desk) == list(WHEREABOUTS)
    assert all(row.masked_body is None for row in desk.rows("resource"))


def test_a_document_about_a_protected_person_is_masked_when_it_is_written(desk: Desk) -> None:
    _protect(desk)
    desk.taken(diagnoses(Doc()))
    assert _revealed(desk) == []
    (found,) = desk.read(OWN)
    assert found.masked
    assert b"Hypertoni" in found.body


def test_documents_are_masked_when_the_protection_becomes_known(desk: Desk) -> None:
    desk.taken(diagnoses(Doc()))
    desk.taken(diagnoses(Doc(text="Primär hypertoni")))
    _protect(desk)
    assert _revealed(desk) == []
    before = desk.whole()
    assert desk.taken(diagnoses(Doc(text="Primär hypertoni"))).state is State.UNCHANGED
    assert desk.whole() == before


def test_a_masked_row_is_the_same_whichever_came_first(desk: Desk) -> None:
    desk.taken(diagnoses(Doc()))
    _protect(desk)
    (afterwards,) = desk.resources()
    hidden = masked(decode(afterwards.body), EVERY_MASK)
    assert decode(afterwards.masked_body) == hidden
    assert afterwards.masks == "address,contact,unit_name"


def test_a_protection_that_one_source_declares_holds_for_every_document(desk: Desk) -> None:
    desk.taken(diagnoses(Doc()))
    desk.take(export(Served(protected=True)), SOCIAL)
    assert _revealed(desk) == []
    desk.taken(diagnoses(Doc("D-2", "Hjärtsvikt")))
    assert _revealed(desk) == []
    desk.take(export(Served(protected=True), Served(AINA)), SOCIAL)
    assert {row.person for row in desk.resources() if row.masked_body is None} == {
        desk.person(AINA)
    }


def test_a_declaration_says_nothing_else_of_the_person(desk: Desk) -> None:
    desk.take(export(Served(protected=True)), SOCIAL)
    desk.know(replace(KNOWN, person=Person(age=84)))
    with desk.store.read() as connection:
        person = facts_of(connection, [desk.person()]).person
    assert person.age == 84
    assert person.protected_identity is ProtectedIdentity.SEKRETESSMARKERING


def test_a_declaration_is_recorded_once_and_moves_the_counter(desk: Desk) -> None:
    def counter() -> int:
        with desk.store.read() as connection:
            return known_of(connection, [desk.person()]).counters[desk.person()]

    before = counter()
    desk.take(export(Served(protected=True)), SOCIAL)
    declared = counter()
    assert declared > before
    desk.take(export(Served(protected=True)), SOCIAL)
    assert counter() == declared
    assert len(desk.rows("fact", f"id LIKE '{DECLARED}%'")) == 1


def test_that_a_later_document_does_not_repeat_it_proves_nothing(desk: Desk) -> None:
    desk.take(export(Served(protected=True)), SOCIAL)
    desk.take(export(Served(protected=False)), SOCIAL)
    assert _revealed(desk) == []


def test_a_part_in_quarantine_protects_as_well(desk: Desk) -> None:
    desk.taken(diagnoses(Doc()))
    (receipt,) = desk.take(export(Served(protected=True)), replace(SOCIAL, owner_of=()))
    assert receipt.state is State.QUARANTINED
    assert _revealed(desk) == []


@pytest.mark.parametrize("word", ["fingerad", "a word that nobody knows"])
def test_a_word_that_is_not_known_protects(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    desk.taken(diagnoses(Doc()))
    prepare(monkeypatch, part(record(protected_identity=word, person=SIGNE)))
    assert desk.taken(b"", PREPARED).state is State.STORED
    assert _revealed(desk) == []


def test_what_is_known_under_one_number_masks_what_stands_under_another(desk: Desk) -> None:
    desk.taken(diagnoses(Doc()))
    with desk.store.write() as connection:
        link_persons(connection, desk.person(AINA), desk.person(), desk.now)
        load_facts(connection, desk.person(AINA), PROTECTED, desk.now)
        mask_protected(connection, desk.person(AINA))
    assert _revealed(desk) == []


def test_what_is_masked_is_still_valid(desk: Desk) -> None:
    desk.take(export(Served()), SOCIAL)
    desk.taken(diagnoses(Doc()))
    for row in desk.rows("resource"):
        hidden = masked(decode(row.body), EVERY_MASK)
        assert [issue for issue in check(hidden) if issue.severity == "error"] == []


def test_a_narrative_and_what_is_contained_are_masked_too() -> None:
    resource = {
        "resourceType": "Observation",
        "text": {"status": "generated", "div": "<div>Kvarnstigen 8</div>"},
        "contained": [
            {"resourceType": "Organization", "id": "o", "name": "Kvarnen", "alias": ["x"]},
            {"resourceType": "Location", "id": "l", "name": "Kvarnen", "position": {"latitude": 1}},
        ],
        "code": {"text": "Vikt"},
        "performer": [{"type": "Organization", "display": "Kvarnen"}, {"display": "Ylva"}],
    }
    hidden = masked(resource, EVERY_MASK)
    assert "Kvarn" not in repr(hidden)
    assert hidden["code"] == {"text": "Vikt"}
    assert hidden["performer"] == [{"type": "Organization"}, {"display": "Ylva"}]
