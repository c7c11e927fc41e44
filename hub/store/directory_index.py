"""An index of entries that belong to no person's record, searched like everything else.

Source: FHIR R4 search.html. The entries are few and come from configuration: they stand in tables
of their own, in memory, and no content of the store is among them.
"""

import threading
import weakref
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    MetaData,
    String,
    Table,
    create_engine,
    insert,
    select,
)
from sqlalchemy.pool import StaticPool

from hub.fhir.extract import index_rows
from hub.store.schema.search_index import INDEX_TABLES
from hub.store.search_sort import orders
from hub.store.search_sql import insert_index_rows, search
from hub.store.search_values import Criterion

Json = Mapping[str, Any]
ENTRY = Table(
    "entry",
    MetaData(),
    Column("person", String(64), primary_key=True),
    Column("type", String(32), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("last_updated", BigInteger, nullable=False),
)
"""`person` is for whom the entry is: everybody, or one organisation."""


@dataclass(frozen=True)
class DirectoryIndex:
    """The entries by type and id, and the engine that finds them."""

    entries: Mapping[tuple[str, str, str], Json]
    engine: Engine
    lock: threading.Lock

    @classmethod
    def of(cls, groups: Mapping[str, Iterable[Json]]) -> "DirectoryIndex":
        """Return an index of entries by for whom they are."""
        engine = create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        found: dict[tuple[str, str, str], Json] = {}
        with engine.begin() as connection:
            ENTRY.create(connection)
            for table in INDEX_TABLES.values():
                table.create(connection)
            for whom, entries in groups.items():
                made = {(whom, each["resourceType"], each["id"]): each for each in entries}
                rows = [
                    (kind, number, index_rows(each)) for (_, kind, number), each in made.items()
                ]
                insert_index_rows(connection, whom, rows)
                keys = [
                    {"person": whom, "type": kind, "id": number, "last_updated": 0}
                    for _, kind, number in made
                ]
                if keys:
                    connection.execute(insert(ENTRY), keys)
                found |= made
        index = cls(found, engine, threading.Lock())
        weakref.finalize(index, engine.dispose)
        return index

    def find(
        self,
        kind: str,
        criteria: Sequence[Criterion],
        whom: Sequence[str],
        sort: str,
        now: datetime,
        roots: Sequence[str] = (),
    ) -> tuple[list[Json], tuple[Criterion, ...]]:
        """Return the entries that match, in order, and the criteria that are not known.

        Raises:
            BadSearch: a value or a modifier is none of its parameter's.
        """
        made = search(kind, criteria, ENTRY, now=now, persons=whom, roots=roots)
        statement = (
            select(ENTRY.c.person, ENTRY.c.type, ENTRY.c.id)
            .where(ENTRY.c.person.in_(whom), made.where)
            .order_by(*orders(kind, sort, ENTRY))
        )
        with self.lock, self.engine.connect() as connection:
            keys = connection.execute(statement).all()
        return [self.entries[tuple(key)] for key in keys], made.unknown

    def read(self, kind: str, number: str, whom: Iterable[str]) -> Json | None:
        """Return an entry by type and id, None where there is none for these."""
        found = (self.entries.get((each, kind, number)) for each in whom)
        return next((each for each in found if each is not None), None)
