"""Issuers and clients with their history, tokens of the hub's own, and assertions used once."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the tables."""
    for name, length in (("issuer", 500), ("client", 64)):
        op.create_table(
            name,
            sa.Column("id", sa.String(length), primary_key=True),
            sa.Column("recorded_from", sa.BigInteger(), primary_key=True, autoincrement=False),
            sa.Column("recorded_to", sa.BigInteger()),
            sa.Column("content", sa.Text(), nullable=False),
        )
    op.create_table(
        "hub_token",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("client", sa.String(64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("revoked", sa.BigInteger()),
    )
    op.create_index("ix_hub_token_expires", "hub_token", ["expires"])
    op.create_table(
        "used_assertion",
        sa.Column("client", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("expires", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_used_assertion_expires", "used_assertion", ["expires"])


def downgrade() -> None:
    """Drop them."""
    for name in ("used_assertion", "hub_token", "client", "issuer"):
        op.drop_table(name)
