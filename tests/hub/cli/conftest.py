"""A shell for each test of the commands."""

from pathlib import Path

import pytest

from tests.hub.cli.cli_runner import Shell, environment_of


@pytest.fixture
def shell(store_url: str, tmp_path: Path) -> Shell:
    """A shell whose store is on each kind of database, not upgraded yet."""
    return Shell(tmp_path, environment_of(store_url, tmp_path))


@pytest.fixture
def small_shell(sqlite_url: str, tmp_path: Path) -> Shell:
    """A shell on SQLite, where the kind of database cannot matter."""
    return Shell(tmp_path, environment_of(sqlite_url, tmp_path))
