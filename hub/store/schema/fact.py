"""What is known about persons: identities, links between them, bitemporal facts, counters.

Source: DESIGN §4. The person key comes first in every primary key, so that the database can be
distributed on it. A fact is valid from `valid_from` to `valid_to` and known from `recorded_from` to
`recorded_to`; null means no bound. `origin` says where a version came from and `ended_by` who
ended it, so that a file that is loaded again does not bring back what somebody has ended since.
Instants are microseconds (hub/store/instant.py).
"""

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from hub.store.schema.metadata import METADATA

FACT = Table(
    "fact",
    METADATA,
    Column("person", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("recorded_from", BigInteger, primary_key=True, autoincrement=False),
    Column("recorded_to", BigInteger),
    Column("kind", String(16), nullable=False),
    Column("payload", Text, nullable=False),
    Column("valid_from", BigInteger),
    Column("valid_to", BigInteger),
    Column("origin", String(64), nullable=False),
    Column("ended_by", String(64)),
)

PERSON_COUNTER = Table(
    "person_counter",
    METADATA,
    Column("person", String(64), primary_key=True),
    Column("counter", BigInteger, nullable=False),
)
"""Moves in the same transaction as any fact, identity or link of the person."""

IDENTITY = Table(
    "identity",
    METADATA,
    Column("person", String(64), primary_key=True),
    Column("system", String(200), primary_key=True),
    Column("value", String(64), primary_key=True),
)
"""The identities as they are served in Patient; the person key is a keyed hash of its own one."""

PERSON_LINK = Table(
    "person_link",
    METADATA,
    Column("person", String(64), primary_key=True),
    Column("recorded_from", BigInteger, primary_key=True, autoincrement=False),
    Column("recorded_to", BigInteger),
    Column("first", String(64), nullable=False),
    Index("ix_person_link_first", "first"),
)
"""Keys that are one person have the same `first`, the key whose id the Patient has."""
