"""Issuers and clients that the hub knows, with history; tokens of its own, and what was used once.

Source: DESIGN §5; RFC 7523 §3 (jti), RFC 7009. Of a token only its SHA-256 is kept, so that nobody
who reads the store can use one. Versions as in hub/store/schema/organisation.py; other instants are
seconds since 1970.
"""

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from hub.store.schema.metadata import METADATA

ISSUER = Table(
    "issuer",
    METADATA,
    Column("id", String(500), primary_key=True),
    Column("recorded_from", BigInteger, primary_key=True, autoincrement=False),
    Column("recorded_to", BigInteger),
    Column("content", Text, nullable=False),
)

CLIENT = Table(
    "client",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("recorded_from", BigInteger, primary_key=True, autoincrement=False),
    Column("recorded_to", BigInteger),
    Column("content", Text, nullable=False),
)

HUB_TOKEN = Table(
    "hub_token",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("client", String(64), nullable=False),
    Column("content", Text, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("revoked", BigInteger),
    Index("ix_hub_token_expires", "expires"),
)

USED_ASSERTION = Table(
    "used_assertion",
    METADATA,
    Column("client", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("expires", BigInteger, nullable=False),
    Index("ix_used_assertion_expires", "expires"),
)
