"""What was purged, so that it is not taken in again unnoticed: keyed hashes, and no content.

Source: DESIGN §4 "Leaving"; PDL 3:17, 8:4, SoL 16:1. A row says that a record of a source was
purged of a person, when and because of what; which record it was can be told only by the one who
has the hub's key and the record. `purged` is in microseconds since 1970.
"""

from sqlalchemy import BigInteger, Column, String, Table

from hub.store.schema.metadata import METADATA

PURGED_RECORD = Table(
    "purged_record",
    METADATA,
    Column("person", String(64), primary_key=True),
    Column("record", String(64), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("because", String(16), nullable=False),
    Column("purged", BigInteger, nullable=False),
)
