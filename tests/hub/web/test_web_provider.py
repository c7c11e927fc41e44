"""Logging in with a provider in a real browser: two sites, cookies and policies as they are."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from hub.application import application
from hub.cli.serve import LOOPBACK, listening
from hub.demo.server import served
from hub.serving import configuration
from hub.store.directory import load_issuers
from tests.hub.oidc.conftest import USERS, issuer_of
from tests.hub.oidc.provider_process import Provider, provider_up
from tests.hub.web.screen import Screen
from tests.hub.web.test_web_accessible import AXE, violations
from tests.hub.web.visiting import fill_log
from tests.worlds.hub_world import opened_world


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with provider_up() as found:
        found.does(users=USERS)
        yield found


@pytest.fixture
def window(
    sqlite_url: str, tmp_path: Path, provider: Provider, chromium: Browser
) -> Iterator[Screen]:
    with opened_world(sqlite_url, tmp_path) as world:
        world.clock.now = datetime.now(UTC)
        fill_log(world)
        with world.store.write() as connection:
            load_issuers(connection, (issuer_of(provider),), world.clock.now)
        listener = listening(LOOPBACK, 0)
        # another host than the provider's, so that the browser sees two sites
        address = f"http://localhost:{listener.getsockname()[1]}"
        app = application(replace(world.hub, base=address))
        with served(configuration(app), listener):
            window = Screen(world, address, chromium.new_context(locale="sv-SE"))
            yield window
            window.close()
            assert window.wrong == []


def test_from_the_log_in_to_the_console_and_out_of_both(window: Screen, provider: Provider) -> None:
    page = window.page
    window.go("/granskning/atkomster")
    page.get_by_role("link", name="Logga in med Provet").click()
    page.wait_for_url(f"{provider.url}/authorize**")
    page.get_by_label("Namn").fill("wilma")
    page.get_by_role("button", name="Fortsätt").click()
    page.wait_for_url("**/granskning/atkomster")
    assert page.locator("tbody tr").count() > 3
    cookies = {each["name"]: each for each in window.context.cookies()}
    assert cookies["samvy_granskning"]["sameSite"] == "Strict"
    assert cookies["samvy_granskning"]["httpOnly"]
    assert "samvy_vag" not in cookies
    page.get_by_role("button", name="Logga ut").click()
    assert AXE.is_file()
    assert violations(window, AXE.read_text(encoding="utf-8")) == []
    page.get_by_role("link", name="Logga ut också hos Provet").click()
    page.wait_for_url(f"{provider.url}/logout**")
    page.get_by_role("link", name="Tillbaka").click()
    page.wait_for_url("**/granskning/logga-in")


def test_who_may_not_read_the_log_is_told_so_and_can_try_again(window: Screen) -> None:
    window.expected |= {403}
    window.go("/granskning/logga-in")
    window.page.get_by_role("link", name="Logga in med Provet").click()
    window.page.get_by_label("Namn").fill("doctor")
    window.page.get_by_role("button", name="Fortsätt").click()
    window.page.get_by_role("alert").wait_for()
    assert window.page.get_by_role("link", name="Logga in med Provet").is_visible()
