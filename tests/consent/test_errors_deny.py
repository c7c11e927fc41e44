"""P5: spärr beats samtycke, and an error denies."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings

from consent.condition import Condition
from consent.decide import decide
from consent.decision import Outcome
from consent.facts import BlockKind, Capacity, Item, Sparr
from consent.item import anothers
from consent.law import SECTIONS, in_force
from consent.predicate import Predicate
from consent.scope import scope
from consent.section import Opens, Section, Step, StepKind, gate, opens
from consent.situation import Situation
from tests.worlds.strategies import RECORDS, SITUATIONS


def _raises(_situation: Situation) -> Predicate:
    raise RuntimeError("a rule with a fault")


BROKEN = Condition("broken", "a rule with a fault", _raises)
DAY = date(2023, 1, 1)
INDIVIDUAL = Capacity.INDIVIDUAL


@given(situation=SITUATIONS, record=RECORDS)
@pytest.mark.parametrize(
    "section",
    [
        Section("X 1:1", "a gate", "en grind", (gate(BROKEN),), DAY),
        Section("X 1:2", "an opening", "en öppning", (opens(Opens.CONTENT, BROKEN),), DAY),
    ],
    ids=["gate", "opening"],
)
def test_a_rule_that_raises_denies_everything(
    section: Section, situation: Situation, record: list[Item]
) -> None:
    law = (*in_force(situation.day), section)
    made = scope(situation, law)
    assert made.errors == (f"{section.citation}: RuntimeError",)
    assert made.empty
    assert not made.rungs
    for item in record:
        decision = decide(situation, item, law)
        assert decision.outcome is Outcome.DENY
        assert decision.errors == made.errors
        assert not decision.rungs


@settings(max_examples=300)
@given(situation=SITUATIONS, record=RECORDS)
def test_what_is_blocked_towards_others_is_never_content_to_them(
    situation: Situation, record: list[Item]
) -> None:
    """Whatever consent, emergency or assessment there is: spärr beats samtycke."""
    for item in record:
        block = Sparr("all of it", BlockKind.OUTER, item.owner)
        facts = replace(situation.facts, blocks=(*situation.facts.blocks, block), lifts=())
        blocked = Situation(facts, situation.request, situation.switches)
        if blocked.of(anothers).holds(item) or situation.request.reader.as_ is INDIVIDUAL:
            assert decide(blocked, item).outcome is not Outcome.PERMIT
            assert scope(blocked).ground(item) is None


@settings(max_examples=300)
@given(situation=SITUATIONS, record=RECORDS)
def test_registers_that_do_not_answer_never_widen_what_is_seen(
    situation: Situation, record: list[Item]
) -> None:
    silent = Situation(
        situation.facts, replace(situation.request, registers_reachable=False), situation.switches
    )
    answering = Situation(
        situation.facts, replace(situation.request, registers_reachable=True), situation.switches
    )
    for item in record:
        less, more = decide(silent, item), decide(answering, item)
        assert less.rungs <= more.rungs
        if less.outcome is Outcome.PERMIT:
            assert more.outcome is Outcome.PERMIT
            assert "SoLPuL 6" in less.basis or "PDL 2:4" in less.basis


@settings(max_examples=200)
@given(situation=SITUATIONS, record=RECORDS)
def test_a_fact_that_is_missing_never_widens_what_is_seen(
    situation: Situation, record: list[Item]
) -> None:
    """Without relations, consents, lifts and assessments nobody sees more than with them."""
    facts = situation.facts
    poorer = replace(facts, relations=(), lifts=(), assessments=())
    less = Situation(poorer, situation.request, situation.switches)
    for item in record:
        before, after = decide(situation, item), decide(less, item)
        if after.outcome is Outcome.PERMIT:
            assert before.outcome is Outcome.PERMIT


def test_every_gate_is_there_whatever_the_day() -> None:
    """No reader is without a gate for log-in, assignment and the act's scope on any day of SVOD."""
    for day in (date(2023, 1, 1), date(2025, 6, 30), date(2025, 7, 1), date(2026, 11, 22)):
        gated = {s.citation for s in in_force(day) if any(_is_gate(step) for step in s.steps)}
        assert {"SVOD 1:1", "SVOD 1:3", "SVOD 2:1", "SVOD 2:2", "SVOD 2:4", "SVOD 3:7"} <= gated
        assert {"PDL 4:1", "PDL 4:2", "SVOD 4:2", "SVOD 4:3"} <= gated


def _is_gate(step: Step) -> bool:
    return step.kind is StepKind.GATE


def test_a_section_is_written_once() -> None:
    """One text for each section and day: no citation is in force twice."""
    for day in (date(2023, 1, 1), date(2025, 7, 1)):
        citations = [section.citation for section in in_force(day)]
        assert len(citations) == len(set(citations))
    assert len(SECTIONS) > len(in_force(date(2026, 1, 1)))
