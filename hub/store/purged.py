"""Records that were purged and are to stay away: remembered, recognised, and let in again.

Source: DESIGN §4 "Leaving"; PDL 3:17, 8:4. Nothing of what a record said is kept: a keyed hash says
that it is the same record when it comes again.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, select

from hub.store.counter import insert_once
from hub.store.instant import micros
from hub.store.schema.purged_record import PURGED_RECORD


def remember(
    connection: Connection,
    person: str,
    records: Iterable[tuple[str, str]],
    because: str,
    at: datetime,
) -> None:
    """Note that records, each given by source and key, were purged of a person."""
    for source, record in records:
        row = {
            "person": person,
            "record": record,
            "source": source,
            "because": because,
            "purged": micros(at),
        }
        connection.execute(insert_once(connection, PURGED_RECORD, row))


def purged_of(connection: Connection, persons: Collection[str]) -> set[str]:
    """Return the keys of the records of these persons that were purged; each is of one person."""
    table = PURGED_RECORD.c
    return set(connection.execute(select(table.record).where(table.person.in_(persons))).scalars())


def count_purged(connection: Connection, persons: Sequence[str], source: str | None) -> int:
    """Return how many purged records under these keys (of a source) are kept away."""
    counted = select(func.count()).select_from(PURGED_RECORD).where(*_of(persons, source))
    return int(connection.execute(counted).scalar_one())


def readmit(connection: Connection, persons: Sequence[str], source: str | None) -> None:
    """Let what was purged under these keys (of a source) in again, should it be delivered."""
    connection.execute(delete(PURGED_RECORD).where(*_of(persons, source)))


def _of(persons: Sequence[str], source: str | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [PURGED_RECORD.c.person.in_(persons)]
    if source is not None:
        found.append(PURGED_RECORD.c.source == source)
    return found
