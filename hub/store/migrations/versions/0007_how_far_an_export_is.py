"""How far a municipal export has been taken in, and of when it and its parts are."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the tables, and the column of parts."""
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("unnamed", sa.Boolean(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.BigInteger()),
        sa.Column("finished", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_delivery_source", "delivery", ["source", "finished"])
    op.create_table(
        "delivery_person",
        sa.Column("person", sa.String(64), primary_key=True),
        sa.Column("delivery", sa.String(64), primary_key=True),
    )
    op.create_index("ix_delivery_person_delivery", "delivery_person", ["delivery"])
    op.add_column("source_part", sa.Column("as_of", sa.BigInteger()))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("source_part", "as_of")
    op.drop_table("delivery_person")
    op.drop_table("delivery")
