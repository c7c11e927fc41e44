"""P1: the scope as SQL, the scope in Python and the decision for each item are one and the same."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection, insert, select

from consent.decide import decide
from consent.decision import Outcome
from consent.facts import Item
from consent.predicate import Column, Not, OneOf, value_of
from consent.scope import Clause, Scope, scope
from consent.section import RUNGS
from consent.situation import Situation
from hub.store.connect import Store
from hub.store.item_row import item_row
from hub.store.schema.metadata import METADATA
from hub.store.schema.resource import RESOURCE
from hub.store.scope_sql import DENIED, ground_sql, permitted_sql, rung_sql
from tests.worlds.strategies import RECORDS, SITUATIONS


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
    rows = [{**fixed, "id": item.id, **item_row(item)} for item in record]
    if rows:
        connection.execute(insert(RESOURCE), rows)


# the connection is one for all examples; each example rolls its own rows back
@settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(situation=SITUATIONS, record=RECORDS)
def test_sql_python_and_decision_agree(
    connection: Connection, situation: Situation, record: list[Item]
) -> None:
    made = scope(situation)
    with connection.begin() as transaction:
        _insert(connection, record)
        columns = [rung_sql(made, rung, RESOURCE).label(rung.value) for rung in RUNGS]
        bound = ground_sql(made, RESOURCE)
        written = ground_sql(made, RESOURCE, connection.dialect)
        statement = select(RESOURCE.c.id, bound.label("ground"), written.label("written"), *columns)
        rows = {row.id: row for row in connection.execute(statement)}
        transaction.rollback()
    for item in record:
        row, decision = rows[item.id], decide(situation, item)
        assert row.written == row.ground
        in_sql = None if row.ground == DENIED else made.clauses[row.ground].ground
        assert not decision.errors
        assert (in_sql is not None) == (decision.outcome is Outcome.PERMIT)
        assert in_sql == made.ground(item)
        assert in_sql is None or in_sql in decision.basis
        shown = frozenset(rung for rung in RUNGS if getattr(row, rung.value))
        assert shown == made.shows(item) == decision.rungs


@pytest.mark.parametrize(
    "name",
    ["O'Hara", "a\\'b", "100%", "%s %(x)s", ":name", "{}", '"', "--", "/*", "å", "a\nb", "?", "'"],
)
def test_a_value_that_is_written_into_the_query_stays_a_value(
    connection: Connection, name: str
) -> None:
    here = OneOf(Column.OWNER, frozenset({name, "another"}))
    elsewhere = Scope((Clause(False, Not(here), "A"), Clause(True, here, "B")), (), "", None)
    with connection.begin() as transaction:
        _insert(connection, [Item("1", name), Item("2", "b"), Item("3", f"{name}' OR 1=1 --"[:64])])
        written = permitted_sql(elsewhere, RESOURCE, connection.dialect)
        found = connection.execute(select(RESOURCE.c.id).where(written, RESOURCE.c.person == "p"))
        assert list(found.scalars()) == ["1"]
        transaction.rollback()


def test_every_column_of_an_item_can_be_expressed_in_sql() -> None:
    """A decision cannot ask about what a scope has no column for (DESIGN §4)."""
    row = item_row(Item("i", "o"))
    assert {column.value for column in Column} == set(row)
    assert set(row) <= set(RESOURCE.c.keys())
    fields = set(Item.__dataclass_fields__) - {"id", "masks", "date"}
    assert fields | {"date_from", "date_to"} == set(row)
    for column in Column:
        value_of(Item("i", "o"), column)
