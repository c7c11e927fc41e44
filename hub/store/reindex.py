"""The search index made anew from what is stored, one person at a time.

Source: DESIGN §4. For a store whose index was made by an earlier version, or has come to harm. The
bodies are read to be indexed, as they are when they are written, and go nowhere else (P1).
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, delete, select

from hub.fhir.extract import index_rows
from hub.fhir.json_codec import decode
from hub.store.connect import Store
from hub.store.counter import lock
from hub.store.reading import STANDS
from hub.store.schema.fact import PERSON_COUNTER
from hub.store.schema.resource import RESOURCE
from hub.store.schema.search_index import INDEX_TABLES
from hub.store.search_sql import insert_index_rows

PERSONS_AT_ONCE = 1_000


def persons_held(connection: Connection, after: str) -> list[str]:
    """Return the next persons of whom the store holds anything, in order."""
    statement = (
        select(RESOURCE.c.person)
        .where(RESOURCE.c.person > after)
        .distinct()
        .order_by(RESOURCE.c.person)
        .limit(PERSONS_AT_ONCE)
    )
    return list(connection.execute(statement).scalars())


def reindex(store: Store) -> Iterator[int]:
    """Index everything anew; yield how many resources each person has, once theirs are done.

    Each person is a transaction of its own, so that the hub may go on meanwhile.
    """
    after = ""
    while True:
        with store.read() as connection:
            persons = persons_held(connection, after)
        for person in persons:
            with store.write() as connection:
                number = reindex_person(connection, person)
            yield number
        if len(persons) < PERSONS_AT_ONCE:
            return
        after = persons[-1]


def reindex_person(connection: Connection, person: str) -> int:
    """Index one person's resources anew and return their number; the caller commits."""
    lock(connection, PERSON_COUNTER, [person])
    row = RESOURCE.c
    statement = select(row.type, row.id, row.body, row.masked_body).where(
        row.person == person, STANDS
    )
    found = [
        (each.type, each.id, index_rows(_as_written(each.body, each.masked_body)))
        for each in connection.execute(statement)
    ]
    for table in INDEX_TABLES.values():
        connection.execute(delete(table).where(table.c.person == person))
    insert_index_rows(connection, person, found)
    return len(found)


def _as_written(body: bytes, masked: bytes | None) -> dict[str, Any]:
    """The resource as it was when it was written: version and time are columns of their own."""
    resource: dict[str, Any] = dict(decode(masked or body))
    meta = {
        name: value
        for name, value in resource.pop("meta", {}).items()
        if name not in ("versionId", "lastUpdated")
    }
    return {**resource, **({"meta": meta} if meta else {})}
