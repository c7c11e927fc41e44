"""When something is next to be done about a request to lift, or about a lift: durable timers.

Source: SVOD 3:5; PDL 4:5. `id` is that of the request (hub/store/lift_requests.py), or of the lift
where nobody asked for it; what is done hangs on how it stands by then. Leased as all background
work is (hub/store/lease.py). Instants are microseconds (hub/store/instant.py).
"""

from sqlalchemy import BigInteger, Column, Index, String, Table

from hub.store.schema.metadata import METADATA

LIFT_TIMER = Table(
    "lift_timer",
    METADATA,
    Column("person", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("due", BigInteger, nullable=False),
    Column("taken_by", String(64)),
    Column("taken_until", BigInteger),
    Index("ix_lift_timer_due", "due"),
)
