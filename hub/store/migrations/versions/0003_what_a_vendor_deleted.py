"""A vendor's resource that was deleted keeps its history; the row says that it is gone."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the mark; nothing has been deleted before."""
    with op.batch_alter_table("resource") as table:
        table.add_column(sa.Column("deleted", sa.Boolean(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop the mark."""
    with op.batch_alter_table("resource") as table:
        table.drop_column("deleted")
