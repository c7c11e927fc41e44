"""Reading sessions, and the snapshots that pages are cut from.

Source: DESIGN §5. A session is what a reader stated in `$open`, bound to token, person and
assignment (`token` is a digest of both); it holds no decision: every request is judged anew. A page
set holds which resources at which versions a search found, so that its pages are one snapshot.
Instants: seconds since 1970.
"""

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from hub.store.schema.metadata import METADATA

READING_SESSION = Table(
    "reading_session",
    METADATA,
    Column("person", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("token", String(64), nullable=False),
    Column("stated", Text, nullable=False),
    Column("named", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Index("ix_reading_session_id", "id"),
    Index("ix_reading_session_expires", "expires"),
)

PAGE_SET = Table(
    "page_set",
    METADATA,
    Column("person", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("token", String(64), nullable=False),
    Column("session", String(64)),
    Column("content", Text, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Index("ix_page_set_id", "id"),
    Index("ix_page_set_expires", "expires"),
)
