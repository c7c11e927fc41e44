"""A store grown to a size: one person's rows copied to invented persons, with ids of their own.

The copies are made inside PostgreSQL, so that a million resources take minutes.
"""

from sqlalchemy import text

from hub.store.connect import Store
from hub.store.schema.resource import RESOURCE, RESOURCE_VERSION
from hub.store.schema.search_index import INDEX_TABLES

OWN = {
    "person": "'copy' || n",
    "id": "t.id || '-' || n",
    "target_id": "t.target_id || '-' || n",
}
"""What a copy has of its own; a reference leads within the copied record."""


def grow(store: Store, size: int) -> None:
    """Copy the rows of the persons that are there until the store holds so many resources."""
    with store.write() as connection:
        counted = "SELECT count(*), count(*) FILTER (WHERE person NOT LIKE 'copy%') FROM resource"
        held, each = connection.execute(text(counted)).one()
        first, more = held // each, max(0, -(-(size - held) // each))
        for table in (RESOURCE, RESOURCE_VERSION, *INDEX_TABLES.values()):
            names = [column.name for column in table.columns]
            chosen = [OWN.get(name, f't."{name}"') for name in names]
            quoted = ", ".join(f'"{name}"' for name in names)
            connection.execute(
                text(
                    f"INSERT INTO {table.name} ({quoted}) SELECT {', '.join(chosen)}"  # noqa: S608  # names of our own tables
                    f" FROM {table.name} t,"
                    " generate_series(CAST(:first AS int), CAST(:last AS int)) n"
                    " WHERE t.person NOT LIKE 'copy%'"
                ),
                {"first": first, "last": first + more - 1},
            )
    with store.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
