"""Which records were purged, as keyed hashes, so that they are not taken in again unnoticed."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "purged_record",
        sa.Column("person", sa.String(64), primary_key=True),
        sa.Column("record", sa.String(64), primary_key=True),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("because", sa.String(16), nullable=False),
        sa.Column("purged", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("purged_record")
