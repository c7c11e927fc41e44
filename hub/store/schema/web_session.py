"""Log-ins to the web console: one row each.

Source: ASVS 5.0 7.2, 7.3. `id` is the hash of the cookie's secret and `token` the bearer token,
sealed with that secret: who reads the table can neither take a session over nor use the token.
`issuer` is the identity provider that logged somebody in; `subject` and `sid` are keyed hashes of
its names for the user and for its own session, by which it ends ours. Instants: microseconds.
"""

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from hub.store.schema.metadata import METADATA

WEB_SESSION = Table(
    "web_session",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("token", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("issuer", String(500)),
    Column("subject", String(64)),
    Column("sid", String(64)),
    Index("ix_web_session_seen", "seen"),
)
