"""Worlds with a log, visitors of their consoles, and a real browser."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from hub.auth.built_in import TokenRequest
from tests.hub.web.inhabited import inhabit
from tests.hub.web.screen import Screen, served_world
from tests.hub.web.visiting import Visitor, fill_log
from tests.worlds.hub_world import AUDITOR, World, opened_world

LogIn = Callable[[TokenRequest], Visitor]
KEY = "5a" * 32
"""The same in every run: what is drawn for review hangs on it."""
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture
def logged(store_url: str, tmp_path: Path) -> Iterator[World]:
    with opened_world(store_url, tmp_path, key=KEY) as world:
        fill_log(world)
        yield world


@pytest.fixture
def log_in(logged: World) -> LogIn:
    def visitor(asked: TokenRequest) -> Visitor:
        found = Visitor(logged)
        assert found.log_in(asked).status == 303
        return found

    return visitor


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world whose log only grows by being read, made once."""
    folder = tmp_path_factory.mktemp("console")
    with opened_world(f"sqlite:///{folder / 'samvy.db'}", folder) as world:
        fill_log(world)
        yield world


@pytest.fixture
def reviewer(standing: World) -> Visitor:
    found = Visitor(standing)
    assert found.log_in(AUDITOR).status == 303
    return found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's browser; nothing is downloaded.

    For one module: while it is open, this thread has a running loop and can run no other.
    """
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("there is no chromium on this machine")
    with sync_playwright() as playwright:
        sandbox = os.getuid() != 0
        browser = playwright.chromium.launch(executable_path=path, chromium_sandbox=sandbox)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def inhabited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world with something on every page, made once; its clock stands still."""
    folder = tmp_path_factory.mktemp("inhabited")
    with opened_world(f"sqlite:///{folder / 'samvy.db'}", folder, key=KEY) as world:
        inhabit(world)
        yield world


@pytest.fixture
def full_screen(inhabited: World, chromium: Browser) -> Iterator[Screen]:
    """As `screen`, on the world that has everything."""
    with served_world(inhabited) as address:
        window = Screen(inhabited, address, chromium.new_context(locale="sv-SE"))
        yield window
        window.close()
        assert window.wrong == []


@pytest.fixture
def screen(standing: World, chromium: Browser) -> Iterator[Screen]:
    """A window on the served console; what the browser reports wrong fails the test."""
    with served_world(standing) as address:
        window = Screen(standing, address, chromium.new_context(locale="sv-SE"))
        yield window
        window.close()
        assert window.wrong == []
