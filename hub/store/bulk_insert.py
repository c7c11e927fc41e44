"""Many narrow rows written or deleted at once, without building a dictionary for each.

Source: DESIGN §7 (what a part may cost on its way into the store). PostgreSQL takes many by COPY;
few go to all their tables in one journey, since a COPY of each would cost three. SQLite has one
prepared statement for each table. All are part of the transaction that is open.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache

from psycopg import Connection as PostgresConnection
from psycopg import sql
from sqlalchemy import Connection, Table, insert
from sqlalchemy.dialects import sqlite

_FEW = 200
"""So many rows in all cost less by themselves than by COPY, which asks each table three times."""

Rows = Sequence[tuple[object, ...]]


def insert_tables(connection: Connection, batches: Iterable[tuple[Table, Rows]]) -> None:
    """Insert rows in the order of their tables, each row with a value for every column."""
    some = [(table, rows) for table, rows in batches if rows]
    driver = connection.connection.driver_connection
    if not isinstance(driver, PostgresConnection):
        for table, rows in some:
            connection.exec_driver_sql(_insert_text(table), list(rows))
    elif sum(len(rows) for _, rows in some) <= _FEW:
        with driver.pipeline(), driver.cursor() as cursor:
            for table, rows in some:
                cursor.executemany(_insert_query(table), rows)
    else:
        for table, rows in some:
            with driver.cursor() as cursor, cursor.copy(_copy_text(table)) as copy:
                for row in rows:
                    copy.write_row(row)


def delete_rows(
    connection: Connection, tables: Iterable[Table], keys: Collection[tuple[str, str, str]]
) -> None:
    """Delete the rows of these keys (person, type, id) from tables that begin with them."""
    if not keys:
        return
    driver = connection.connection.driver_connection
    if not isinstance(driver, PostgresConnection):
        for table in tables:
            connection.exec_driver_sql(f"DELETE FROM {table.name} WHERE {_KEY}", list(keys))  # noqa: S608  # nosec B608
        return
    columns = [list(each) for each in zip(*keys, strict=True)]
    with driver.pipeline(), driver.cursor() as cursor:
        for table in tables:
            cursor.execute(_delete_query(table), columns)


_KEY = "person = ? AND type = ? AND id = ?"


def in_order(table: Table, rows: Iterable[Mapping[str, object]]) -> list[tuple[object, ...]]:
    """Return rows, given by column, with the values of every column of the table in its order."""
    names = [column.name for column in table.columns]
    return [tuple(row[name] for name in names) for row in rows]


@cache
def _insert_text(table: Table) -> str:
    return str(insert(table).compile(dialect=sqlite.dialect(paramstyle="qmark")))


@cache
def _insert_query(table: Table) -> bytes:
    values = sql.SQL(", ").join(sql.Placeholder() for _ in table.columns)
    query = sql.SQL("INSERT INTO {} ({}) VALUES ({})")
    return query.format(sql.Identifier(table.name), _names(table), values).as_bytes()


@cache
def _delete_query(table: Table) -> bytes:
    query = sql.SQL(
        "DELETE FROM {0} USING unnest(%s::text[], %s::text[], %s::text[])"
        " AS gone (person, type, id)"
        " WHERE {0}.person = gone.person AND {0}.type = gone.type AND {0}.id = gone.id"
    )
    return query.format(sql.Identifier(table.name)).as_bytes()


@cache
def _copy_text(table: Table) -> bytes:
    query = sql.SQL("COPY {} ({}) FROM STDIN")
    return query.format(sql.Identifier(table.name), _names(table)).as_bytes()


def _names(table: Table) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
