"""Source parts: whole, once, and in quarantine without their content."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from adapters.document import Note
from hub.store.connect import Store
from hub.store.migrate import upgrade
from hub.store.parts import (
    KeptParts,
    PartRow,
    Quarantined,
    Unreadable,
    content_of,
    forget_unreadable,
    is_noted_unreadable,
    part_id,
    quarantined,
    save_part,
    save_unreadable,
    settle,
    unreadable_id,
)
from hub.store.schema.source_part import SOURCE_PART

KEY = b"k" * 32
NOON = datetime(2026, 3, 10, 12, 0, 0, 250, tzinfo=UTC)
RAW = b"<answer>" + bytes(range(256)) * 50 + b"</answer>"
WHY = Note("error", "no-owner", "answer/record[1]", "the document names no care giver")
PART = PartRow(
    person="p",
    id=part_id(KEY, "s", "p", RAW),
    source="s",
    adapter="rivta",
    contract="GetDiagnosis 2.0",
    document="a.xml",
    name="person 1",
    raw=RAW,
    received=NOON,
    state="quarantined",
    reasons=(WHY,),
)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url)
    upgrade(opened)
    yield opened
    opened.close()


def _save(store: Store, *rows: PartRow) -> None:
    with store.write() as connection:
        for row in rows:
            save_part(connection, row)


def test_a_part_is_kept_whole_and_smaller(store: Store) -> None:
    _save(store, PART)
    with store.read() as connection:
        assert content_of(connection, PART.id) == RAW
        row = connection.execute(select(SOURCE_PART)).one()
    assert row.size == len(RAW)
    assert len(row.content) < len(RAW)


def test_the_same_part_is_one_row_whose_first_receipt_stands(store: Store) -> None:
    _save(store, PART, replace(PART, received=NOON + timedelta(days=1), state="stored", reasons=()))
    with store.read() as connection:
        assert KeptParts(connection, [PART]).state(PART) == "stored"
        row = connection.execute(select(SOURCE_PART)).one()
        assert quarantined(connection) == []
        assert content_of(connection, PART.id) is None
    assert row.received == int(NOON.timestamp()) * 1_000_000 + 250


def test_a_parts_id_is_of_source_person_and_content_under_the_key() -> None:
    ids = {
        part_id(KEY, "s", "p", RAW),
        part_id(KEY, "t", "p", RAW),
        part_id(KEY, "s", "q", RAW),
        part_id(KEY, "s", "p", RAW + b" "),
        part_id(b"l" * 32, "s", "p", RAW),
    }
    assert len(ids) == 5
    assert part_id(KEY, "s", "p", RAW) in ids


def test_quarantine_tells_everything_but_the_content(store: Store) -> None:
    later = replace(PART, id="b" * 40, received=NOON + timedelta(microseconds=1), name=None)
    _save(store, later, PART)
    with store.read() as connection:
        first, second = quarantined(connection)
        assert quarantined(connection, second.id) == [second]
        assert quarantined(connection, "none") == []
    assert (first.id, second.id) == (PART.id, later.id)
    assert (first.received, first.reasons, first.size) == (NOON, (WHY,), len(RAW))
    assert not [each.name for each in fields(Quarantined) if each.name in {"raw", "content"}]
    assert not [value for value in map(str, (first, second)) if "<answer>" in value]


def test_a_part_that_is_settled_is_gone_and_a_stored_one_is_not(store: Store) -> None:
    stored = replace(PART, id="c" * 40, state="stored")
    _save(store, PART, stored)
    with store.write() as connection:
        settle(connection, PART.id)
        settle(connection, stored.id)
    with store.read() as connection:
        assert KeptParts(connection, [PART]).state(PART) is None
        assert KeptParts(connection, [stored]).state(stored) == "stored"


def test_of_an_unreadable_delivery_nothing_can_be_read_or_tried(store: Store) -> None:
    digest = unreadable_id(KEY, "s", [RAW[:5], RAW[5:]])
    left = Unreadable("s", "xml_export", len(RAW), replace(WHY, code="not-well-formed"), NOON)
    with store.write() as connection:
        save_unreadable(connection, digest, left)
        save_unreadable(connection, digest, left)
        assert is_noted_unreadable(connection, unreadable_id(KEY, "s", [RAW]))
        assert not is_noted_unreadable(connection, unreadable_id(KEY, "t", [RAW]))
        (waiting,) = quarantined(connection)
        assert (waiting.kept, waiting.size, waiting.document) == (False, len(RAW), None)
        assert "not-well-formed" in waiting.reasons[0].text
        assert content_of(connection, waiting.id) is None
        forget_unreadable(connection, digest)
        assert quarantined(connection) == []
