"""A lease on a row: a worker has it for a while, and others when that while is over.

Source: DESIGN §4, P6. What works in the background may die at any instant, and its process with it;
what it had is then taken up by others. A table whose rows are leased has the columns `taken_by` and
`taken_until` (microseconds). On PostgreSQL workers pass over rows that others hold (SKIP LOCKED);
on SQLite a write has the whole store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, or_, select, update

from hub.store.connect import Store
from hub.store.instant import micros

GIVEN_BACK: Mapping[str, None] = {"taken_by": None, "taken_until": None}
"""What the columns of a row hold that nobody has."""


@dataclass(frozen=True, slots=True)
class Lease:
    """How long the rows of a table are had without being asked for again."""

    table: Table
    lasts: timedelta

    def free(self, now: datetime) -> ColumnElement[bool]:
        """Return whether nobody has the row."""
        until = self.table.c.taken_until
        return or_(until.is_(None), until < micros(now))

    def first(
        self, store: Store, worker: str, now: datetime, due: ColumnElement[bool]
    ) -> Row[Any] | None:
        """Return the first of the rows that are due, which the worker has from now on."""
        table, wanted = self.table, and_(due, self.free(now))
        with store.read() as connection:  # where nothing is due nobody waits to write
            if connection.execute(select(table.c.due).where(wanted).limit(1)).first() is None:
                return None
        with store.write() as connection:
            statement = select(table).where(wanted).order_by(table.c.due).limit(1)
            row = connection.execute(statement.with_for_update(skip_locked=True)).first()
            if row is not None:
                key = [each == getattr(row, each.name) for each in table.primary_key.columns]
                self._give(connection, worker, now, and_(*key))
        return row

    def take(
        self, connection: Connection, worker: str, now: datetime, row: ColumnElement[bool]
    ) -> bool:
        """Tell whether the worker has the row from now on: nobody had it."""
        return self._give(connection, worker, now, and_(row, self.free(now)))

    def keep(
        self, connection: Connection, worker: str, now: datetime, row: ColumnElement[bool]
    ) -> bool:
        """Tell whether the worker has the row still, and then for a while longer."""
        return self._give(connection, worker, now, and_(row, self.table.c.taken_by == worker))

    def _give(
        self, connection: Connection, worker: str, now: datetime, row: ColumnElement[bool]
    ) -> bool:
        had = {"taken_by": worker, "taken_until": micros(now + self.lasts)}
        return connection.execute(update(self.table).where(row).values(had)).rowcount == 1
