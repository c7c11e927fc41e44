"""The console in a real browser: what people meet, with a mouse, with keys alone, on a phone.

The screenshots are kept in the test's folder, or in SAMVY_SCREENSHOTS, to be looked at.
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.hub.web.inhabited import STATES, brought
from tests.hub.web.screen import LARGE, SMALL, Screen, served_world
from tests.hub.web.visiting import INJECTED
from tests.worlds.hub_world import AUDITOR, OLOF, World


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return Path(os.environ.get("SAMVY_SCREENSHOTS", tmp_path))


def test_every_state_fits_large_and_small_windows(full_screen: Screen, pictures: Path) -> None:
    screen = full_screen
    for name in STATES:
        screen.sized(LARGE)
        brought(screen, name)
        for size in (LARGE, SMALL):
            screen.sized(size)
            assert screen.fits(), (name, size)
            screen.picture(pictures, f"{name}-{size[0]}")
        assert screen.page.locator("h1").count() == 1, name
        assert screen.page.evaluate("document.documentElement.lang") == "sv"
        assert screen.page.evaluate(UNNAMED) == [], name


UNNAMED = """
  [...document.querySelectorAll('input:not([type=hidden]),select,textarea,button,a,table')]
  .filter(e => !(e.labels && e.labels.length) && !e.textContent.trim()
      && !e.getAttribute('aria-label') && !(e.tagName === 'TABLE' && e.caption))
  .map(e => e.outerHTML)"""


def test_the_search_follows_the_form_without_a_new_page(screen: Screen) -> None:
    screen.log_in(AUDITOR)
    screen.page.evaluate("window.same = true")
    screen.page.get_by_label("Utfall").select_option("nekat")
    screen.page.wait_for_url("**outcome=4**")
    rows = screen.page.locator("tbody tr")
    assert rows.count() == 1
    assert screen.page.evaluate("window.same")
    screen.page.go_back()
    screen.page.wait_for_url("**/atkomster")
    expect(screen.page.locator("tbody tr").nth(3)).to_be_visible()
    assert screen.page.locator("header").count() == 1


def test_a_person_is_searched_for_by_keys_alone(screen: Screen) -> None:
    screen.log_in(AUDITOR)
    screen.page.keyboard.press("Tab")
    assert screen.page.evaluate("document.activeElement.textContent") == "Till innehållet"
    screen.page.keyboard.press("Enter")
    assert screen.page.evaluate("document.activeElement.id") == "innehall"
    screen.page.keyboard.press("Tab")
    assert screen.page.evaluate("document.activeElement.id") == "personnummer"
    screen.page.keyboard.type(OLOF)
    screen.page.keyboard.press("Enter")
    screen.page.wait_for_url("**patient=**")
    assert OLOF not in screen.page.url
    link = screen.page.locator('a[href$="/atkomster/record-2"]')
    assert link.count() == 1
    link.focus()
    width = link.evaluate("e => getComputedStyle(e).outlineWidth")
    assert width == "3px"
    screen.page.keyboard.press("Enter")
    screen.page.wait_for_url("**/atkomster/record-2")


def test_an_access_is_decided_again_on_its_page(screen: Screen) -> None:
    screen.log_in(AUDITOR)
    screen.go("/granskning/atkomster/record-0")
    screen.page.get_by_text("Pröva åtkomsten på nytt").click()
    screen.page.get_by_text("finns inte kvar").wait_for()
    assert screen.page.url.endswith("/record-0")


def test_an_access_is_judged_by_keys_alone(full_screen: Screen) -> None:
    screen = full_screen
    screen.log_in(AUDITOR)
    screen.go("/granskning/arbetslista?period=2026-03")
    link = screen.page.locator('a[href$="/arbetslista/record-159"]')
    link.wait_for()
    link.focus()
    screen.page.keyboard.press("Enter")
    screen.page.wait_for_url("**/arbetslista/record-159")
    screen.page.get_by_label("Går inte att avgöra").focus()
    screen.page.keyboard.press("Space")
    screen.page.keyboard.press("Tab")
    assert screen.page.evaluate("document.activeElement.id") == "atgard"
    screen.page.keyboard.press("Tab")
    screen.page.keyboard.press("Tab")
    screen.expected.add(400)
    screen.page.keyboard.press("Enter")
    expect(screen.page.get_by_role("alert")).to_contain_text("Skriv varför")
    assert screen.page.get_by_label("Går inte att avgöra").is_checked()
    screen.page.get_by_label("Anteckning").fill("Underlag saknas.")
    screen.page.get_by_role("button", name="Spara").click()
    screen.page.wait_for_url("**/arbetslista?period=2026-03")


def test_an_access_is_put_on_the_worklist_by_keys_alone(full_screen: Screen) -> None:
    screen = full_screen
    screen.log_in(AUDITOR)
    screen.go("/granskning/atkomster/record-5")
    screen.page.get_by_role("link", name="Lägg på arbetslistan").focus()
    screen.page.keyboard.press("Enter")
    expect(screen.page.get_by_label("Varför ska åtkomsten granskas?")).to_be_focused()
    assert screen.page.url.endswith("/atkomster/record-5")  # the form came onto the page
    screen.page.keyboard.type("En anhörig har hört av sig.")
    screen.page.keyboard.press("Tab")
    screen.page.keyboard.press("Enter")
    screen.page.wait_for_url("**/arbetslista/record-5")
    expect(screen.page.get_by_text("En anhörig har hört av sig.")).to_be_visible()
    screen.page.go_back()
    screen.page.reload()
    expect(screen.page.get_by_role("link", name="Åtkomsten på arbetslistan")).to_be_visible()


def test_an_access_is_put_on_the_worklist_without_script(
    inhabited: World, chromium: Browser
) -> None:
    """From the person's extract; what is sent from a second tab as well changes nothing."""
    with served_world(inhabited) as address:
        context = chromium.new_context(locale="sv-SE", java_script_enabled=False)
        screen = Screen(inhabited, address, context)
        screen.log_in(AUDITOR)
        screen.go(f"/granskning/utdrag?patient={inhabited.person()}")
        link = screen.page.locator('a[href$="/record-7/granska"]')
        other = context.new_page()
        other.goto(f"{address}{link.get_attribute('href')}")
        link.click()
        for page, why in ((screen.page, "Första skälet."), (other, "Andra skälet.")):
            page.get_by_label("Varför ska åtkomsten granskas?").fill(why)
            page.get_by_role("button", name="Lägg på arbetslistan").click()
            expect(page.get_by_text("Första skälet.")).to_be_visible()
        assert other.get_by_text("Andra skälet.").count() == 0
        screen.close()
        assert screen.wrong == []


