"""Parts that are written together: each is still taken in as if it had come alone (P6)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, event

from hub.fhir.extract import index_rows
from hub.fhir.index_rows import IndexRows
from hub.ingest.candidate import Candidate, Taken
from hub.ingest.delivery import Document, ingest_documents
from hub.ingest.gathering import AT_ONCE
from hub.ingest.part import take_parts
from hub.ingest.receipt import Receipt, State
from hub.store.directory import Directory
from tests.bench.made_export import Made, write
from tests.hub.ingest.desk import COMPLETE, HOUR, JOURNAL, OTHER, OWN, Desk, opened_desk
from tests.hub.ingest.documents import AINA, BO, SIGNE, Doc, diagnoses, notes_2
from tests.hub.ingest.test_ingest_resume import source, states, take

PERSONS = (SIGNE, AINA, BO)


def _given(desk: Desk, *contents: bytes, source: Any = JOURNAL) -> Iterator[Receipt]:  # noqa: ANN401
    """Return the receipts of documents that are given together, an hour apart."""

    def documents() -> Iterator[Document]:
        for number, content in enumerate(contents):
            desk.now += HOUR
            yield Document(f"{number}.xml", content, source, desk.now)

    return ingest_documents(desk.store, desk.key, documents())


def _many(count: int, prefix: str) -> list[bytes]:
    return [diagnoses(Doc(f"{prefix}{n}", person=PERSONS[n % 3])) for n in range(count)]


@pytest.fixture
def second_desk(small_desk: Desk) -> Iterator[Desk]:
    """Another store with the same key, so that the same content has the same ids."""
    with opened_desk(f"sqlite:///{small_desk.folder}/second.db", small_desk.folder) as opened:
        yield opened


@contextmanager
def _counted(desk: Desk) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement)

    event.listen(desk.store.engine, "before_cursor_execute", note)
    yield found
    event.remove(desk.store.engine, "before_cursor_execute", note)


def _rows(desk: Desk) -> dict[str, list[Any]]:
    """Return what the store holds, without what depends on when each part was written."""
    return {
        "resources": sorted(
            (r.type, r.id, r.version, bytes(r.body)) for r in desk.rows("resource")
        ),
        "versions": sorted((r.type, r.id, r.version) for r in desk.rows("resource_version")),
        "parts": sorted((r.id, r.state, r.received, r.reasons) for r in desk.rows("source_part")),
        "index": sorted(map(repr, desk.rows("ix_token"))),
        "withdrawn": sorted(desk.withdrawn()),
    }


def test_many_parts_cost_as_many_statements_as_few(desk: Desk) -> None:
    list(_given(desk, *_many(6, "A-")))
    with _counted(desk) as few:
        list(_given(desk, *_many(6, "B-")))
    with _counted(desk) as many:
        states = [each.state for each in _given(desk, *_many(AT_ONCE, "C-"))]
    assert states == [State.STORED] * AT_ONCE
    assert len(many) <= len(few)


def test_together_and_alone_come_to_the_same(small_desk: Desk, second_desk: Desk) -> None:
    changed = replace(Doc("D-1"), text="Primär hypertoni")
    contents = [
        *_many(4, "A-"),
        diagnoses(Doc("D-1"), Doc("D-2")),
        notes_2(Doc("D-1"), Doc("N-2", person=AINA)),
        diagnoses(Doc("D-1"), Doc("D-2")),
        diagnoses(changed),
        diagnoses(Doc("D-3", owner=None)),
        diagnoses(Doc("D-2", nullified=True)),
        diagnoses(Doc("D-4"))[:-30],
        diagnoses(Doc("D-4", person="")),
        diagnoses(changed, Doc("D-5", person=BO)),
    ]
    together = list(_given(small_desk, *contents))
    alone = [each for content in contents for each in second_desk.take(content)]
    assert [each.state for each in together] == [each.state for each in alone]
    assert [each.issues for each in together] == [each.issues for each in alone]
    assert {each.state for each in together} == {
        *(State.STORED, State.UNCHANGED, State.REPLACED, State.QUARANTINED)
    }
    assert _rows(small_desk) == _rows(second_desk)


def test_the_same_record_in_a_later_document_is_a_later_version(desk: Desk) -> None:
    changed = replace(Doc("D-1"), text="Primär hypertoni")
    receipts = list(_given(desk, diagnoses(Doc("D-1")), diagnoses(changed), diagnoses(Doc("D-9"))))
    assert [each.state for each in receipts] == [State.STORED, State.REPLACED, State.STORED]
    assert sorted(row.version for row in desk.resources()) == [1, 2]
    assert "Primär hypertoni" in desk.texts(OWN)


def test_one_that_the_store_cannot_hold_is_quarantined_and_the_others_are_stored(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(resource: Mapping[str, Any]) -> IndexRows:
        if "Trasig" in str(resource):
            raise OverflowError
        return index_rows(resource)

    monkeypatch.setattr("hub.store.ledger.index_rows", failing)
    broken = diagnoses(Doc("D-2", text="Trasig"))
    receipts = list(_given(desk, diagnoses(Doc("D-1")), broken, diagnoses(Doc("D-3", person=BO))))
    assert [each.state for each in receipts] == [State.STORED, State.QUARANTINED, State.STORED]
    assert [note.code for note in receipts[1].issues if note.severity == "error"] == ["not-stored"]
    assert len(desk.resources()) == 2
    assert len(desk.rows("source_part", "state = 'quarantined'")) == 1


def test_receipts_come_in_the_order_of_the_documents(desk: Desk) -> None:
    cut = diagnoses(Doc("D-2"))[:-30]
    contents = [diagnoses(Doc("D-1")), cut, diagnoses(Doc("D-3")), b"<nothing/>"]
    receipts = list(_given(desk, *contents))
    assert [each.document for each in receipts] == ["0.xml", "1.xml", "2.xml", "3.xml"]
    assert [each.state for each in receipts] == [
        *(State.STORED, State.QUARANTINED, State.STORED, State.REJECTED)
    ]


def test_what_is_told_is_durable(desk: Desk) -> None:
    receipts = _given(desk, *_many(AT_ONCE + 5, "A-"))
    first = next(receipts)
    assert first.document == "0.xml"
    assert {row.document for row in desk.rows("source_part")} >= {"0.xml"}
    assert len(list(receipts)) == AT_ONCE + 4


def test_a_complete_document_withdraws_what_one_before_it_gave_and_no_later_one(
    desk: Desk,
) -> None:
    contents = [
        diagnoses(Doc("D-1"), Doc("D-2", "Hjärtsvikt")),
        diagnoses(Doc("D-1")),
        diagnoses(Doc("D-3", "Diabetes"), has_more=True),
    ]
    receipts = list(_given(desk, *contents, source=COMPLETE))
    assert [each.state for each in receipts] == [State.STORED, State.REPLACED, State.STORED]
    assert desk.texts(OTHER) == ["Diabetes", "Hypertoni"]


def test_persons_of_an_export_cost_as_many_statements_together_as_few(desk: Desk) -> None:
    made = source(desk, complete=True)
    few = write(desk.folder / "natt_2026-03-01", "json", Made(3, notes=1))
    many = write(desk.folder / "natt_2026-03-02", "json", Made(AT_ONCE, notes=1, first=100))
    with _counted(desk) as for_few:
        take(desk, few, made)
    with _counted(desk) as for_many:
        assert states(take(desk, many, made)) == ["stored"] * AT_ONCE + ["replaced"]
    assert len(for_many) - len(for_few) < AT_ONCE * 5


ERRORS = (OverflowError, KeyError, RecursionError, ValueError, MemoryError)
"""What a document has raised in a store, or may: drivers, encoders and our own code differ."""


@pytest.mark.parametrize("error", ERRORS, ids=lambda each: each.__name__)
def test_whatever_happens_together_is_met_alone_and_told_of(
    small_desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: type[Exception],
) -> None:
    def failing(
        connection: Connection,
        parts: Sequence[Candidate],
        known: Directory,
        *,
        alone: bool = False,
    ) -> list[Taken]:
        if not alone:
            raise error("Hypertoni")
        return take_parts(connection, parts, known, alone=alone)

    monkeypatch.setattr("hub.ingest.gathering.take_parts", failing)
    receipts = list(_given(small_desk, diagnoses(Doc("D-1")), diagnoses(Doc("D-2"))))
    assert [each.state for each in receipts] == [State.STORED, State.STORED]
    (told,) = (each for each in caplog.records if each.name == "hub.ingest.gathering")
    assert error.__name__ in told.getMessage()
    assert "Hypertoni" not in caplog.text


def test_what_is_no_parts_fault_is_raised_and_not_swallowed(
    small_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_given: object, **_how: object) -> None:
        raise KeyError

    monkeypatch.setattr("hub.ingest.gathering.take_parts", failing)
    with pytest.raises(KeyError):
        list(_given(small_desk, diagnoses(Doc("D-1")), diagnoses(Doc("D-2"))))
    assert not small_desk.rows("source_part")
