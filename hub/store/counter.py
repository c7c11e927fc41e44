"""Counters that move with what they guard, and order those who change the same thing.

Source: DESIGN §4, P4. Locking a counter's row before the facts are read makes writers about one
person queue on PostgreSQL; on SQLite every write already has the whole store.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from sqlalchemy import Connection, Insert, Table, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert


def lock(connection: Connection, table: Table, keys: Iterable[str]) -> None:
    """Make the counters' rows exist and hold them to the end of the transaction.

    Rows are taken in the order of their keys, those that exist before those that are new, so that
    two writers never wait for one another.
    """
    key = table.primary_key.columns.values()[0]
    wanted = sorted(set(keys))
    held = select(key).where(key.in_(wanted)).order_by(key).with_for_update()
    here = set(connection.execute(held).scalars())
    new = [each for each in wanted if each not in here]
    if not new:
        return
    if connection.dialect.name == "sqlite":
        rows = [{key.name: each, "counter": 0} for each in new]
        connection.execute(insert_once(connection, table, rows))
    else:
        connection.exec_driver_sql(_made_or_held(table), (new,))


@cache
def _made_or_held(table: Table) -> str:
    """Return the statement that makes rows, or holds those that another has made meanwhile.

    Each in its turn: a row that is there already is locked before the next one is made.
    """
    key = table.primary_key.columns.keys()[0]
    return (
        f"INSERT INTO {table.name} ({key}, counter)"  # noqa: S608  # nosec B608 - names of our own tables
        f" SELECT made, 0 FROM unnest(%s::text[]) AS made ORDER BY made"
        f" ON CONFLICT ({key}) DO UPDATE SET counter = {table.name}.counter"
    )


def move(connection: Connection, table: Table, keys: Iterable[str]) -> None:
    """Count each counter up by one. The rows exist: `lock` came before."""
    key = table.primary_key.columns.values()[0]
    connection.execute(
        update(table).where(key.in_(sorted(set(keys)))).values(counter=table.c.counter + 1)
    )


def insert_once(
    connection: Connection,
    table: Table,
    rows: Mapping[str, object] | Sequence[Mapping[str, object]],
) -> Insert:
    """Return the statement that inserts a row, or rows, unless the key is there already."""
    if connection.dialect.name == "sqlite":
        return sqlite_insert(table).values(rows).on_conflict_do_nothing()
    return postgresql_insert(table).values(rows).on_conflict_do_nothing()
