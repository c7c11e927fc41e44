"""Every code that a record can hold has a word in Swedish for those who review the log."""

import re
from pathlib import Path

from consent.facts import Capacity, Purpose
from hub.audit.record import Action, Outcome
from hub.audit.words import DONE
from hub.web.swedish import ACTIONS, CAPACITIES, FLAGS, OUTCOMES, PURPOSES

HUB = Path(__file__).parents[3] / "hub"
WRITING = ("api/log.py", "api/authenticate.py", "oauth/logged.py")


def test_every_action_outcome_capacity_and_purpose_has_a_word() -> None:
    assert set(ACTIONS) == {each.value for each in Action}
    assert set(DONE) == set(Action)
    assert set(OUTCOMES) == {each.value for each in Outcome}
    assert set(CAPACITIES) == {each.value for each in Capacity}
    assert set(PURPOSES) == {each.value for each in Purpose}


def test_every_flag_that_a_record_is_written_with_has_a_word() -> None:
    """A flag is a word with a hyphen in a module that writes records."""
    text = "".join((HUB / name).read_text(encoding="utf-8") for name in WRITING)
    said = re.findall(r'(?:append\(|flags=.*\()"([a-z]+-[a-z]+)"', text)
    assert set(said) == set(FLAGS)
