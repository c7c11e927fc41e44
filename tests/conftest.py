"""What every test may ask for: a database of its own, the shared material."""

import os
import re
import shutil
import uuid
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from hub.store.connect import Store
from hub.store.migrate import upgrade

SERVER = "SAMVY_TEST_POSTGRES"
REQUIRED = {
    "SAMVY_REQUIRE_POSTGRES": ("postgres",),
    "SAMVY_REQUIRE_NODE": ("node", "npm"),
    "SAMVY_REQUIRE_BROWSER": ("chromium", "browser"),
}
"""Where a variable is set, a skip for want of what it names (the words of its reason) fails."""
SHARED = Path(__file__).parents[2] / "shared"

# A slow machine is no fault of the data; in CI the same examples are drawn in every run.
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

_Report = TypeVar("_Report", pytest.TestReport, pytest.CollectReport)


def _refused(report: _Report) -> _Report:
    """Return the report, failed if it is a skip for want of something that is required here."""
    if not report.skipped:
        return report
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    for variable, words in REQUIRED.items():
        wanted = os.environ.get(variable, "0") not in ("", "0")
        if wanted and any(re.search(f"(?<![a-z]){word}", reason.lower()) for word in words):
            report.outcome = "failed"
            report.longrepr = f"{variable} is set, and this was to be skipped: {reason}"
            break
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _refused((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _refused((yield))


def _create_database(server: str, template: str = "template0") -> URL:
    url = make_url(server).set(drivername="postgresql")
    name = f"samvy_test_{uuid.uuid4().hex}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    _administer(url, create.format(sql.Identifier(name), sql.Identifier(template)))
    return url.set(database=name)


def _drop_database(server: str, url: URL) -> None:
    drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(str(url.database)))
    _administer(make_url(server).set(drivername="postgresql"), drop)


def _administer(url: URL, command: sql.Composed) -> None:
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as server:
        server.execute(command)


def _server() -> str:
    server = os.environ.get(SERVER)
    if not server:
        pytest.skip(f"PostgreSQL: {SERVER} names no server")
    return server


def _for_sqlalchemy(url: URL) -> str:
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _upgraded(url: str) -> None:
    store = Store(url)
    upgrade(store)
    store.close()


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A SQLAlchemy URL of an empty PostgreSQL database that is dropped after the test."""
    server = _server()
    url = _create_database(server)
    yield _for_sqlalchemy(url)
    _drop_database(server, url)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLAlchemy URL of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'samvy.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_store_url(request: pytest.FixtureRequest) -> str:
    """A SQLAlchemy URL of a store without a schema; the test runs once on each kind of database."""
    fixture = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(fixture))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite store with the newest schema and nothing in it, to be copied."""
    file = tmp_path_factory.mktemp("template") / "samvy.db"
    _upgraded(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """The name of a PostgreSQL database with the newest schema and nothing in it."""
    server = _server()
    url = _create_database(server)
    _upgraded(_for_sqlalchemy(url))
    yield str(url.database)
    _drop_database(server, url)


@pytest.fixture
def sqlite_store_url(sqlite_template: Path, sqlite_url: str, tmp_path: Path) -> str:
    """A SQLAlchemy URL of an SQLite store with the newest schema and nothing in it."""
    shutil.copy(sqlite_template, tmp_path / "samvy.db")
    return sqlite_url


@pytest.fixture
def postgres_store_url(postgres_template: str) -> Iterator[str]:
    """A SQLAlchemy URL of a PostgreSQL store with the newest schema and nothing in it."""
    server = _server()
    url = _create_database(server, postgres_template)
    yield _for_sqlalchemy(url)
    _drop_database(server, url)


@pytest.fixture(scope="module")
def postgres_module_url(postgres_template: str) -> Iterator[str]:
    """The same for all tests of a module."""
    server = _server()
    url = _create_database(server, postgres_template)
    yield _for_sqlalchemy(url)
    _drop_database(server, url)


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """A SQLAlchemy URL of a store with the newest schema and nothing in it, on each database.

    It is a copy: the migrations run once for all tests, and in the tests of themselves.
    """
    fixture = "sqlite_store_url" if request.param == "sqlite" else "postgres_store_url"
    return str(request.getfixturevalue(fixture))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of samples, scenarios and references that lies beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip("there is no folder `shared` beside the checkout")
    return SHARED
