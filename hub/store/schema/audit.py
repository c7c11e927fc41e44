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
    Index("ix_audit_record_id", "id"),
)

audit_tree = Table(
    "audit_tree",
    METADATA,
    Column("leaf_index", BigInteger, primary_key=True, autoincrement=False),
    Column("chain", String(16), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("leaf_hash", LargeBinary, nullable=False),
    Column("subject", LargeBinary),
    UniqueConstraint("chain", "position"),
    Index("ix_audit_tree_subject", "subject", "leaf_index"),
)
"""The order that the sequencer gave the records. No foreign key: a leaf outlives its record.

`subject` is the hash of the person's key, None for an act that concerns nobody; it stays when the
record is erased, so that the index of persons can be made again from the tree.
"""

audit_term = Table(
    "audit_term",
    METADATA,
    Column("term", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("leaf_index", BigInteger, primary_key=True, autoincrement=False),
    Index("ix_audit_term_leaf", "leaf_index"),
)
"""What a record in the tree is found by, and when it was made, µs (hub/audit/term.py)."""

audit_kind = Table(
    "audit_kind",
    METADATA,
    Column("reader", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
)
"""The kinds of access that an organisation may read of (hub/audit/kind.py). They say nothing about
anybody, and stay when records are erased."""

audit_subtree = Table(
    "audit_subtree",
    METADATA,
    Column("level", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)
"""The roots of the perfect subtrees of 256, 65,536 … leaves, so that a proof reads few rows."""

audit_subject = Table(
    "audit_subject",
    METADATA,
    Column("bucket", BigInteger, primary_key=True, autoincrement=False),
    Column("subject", LargeBinary, primary_key=True),
    Column("records", BigInteger, nullable=False),
    Column("chain_hash", LargeBinary, nullable=False),
)
"""The index of persons: how many records of the tree concern each, and the chain over them."""

audit_index_group = Table(
    "audit_index_group",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("buckets", LargeBinary, nullable=False),
    Column("root", LargeBinary, nullable=False),
)
"""256 of the index's buckets each: their hashes one after another, and the root over them."""

audit_checkpoint = Table(
    "audit_checkpoint",
    METADATA,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("signed", String(27), nullable=False),
    Column("frontier", LargeBinary, nullable=False),
)

audit_cosignature = Table(
    "audit_cosignature",
    METADATA,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("witness", Text, primary_key=True),
    Column("line", Text, nullable=False),
)
"""What a witness signed under one of our checkpoints."""

audit_witness = Table(
    "audit_witness",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("url", Text, nullable=False),
    Column("fault", Text),
)
"""Who co-signs our checkpoints, where they are asked, and what they last answered if not that."""

audit_witnessed = Table(
    "audit_witnessed",
    METADATA,
    Column("origin", Text, primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("note", Text),
)
"""Other logs whose checkpoints we co-sign, and the latest of each (C2SP tlog-witness)."""

audit_key = Table(
    "audit_key",
    METADATA,
    Column("id", String(8), primary_key=True),
    Column("origin", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("created", String(27), nullable=False),
    Column("until", BigInteger),
)
"""The log's public keys. `until`: the size of the last checkpoint of one that has handed over."""
