"""What is to be reviewed, and how far the log has been looked through for it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "review_item",
        sa.Column("person", sa.String(256), primary_key=True),
        sa.Column("record", sa.String(64), primary_key=True),
        sa.Column("organisation", sa.String(64), primary_key=True),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
    )
    op.create_index(
        "ix_review_item_order", "review_item", ["organisation", "period", "state", "rank", "at"]
    )
    op.create_table(
        "review_progress",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("leaf_index", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("review_progress")
    op.drop_table("review_item")
