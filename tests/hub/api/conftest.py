"""A world for each test of the API: a running hub, on each kind of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worlds.hub_world import World, opened_world
from tests.worlds.usual import fill


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    with opened_world(store_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def small_world(sqlite_store_url: str, tmp_path: Path) -> Iterator[World]:
    """The same where the kind of database cannot matter."""
    with opened_world(sqlite_store_url, tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def standing_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The usual world, made once for tests that leave it as it was."""
    folder = tmp_path_factory.mktemp("world")
    with opened_world(f"sqlite:///{folder / 'samvy.db'}", folder) as opened:
        fill(opened)
        yield opened


@pytest.fixture(scope="module")
def written_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The same for tests that may write in it, each what nobody else looks for."""
    folder = tmp_path_factory.mktemp("world")
    with opened_world(f"sqlite:///{folder / 'samvy.db'}", folder) as opened:
        fill(opened)
        yield opened
