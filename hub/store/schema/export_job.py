"""Exports of an organisation's own data: what was asked for, and which resources are in which file.

Source: Bulk Data Access IG 2.0. A file holds which resources at which versions, and no content: it
is read through the scope of the moment when it is fetched. `taken_until` is a lease: a process that
dies lets it run out, and the next question about the job takes it up again. Instants: microseconds
since 1970.
"""

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Index, Integer, String, Table, Text

from hub.store.schema.metadata import METADATA

EXPORT_JOB = Table(
    "export_job",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("organisation", String(64), nullable=False),
    Column("user", String(64), nullable=False),
    Column("asked", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("taken_until", BigInteger, nullable=False),
    Column("taken_by", String(64)),
    Index("ix_export_job_expires", "expires"),
)

EXPORT_FILE = Table(
    "export_file",
    METADATA,
    Column("job", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("type", String(32), nullable=False),
    Column("size", Integer, nullable=False),
    Column("held", Text, nullable=False),
    ForeignKeyConstraint(["job"], ["export_job.id"]),
)
