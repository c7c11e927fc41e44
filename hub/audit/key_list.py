"""A list of any number of keys within a query, sent as one value.

PostgreSQL reads it from an array, SQLite from JSON: neither has a limit that a supervisor's mandate
reaches, and the statement is the same for every list.
"""

import json
from collections.abc import Sequence

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    any_,
    bindparam,
    column,
    func,
    select,
)
from sqlalchemy.sql.elements import KeyedColumnElement


def listed(connection: Connection, keys: Sequence[int]) -> KeyedColumnElement[int]:
    """Return the column of a table that has the keys as its rows."""
    value = column("value", BigInteger)
    if connection.dialect.name == "sqlite":
        table = func.json_each(json.dumps(list(keys))).table_valued(value, name="listed")
    else:
        table = (
            func.unnest(_array(keys))
            .table_valued(value, name="listed")
            .render_derived(name="listed")
        )
    return table.c.value


def any_of(
    connection: Connection, of: ColumnElement[int], keys: Sequence[int]
) -> ColumnElement[bool]:
    """Return the condition that a column has one of the keys."""
    if len(keys) == 1:
        return of == keys[0]
    if connection.dialect.name == "sqlite":
        return of.in_(select(listed(connection, keys)))
    return of == any_(_array(keys))


def _array(keys: Sequence[int]) -> ColumnElement[Sequence[int]]:
    return bindparam(None, list(keys), type_=ARRAY(BigInteger))
