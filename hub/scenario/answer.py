"""What the law answers to a scenario's requests, and where that differs from what was expected.

Source: the page of the scenario format; INTERFACES `samvy decide`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from consent.decide import decide
from consent.decision import Decision, Obligation
from consent.explain import Explanation, explain
from consent.law import Law
from consent.obligations import obligations
from consent.situation import DEFAULTS, Situation, Switch
from hub.scenario.scenario import Asked, Expectation, Scenario


@dataclass(frozen=True, slots=True)
class Answered:
    """One request's answer: a decision and its explanation for each item, and the whole of it."""

    id: str
    situation: Situation
    decisions: Mapping[str, Decision]
    explanations: Mapping[str, Explanation]
    shows: tuple[str, ...]
    masked: tuple[str, ...]
    obligations: tuple[str, ...]
    errors: tuple[str, ...]
    differs: tuple[str, ...] | None

    def as_json(self) -> dict[str, Any]:
        """Return the answer in INTERFACES' form; `agrees` and `differs` where it was expected."""
        answer: dict[str, Any] = {
            "id": self.id,
            "items": {
                name: {"outcome": each.outcome.value, "basis": list(each.basis)}
                for name, each in self.decisions.items()
            },
            "shows": list(self.shows),
            "masked": list(self.masked),
            "obligations": list(self.obligations),
            "errors": list(self.errors),
        }
        if self.differs is not None:
            answer |= {"agrees": not self.differs, "differs": list(self.differs)}
        return answer


def answer(
    scenario: Scenario, law: Law | None = None, switches: Mapping[Switch, bool] = DEFAULTS
) -> tuple[Answered, ...]:
    """Return the answer to each request of a scenario, under the law in force or the one given."""
    return tuple(_answered(scenario, asked, law, switches) for asked in scenario.requests)


def _answered(
    scenario: Scenario, asked: Asked, law: Law | None, switches: Mapping[Switch, bool]
) -> Answered:
    situation = Situation(scenario.facts, asked.request, switches)
    decisions = {name: decide(situation, scenario.items[name], law) for name in asked.items}
    found = decisions.values()
    # What is owed whether or not anything exists, so that an obligation is no answer (P3).
    always = obligations(situation, frozenset(), frozenset())
    owed = always.union(*(each.obligations for each in found))
    shows = {rung.value for each in found for rung in each.rungs}
    masked = {part for each in found for part in each.masked}
    differs = None
    if asked.expect is not None:
        differs = tuple(_differences(asked.expect, decisions, shows, masked, owed))
    return Answered(
        id=asked.id,
        situation=situation,
        decisions=decisions,
        explanations={
            name: explain(situation, scenario.items[name], each, law)
            for name, each in decisions.items()
        },
        shows=tuple(sorted(shows)),
        masked=tuple(sorted(masked)),
        obligations=tuple(sorted(each.value for each in owed)),
        errors=tuple(sorted({error for each in found for error in each.errors})),
        differs=differs,
    )


def _differences(
    expect: Expectation,
    decisions: Mapping[str, Decision],
    shows: set[str],
    masked: set[str],
    owed: frozenset[Obligation],
) -> Iterator[str]:
    for name, expected in expect.items.items():
        found = decisions[name]
        if found.outcome is not expected.outcome:
            yield f"{name}: expected {expected.outcome}, and the law answers {found.outcome}"
        if missing := [each for each in expected.basis if each not in found.basis]:
            cited = ", ".join(found.basis) or "nothing"
            yield f"{name}: expected {', '.join(missing)} to be cited; cited is {cited}"
    for what, wanted, have in (("shows", expect.shows, shows), ("masked", expect.masked, masked)):
        if set(wanted) != have:
            expected_text = ", ".join(sorted(wanted)) or "nothing"
            yield f"{what}: expected {expected_text}; it is {', '.join(sorted(have)) or 'nothing'}"
    if lacking := sorted(each.value for each in expect.obligations - owed):
        yield f"obligations: {', '.join(lacking)} was expected"
