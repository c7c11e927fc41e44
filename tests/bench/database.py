"""A database of its own on the server that SAMVY_TEST_POSTGRES names, dropped afterwards."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

SERVER = "SAMVY_TEST_POSTGRES"


@contextmanager
def new_database() -> Iterator[str]:
    """Yield the URL of an empty database."""
    server = make_url(os.environ[SERVER]).set(drivername="postgresql")
    name = f"samvy_bench_{uuid.uuid4().hex}"
    address = server.render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield server.set(database=name).render_as_string(hide_password=False)
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
