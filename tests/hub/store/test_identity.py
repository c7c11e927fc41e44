from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from hub.store.connect import Store
from hub.store.facts import counters_of, linked
from hub.store.identity import (
    hub_id,
    identities_of,
    link_persons,
    person_key,
    record_identity,
    unlink_person,
)
from hub.store.schema.fact import IDENTITY, PERSON_COUNTER, PERSON_LINK
from hub.store.schema.metadata import METADATA
from mappings.personal_identity import PERSONNUMMER, Identity

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = b"k" * 32


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url)
    METADATA.create_all(opened.engine, tables=[PERSON_COUNTER, IDENTITY, PERSON_LINK])
    yield opened
    opened.close()


def test_a_person_key_is_a_fhir_id_that_says_nothing() -> None:
    found = person_key(KEY, PERSONNUMMER, "191212121212")
    assert found == person_key(KEY, PERSONNUMMER, "191212121212")
    assert len(found) == 32
    assert found.isalnum()
    assert found.islower()
    others = {
        person_key(b"other", PERSONNUMMER, "191212121212"),
        person_key(KEY, PERSONNUMMER, "191212121213"),
        person_key(KEY, PERSONNUMMER + "1", "91212121212"),
    }
    assert len(others | {found}) == 4


def test_an_identity_is_remembered_once(store: Store) -> None:
    identity = Identity(PERSONNUMMER, "191212121212")
    with store.write() as connection:
        first = record_identity(connection, KEY, identity)
        assert record_identity(connection, KEY, identity) == first
    with store.read() as connection:
        assert identities_of(connection, [first]) == [(PERSONNUMMER, "191212121212")]
        assert hub_id(connection, KEY, identity) == first


def test_linked_keys_are_one_person_with_the_first_ones_id(store: Store) -> None:
    numbers = [Identity(PERSONNUMMER, value) for value in ("191212121212", "201212121212", "3")]
    keys = [person_key(KEY, each.system, each.value) for each in numbers]
    with store.write() as connection:
        assert link_persons(connection, keys[0], keys[1], NOON)
        assert link_persons(connection, keys[1], keys[2], NOON)
        assert not link_persons(connection, keys[2], keys[0], NOON)
    with store.read() as connection:
        assert {hub_id(connection, KEY, each) for each in numbers} == {keys[0]}
        for key in keys:
            found = linked(connection, [key])
            assert found[0] == key
            assert set(found) == set(keys)
        assert linked(connection, [keys[0]], NOON - HOUR) == [keys[0]]
        assert min(counters_of(connection, keys).values()) >= 1
    with store.write() as connection:
        assert unlink_person(connection, keys[0], NOON + HOUR)
        assert not unlink_person(connection, keys[0], NOON + HOUR)
    with store.read() as connection:
        assert linked(connection, [keys[0]]) == [keys[0]]
        assert set(linked(connection, [keys[2]])) == set(keys[1:])
        assert set(linked(connection, [keys[0]], NOON + HOUR / 2)) == set(keys)
        assert hub_id(connection, KEY, numbers[0]) == keys[0]


def test_two_groups_become_one(store: Store) -> None:
    with store.write() as connection:
        link_persons(connection, "a", "b", NOON)
        link_persons(connection, "c", "d", NOON)
        link_persons(connection, "a", "d", NOON + HOUR)
    with store.read() as connection:
        assert set(linked(connection, ["c"])) == set("abcd")
        assert set(linked(connection, ["c"], NOON)) == set("cd")
