"""Source parts kept whole, and what became of them.

Source: DESIGN P6. A part is one person's documentation in a delivery, compressed, with the hash of
its bytes. `state` is stored or quarantined; a quarantined part keeps its reason and can be retried.
`as_of` is of when the delivery says that it is. A part whose person cannot be told has the person
key "?". Instants are microseconds (hub/store/instant.py).
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from hub.store.schema.metadata import METADATA

UNKNOWN_PERSON = "?"

SOURCE_PART = Table(
    "source_part",
    METADATA,
    Column("person", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("adapter", String(32), nullable=False),
    Column("contract", String(64)),
    Column("document", Text, nullable=False),
    Column("name", Text),
    Column("content", LargeBinary, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reasons", Text, nullable=False),
    Column("as_of", BigInteger),
    Index("ix_source_part_state", "state", "received"),
    Index("ix_source_part_person_source", "person", "source", "content_hash"),
)

UNREADABLE = Table(
    "unreadable_delivery",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("adapter", String(32)),
    Column("keyed_hash", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("place", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("received", BigInteger, nullable=False),
)
