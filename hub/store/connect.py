"""A store opened from its URL: one engine, reads on one snapshot, writes in one transaction.

Source: DESIGN §4. SQLite (WAL) is the embedded store, PostgreSQL the production store. A read sees
one snapshot through all its statements; a write takes its lock at once, so that two writers queue
instead of failing half way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

BUSY_SECONDS = 30
MAIN = "samvy_main_engine"


class UnusableStoreUrl(ValueError):
    """Not the URL of a store that this hub can use; says what one looks like."""

    def __init__(self) -> None:
        super().__init__(
            "the store is no SQLAlchemy URL of a store; write sqlite:///FILE or"
            " postgresql://USER@HOST/NAME"
        )


class Store:
    """An open store. `url` carries no password when printed."""

    def __init__(self, url: str, *, pool_size: int = 40) -> None:
        """Open the store at a SQLAlchemy URL; `postgresql:` is served by psycopg 3.

        Raises:
            UnusableStoreUrl: it is no URL of a store that this hub can use.
        """
        parsed = _usable(url)
        self.sqlite = parsed.get_backend_name() == "sqlite"
        self.url = parsed.render_as_string(hide_password=True)
        self.path = Path(parsed.database) if self.sqlite and parsed.database else None
        self.engine: Engine = create_engine(
            parsed, pool_size=pool_size, max_overflow=0, pool_use_lifo=True
        )
        self.engines: tuple[Engine, ...] = (self.engine,)
        """Every engine that asks this store."""
        if self.sqlite:
            event.listen(self.engine, "connect", _sqlite_settings)
            event.listen(self.engine, "begin", _sqlite_begin)
        else:
            # With connections of its own, a glance need not have one changed and changed back.
            glancing = create_engine(
                parsed,
                pool_size=pool_size,
                max_overflow=0,
                pool_use_lifo=True,
                isolation_level="AUTOCOMMIT",
                pool_reset_on_return=None,
                execution_options={MAIN: self.engine},
            )
            self.engines = (self.engine, glancing)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection whose statements all see one snapshot; nothing is written."""
        with self.engine.connect() as connection:
            if not self.sqlite:
                connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin():
                yield connection

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """Yield a connection for statements that need no common snapshot: each sees the latest."""
        with self.engines[-1].connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a connection in one transaction: all of it is committed, or nothing."""
        with self.engine.connect() as connection:
            connection.execution_options(samvy_write=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Release every connection."""
        for engine in self.engines:
            engine.dispose()


def main_engine(connection: Connection) -> Engine:
    """Return the one engine that stands for the store that a connection is to."""
    found: Engine = connection.get_execution_options().get(MAIN, connection.engine)
    return found


def _usable(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise UnusableStoreUrl from None
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    in_file = parsed.drivername in ("sqlite", "sqlite+pysqlite") and parsed.database
    if parsed.drivername != "postgresql+psycopg" and not in_file:
        raise UnusableStoreUrl
    return parsed


def _sqlite_settings(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for setting in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_SECONDS * 1000}",
    ):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("samvy_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
