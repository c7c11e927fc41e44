"""Who has the log's review in hand, and which identity provider a log-in to the console is of."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0019"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("review_progress", sa.Column("taken_by", sa.String(64)))
    op.add_column("review_progress", sa.Column("taken_until", sa.BigInteger()))
    op.add_column("web_session", sa.Column("issuer", sa.String(500)))
    op.add_column("web_session", sa.Column("subject", sa.String(64)))
    op.add_column("web_session", sa.Column("sid", sa.String(64)))


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("web_session") as table:
        for name in ("sid", "subject", "issuer"):
            table.drop_column(name)
    with op.batch_alter_table("review_progress") as table:
        for name in ("taken_until", "taken_by"):
            table.drop_column(name)
