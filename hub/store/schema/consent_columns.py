"""The columns that every row about a person carries, because the law asks about them.

Source: DESIGN §4. One column for each member of `consent.predicate.Column`; instants are whole
seconds since 1970 (UTC), spans half-open, so that both databases compare them alike.
"""

from sqlalchemy import BigInteger, Boolean, Column, String


def consent_columns() -> list[Column[object]]:
    """Return fresh columns for one table."""
    return [
        Column("owner", String(64), nullable=False),
        Column("authority", String(64)),
        Column("unit", String(64)),
        Column("process", String(64)),
        Column("regime", String(16), nullable=False),
        Column("service", String(64)),
        Column("recipient", String(16), nullable=False),
        Column("info_type", String(32), nullable=False),
        Column("date_from", BigInteger),
        Column("date_to", BigInteger),
        Column("collected_for", String(16), nullable=False),
        Column("per_person_file", Boolean, nullable=False),
        Column("informed", Boolean, nullable=False),
        Column("availability", String(8), nullable=False),
        Column("available_since", BigInteger),
        Column("secret_from_person", Boolean, nullable=False),
        Column("withdrawn", Boolean, nullable=False),
    ]
