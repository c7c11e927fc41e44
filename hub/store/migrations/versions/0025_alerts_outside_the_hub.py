"""What a vårdgivare is to be alerted to outside the hub."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0016"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "lift_alert",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("request", sa.String(64)),
        sa.Column("told", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("taken_by", sa.String(64)),
        sa.Column("taken_until", sa.BigInteger()),
    )
    op.create_index("ix_lift_alert_due", "lift_alert", ["state", "due"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("lift_alert")
