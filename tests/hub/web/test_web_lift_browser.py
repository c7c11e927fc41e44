"""The duty officer's pages in a real browser: by keys alone, in a large and a small window."""

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from hub.store.lift_requests import LiftState
from tests.hub.lifting.asking import asked, blocked, request
from tests.hub.web.screen import LARGE, SMALL, Screen, served_world
from tests.hub.web.test_web_browser import UNNAMED
from tests.worlds.hub_world import OFFICER, TALKS, World, opened_world


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A request has waited for nine minutes; asked before any browser has this thread's loop."""
    folder = tmp_path_factory.mktemp("duty")
    with opened_world(f"sqlite:///{folder / 'samvy.db'}", folder) as world:
        blocked(world)
        asked(world)
        world.clock.forward(timedelta(minutes=9))
        yield world


@pytest.fixture
def screen(waiting: World, chromium: Browser) -> Iterator[Screen]:
    with served_world(waiting) as address:
        window = Screen(waiting, address, chromium.new_context(locale="sv-SE"))
        yield window
        window.close()
        assert window.wrong == []


def test_a_request_is_answered_by_keys_alone(
    waiting: World, screen: Screen, tmp_path: Path
) -> None:
    """The screenshots are kept in SAMVY_SCREENSHOTS, to be looked at."""
    pictures = Path(os.environ.get("SAMVY_SCREENSHOTS", tmp_path))
    page = screen.page
    screen.log_in(OFFICER)
    clock = page.locator("[data-sedan]")
    expect(clock).to_have_text(re.compile(r"9 min 0[1-9] s"))
    _pictured(screen, pictures, "havningar")
    link = page.get_by_role("link", name="Svara")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/lift-request-*")
    number = page.url.rpartition("/")[2]
    _pictured(screen, pictures, "havning")
    page.get_by_label("Häv en del av den").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    box = page.get_by_label(f"Name of {TALKS}")
    expect(box).to_be_visible()
    box.focus()
    page.keyboard.press("Space")
    _pictured(screen, pictures, "havning-del")
    page.get_by_label("Varför").focus()
    page.keyboard.type("Livshotande, läkemedel okända.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("hävd i en del")).to_be_visible()
    _pictured(screen, pictures, "havning-besvarad")
    assert request(waiting, number).state is LiftState.IN_PART


def _pictured(screen: Screen, folder: Path, name: str) -> None:
    for size in (SMALL, LARGE):
        screen.sized(size)
        assert screen.fits(), (name, size)
        screen.picture(folder, f"officer-{name}-{size[0]}")
    assert screen.page.locator("h1").count() == 1
    assert screen.page.evaluate(UNNAMED) == []
