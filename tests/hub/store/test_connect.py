"""A store opened from its URL: what is refused, one snapshot to read, one transaction to write."""

from collections.abc import Iterator

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from hub.store.connect import Store, UnusableStoreUrl
from hub.store.migrate import upgrade
from hub.store.schema.setting import SETTING


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url)
    upgrade(opened)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "samvy.db",
        "sqlite://",
        "mysql://u@h/n",
        "oracle://u@h/n",
        "postgresql+asyncpg://u@h/n",
        "sqlite+aiosqlite:///x.db",
        "postgresql://u@h:port/n",
        "://",
    ],
)
def test_a_url_of_no_store_is_refused_with_what_one_looks_like(url: str) -> None:
    with pytest.raises(UnusableStoreUrl, match="sqlite:///FILE"):
        Store(url)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_postgresql_is_served_by_psycopg_and_no_password_is_shown(scheme: str) -> None:
    store = Store(f"{scheme}://user:secret@127.0.0.1:1/name")
    assert store.engine.dialect.driver == "psycopg"
    assert "secret" not in store.url
    assert not store.sqlite
    assert store.path is None
    store.close()


def _put(store: Store, name: str) -> None:
    with store.write() as connection:
        connection.execute(insert(SETTING).values(name=name, value=b""))


def _names(store: Store) -> set[str]:
    with store.read() as connection:
        return set(connection.execute(select(SETTING.c.name)).scalars())


def test_a_read_sees_one_snapshot(store: Store) -> None:
    _put(store, "before")
    with store.read() as connection:
        names = select(SETTING.c.name)
        assert set(connection.execute(names).scalars()) == {"before"}
        _put(store, "meanwhile")
        assert set(connection.execute(names).scalars()) == {"before"}
    assert _names(store) == {"before", "meanwhile"}


def test_a_write_that_fails_leaves_nothing(store: Store) -> None:
    def fail() -> None:
        with store.write() as connection:
            connection.execute(insert(SETTING).values(name="a", value=b""))
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fail()
    assert _names(store) == set()


def test_nothing_is_written_in_a_read_on_postgresql(postgres_url: str) -> None:
    store = Store(postgres_url)
    upgrade(store)
    with pytest.raises(DBAPIError, match="read-only"), store.read() as connection:
        connection.execute(insert(SETTING).values(name="a", value=b""))
    _put(store, "b")
    assert _names(store) == {"b"}
    store.close()


def test_sqlite_is_durable_and_keeps_its_references(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    with store.engine.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    store.close()
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
