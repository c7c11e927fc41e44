"""How far a municipal export has been taken in, and of when it is.

Source: DESIGN P6 (a crash leaves all of a part or nothing; the next run goes on), §4 "Leaving"
(whom a complete delivery names). The id is a keyed hash of the export and of what it is read with.
`run` is who takes it in now: who began it or went on with it last. Rows of persons stand only while
a complete delivery is on its way in. Instants are microseconds (hub/store/instant.py).
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table

from hub.store.schema.metadata import METADATA

DELIVERY = Table(
    "delivery",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("run", String(64), nullable=False),
    Column("done", Integer, nullable=False),
    Column("unnamed", Boolean, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("as_of", BigInteger),
    Column("finished", Boolean, nullable=False),
    Index("ix_delivery_source", "source", "finished"),
)

DELIVERY_PERSON = Table(
    "delivery_person",
    METADATA,
    Column("person", String(64), primary_key=True),
    Column("delivery", String(64), primary_key=True),
    Index("ix_delivery_person_delivery", "delivery"),
)
