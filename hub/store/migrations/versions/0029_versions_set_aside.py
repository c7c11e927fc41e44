"""Which earlier versions nobody is shown, since the facts of their resource changed."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0023"


def upgrade() -> None:
    """Add the mark: what stands is not set aside."""
    op.add_column(
        "resource_version",
        sa.Column("set_aside", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_column("resource_version", "set_aside")
