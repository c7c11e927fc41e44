"""A world for each test of tokens, on each kind of database or on the small one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worlds.hub_world import World, opened_world
from tests.worlds.usual import fill


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    with opened_world(store_url, tmp_path) as opened:
        fill(opened)
        yield opened


@pytest.fixture
def small_world(sqlite_store_url: str, tmp_path: Path) -> Iterator[World]:
    with opened_world(sqlite_store_url, tmp_path) as opened:
        fill(opened)
        yield opened
