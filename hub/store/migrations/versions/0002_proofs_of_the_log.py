"""What the log's proofs need: subtrees, the index of persons, witnesses and who is witnessed."""

from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables, and give each leaf of the tree its subject."""
    op.add_column("audit_tree", sa.Column("subject", sa.LargeBinary(), nullable=True))
    op.create_index("ix_audit_tree_subject", "audit_tree", ["subject", "leaf_index"])
    op.create_index("ix_audit_record_id", "audit_record", ["id"])
    _tables_of_the_tree()
    _tables_of_witnesses()
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT t.leaf_index, r.person FROM audit_tree t JOIN audit_record r"
            " ON r.chain = t.chain AND r.position = t.position WHERE r.person IS NOT NULL"
        )
    ).all()
    for leaf_index, person in rows:
        connection.execute(
            sa.text("UPDATE audit_tree SET subject = :subject WHERE leaf_index = :leaf"),
            {"subject": sha256(b"\x04" + person.encode()).digest(), "leaf": leaf_index},
        )


def downgrade() -> None:
    """Drop the tables and the column."""
    for table in _TABLES:
        op.drop_table(table)
    op.drop_index("ix_audit_tree_subject", "audit_tree")
    op.drop_index("ix_audit_record_id", "audit_record")
    op.drop_column("audit_tree", "subject")


_TABLES = (
    "audit_term",
    "audit_subtree",
    "audit_subject",
    "audit_index_group",
    "audit_cosignature",
    "audit_witness",
    "audit_witnessed",
)


def _tables_of_the_tree() -> None:
    op.create_table(
        "audit_term",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("leaf_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("kind", "value", "at", "leaf_index", name=op.f("pk_audit_term")),
    )
    op.create_index("ix_audit_term_leaf", "audit_term", ["leaf_index"])
    op.create_table(
        "audit_subtree",
        sa.Column("level", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number", name=op.f("pk_audit_subtree")),
    )
    op.create_table(
        "audit_subject",
        sa.Column("bucket", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("chain_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "subject", name=op.f("pk_audit_subject")),
    )
    op.create_table(
        "audit_index_group",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("buckets", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_index_group")),
    )


def _tables_of_witnesses() -> None:
    op.create_table(
        "audit_cosignature",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("witness", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", "witness", name=op.f("pk_audit_cosignature")),
    )
    op.create_table(
        "audit_witness",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_audit_witness")),
    )
    op.create_table(
        "audit_witnessed",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_audit_witnessed")),
    )
