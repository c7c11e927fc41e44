"""Claims of users' tokens are sealed with the token: those that stand in clear go.

A token lasts an hour at most, so that whoever has one simply asks for another.
"""

from alembic import op

revision = "0015"
down_revision = "0011"


def upgrade() -> None:
    """Forget the tokens that were given out before, and what they held."""
    if op.get_bind().dialect.name == "sqlite":
        # otherwise the bytes stay in the file until they are written over
        op.execute("PRAGMA secure_delete = ON")
    op.execute("DELETE FROM hub_token")


def downgrade() -> None:
    """Forget those that an older hub could not read."""
    op.execute("DELETE FROM hub_token")
