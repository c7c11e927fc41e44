"""Batches that are written together come to what they come to one after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from consent.facts import Availability, Item
from hub.store.connect import Store
from hub.store.incoming import Batch, Incoming, Written, restamped, stamped
from hub.store.ledger import Ledger
from hub.store.schema.resource import RESOURCE, RESOURCE_VERSION
from hub.store.schema.search_index import INDEX_TABLES
from hub.store.standing import PartTime, RecordsStanding, Stands, stand_in, withdraw
from hub.store.writing import put

NOON = int(datetime(2026, 3, 10, 12, tzinfo=UTC).timestamp() * 1_000_000)
EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
ITEM = Item("c", "RegionA", unit="U1", available_since=EARLY)
ITEMS = (
    ITEM,
    replace(ITEM, available_since=LATE, informed=False),
    replace(ITEM, owner="RegionB", available_since=LATE),
    replace(ITEM, availability=Availability.NONE, available_since=None),
    replace(ITEM, withdrawn=True),
    replace(ITEM, masks=frozenset({"address"})),
)
IDS = ("c1", "c2", "c3")
RECORD_OF = {"c1": "r1", "c2": "r1", "c3": "r2"}


@dataclass(frozen=True)
class Put:
    """Resources that a part gives, each with its content and item by number."""

    given: tuple[tuple[str, int, int], ...]
    contract: str
    part: str


@dataclass(frozen=True)
class Withdraw:
    """A resource that is gone at its source."""

    id: str


@dataclass(frozen=True)
class StandIn:
    """A record that another part holds, too."""

    record: str
    part: str


Act = Put | Withdraw | StandIn
_PARTS = st.sampled_from(["part-1", "part-2", "part-3"])
_PUTS = st.builds(
    Put,
    st.lists(
        st.tuples(st.sampled_from(IDS), st.integers(0, 2), st.integers(0, len(ITEMS) - 1)),
        min_size=1,
        unique_by=lambda each: each[0],
    ).map(tuple),
    st.sampled_from(["C 1.0", "C 2.0"]),
    _PARTS,
)
ACTS = st.lists(
    _PUTS
    | st.builds(Withdraw, st.sampled_from(IDS))
    | st.builds(StandIn, st.sampled_from(["r1", "r2"]), _PARTS),
    min_size=1,
    max_size=8,
)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url)
    yield opened
    opened.close()


def _resource(number: str, content: int) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": number,
        "meta": {"source": "urn:s"},
        "code": {"coding": [{"system": "urn:codes", "code": f"I{content}"}]},
        "subject": {"reference": "Patient/p"},
    }


def _batch(person: str, act: Put, at: int) -> Batch:
    incoming = []
    for number, content, item in act.given:
        masked = None
        if ITEMS[item].masks:
            masked = {**_resource(number, content), "code": {"text": "hidden"}}
        incoming.append(
            Incoming(
                _resource(number, content),
                ITEMS[item],
                "source",
                masked,
                RECORD_OF[number],
                act.contract,
            )
        )
    return Batch(person, incoming, at, act.part)


def _one_by_one(connection: Connection, person: str, acts: Sequence[Act]) -> list[Written]:
    written: list[Written] = []
    for number, act in enumerate(acts):
        if isinstance(act, Put):
            batch = _batch(person, act, NOON + number)
            written += put(connection, person, batch.incoming, batch.now, batch.part)
        elif isinstance(act, Withdraw):
            withdraw(connection, person, [("Condition", act.id)])
        else:
            stand_in(connection, person, "source", [act.record], act.part)
    return written


def _together(connection: Connection, person: str, acts: Sequence[Act]) -> list[Written]:
    batches = {
        number: _batch(person, act, NOON + number)
        for number, act in enumerate(acts)
        if isinstance(act, Put)
    }
    ledger = Ledger(connection, list(batches.values()))
    written: list[Written] = []
    for number, act in enumerate(acts):
        if isinstance(act, Put):
            written += ledger.put(batches[number])[0]
        elif isinstance(act, Withdraw):
            ledger.withdraw(person, [("Condition", act.id)])
        else:
            ledger.stand_in(person, "source", frozenset({act.record}), act.part)
    ledger.write()
    return written


def _rows(connection: Connection, person: str) -> list[list[tuple[Any, ...]]]:
    return [
        sorted(
            (tuple(row)[1:] for row in connection.execute(select(table).filter_by(person=person))),
            key=repr,
        )
        for table in (RESOURCE, RESOURCE_VERSION, *INDEX_TABLES.values())
    ]


def test_together_comes_to_the_same_as_one_by_one(store: Store) -> None:
    numbers = count()

    @settings(
        deadline=None,
        max_examples=60,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(ACTS, ACTS)
    def same(before: list[Act], acts: list[Act]) -> None:
        number = next(numbers)
        one, other = f"one-{number}", f"other-{number}"
        with store.write() as connection:
            for person in (one, other):
                _one_by_one(connection, person, before)
            assert _together(connection, other, acts) == _one_by_one(connection, one, acts)
            assert _rows(connection, other) == _rows(connection, one)

    same()


def test_bytes_of_another_version_are_those_that_it_would_have_been_written_as() -> None:
    given = {**_resource("c1", 1), "text": {"div": '"meta":{"versionId":"0","lastUpdated":"1970'}}
    for resource in (given, {name: given[name] for name in given if name != "meta"}):
        assert restamped(stamped(resource, 0, 0), 12, NOON) == stamped(resource, 12, NOON)


def test_what_stands_of_records_follows_what_is_written(store: Store) -> None:
    first = PartTime(1)
    batch = _batch("standing", Put((("c1", 0, 0), ("c2", 0, 0)), "C 1.0", "part-1"), NOON)
    with store.write() as connection:
        found = RecordsStanding(connection, ["standing"], "source", ["r1", "r2"], {})
        assert found.of(["r1", "r2"]) == {}
        found.written(batch.incoming, first)
        keys = frozenset({("Condition", "c1"), ("Condition", "c2")})
        assert found.of(["r1", "r2"]) == {"r1": Stands(frozenset({"C 1.0"}), 1, False, None, keys)}
        found.withdrawn(["r1"], [("Condition", "c1")])
        left = frozenset({("Condition", "c2")})
        assert found.of(["r1"]) == {"r1": Stands(frozenset({"C 1.0"}), 1, True, None, left)}
        found.stood_in(["r1"], PartTime(5, 7))
        assert found.of(["r1"]) == {"r1": Stands(frozenset({"C 1.0"}), 5, True, 7, left)}
        found.written(batch.incoming[:1], first)
        assert found.of(["r1"]) == {"r1": Stands(frozenset({"C 1.0"}), 5, False, 7, keys)}
        first.as_of = 9  # a later delivery holds the same part
        assert found.of(["r1"])["r1"].as_of == 9
