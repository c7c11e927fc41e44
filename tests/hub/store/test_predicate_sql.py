"""Every predicate is the same in SQL as in Python, for every item, also where columns are empty."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select

from consent.facts import Availability, Item, Regime
from consent.predicate import (
    FALSE,
    TRUE,
    Absent,
    All,
    Before,
    Column,
    Not,
    OneOf,
    Predicate,
    Some,
    all_of,
    any_of,
    negate,
)
from hub.store.connect import Store
from hub.store.item_row import item_row
from hub.store.schema.metadata import METADATA
from hub.store.schema.resource import RESOURCE
from hub.store.scope_sql import predicate_sql
from tests.worlds.strategies import INSTANTS, RECORDS

VALUES = {
    Column.OWNER: ["RegionA", "NamndK", "nobody"],
    Column.UNIT: ["Medicine", "Surgery"],
    Column.PROCESS: ["Diabetes"],
    Column.AUTHORITY: ["Aldre"],
    Column.SERVICE: ["SoL 8:1", "LSS 9"],
    Column.REGIME: [each.value for each in Regime],
    Column.AVAILABILITY: [each.value for each in Availability],
    Column.INFORMED: [True, False],
    Column.WITHDRAWN: [True, False],
}
TIMES = st.builds(
    lambda at, off: at + timedelta(seconds=off), INSTANTS, st.sampled_from([-1, 0, 1])
)


@st.composite
def leaves(draw: st.DrawFn) -> Predicate:
    column = draw(st.sampled_from(list(VALUES)))
    return draw(
        st.one_of(
            st.just(TRUE),
            st.just(FALSE),
            st.frozensets(st.sampled_from(VALUES[column]), min_size=1).map(
                lambda values: OneOf(column, values)
            ),
            st.sampled_from(list(Column)).map(Absent),
            st.builds(
                Before,
                st.sampled_from([Column.DATE_FROM, Column.DATE_TO, Column.AVAILABLE_SINCE]),
                TIMES,
            ),
        )
    )


PREDICATES = st.recursive(
    leaves(),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: All(tuple(parts))),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Some(tuple(parts))),
    ),
    max_leaves=6,
)


@pytest.fixture
def connection(store_url: str) -> Iterator[Connection]:
    store = Store(store_url)
    METADATA.create_all(store.engine)
    with store.engine.connect() as opened:
        yield opened
    store.close()


def _insert(connection: Connection, record: list[Item]) -> None:
    fixed = {
        "person": "p",
        "type": "Condition",
        "version": 1,
        "last_updated": 0,
        "body": b"{}",
        "content_hash": b"",
        "source": "s",
        "masks": "",
    }
    connection.execute(insert(RESOURCE), [{**fixed, "id": i.id, **item_row(i)} for i in record])


# the connection is one for all examples; each example rolls its own rows back
@settings(
    max_examples=400,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(predicates=st.lists(PREDICATES, min_size=1, max_size=5), record=RECORDS.filter(bool))
def test_sql_and_python_agree_on_every_predicate(
    connection: Connection, predicates: list[Predicate], record: list[Item]
) -> None:
    with connection.begin() as transaction:
        _insert(connection, record)
        columns = [
            predicate_sql(each, RESOURCE).label(f"p{number}")
            for number, each in enumerate(predicates)
        ]
        rows = {row.id: row for row in connection.execute(select(RESOURCE.c.id, *columns))}
        transaction.rollback()
    for item in record:
        in_sql = [getattr(rows[item.id], f"p{number}") for number in range(len(predicates))]
        assert all(value is not None for value in in_sql)
        assert [bool(value) for value in in_sql] == [each.holds(item) for each in predicates]


@given(parts=st.lists(PREDICATES, max_size=4), record=RECORDS)
def test_simplifying_changes_nothing(parts: list[Predicate], record: list[Item]) -> None:
    for item in record:
        assert all_of(parts).holds(item) == all(part.holds(item) for part in parts)
        assert any_of(parts).holds(item) == any(part.holds(item) for part in parts)
        assert [negate(part).holds(item) for part in parts] == [not p.holds(item) for p in parts]
