"""Requests to lift a block, with what came of them, and notices to the person.

Source: SVOD 3:5; PDL 4:5. The content of a request is typed JSON (hub/store/lift_requests.py); the
narrow columns are what a duty officer's list is made by. Instants are microseconds
(hub/store/instant.py).
"""

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from hub.store.schema.metadata import METADATA

LIFT_REQUEST = Table(
    "lift_request",
    METADATA,
    Column("person", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("asked_by", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("asked", BigInteger, nullable=False),
    Column("content", Text, nullable=False),
    Index("ix_lift_request_id", "id"),
    Index("ix_lift_request_owner", "owner", "asked"),
    Index("ix_lift_request_asked_by", "asked_by", "asked"),
)

NOTICE = Table(
    "notice",
    METADATA,
    Column("person", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("sent", BigInteger, nullable=False),
    Column("sender", String(64), nullable=False),
    Column("text", Text, nullable=False),
)
"""What the person is told of what was done with their blocks."""
