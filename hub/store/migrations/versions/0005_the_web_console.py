"""Log-ins to the web console, samples drawn beforehand, and reviewers' judgements."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "web_session",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_web_session_seen", "web_session", ["seen"])
    op.create_table(
        "review_sample",
        sa.Column("organisation", sa.String(64), primary_key=True),
        sa.Column("period", sa.String(7), primary_key=True),
        sa.Column("commitment", sa.String(64), nullable=False),
        sa.Column("record", sa.String(64), nullable=False),
        sa.Column("committed", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "review_judgement",
        sa.Column("person", sa.String(256), primary_key=True),
        sa.Column("record", sa.String(64), primary_key=True),
        sa.Column("organisation", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("reviewer", sa.String(256), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.String(32), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
    )
    op.create_index(
        "ix_review_judgement_organisation", "review_judgement", ["organisation", "period"]
    )
    op.create_index("ix_review_judgement_record", "review_judgement", ["record"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("review_judgement")
    op.drop_table("review_sample")
    op.drop_table("web_session")
