"""Hostile and broken documents are refused without harm, and the run goes on."""

import json
import time

import pytest

from hub.ingest.receipt import State
from tests.hub.ingest.desk import JOURNAL, SOCIAL, Desk
from tests.hub.ingest.documents import Doc, Served, diagnoses, export
from tests.hub.ingest.hostile import HOSTILE, HUGE_ATTRIBUTE, UNREADABLE

LONGEST_SECONDS = 10


@pytest.mark.parametrize("source", [JOURNAL, SOCIAL], ids=["rivta", "xml_export"])
@pytest.mark.parametrize("name", HOSTILE)
def test_what_could_do_harm_is_rejected_and_nothing_is_kept(
    small_desk: Desk, name: str, source: object
) -> None:
    desk = small_desk
    before = desk.whole()
    begun = time.monotonic()
    receipt = desk.taken(HOSTILE[name], source)  # type: ignore[arg-type]
    assert time.monotonic() - begun < LONGEST_SECONDS
    assert receipt.state is State.REJECTED
    assert [note.severity for note in receipt.issues] == ["error"]
    assert len(json.dumps(receipt.as_json())) < 2000
    assert desk.whole() == before


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_kept_with_the_reason(small_desk: Desk, name: str) -> None:
    receipt = small_desk.taken(UNREADABLE[name])
    assert receipt.state in {State.QUARANTINED, State.REJECTED}
    assert [note.severity for note in receipt.issues] == ["error"]
    kept = len(small_desk.rows("source_part")) == 1
    assert kept == (receipt.state is State.QUARANTINED)
    assert kept or name == "unknown-entity"
    assert small_desk.count("resource") == 0


@pytest.mark.parametrize("name", UNREADABLE)
def test_nothing_is_kept_of_an_export_that_cannot_be_read(small_desk: Desk, name: str) -> None:
    receipt = small_desk.taken(UNREADABLE[name], SOCIAL)
    assert receipt.state in {State.QUARANTINED, State.REJECTED}
    assert small_desk.count("source_part") == 0


def test_a_value_that_is_too_long_is_refused(small_desk: Desk) -> None:
    receipt = small_desk.taken(HUGE_ATTRIBUTE)
    assert receipt.state is State.REJECTED
    assert small_desk.count("source_part") == 0


def test_a_document_that_is_too_large_is_refused(small_desk: Desk) -> None:
    receipt = small_desk.taken(diagnoses(Doc()) + b" " * (64 * 1024 * 1024))
    assert (receipt.state, receipt.issues[0].code) == (State.REJECTED, "too-large")
    assert small_desk.count("source_part") == 0


def test_what_comes_after_is_taken(desk: Desk) -> None:
    for content in (*HOSTILE.values(), *UNREADABLE.values()):
        desk.take(content)
        desk.take(content, SOCIAL)
    assert desk.taken(diagnoses(Doc())).state is State.STORED
    assert desk.take(export(Served()), SOCIAL)[0].state is State.STORED
