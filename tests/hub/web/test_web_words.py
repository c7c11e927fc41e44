"""Everything that a reviewer reads is Swedish: codes, sections and each condition of the law."""

import re

import pytest

from consent.decision import Obligation
from consent.facts import Capacity, InfoType, Purpose
from consent.law import DRAFTS, SECTIONS
from consent.section import RUNGS
from consent.trail import Verdict, does
from hub.audit.record import Action, Outcome
from hub.web import clauses, swedish
from tests.hub.web.inhabited import STATES, brought
from tests.hub.web.screen import Screen

LAW = (*SECTIONS, *(each for draft in DRAFTS.values() for each in draft))


def test_each_condition_of_the_law_has_its_words() -> None:
    lacking = {
        (section.citation, number): clauses.lacking(condition)
        for section in LAW
        for number, _, condition in section.numbered()
    }
    assert {place: what for place, what in lacking.items() if what} == {}
    assert len(lacking) > 100


def test_no_words_are_left_of_conditions_that_are_gone() -> None:
    texts = [condition.text for section in LAW for _, _, condition in section.numbered()]
    assert [each for each in clauses.table() if not any(each in text for text in texts)] == []


def test_a_condition_without_words_stands_as_it_is() -> None:
    assert clauses.condition("the moon is full") == "The moon is full."
    joined = "not: the person is alive or the purpose is education and the moon is full"
    assert clauses.condition(joined) == (
        "Det är inte så att personen är i livet, eller ändamålet är utbildning, och"
        " the moon is full."
    )


def test_each_step_says_what_it_does() -> None:
    said = {does(step) for section in LAW for step in section.steps}
    assert {
        each for each in said if each not in clauses.OPENS and "lets somebody" not in each
    } == set()
    assert {each.value for each in Verdict} == clauses.VERDICTS.keys()


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (Action, swedish.ACTIONS),
        (Outcome, swedish.OUTCOMES),
        (Capacity, swedish.CAPACITIES),
        (Purpose, swedish.PURPOSES),
        (InfoType, swedish.INFO_TYPES),
        (RUNGS, swedish.RUNGS),
        (Obligation, swedish.OBLIGATIONS),
    ],
)
def test_each_code_has_its_word(codes: list[str], words: dict[str, str]) -> None:
    assert {str(each.value) for each in codes} - words.keys() == set()  # type: ignore[attr-defined]


ENGLISH = re.compile(r"\b(the|and|is|are|not|with|for the|error|page|please|invalid)\b")
SEEN = """() => [...document.querySelectorAll('main *')]
  .filter(e => !e.closest('[lang=en]') && !e.closest('.typed') && !e.closest('.references'))
  .flatMap(e => [...e.childNodes]).filter(n => n.nodeType === 3).map(n => n.textContent.trim())"""


def test_no_page_speaks_english(full_screen: Screen) -> None:
    found = {}
    for name in STATES:
        brought(full_screen, name)
        texts = full_screen.page.evaluate(SEEN)
        english = [each for each in texts if ENGLISH.search(each)]
        if english:
            found[name] = english
    assert found == {}
