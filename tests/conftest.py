"""What every test may ask for: a database of its own, the shared material."""

import os
import uuid
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql
from sqlalchemy.engine import URL, make_url

SERVER = "SAMVY_TEST_POSTGRES"
REQUIRED = "SAMVY_REQUIRE_POSTGRES"
SHARED = Path(__file__).parents[2] / "shared"

# A slow machine is no fault of the data; in CI the same examples are drawn in every run.
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

_Report = TypeVar("_Report", pytest.TestReport, pytest.CollectReport)


def _refused(report: _Report) -> _Report:
    """Return the report, failed if it is a skip for want of PostgreSQL where that is required."""
    if not report.skipped or os.environ.get(REQUIRED, "0") in ("", "0"):
        return report
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if "postgres" in reason.lower():
        report.outcome = "failed"
        report.longrepr = f"{REQUIRED} is set, and this was to be skipped: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _refused((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _refused((yield))


def _create_database(server: str) -> URL:
    url = make_url(server).set(drivername="postgresql")
    name = f"samvy_test_{uuid.uuid4().hex}"
    _administer(url, sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    return url.set(database=name)


def _drop_database(server: str, url: URL) -> None:
    drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(str(url.database)))
    _administer(make_url(server).set(drivername="postgresql"), drop)


def _administer(url: URL, command: sql.Composed) -> None:
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as server:
        server.execute(command)


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A SQLAlchemy URL of an empty PostgreSQL database that is dropped after the test."""
    server = os.environ.get(SERVER)
    if not server:
        pytest.skip(f"PostgreSQL: {SERVER} names no server")
    url = _create_database(server)
    yield url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    _drop_database(server, url)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLAlchemy URL of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'samvy.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """A SQLAlchemy URL of an empty store; the test runs once on each kind of database."""
    fixture = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(fixture))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of samples, scenarios and references that lies beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip("there is no folder `shared` beside the checkout")
    return SHARED
