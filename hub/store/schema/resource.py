"""Resources as they are served: bytes with versions, and the columns that a scope filters on.

Source: DESIGN §4. `body` is never parsed to be read. A protected person's row has a second body,
masked when it was written. `content_hash` is over the resource without its version and time, so
that the same content again makes no new version. Instants: microseconds since 1970 for
`last_updated`, whole seconds elsewhere. A vendor's resource that was `deleted` keeps its row, which
guards its history.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    false,
)

from hub.store.schema.consent_columns import consent_columns
from hub.store.schema.metadata import METADATA

RESOURCE = Table(
    "resource",
    METADATA,
    Column("person", String(64), primary_key=True),
    Column("type", String(32), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("last_updated", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("masked_body", LargeBinary),
    Column("content_hash", LargeBinary, nullable=False),
    *consent_columns(),
    Column("masks", String(64), nullable=False, default=""),
    Column("source", String(64), nullable=False),
    Column("record", String(64)),
    Column("contract", String(64)),
    Column("part", String(64)),
    Column("deleted", Boolean, nullable=False, default=False, server_default=false()),
    Index("ix_resource_person_last_updated", "person", "last_updated", "id"),
    Index("ix_resource_person_source_record", "person", "source", "record"),
    Index("ix_resource_owner", "owner"),
    Index("ix_resource_type_id", "type", "id"),
)

RESOURCE_VERSION = Table(
    "resource_version",
    METADATA,
    Column("person", String(64), primary_key=True),
    Column("type", String(32), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("last_updated", BigInteger, nullable=False),
    Column("method", String(8), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("masked_body", LargeBinary),
    Column("set_aside", Boolean, nullable=False, server_default=false()),
    ForeignKeyConstraint(
        ["person", "type", "id"], ["resource.person", "resource.type", "resource.id"]
    ),
)
