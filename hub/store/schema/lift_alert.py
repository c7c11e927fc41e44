"""What a vårdgivare is to be alerted to outside the hub, until it has been.

Source: SVOD 3:5; hub/store/lift_alerts.py. No person stands here: `request` is a random id, and the
address that is called is the organisations file's. Leased as all background work is
(hub/store/lease.py). Instants are microseconds (hub/store/instant.py).
"""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table

from hub.store.schema.metadata import METADATA

LIFT_ALERT = Table(
    "lift_alert",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("level", Integer, nullable=False),
    Column("request", String(64)),
    Column("told", BigInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("taken_by", String(64)),
    Column("taken_until", BigInteger),
    Index("ix_lift_alert_due", "state", "due"),
)