def test_a_question_is_answered_on_its_page(screen: Screen, pictures: Path) -> None:
    screen.log_in(AUDITOR)
    screen.go("/granskning/kunde-se")
    screen.page.get_by_label("Person (personnummer)").fill(OLOF)
    screen.page.get_by_label("Läsare (användar-id)").fill("ward-doctor")
    screen.page.get_by_label("Dag").fill("2026-03-10")
    screen.page.get_by_role("button", name="Pröva").click()
    screen.page.get_by_text("ingen dokumentation om personen").wait_for()
    assert OLOF not in screen.page.url
    screen.picture(pictures, "could-see-answer")
    screen.go("/granskning/sparr")
    screen.page.get_by_label("Person (personnummer)").fill(OLOF)
    screen.page.get_by_role("button", name="Pröva").click()
    screen.page.get_by_text("öppningar skulle ha stoppats").wait_for()


def test_text_that_attacks_is_shown_as_text(screen: Screen) -> None:
    screen.log_in(AUDITOR)
    screen.go("/granskning/atkomster/record-7")
    assert screen.page.get_by_text(INJECTED).count() >= 2
    assert screen.page.title().startswith("En åtkomst")


def test_what_is_planted_as_script_does_not_run(screen: Screen) -> None:
    """The policy, not only the escaping, stops it: this page's markup is put in by the test."""
    screen.log_in(AUDITOR)
    screen.page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.ran=1\">')"
    )
    screen.page.wait_for_timeout(200)
    assert screen.page.evaluate("window.ran") is None
    assert [each for each in screen.wrong if "Content Security Policy" in each]
    screen.wrong.clear()
    screen.expected.add(404)


def test_who_is_logged_out_elsewhere_is_led_to_the_log_in(screen: Screen) -> None:
    screen.log_in(AUDITOR)
    screen.context.clear_cookies()
    screen.expected.add(401)
    screen.page.get_by_label("Utfall").select_option("nekat")
    screen.page.wait_for_url("**/logga-in")
    assert screen.page.get_by_role("button", name="Logga in").is_visible()


def test_logging_out_by_the_button(screen: Screen) -> None:
    screen.log_in(AUDITOR)
    screen.page.get_by_role("button", name="Logga ut").click()
    screen.page.wait_for_url("**/logga-in")
    screen.go("/granskning/atkomster")
    assert screen.page.url.endswith("/logga-in")
