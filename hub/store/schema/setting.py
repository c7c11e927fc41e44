"""What a store remembers about itself: marks and check values, by name; no secrets."""

from sqlalchemy import Column, LargeBinary, String, Table

from hub.store.schema.metadata import METADATA

SETTING = Table(
    "setting",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
