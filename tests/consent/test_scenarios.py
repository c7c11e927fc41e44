"""The shared scenarios: what lawyers expect of a situation is what the engine says."""

from pathlib import Path

import pytest

from consent.decide import decide
from consent.decision import Decision
from consent.facts import Operation
from consent.scope import scope
from consent.situation import Situation
from hub.scenario.scenario import Asked, Scenario, read_scenario

FOLDER = Path(__file__).parents[2] / ".." / "shared" / "scenarios"
FILES = sorted(FOLDER.glob("S*.yaml"))
READING = (Operation.READ, Operation.LIST)


def _asked() -> list[object]:
    if not FILES:
        reason = "the shared scenarios are not beside the project"
        return [pytest.param(None, None, marks=pytest.mark.skip(reason=reason))]
    return [
        pytest.param(scenario, asked, id=f"{scenario.id}-{asked.id}")
        for scenario in map(read_scenario, FILES)
        for asked in scenario.requests
        if asked.request.op in READING
    ]


def _decisions(scenario: Scenario, asked: Asked) -> dict[str, Decision]:
    situation = Situation(scenario.facts, asked.request)
    return {name: decide(situation, scenario.items[name]) for name in asked.items}


@pytest.mark.parametrize(("scenario", "asked"), _asked())
def test_the_engine_agrees_with_the_scenario(scenario: Scenario, asked: Asked) -> None:
    decisions = _decisions(scenario, asked)
    expect = asked.expect
    assert expect is not None
    for name, expected in expect.items.items():
        assert decisions[name].outcome == expected.outcome, name
        assert set(expected.basis) <= set(decisions[name].basis), name
        assert not decisions[name].errors
    shown = {rung.value for each in decisions.values() for rung in each.rungs}
    assert shown == set(expect.shows)
    owed = {each for decision in decisions.values() for each in decision.obligations}
    assert set(expect.obligations) <= owed
    assert {mask for each in decisions.values() for mask in each.masked} == set(expect.masked)


@pytest.mark.parametrize(("scenario", "asked"), _asked())
def test_the_scope_says_the_same_as_the_decision(scenario: Scenario, asked: Asked) -> None:
    made = scope(Situation(scenario.facts, asked.request))
    for name, decision in _decisions(scenario, asked).items():
        item = scenario.items[name]
        assert made.shows(item) == decision.rungs
        assert (made.ground(item) is not None) == (decision.outcome == "permit")
