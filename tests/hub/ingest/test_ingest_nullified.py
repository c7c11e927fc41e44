"""Nullified beside a record of the same id, or by an older contract: withdrawn, and told (§4)."""

from dataclasses import replace

import pytest

from hub.ingest.receipt import State
from tests.hub.ingest.desk import HERSELF, OTHER, OWN, Desk
from tests.hub.ingest.documents import AINA, Doc, diagnoses, notes_2, notes_3

SECOND = replace(Doc(), text="Fel person", nullified=True)


@pytest.mark.parametrize("docs", [(Doc(), SECOND), (SECOND, Doc())])
def test_of_two_with_the_same_id_one_nullified_withdraws_both(
    desk: Desk, docs: tuple[Doc, Doc]
) -> None:
    desk.know()
    receipt = desk.taken(diagnoses(*docs, Doc("D-2", text="Astma")))
    said = [note.code for note in receipt.issues]
    assert {"repeated-record-id", "nullified-beside"} <= set(said)
    assert said.count("nullified-beside") == 1
    assert desk.texts(OTHER) == desk.texts(HERSELF) == ["Astma"]
    assert desk.texts(OWN) == ["Astma", "Fel person", "Hypertoni"]


def test_it_is_shown_again_when_the_source_gives_it_alone(desk: Desk) -> None:
    desk.know()
    desk.taken(diagnoses(Doc(), SECOND))
    assert desk.taken(diagnoses(Doc())).state is State.REPLACED
    assert desk.texts(OTHER) == ["Hypertoni"]


def test_another_persons_record_of_that_id_is_left_alone(desk: Desk) -> None:
    desk.know()
    desk.know(number=AINA)
    desk.take(diagnoses(SECOND, Doc(person=AINA)))
    assert desk.texts(OTHER) == []
    assert len(desk.read(OTHER, AINA)) == 1


def test_nullified_by_the_older_contract_is_withdrawn_and_said_to_be(desk: Desk) -> None:
    desk.know()
    desk.taken(notes_3(Doc("N-1")))
    receipt = desk.taken(notes_2(replace(Doc("N-1"), nullified=True)))
    assert receipt.state is State.REPLACED
    (note,) = [each for each in receipt.issues if each.code == "newer-contract"]
    assert note.text.endswith("it is nullified here, and what stands is withdrawn")
    assert desk.read(OTHER) == []
    assert len(desk.read(OWN)) == 1


def test_an_older_contract_that_nullifies_nothing_is_told_as_before(desk: Desk) -> None:
    desk.taken(notes_3(Doc("N-1")))
    receipt = desk.taken(notes_2(Doc("N-1"), replace(Doc("N-2"), nullified=True)))
    (note,) = [each for each in receipt.issues if each.code == "newer-contract"]
    assert note.text.endswith("is left so")
