"""A key of the log ends with the checkpoint by which it hands over to the next."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0025"


def upgrade() -> None:
    """Add the column; the key that there is signs on."""
    op.add_column("audit_key", sa.Column("until", sa.BigInteger()))


def downgrade() -> None:
    """Drop it; of several keys it is then no longer known which one signs."""
    op.drop_column("audit_key", "until")
