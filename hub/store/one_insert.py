"""Rows written to one table by one statement, however many they are.

Source: DESIGN §7 (the log's share of an answer). PostgreSQL reads them from one JSON text, so that
one way to the server and back carries a whole group; SQLite has no such way, and needs none.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, LargeBinary, Table, insert
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

DDL = postgresql.dialect().type_compiler_instance  # type: ignore[no-untyped-call]  # not typed there


def insert_rows(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, again: bool = False
) -> None:
    """Insert rows that have a value for every column; text that PostgreSQL can hold.

    `again`: one whose key is there already is left as it is.
    """
    if connection.dialect.name == "sqlite":
        once = sqlite_insert(table).on_conflict_do_nothing()
        connection.execute(once if again else insert(table), rows)
        return
    # msgspec writes bytes as base64
    connection.exec_driver_sql(
        _statement(table, again=again), (msgspec.json.encode(rows).decode(),)
    )


@cache
def _statement(table: Table, *, again: bool) -> str:
    names, values, types = [], [], []
    for column in table.columns:
        binary = isinstance(column.type, LargeBinary)
        kind = "text" if binary else DDL.process(column.type)
        names.append(column.name)
        values.append(f"decode({column.name}, 'base64')" if binary else column.name)
        types.append(f"{column.name} {kind}")
    once = " ON CONFLICT DO NOTHING" if again else ""
    return (
        f"INSERT INTO {table.name} ({', '.join(names)})"  # noqa: S608  # nosec B608 - names of our own tables
        f" SELECT {', '.join(values)} FROM json_to_recordset(%s) AS r ({', '.join(types)}){once}"
    )
