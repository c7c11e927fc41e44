"""The log's tables: records in chains, the tree over them, signed checkpoints, public keys.

Source: DESIGN §6, P9. A record's salt stands beside its payload and nowhere else: gallring clears
the two together, and what then remains (the leaf hash, the chain hash, the tree) says nothing
about the person and still verifies. The narrow columns repeat what the payload says so that the
log can be searched; the verifier compares them. Times are text in UTC with microseconds, which
sorts as time and equals the payload's bytes on both databases. Private keys are never here:
whoever can change the rows could then sign the change (see hub/audit/key.py).
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from hub.store.schema.metadata import METADATA

audit_chain = Table(
    "audit_chain",
    METADATA,
    Column("id", String(16), primary_key=True),
    Column("started", String(27), nullable=False),
)
"""One chain for each run of a writer; a writer that failed goes on in a new one."""

audit_record = Table(
    "audit_record",
    METADATA,
    Column("chain", String(16), ForeignKey("audit_chain.id"), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("recorded", String(27), nullable=False),
    Column("action", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("user_id", Text),
    Column("organisation", Text),
    Column("person", Text),
    Column("salt", LargeBinary),
    Column("payload", LargeBinary),
    Column("leaf_hash", LargeBinary, nullable=False),
    Column("chain_hash", LargeBinary, nullable=False),
    Index("ix_audit_record_person_recorded", "person", "recorded"),
    Index("ix_audit_record_user_recorded", "user_id", "recorded"),
)

audit_tree = Table(
    "audit_tree",
    METADATA,
    Column("leaf_index", BigInteger, primary_key=True, autoincrement=False),
    Column("chain", String(16), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("leaf_hash", LargeBinary, nullable=False),
    UniqueConstraint("chain", "position"),
)
"""The order that the sequencer gave the records. No foreign key: a leaf outlives its record."""

audit_checkpoint = Table(
    "audit_checkpoint",
    METADATA,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("signed", String(27), nullable=False),
    Column("frontier", LargeBinary, nullable=False),
)

audit_key = Table(
    "audit_key",
    METADATA,
    Column("id", String(8), primary_key=True),
    Column("origin", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("created", String(27), nullable=False),
)
