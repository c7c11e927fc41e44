"""A world in which somebody has blocked, and a ward doctor asks for a lift."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worlds.hub_world import World, opened_world


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    with opened_world(store_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def small_world(sqlite_store_url: str, tmp_path: Path) -> Iterator[World]:
    """The same where the kind of database cannot matter."""
    with opened_world(sqlite_store_url, tmp_path) as opened:
        yield opened
