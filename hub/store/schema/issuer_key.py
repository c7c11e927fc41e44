"""The key of the built-in issuer of tokens, in a store that was served with `--dev` and no other.

Source: INTERFACES "Token". Having the row is what makes a store one for development.
"""

from sqlalchemy import BigInteger, Column, String, Table, Text

from hub.store.schema.metadata import METADATA

ISSUER_KEY = Table(
    "issuer_key",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("private_key", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
)
