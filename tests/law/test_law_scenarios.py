"""Our own scenarios: what the law says of a situation, written from the statute, is what we decide.

Each is a file beside this one, in the format of `samvy decide`. The scope of the whole record says
the same of every item.
"""

from pathlib import Path

import pytest

from consent.scope import scope
from hub.scenario.answer import answer
from hub.scenario.scenario import read_scenario

FILES = sorted(Path(__file__).parent.glob("L*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_law_answers_what_the_scenario_expects(file: Path) -> None:
    scenario = read_scenario(file)
    answers = answer(scenario)
    assert answers
    for each in answers:
        assert each.differs == (), each.id
        assert each.errors == ()
        made = scope(each.situation)
        for name, decision in each.decisions.items():
            item = scenario.items[name]
            assert (made.ground(item) is not None) == (decision.outcome == "permit"), name
            if each.situation.request.op.value in ("read", "list"):
                assert made.shows(item) == decision.rungs, name


def test_there_are_enough_of_them_and_each_has_a_name_of_its_own() -> None:
    scenarios = [read_scenario(file) for file in FILES]
    assert len(scenarios) >= 120
    assert len({each.id for each in scenarios}) == len(scenarios)
    assert all(each.title for each in scenarios)
    assert all(asked.expect is not None for each in scenarios for asked in each.requests)
