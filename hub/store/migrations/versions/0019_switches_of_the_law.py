"""What a hub decides otherwise than by default where the statutes are silent."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "law_switch",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("recorded_from", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("recorded_to", sa.BigInteger()),
        sa.Column("content", sa.String(3), nullable=False),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("law_switch")
