"""What is to be fetched from sources: a queue that outlives processes.

Source: rivta.md §5 (the engagement index tells of changes).
A task is a person's documents of one contract in one system; a change that comes while it waits or
runs moves `generation`. `taken_until` is a lease: a process that dies lets it run out. The person's
number stands here because the source is asked with it, and goes with the task. Instants are
microseconds (hub/store/instant.py).
"""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from hub.store.schema.metadata import METADATA

PULL_TASK = Table(
    "pull_task",
    METADATA,
    Column("person", String(64), primary_key=True),
    Column("source", String(64), primary_key=True),
    Column("address", String(64), primary_key=True),
    Column("contract", String(64), primary_key=True),
    Column("id", String(64), nullable=False),
    Column("system", String(200), nullable=False),
    Column("value", String(64), nullable=False),
    Column("told", BigInteger, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("taken_by", String(64)),
    Column("taken_until", BigInteger),
    Column("state", String(16), nullable=False),
    Column("reasons", Text, nullable=False),
    Index("ix_pull_task_state_due", "state", "due"),
    Index("ix_pull_task_id", "id"),
)
