"""What this hub decides otherwise than by default where the statutes are silent, with history.

Source: DESIGN §3, P8. Versions as in hub/store/schema/organisation.py; `content` is `yes` or `no`.
"""

from sqlalchemy import BigInteger, Column, String, Table

from hub.store.schema.metadata import METADATA

LAW_SWITCH = Table(
    "law_switch",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("recorded_from", BigInteger, primary_key=True, autoincrement=False),
    Column("recorded_to", BigInteger),
    Column("content", String(3), nullable=False),
)
