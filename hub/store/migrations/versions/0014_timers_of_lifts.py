"""Timers of requests to lift and of lifts; whose an export is while it is filled."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0015"

_A_QUARTER, _A_DAY = 15 * 60 * 1_000_000, 24 * 3600 * 1_000_000


def upgrade() -> None:
    """Make the table, with a timer for each request that something will come of."""
    op.create_table(
        "lift_timer",
        sa.Column("person", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("taken_by", sa.String(64)),
        sa.Column("taken_until", sa.BigInteger()),
    )
    op.create_index("ix_lift_timer_due", "lift_timer", ["due"])
    op.add_column("export_job", sa.Column("taken_by", sa.String(64)))
    _set_timers(op.get_bind())


def _set_timers(connection: sa.Connection) -> None:
    request = sa.table(
        "lift_request",
        *(sa.column(name) for name in ("person", "id", "state", "asked", "content")),
    )
    timer = sa.table("lift_timer", *(sa.column(name) for name in ("person", "id", "due")))
    standing = request.c.state.in_(("asked", "granted", "in_part"))
    for row in connection.execute(sa.select(request).where(standing)).all():
        content = json.loads(row.content)
        if row.state == "asked":
            escalated = content.get("escalated") is not None
            due = row.asked + (_A_DAY if escalated else _A_QUARTER)
            if not escalated:
                content["escalates"] = due
                this = (request.c.person == row.person) & (request.c.id == row.id)
                text = json.dumps(
                    content, ensure_ascii=False, separators=(",", ":"), sort_keys=True
                )
                connection.execute(sa.update(request).where(this).values(content=text))
        else:
            due = content["until"]
        connection.execute(sa.insert(timer).values(person=row.person, id=row.id, due=due))


def downgrade() -> None:
    """Drop the table and the column."""
    op.drop_column("export_job", "taken_by")
    op.drop_table("lift_timer")
