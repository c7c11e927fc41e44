"""Resources written to the store: new versions only where the content is new, with their index.

Source: DESIGN §4, P6. The caller holds the transaction, so that a part, or a vendor's transaction,
is written whole or not at all.
"""

from collections.abc import Sequence

import psycopg
from sqlalchemy import Connection, and_, insert, select, update
from sqlalchemy.exc import DataError, SQLAlchemyError

from hub.store.incoming import Batch, Incoming, Written
from hub.store.ledger import Ledger
from hub.store.schema.resource import RESOURCE, RESOURCE_VERSION
from hub.store.search_sql import delete_index_rows


def put(
    connection: Connection,
    person: str,
    incoming: Sequence[Incoming],
    now: int,
    part: str | None = None,
) -> list[Written]:
    """Write resources of one person, at `now` (microseconds since 1970), from a source part.

    A resource whose content and columns stand already is left as it is. Those that follow others
    stand after them in `incoming`, and are not in what is returned.
    """
    batch = Batch(person, incoming, now, part)
    ledger = Ledger(connection, [batch])
    written, _ = ledger.put(batch)
    ledger.write()
    return written


def delete(connection: Connection, person: str, key: tuple[str, str], now: int) -> Written:
    """Delete a vendor's resource: a version of its own says so, and no search finds it."""
    resource_type, resource_id = key
    this = and_(
        RESOURCE.c.person == person, RESOURCE.c.type == resource_type, RESOURCE.c.id == resource_id
    )
    version = 1 + connection.execute(select(RESOURCE.c.version).where(this)).scalar_one()
    stamp = {"version": version, "last_updated": now, "body": b"", "masked_body": None}
    connection.execute(update(RESOURCE).where(this).values(**stamp, content_hash=b"", deleted=True))
    tombstone = {"person": person, "type": resource_type, "id": resource_id, "method": "DELETE"}
    connection.execute(insert(RESOURCE_VERSION), [{**tombstone, **stamp}])
    delete_index_rows(connection, person, [key])
    return Written(resource_type, resource_id, version, now, changed=True, created=False)


def for_its_content(error: Exception) -> bool:
    """Tell whether a write failed for what was to be written, and not for the database."""
    if isinstance(error, (DataError, psycopg.DataError)):
        return True
    return not isinstance(error, (SQLAlchemyError, psycopg.Error))
