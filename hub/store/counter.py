"""Counters that move with what they guard, and order those who change the same thing.

Source: DESIGN §4, P4. Locking a counter's row before the facts are read makes writers about one
person queue on PostgreSQL; on SQLite every write already has the whole store.
"""

from collections.abc import Iterable, Mapping, Sequence

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
    for each in wanted:
        if each in here:
            continue
        made = connection.execute(insert_once(connection, table, {key.name: each, "counter": 0}))
        if made.rowcount != 1:  # one that was just made is ours until it is committed
            connection.execute(select(table.c.counter).where(key == each).with_for_update())


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
