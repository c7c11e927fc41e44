"""The review of the log: what was drawn beforehand, and what reviewers judged.

Source: PDL 4:3, HSLF-FS 2016:40 4 kap. (systematic and recurrent checks, which are documented). A
sample's commitment is in the log before its period begins; the row says where. A judgement is never
changed: whoever judges anew adds one. Instants: microseconds.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from hub.store.schema.metadata import METADATA

REVIEW_SAMPLE = Table(
    "review_sample",
    METADATA,
    Column("organisation", String(64), primary_key=True),
    Column("period", String(7), primary_key=True),
    Column("commitment", String(64), nullable=False),
    Column("record", String(64), nullable=False),
    Column("committed", BigInteger, nullable=False),
)
"""The commitment to the seed of a month's sample, and the log record that holds it."""

REVIEW_JUDGEMENT = Table(
    "review_judgement",
    METADATA,
    Column("person", String(256), primary_key=True),
    Column("record", String(64), primary_key=True),
    Column("organisation", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("period", String(7), nullable=False),
    Column("reviewer", String(256), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("verdict", String(32), nullable=False),
    Column("action", String(32), nullable=False),
    Column("note", Text, nullable=False),
    Column("reasons", Text, nullable=False),
    Index("ix_review_judgement_organisation", "organisation", "period"),
    Index("ix_review_judgement_record", "record"),
)
"""What a reviewer said of a record; `person` is empty for a record that concerns nobody."""

REVIEW_ITEM = Table(
    "review_item",
    METADATA,
    Column("person", String(256), primary_key=True),
    Column("record", String(64), primary_key=True),
    Column("organisation", String(64), primary_key=True),
    Column("period", String(7), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Index("ix_review_item_order", "organisation", "period", "state", "rank", "at"),
    Index("ix_review_item_record", "record"),
)
"""An access that is to be looked at, why, and how far that has come (open, second, done)."""

REVIEW_ADDITION = Table(
    "review_addition",
    METADATA,
    Column("person", String(256), primary_key=True),
    Column("record", String(64), primary_key=True),
    Column("organisation", String(64), primary_key=True),
    Column("reviewer", String(256), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("why", Text, nullable=False),
)
"""Which reviewer put an access on the worklist, and why."""

REVIEW_PROGRESS = Table(
    "review_progress",
    METADATA,
    Column("id", String(16), primary_key=True),
    Column("leaf_index", BigInteger, nullable=False),
    Column("taken_by", String(64)),
    Column("taken_until", BigInteger),
)
"""The last record of the tree that has been looked through, and the process that goes on."""
