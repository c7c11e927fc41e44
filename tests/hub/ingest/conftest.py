"""A desk for each test of the ingest."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.store import identity_key
from tests.hub.ingest.desk import Desk, opened_desk


@pytest.fixture
def desk(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk on each kind of database."""
    monkeypatch.setenv(identity_key.VARIABLE, "")
    with opened_desk(store_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def small_desk(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk on SQLite, where the kind of database cannot matter."""
    monkeypatch.setenv(identity_key.VARIABLE, "")
    with opened_desk(sqlite_url, tmp_path) as opened:
        yield opened
