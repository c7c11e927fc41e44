"""RIV-TA documents into the store: mapped, checked against the tables of R4, and indexed.

Source: DESIGN §7 row 6. The messages of every contract, each person's in a transaction of its own
that is durable, and one document of 5 MB in one. PostgreSQL (SAMVY_TEST_POSTGRES) and SQLite. The
figure counts the seconds of a core that the hub's process used (the share of the database is in the
note, where its process can be seen), so that it holds on a machine with other work.
"""

import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.engine import make_url

from hub.config.source import Source
from hub.ingest.delivery import Document, ingest_documents
from hub.store import identity_key
from hub.store.connect import Store
from hub.store.directory import load_organisations, load_sources
from hub.store.migrate import upgrade
from tests.bench.large_note import MESSAGES, large_note
from tests.bench.made_export import number
from tests.bench.row import Row
from tests.hub.ingest.desk import FROM, ORGANISATIONS
from tests.hub.ingest.documents import REGION

LARGE = 5_000_000
PERSONS = int(os.environ.get("SAMVY_BENCH_PERSONS", "40"))
SOURCE = Source("bench", "rivta", (REGION,), fallback_owner=REGION)
WRITTEN = b"193803142383"
LEAST = 1500.0


def rows() -> Iterator[Row]:
    """Yield the resources a second for the messages and for the large document."""
    yield from _measured("SQLite", None)
    if "SAMVY_TEST_POSTGRES" not in os.environ:
        yield Row("PostgreSQL", 0, "", note="SAMVY_TEST_POSTGRES names no server: not measured")
        return
    with _database() as url:
        yield from _measured("PostgreSQL", url)


def _measured(what: str, url: str | None) -> Iterator[Row]:
    least = LEAST if url else None
    with tempfile.TemporaryDirectory() as folder:
        os.environ[identity_key.VARIABLE] = str(Path(folder) / "identity.key")
        store = Store(url or f"sqlite:///{folder}/samvy.db")
        upgrade(store)
        with store.write() as connection:
            load_organisations(connection, ORGANISATIONS, FROM)
            load_sources(connection, [SOURCE], FROM)
        _take(store, _messages(3))  # the tables of every contract are loaded by then
        yield _row(f"{what}: messages of every contract", store, _messages(PERSONS), least)
        yield _row(f"{what}: one document of 5 MB", store, [large_note(LARGE)], least)
        store.close()


def _row(what: str, store: Store, documents: list[bytes], least: float | None) -> Row:
    began, own, theirs = time.perf_counter(), time.process_time(), _server_time(store)
    made = _take(store, documents)
    took, used = time.perf_counter() - began, time.process_time() - own
    spent = _server_time(store) - theirs
    note = f"{made:,} resources, {made / took:,.0f}/s by the clock"
    if spent:
        note += f", database {spent / (used + spent):.0%} of both"
    return Row(what, made / used, "resources/s of a core", least=least, note=note)


def _messages(persons: int) -> list[bytes]:
    """Return the messages that are about the usual person, for each of so many persons."""
    found = [path.read_bytes() for path in sorted(MESSAGES.glob("*.xml"))]
    about = [each for each in found if WRITTEN in each]
    return [
        each.replace(WRITTEN, number(index).encode()) for index in range(persons) for each in about
    ]


def _take(store: Store, documents: list[bytes]) -> int:
    """Take documents in, and return how many resources (or new versions of some) were stored."""
    key, before = identity_key.identity_key(store), _held(store)
    at = datetime.now(UTC)
    given = (
        Document("bench.xml", content, SOURCE, at + timedelta(seconds=position))
        for position, content in enumerate(documents)
    )
    for _receipt in ingest_documents(store, key, given):
        pass
    return _held(store) - before


def _held(store: Store) -> int:
    with store.read() as connection:
        return int(connection.execute(text("SELECT count(*) FROM resource_version")).scalar_one())


def _server_time(store: Store) -> float:
    """Return the seconds of a core that our connection's server process has used; 0 if unknown."""
    if store.sqlite:
        return 0.0
    with store.read() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _database() -> Iterator[str]:
    server = make_url(os.environ["SAMVY_TEST_POSTGRES"]).set(drivername="postgresql")
    name = sql.Identifier(f"samvy_bench_{uuid.uuid4().hex}")
    with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            url = server.set(drivername="postgresql+psycopg", database=name.as_string().strip('"'))
            yield url.render_as_string(hide_password=False)
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
