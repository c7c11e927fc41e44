"""The law written out as one function says what its conditions say, asked one by one."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings

from consent.condition import Condition, both, either, fact, of_item, unless
from consent.decide import decide
from consent.facts import Facts, Item, Operation, Request
from consent.law import in_force
from consent.plan import Planned, Side, plan
from consent.predicate import Column, Predicate, one_of
from consent.section import Opens, Section, gate, opens
from consent.situation import Situation
from consent.written_out import text, written_out
from tests.bench.bench_law import FACTS, READABLE, REQUEST
from tests.worlds.strategies import RECORDS, SITUATIONS


@dataclass
class _Told:
    """What a walk says, in its order."""

    at: str = ""
    said: list[tuple[str, Planned]] = field(default_factory=list)

    def closes(self, planned: Planned) -> None:
        self.said.append(("closes", planned))

    def opens(self, planned: Planned) -> None:
        self.said.append(("opens", planned))

    def fails(self, planned: Planned) -> None:
        self.said.append(("fails", planned))


def _asked_one_by_one(steps: tuple[Planned, ...], situation: Situation, item: Item) -> list[str]:
    """By the predicates, which the scope and the database use, and no memory of an answer."""

    def hold(conditions: tuple[Condition, ...]) -> bool:
        predicates: list[Predicate] = [each.test(situation) for each in conditions]
        return all(predicate.holds(item) for predicate in predicates)

    said, failed = [], set()
    for step in steps:
        if not hold(step.applies):
            continue
        held = step.conditions is not None and hold(step.conditions)
        if step.is_gate:
            said += [] if held else ["closes"]
        elif held and step.group not in failed:
            said.append("opens")
        else:
            failed.add(step.group)
            said.append("fails")
    return said


@settings(max_examples=300)
@given(situation=SITUATIONS, record=RECORDS)
def test_it_says_of_each_item_what_the_conditions_say(
    situation: Situation, record: list[Item]
) -> None:
    capacity = situation.request.reader.as_
    for item in record:
        for own in (True, False):
            steps = plan(in_force(situation.day), situation.operation, Side(capacity, own))
            told = _Told()
            written_out(steps)(told, situation, item, situation.asked)
            assert [word for word, _ in told.said] == _asked_one_by_one(steps, situation, item)


def _law(*conditions: Condition) -> tuple[Section, ...]:
    first = in_force(REQUEST.at.date())[0]
    rule = gate(*conditions)
    step = opens(Opens.CONTENT)
    return (Section("A 1:1", "a rule", "en regel", (rule, step), first.in_force),)


def _told(*conditions: Condition) -> list[str]:
    steps = plan(_law(*conditions), Operation.READ, Side(REQUEST.reader.as_, own=False))
    told = _Told()
    written_out(steps)(told, Situation(FACTS, REQUEST), READABLE, {})
    return [word for word, _ in told.said]


YES = fact("yes", "it is so", lambda _: True)
NO = fact("no", "it is not so", lambda _: False)


@pytest.mark.parametrize(
    ("condition", "closes"),
    [
        (both(YES, NO), True),
        (either(NO, YES), False),
        (either(both(YES, NO), unless(NO)), False),
        (unless(either(YES, NO)), True),
        (both(), False),
        (either(), True),
    ],
)
def test_joined_conditions_are_joined_as_they_say(condition: Condition, *, closes: bool) -> None:
    assert ("closes" in _told(condition)) is closes
    assert ("closes" in _told(both(condition, condition))) is closes


def test_a_fact_is_asked_once_however_often_it_is_needed() -> None:
    times: list[Request] = []

    def test(situation: Situation) -> bool:
        times.append(situation.request)
        return True

    often = fact("often", "it is counted", test)
    _told(often, both(often, YES), unless(unless(often)))
    assert len(times) == 1


def test_what_a_rule_stumbles_over_is_named_by_its_section() -> None:
    def broken(_: Situation) -> bool:
        raise ZeroDivisionError

    law = _law(fact("broken", "it does not work", broken))
    decision = decide(Situation(Facts(), REQUEST), READABLE, law)
    assert decision.errors == ("A 1:1: ZeroDivisionError",)


def test_no_value_stands_in_the_text_only_names() -> None:
    """A name from a register can never become code."""
    hostile = "x' or __import__('os') or '"
    condition = of_item(hostile, hostile, one_of(Column.OWNER, [hostile]))
    steps = plan(_law(condition), Operation.READ, Side(REQUEST.reader.as_, own=False))
    written = text(steps)
    assert "item.owner in v" in written
    assert not set("'\"") & set(written)
