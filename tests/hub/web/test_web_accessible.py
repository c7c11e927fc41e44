"""Everybody can use the console: WCAG 2.1 A and AA over every page in every state, in a browser.

Source: WCAG 2.1; Deque's axe-core (tests/node) finds what a machine can find. What it cannot find
is tested by name: reflow, text spacing and the path of the keyboard here, what is said of a change
in test_web_announced.py.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from hub.web.pages import PLACES
from tests.hub.web.inhabited import STATES, brought
from tests.hub.web.screen import LARGE, SMALL, Screen

AXE = Path(__file__).parents[2] / "node" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice")
ZOOMED, REFLOWED = (640, 450), (320, 256)
"""A window of 1280 px at 200 % (1.4.4), and of 320 px, which is 1280 at 400 % (1.4.10)."""
SIZES = {"large": LARGE, "small": SMALL, "zoomed": ZOOMED, "reflowed": REFLOWED}


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.is_file():
        pytest.skip("axe-core is not here: npm ci in tests/node")
    return AXE.read_text(encoding="utf-8")


def violations(screen: Screen, axe: str) -> list[str]:
    screen.page.evaluate(axe)
    found = screen.page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", list(RULES)
    )
    return [
        f"{each['id']}: {node['target']} {node['html'][:160]} {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


def _everywhere(screen: Screen, look: Callable[[str], object]) -> dict[str, object]:
    """What is wrong in each state, so that one run tells all."""
    found = {}
    for name in STATES:
        brought(screen, name)
        if wrong := look(name):
            found[name] = wrong
    return found


def test_every_page_of_the_table_has_a_state() -> None:
    paths = [each.path.partition("?")[0] for each in STATES.values()]
    missing = [
        place.pattern
        for place in PLACES
        if place.method == "GET"
        and not place.pattern.endswith(("csv", "pdf"))
        and not any(place.matched(path) for path in paths)
    ]
    assert missing == []


@pytest.mark.parametrize("size", ["large", "reflowed"])
def test_axe_finds_nothing_in_any_state(full_screen: Screen, axe: str, size: str) -> None:
    full_screen.sized(SIZES[size])
    assert _everywhere(full_screen, lambda _: violations(full_screen, axe)) == {}


def test_axe_sees_what_is_planted(full_screen: Screen, axe: str) -> None:
    brought(full_screen, "accesses")
    full_screen.page.evaluate("document.querySelector('label[for=agent]').remove()")
    full_screen.page.evaluate("document.documentElement.removeAttribute('lang')")
    assert {each.partition(":")[0] for each in violations(full_screen, axe)} == {
        "label",
        "html-has-lang",
    }


def test_nothing_is_lost_when_text_is_spaced_and_the_window_is_narrow(full_screen: Screen) -> None:
    """1.4.10, 1.4.12: no scrolling in two directions, but for tables; no text is cut off."""

    def look(_: str) -> object:
        full_screen.page.evaluate(SPACED)
        wrong = []
        for name, size in SIZES.items():
            full_screen.sized(size)
            if not full_screen.fits():
                wrong.append((name, full_screen.page.evaluate(WIDER)))
            wrong += full_screen.page.evaluate(CUT)
        return wrong

    assert _everywhere(full_screen, look) == {}


SPACED = """() => {
  const sheet = document.styleSheets[0];
  sheet.insertRule('* { line-height: 1.5 !important; letter-spacing: .12em !important;'
    + ' word-spacing: .16em !important; }', sheet.cssRules.length);
  sheet.insertRule('p { margin-bottom: 2em !important; }', sheet.cssRules.length); }"""
WIDER = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1
      && !e.closest('.scroll')).map(e => e.outerHTML.slice(0, 120))"""
CUT = """() => [...document.querySelectorAll('button, label, th, dt, dd, p, h1, h2, h3, summary')]
  .filter(e => e.checkVisibility() && !e.closest('.unseen') && e.clientWidth
      && getComputedStyle(e).overflow !== 'visible'
      && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1))
  .map(e => 'cut: ' + e.outerHTML.slice(0, 120))"""


def test_the_keyboard_reaches_everything_in_order_and_is_seen(full_screen: Screen) -> None:
    """2.1.1, 2.1.2, 2.4.1, 2.4.3, 2.4.7: skip link first, each in turn, visibly, and out again."""

    def look(_: str) -> object:
        full_screen.page.evaluate(MARKED)
        wanted = full_screen.page.evaluate("window.reachable")
        full_screen.page.evaluate(FROM_THE_START)
        met: list[Mapping[str, Any]] = []
        for _step in range(8 * wanted):  # a date has several stops
            full_screen.page.keyboard.press("Tab")
            here = full_screen.page.evaluate(FOCUSED)
            if here is None:
                break
            met.append(here)
        order = [each["number"] for each in met]
        unseen = [each["html"] for each in met if not each["seen"]]
        first = met[0]["html"] if met else ""
        wrong: list[object] = []
        if sorted(set(order)) != list(range(wanted)):
            wrong.append(("not reached", sorted(set(range(wanted)) - set(order))))
        if list(dict.fromkeys(order)) != sorted(set(order)):
            wrong.append(("out of order", order))
        if unseen:
            wrong.append(("no visible focus", unseen))
        if "skip" not in first:
            wrong.append(("no skip link", first))
        return wrong

    assert _everywhere(full_screen, look) == {}


# a group of radio buttons is one stop; what is closed in a <details> is none
MARKED = """() => {
  const all = [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
    .filter(e => e.checkVisibility() && !e.disabled);
  const groups = new Set();
  let number = 0;
  for (const e of all) {
    if (e.type === 'radio') {
      if (!groups.has(e.name)) { groups.add(e.name); number += 1; }
      e.dataset.number = number - 1;
    } else { e.dataset.number = number; number += 1; }
  }
  window.reachable = number; document.body.tabIndex = -1; document.body.focus(); }"""
FROM_THE_START = """() => {
  const start = document.createElement("span");
  start.tabIndex = -1;
  document.body.prepend(start);
  start.focus();
  start.remove();
}"""
"""What has come into the page may have taken the focus; tabbing begins where the page begins."""
FOCUSED = """() => {
  const e = document.activeElement;
  if (!e || e === document.body || e.dataset.number === undefined) return null;
  const style = getComputedStyle(e), box = e.getBoundingClientRect();
  return {number: Number(e.dataset.number), html: e.outerHTML.slice(0, 120),
    seen: parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== 'none'
      && box.right > 0 && box.bottom > 0}; }"""
