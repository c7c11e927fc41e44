"""Organisations, their staff, and sources, with their history; the counters that guard caches.

Source: DESIGN §4. A version is known from `recorded_from` until `recorded_to` (null: still); the
valid times of what it says (assignments, informs_from) stand in its content. Instants are
microseconds (hub/store/instant.py).
"""

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from hub.store.schema.metadata import METADATA

EVERYTHING = "*"
"""The counter that moves with any change to the directory; no organisation has this id."""

ORGANISATION = Table(
    "organisation",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("recorded_from", BigInteger, primary_key=True, autoincrement=False),
    Column("recorded_to", BigInteger),
    Column("content", Text, nullable=False),
)

STAFF = Table(
    "staff",
    METADATA,
    Column("organisation", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("recorded_from", BigInteger, primary_key=True, autoincrement=False),
    Column("recorded_to", BigInteger),
    Column("content", Text, nullable=False),
    Index("ix_staff_id", "id"),
)

SOURCE = Table(
    "source",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("recorded_from", BigInteger, primary_key=True, autoincrement=False),
    Column("recorded_to", BigInteger),
    Column("content", Text, nullable=False),
)

ORGANISATION_COUNTER = Table(
    "organisation_counter",
    METADATA,
    Column("organisation", String(64), primary_key=True),
    Column("counter", BigInteger, nullable=False),
)
"""Moves in the same transaction as any change to the organisation or its staff."""
