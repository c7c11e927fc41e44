"""One mutant for each numbered condition of each section: the law without that condition.

A mutant is killed by a scenario that expects something else, or by a world near a place of the law
where it answers otherwise than the law does, and so than the model.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random

from consent.condition import Condition, Join, both, either, fact, unless
from consent.decide import decide
from consent.decision import Decision
from consent.facts import Item
from consent.law import SECTIONS, Law, in_force
from consent.section import Section, Step, StepKind
from consent.situation import Situation
from hub.scenario.answer import answer
from hub.scenario.scenario import Scenario, read_scenario
from tests.prove.concrete import item_of, law_of, situation_of
from tests.prove.places import NAMES, random_world, worlds_beside
from tests.prove.space import LAWS

SCENARIOS = Path(__file__).parents[1] / "law"
DRAWN = 20_000
JOINS = {Join.ALL: both, Join.ANY: either, Join.NOT: unless}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A section without one of its conditions."""

    section: Section
    number: int
    step: Step
    condition: Condition

    @property
    def name(self) -> str:
        """The condition as it is cited: section, since when, and number."""
        return f"{self.section.citation} ({self.section.in_force.isoformat()}) {self.number}"


@dataclass(frozen=True, slots=True)
class Fate:
    """What killed a mutant: a scenario's request, or a world; None: nothing did."""

    mutant: str
    text: str
    killed_by: str | None


@dataclass(frozen=True, slots=True)
class _Case:
    """A situation and an item, with what the law decides."""

    name: str
    law: Law
    situation: Situation
    item: Item
    decision: Decision


def mutants() -> Iterator[Mutant]:
    """Yield one for each numbered condition of the sections that are or were in force."""
    for section in SECTIONS:
        for number, step, condition in section.numbered():
            yield Mutant(section, number, step, condition)


def fate(mutant: Mutant) -> Fate:
    """Return what kills the mutant, the scenarios first."""
    killer = _killing_scenario(mutant) or _killing_world(mutant)
    return Fate(mutant.name, mutant.condition.text, killer)


def without(mutant: Mutant, law: Law) -> Law:
    """The law without the condition: in its section, and where others refer to it as a standard."""
    step = mutant.step
    kept = tuple(each for each in step.conditions if each is not mutant.condition)
    steps = tuple(
        replace(each, conditions=kept) if each is step else each for each in mutant.section.steps
    )
    section = replace(mutant.section, steps=steps)
    made = tuple(section if each is mutant.section else each for each in law)
    if step.kind is not StepKind.STANDARD:
        return made
    return tuple(_referring(each, mutant) for each in made)


def _referring(section: Section, mutant: Mutant) -> Section:
    """The section, whose conditions "meets" the mutant's section without the one condition."""
    standard = f"meets {mutant.section.citation}"

    def cut(condition: Condition) -> Condition:
        if condition.join is None:
            return condition
        of_it = condition.name == standard
        parts = [
            NOTHING if of_it and each is mutant.condition else cut(each) for each in condition.parts
        ]
        if all(one is other for one, other in zip(parts, condition.parts, strict=True)):
            return condition
        made = JOINS[condition.join](*parts)
        return replace(made, name=condition.name, text=condition.text, cites=condition.cites)

    def step(each: Step) -> Step:
        return replace(
            each,
            conditions=tuple(cut(one) for one in each.conditions),
            applies=tuple(cut(one) for one in each.applies),
        )

    return replace(section, steps=tuple(step(each) for each in section.steps))


NOTHING = fact("mutant.nothing", "nothing is asked", lambda _: True)


def _killing_scenario(mutant: Mutant) -> str | None:
    for scenario, cases in _told():
        for case in _otherwise(mutant, cases):
            answered = answer(scenario, without(mutant, case.law))
            if any(each.id == case.name and each.differs for each in answered):
                return f"scenario {scenario.id}, request {case.name}"
    return None


def _killing_world(mutant: Mutant) -> str | None:
    for case in _otherwise(mutant, _worlds()):
        return case.name
    return None


def _otherwise(mutant: Mutant, cases: Sequence[_Case]) -> Iterator[_Case]:
    """Yield the cases in which the law without the condition says something else."""
    made: dict[Law, Law] = {}
    for case in cases:
        if mutant.section not in case.law:
            continue
        if case.law not in made:
            made[case.law] = without(mutant, case.law)
        if decide(case.situation, case.item, made[case.law]) != case.decision:
            yield case


@cache
def _told() -> tuple[tuple[Scenario, tuple[_Case, ...]], ...]:
    """The project's scenarios, with a case for each request and item that expects something."""
    found = []
    for file in sorted(SCENARIOS.glob("L*.yaml")):
        scenario = read_scenario(file)
        cases = []
        for asked in scenario.requests:
            situation = Situation(scenario.facts, asked.request)
            law = in_force(situation.day)
            cases += [_case(asked.id, law, situation, scenario.items[name]) for name in asked.items]
        found.append((scenario, tuple(cases)))
    return tuple(found)


@cache
def _worlds() -> tuple[_Case, ...]:
    """Each world that differs from a place in one field, and many drawn around them."""
    found = []
    for law in LAWS:
        sections = law_of(law)
        rng = Random(1)  # noqa: S311  # worlds are not secrets
        beside = [(f"beside: {name}", w) for name in NAMES for w in worlds_beside(name, law)]
        drawn = [("drawn with seed 1", random_world(rng, law)) for _ in range(DRAWN // len(LAWS))]
        found += [
            _case(f"a world under {law}, {name}", sections, situation_of(w, law), item_of(w, law))
            for name, w in beside + drawn
        ]
    return tuple(found)


def _case(name: str, law: Law, situation: Situation, item: Item) -> _Case:
    return _Case(name, law, situation, item, decide(situation, item, law))
