"""Statements written out once, and asked of the database's own driver.

Source: DESIGN §7 (hot statements compiled once); figures in docs/performance.md: for a statement of
some thirty columns, what SQLAlchemy does around it costs twice what the driver does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, Select


@dataclass(frozen=True, slots=True)
class WrittenOut:
    """A statement as one database reads it. `order` is of its values, where they have no names."""

    text: str
    values: Mapping[str, Any]
    order: tuple[str, ...] | None

    def rows(self, connection: Connection, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return the rows, as the driver gives them: on SQLite a truth value is 0 or 1."""
        values = {**self.values, **given}
        asked = values if self.order is None else tuple(values[name] for name in self.order)
        for told in connection.dispatch.before_cursor_execute:
            told(connection, None, self.text, asked, None, False)  # as SQLAlchemy
        driver: Any = connection.connection.driver_connection
        # PostgreSQL writes bytes as text otherwise, twice as long and to be read again
        form = {"binary": True} if self.order is None else {}
        found: list[tuple[Any, ...]] = driver.execute(self.text, asked, **form).fetchall()
        return found


def write_out(statement: Select[Any], dialect: Dialect) -> WrittenOut:
    """Return a statement written out; values that it does not have itself are given each time."""
    made = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    order = None if made.positiontup is None else tuple(made.positiontup)
    given_later = {name: None for name, bind in made.binds.items() if bind.required}
    return WrittenOut(str(made), dict(made.construct_params(given_later)), order)
