"""Resources written: new versions only where something is new, with their index and history."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Row, select

from consent.facts import Availability, Item
from hub.fhir.json_codec import decode, encode
from hub.store.bulk_insert import insert_tables
from hub.store.connect import Store
from hub.store.incoming import Incoming, Written, content_hash, instant_text, stamped
from hub.store.migrate import upgrade
from hub.store.schema.resource import RESOURCE, RESOURCE_VERSION
from hub.store.schema.search_index import IX_TOKEN
from hub.store.writing import put

NOON = int(datetime(2026, 3, 10, 12, tzinfo=UTC).timestamp() * 1_000_000)
HOUR = 3_600_000_000
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
ITEM = Item("c1", "RegionA", unit="U1", available_since=SINCE)
CONDITION: dict[str, Any] = {
    "resourceType": "Condition",
    "id": "c1",
    "meta": {"source": "urn:s"},
    "code": {"coding": [{"system": "urn:codes", "code": "I10"}]},
    "subject": {"reference": "Patient/p"},
}


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url)
    upgrade(opened)
    yield opened
    opened.close()


def _incoming(item: Item = ITEM, **elements: object) -> Incoming:
    return Incoming({**CONDITION, **elements}, item, "source", record="r", contract="C 1.0")


def _put(store: Store, *incoming: Incoming, at: int = NOON) -> list[Written]:
    with store.write() as connection:
        return put(connection, "p", incoming, at, "part")


def _rows(store: Store, table: Any = RESOURCE) -> list[Row[Any]]:  # noqa: ANN401
    with store.read() as connection:
        return list(connection.execute(select(table)))


def test_a_first_version_is_served_with_its_version_and_time(store: Store) -> None:
    (written,) = _put(store, _incoming())
    assert written == Written("Condition", "c1", 1, NOON, changed=True, created=True)
    (row,) = _rows(store)
    body = decode(row.body)
    assert list(body)[:3] == ["resourceType", "id", "meta"]
    assert body["meta"] == {
        "versionId": "1",
        "lastUpdated": "2026-03-10T12:00:00.000Z",
        "source": "urn:s",
    }
    assert (row.owner, row.unit, row.record, row.contract, row.part) == (
        "RegionA",
        "U1",
        "r",
        "C 1.0",
        "part",
    )
    (version,) = _rows(store, RESOURCE_VERSION)
    assert (version.body, version.method) == (row.body, "POST")


def test_the_same_again_is_left_as_it_is(store: Store) -> None:
    _put(store, _incoming())
    before = _rows(store), _rows(store, RESOURCE_VERSION)
    (written,) = _put(store, _incoming(), at=NOON + HOUR)
    assert written == Written("Condition", "c1", 1, NOON, changed=False, created=False)
    assert (_rows(store), _rows(store, RESOURCE_VERSION)) == before


@pytest.mark.parametrize(
    "changed",
    [
        _incoming(note=[{"text": "new"}]),
        _incoming(replace(ITEM, unit="U2")),
        _incoming(replace(ITEM, secret_from_person=True)),
        _incoming(replace(ITEM, withdrawn=True)),
        _incoming(replace(ITEM, availability=Availability.NONE)),
        _incoming(replace(ITEM, masks=frozenset({"address"}))),
        replace(_incoming(), contract="C 2.0"),
        replace(_incoming(), masked=CONDITION),
    ],
)
def test_what_is_new_in_content_or_columns_is_a_new_version(
    store: Store, changed: Incoming
) -> None:
    _put(store, _incoming())
    (written,) = _put(store, changed, at=NOON + HOUR)
    assert written == Written("Condition", "c1", 2, NOON + HOUR, changed=True, created=False)
    (row,) = _rows(store)
    assert decode(row.body)["meta"]["versionId"] == "2"
    versions = {each.version: each for each in _rows(store, RESOURCE_VERSION)}
    assert (versions[1].method, versions[2].method) == ("POST", "PUT")
    # of another unit: docs/decisions/0029
    assert (versions[1].set_aside, versions[2].set_aside) == (changed.item.unit == "U2", False)
    (again,) = _put(store, changed, at=NOON + 2 * HOUR)
    assert not again.changed


def test_one_resource_that_changed_leaves_the_others(store: Store) -> None:
    other = replace(_incoming(), resource={**CONDITION, "id": "c2"})
    _put(store, _incoming(), other)
    written = _put(store, _incoming(note=[{"text": "new"}]), other)
    assert [(each.id, each.version, each.changed) for each in written] == [
        ("c1", 2, True),
        ("c2", 1, False),
    ]


def test_the_index_follows_the_newest_version(store: Store) -> None:
    def codes() -> list[str]:
        return [row.code for row in _rows(store, IX_TOKEN) if row.param == "code"]

    _put(store, _incoming())
    assert codes() == ["i10"]  # tokens are found without case
    _put(store, _incoming(code={"coding": [{"system": "urn:codes", "code": "I50"}]}))
    assert codes() == ["i50"]
    hidden = {name: value for name, value in CONDITION.items() if name != "code"}
    _put(store, replace(_incoming(), masked=hidden))
    assert codes() == []


def test_since_when_it_is_available_stays_with_the_owner(store: Store) -> None:
    later = datetime(2026, 2, 1, tzinfo=UTC)
    uninformed = replace(ITEM, informed=False)
    _put(store, _incoming(uninformed))
    _put(store, _incoming(replace(ITEM, available_since=later), note=[{"text": "new"}]))
    (row,) = _rows(store)
    assert (row.version, row.available_since, bool(row.informed)) == (2, SINCE.timestamp(), False)
    _put(store, _incoming(replace(ITEM, owner="RegionB", available_since=later)))
    (row,) = _rows(store)
    assert (row.available_since, bool(row.informed)) == (later.timestamp(), True)
    _put(store, _incoming(replace(ITEM, owner="RegionB", available_since=None, informed=False)))
    (row,) = _rows(store)
    assert (row.version, row.available_since, bool(row.informed)) == (4, None, False)


def test_one_persons_resource_is_not_anothers(store: Store) -> None:
    _put(store, _incoming())
    with store.write() as connection:
        (written,) = put(connection, "q", [_incoming()], NOON)
    assert written.created
    assert {row.person for row in _rows(store)} == {"p", "q"}


def test_numbers_are_stored_as_they_were_written(store: Store) -> None:
    quantity = {"valueQuantity": {"value": Decimal("1.50")}, "resourceType": "Observation"}
    _put(store, replace(_incoming(), resource={**CONDITION, **quantity}))
    (row,) = _rows(store)
    assert b"1.50" in row.body


_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=5)
_JSON = st.recursive(
    _TEXT | st.booleans() | st.decimals(-1000, 1000, places=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)
_NAMES = _TEXT.filter(lambda name: name not in {"meta", "id"})


@given(
    resource=st.dictionaries(_NAMES, _JSON, max_size=4),
    meta=st.dictionaries(st.sampled_from(["source", "profile", "versionId", "lastUpdated"]), _JSON),
    version=st.integers(1, 9),
)
def test_what_is_stored_has_the_hash_that_it_had_on_its_way_in(
    resource: dict[str, Any], meta: dict[str, Any], version: int
) -> None:
    whole = {**resource, "meta": meta, "resourceType": "Condition", "id": "c1"}
    stored = decode(stamped(whole, version, NOON))
    assert content_hash(stored, None) == content_hash(whole, None)
    assert content_hash(stored, stored) == content_hash(whole, whole)
    assert content_hash(whole, None) != content_hash(whole, whole)


def test_an_instant_is_utc_to_the_millisecond() -> None:
    assert instant_text(NOON + 1_999) == "2026-03-10T12:00:00.001Z"
    assert instant_text(NOON + 999) == "2026-03-10T12:00:00.000Z"


def test_bytes_are_what_the_codec_writes() -> None:
    assert stamped(CONDITION, 1, NOON) == encode(decode(stamped(CONDITION, 1, NOON)))


def test_what_follows_others_is_written_only_with_one_of_them(store: Store) -> None:
    def provenance(at: str) -> Incoming:
        told = {"resourceType": "Provenance", "id": "p1", "recorded": at}
        return Incoming(told, ITEM, "source", follows=frozenset({("Condition", "c1")}))

    other = replace(_incoming(id="c2"), item=replace(ITEM, id="c2"))
    assert len(_put(store, _incoming(), other, provenance("2026-03-10T12:00:00Z"))) == 2
    _put(store, _incoming(), _incoming(id="c2", note=[{"text": "new"}]), provenance("2026-03-11"))
    assert _versions(store) == {"c1": 1, "c2": 2, "p1": 1}
    _put(store, _incoming(note=[{"text": "new"}]), provenance("2026-03-12"))
    assert _versions(store) == {"c1": 2, "c2": 2, "p1": 2}


def _versions(store: Store) -> dict[str, int]:
    return {row.id: row.version for row in _rows(store)}


@pytest.mark.parametrize("number", [1, 150])
def test_few_rows_and_many_are_written_alike(store: Store, number: int) -> None:
    _put(store, *(_incoming(id=f"c{n}") for n in range(number)))
    assert len(_rows(store)) == len(_rows(store, RESOURCE_VERSION)) == number
    assert sorted(row.id for row in _rows(store, IX_TOKEN) if row.param == "code") == sorted(
        f"c{n}" for n in range(number)
    )
    with pytest.raises(Exception, match=r"UNIQUE|unique"), store.write() as connection:
        insert_tables(connection, [(RESOURCE, [tuple(row) for row in _rows(store)])])
    assert len(_rows(store)) == number
