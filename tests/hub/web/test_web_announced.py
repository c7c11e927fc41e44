"""A change on the page is said to who does not see it, and the keyboard stays where it was.

Source: WCAG 2.1 2.2.2 (nothing moves by itself), 2.4.3 (focus order), 4.1.3 (status messages).
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from hub.web import accesses
from tests.hub.web.inhabited import brought
from tests.hub.web.screen import Screen
from tests.worlds.hub_world import SIGNE

FOCUSED = "document.activeElement.getAttribute('href') || document.activeElement.textContent"


def _said(screen: Screen, text: str) -> None:
    expect(screen.page.get_by_role("status")).to_contain_text(text)


def _focused(screen: Screen, text: str) -> None:
    """Wait until the focus is there: it is given when a new part has settled."""
    screen.page.wait_for_function(f"text => ({FOCUSED}) === text", arg=text)


def _limited(screen: Screen) -> None:
    screen.page.get_by_label("Utfall").select_option("nekat")
    _said(screen, "1 åtkomst visas.")
    assert screen.page.evaluate("document.activeElement.id") in ("outcome", "")


def _asked(screen: Screen) -> None:
    screen.page.get_by_label("Person (personnummer)").fill(SIGNE)
    screen.page.get_by_label("Läsare (användar-id)").fill("ward-doctor")
    screen.page.get_by_label("Dag", exact=True).fill("2026-03-10")
    screen.page.get_by_role("button", name="Pröva").press("Enter")
    _said(screen, "Svaret visas")
    _focused(screen, "Pröva")


def _blocked(screen: Screen) -> None:
    screen.page.get_by_label("Person (personnummer)").fill(SIGNE)
    screen.page.get_by_role("button", name="Pröva").press("Enter")
    _said(screen, "öppningar")
    _focused(screen, "Pröva")


def _again(screen: Screen) -> None:
    screen.page.get_by_text("Pröva åtkomsten på nytt").press("Enter")
    screen.page.get_by_text("Med det som är känt nu").wait_for()
    _focused(screen, "Med det som är känt nu")


def _proof(screen: Screen) -> None:
    screen.page.get_by_text("Läs av igen").press("Enter")
    _said(screen, "Läst av 20")
    _focused(screen, "/granskning/bevis")


def _period(screen: Screen) -> None:
    screen.page.get_by_label("Till och med").fill("2026-03-09")
    screen.page.get_by_role("button", name="Visa").press("Enter")
    _said(screen, "0 åtkomster i utdraget")


@pytest.mark.parametrize(
    ("state", "does"),
    [
        ("accesses", _limited),
        ("could-see", _asked),
        ("block-radius", _blocked),
        ("access", _again),
        ("proof", _proof),
        ("person-extract", _period),
    ],
)
def test_each_change_is_said_once_and_the_keyboard_stays(
    full_screen: Screen, state: str, does: Callable[[Screen], None]
) -> None:
    brought(full_screen, state)
    assert full_screen.page.get_by_role("status").text_content() == ""
    does(full_screen)
    assert full_screen.page.get_by_role("status").count() == 1


@pytest.mark.parametrize("state", ["accesses", "person-accesses"])
def test_more_is_said_and_reached(
    full_screen: Screen, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accesses, "ON_A_PAGE", 4)
    brought(full_screen, state)
    links = full_screen.page.locator('a[href*="/atkomster/"]:not([href$="/granska"])')
    assert links.count() == 4
    full_screen.page.get_by_text("Visa fler").press("Enter")
    _said(full_screen, "4 till visas")
    expect(links).to_have_count(8)
    fifth = links.nth(4).get_attribute("href")
    assert full_screen.page.evaluate(FOCUSED) == fifth


def test_no_page_changes_by_itself(full_screen: Screen) -> None:
    brought(full_screen, "proof")
    triggers = (
        "[...document.querySelectorAll('[hx-trigger]')].map(e => e.getAttribute('hx-trigger'))"
    )
    assert not [each for each in full_screen.page.evaluate(triggers) if "every" in each]
