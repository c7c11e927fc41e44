"""Many narrow rows written at once, without building a dictionary for each.

Source: DESIGN §7 (what a part may cost on its way into the store): PostgreSQL takes them by COPY,
SQLite by one prepared statement. Both are part of the transaction that is open.
"""

from collections.abc import Sequence
from functools import cache

from psycopg import Connection as PostgresConnection
from psycopg import sql
from sqlalchemy import Connection, Table, insert
from sqlalchemy.dialects import sqlite


def insert_tuples(connection: Connection, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert rows, each with a value for every column of the table in its order."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, PostgresConnection):
        connection.exec_driver_sql(_insert_text(table), list(rows))
        return
    with driver.cursor() as cursor, cursor.copy(_copy_text(table)) as copy:
        for row in rows:
            copy.write_row(row)


@cache
def _insert_text(table: Table) -> str:
    return str(insert(table).compile(dialect=sqlite.dialect(paramstyle="qmark")))


@cache
def _copy_text(table: Table) -> sql.Composed:
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    return sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
