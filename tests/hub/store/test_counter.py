"""Counters that guard: made at once however many are new, and held by one writer at a time."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import event, select

from hub.store.connect import Store
from hub.store.counter import lock, move
from hub.store.schema.fact import PERSON_COUNTER
from hub.store.schema.metadata import METADATA


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url)
    METADATA.create_all(opened.engine, tables=[PERSON_COUNTER])
    yield opened
    opened.close()


def _counters(store: Store) -> dict[str, int]:
    with store.read() as connection:
        return {row.person: row.counter for row in connection.execute(select(PERSON_COUNTER))}


def test_many_that_are_new_cost_as_many_statements_as_one(store: Store) -> None:
    told: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *given: told.append(given[2]))
    with store.write() as connection:
        told.clear()
        lock(connection, PERSON_COUNTER, [f"p{number}" for number in range(50)])
        assert len(told) == 2
    assert _counters(store) == {f"p{number}": 0 for number in range(50)}


def test_what_is_there_keeps_its_count(store: Store) -> None:
    with store.write() as connection:
        lock(connection, PERSON_COUNTER, ["a"])
        move(connection, PERSON_COUNTER, ["a"])
        lock(connection, PERSON_COUNTER, ["b", "a"])
    assert _counters(store) == {"a": 1, "b": 0}


def test_two_who_make_the_same_one_come_after_each_other(store: Store) -> None:
    """The second sees it neither there nor committed, waits, and holds what the first has made."""

    def second() -> None:
        with store.write() as connection:
            lock(connection, PERSON_COUNTER, ["b", "c", "a"])
            move(connection, PERSON_COUNTER, ["b"])

    with store.write() as connection:
        lock(connection, PERSON_COUNTER, ["b", "d"])
        other = threading.Thread(target=second)
        other.start()
        other.join(timeout=0.5)
        assert other.is_alive()
        move(connection, PERSON_COUNTER, ["b"])
    other.join()
    assert _counters(store) == {"a": 0, "b": 2, "c": 0, "d": 0}
