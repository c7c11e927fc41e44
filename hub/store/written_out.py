"""Statements written out once, and asked of the database's own driver.

Source: DESIGN §7 (hot statements compiled once); figures in docs/performance.md: for a statement of
some thirty columns, what SQLAlchemy does around it costs twice what the driver does. PostgreSQL is
given its own `$1`, since psycopg reads a long text for its marks each time anew, and answers in its
binary form, in which bytes are half as long.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import Connection as PostgresConnection
from psycopg import RawCursor
from psycopg.rows import tuple_row
from sqlalchemy import Connection, Dialect, Select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg


@dataclass(frozen=True, slots=True)
class WrittenOut:
    """A statement as one database reads it. `order` is the names of its values."""

    text: str
    values: Mapping[str, Any]
    order: tuple[str, ...]

    def rows(self, connection: Connection, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return the rows, as the driver gives them: on SQLite a truth value is 0 or 1."""
        values = {**self.values, **given}
        asked = tuple(values[name] for name in self.order)
        for told in connection.dispatch.before_cursor_execute:
            told(connection, None, self.text, asked, None, False)  # as SQLAlchemy
        driver: Any = connection.connection.driver_connection
        if isinstance(driver, PostgresConnection):
            cursor = RawCursor(driver, row_factory=tuple_row)
            return cursor.execute(self.text.encode(), asked, binary=True).fetchall()
        found: list[tuple[Any, ...]] = driver.execute(self.text, asked).fetchall()
        return found


def write_out(statement: Select[Any], dialect: Dialect) -> WrittenOut:
    """Return a statement written out; values that it does not have itself are given each time."""
    own = _NUMBERED if dialect.name == "postgresql" else dialect
    made = statement.compile(dialect=own, compile_kwargs={"render_postcompile": True})
    given_later = {name: None for name, bind in made.binds.items() if bind.required}
    values = dict(made.construct_params(given_later))
    return WrittenOut(str(made), values, tuple(made.positiontup or ()))


def _numbered() -> Dialect:
    """PostgreSQL's dialect with the database's own marks for values."""
    made = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # not typed there
    # as a connection would have told it: standard_conforming_strings is on, as it is unless changed
    made._backslash_escapes = False  # noqa: SLF001  # there is no other way to say so
    return made


_NUMBERED = _numbered()
