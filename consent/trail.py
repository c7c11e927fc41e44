"""The trail of a decision: each section tried, each condition true, false or unknown, and why.

Source: DESIGN §2 (explanations are made from the conditions). It is made when somebody asks for it;
`consent.decide` needs none of it.
"""

from dataclasses import dataclass
from enum import StrEnum

from consent.because import looked_at, unknown, written
from consent.condition import Condition
from consent.facts import Item
from consent.law import Law, in_force
from consent.section import Section, Step
from consent.situation import Situation


class Verdict(StrEnum):
    """What a condition came to. Unknown counts as false (P5)."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One numbered condition of a section, tried, with the facts that it looked at."""

    number: int
    text: str
    verdict: Verdict
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """A step of a section that has something to say of the item, and its findings in order."""

    section: str
    title: str
    does: str
    held: bool
    findings: tuple[Finding, ...]


def trail(situation: Situation, item: Item, law: Law | None = None) -> tuple[Tried, ...]:
    """Return every step that applies to the item, in the order in which the law is walked."""
    sections = in_force(situation.day) if law is None else law
    return tuple(tried for section in sections for tried in _tried_in(situation, item, section))


def _tried_in(situation: Situation, item: Item, section: Section) -> list[Tried]:
    found, number = [], 0
    for step in section.steps:
        first, number = number + 1, number + len(step.conditions)
        if situation.operation in step.of and _applies(situation, item, step):
            findings = tuple(
                _finding(situation, item, condition, place)
                for place, condition in enumerate(step.conditions, start=first)
            )
            held = all(finding.verdict is Verdict.TRUE for finding in findings)
            found.append(Tried(section.citation, section.title, does(step), held, findings))
    return found


def _applies(situation: Situation, item: Item, step: Step) -> bool:
    return all(situation.of(each).holds(item) for each in step.applies)


def _finding(situation: Situation, item: Item, condition: Condition, number: int) -> Finding:
    try:
        predicate, looked = looked_at(situation, condition, item)
        holds = predicate.holds(item)
    except Exception as error:  # noqa: BLE001  # P5: a rule that raises denies, and says so
        return Finding(number, condition.text, Verdict.UNKNOWN, (type(error).__name__,))
    verdict = Verdict.TRUE if holds else Verdict.FALSE
    if unknown(situation, looked):
        verdict = Verdict.UNKNOWN if not holds else verdict
    facts = tuple(f"{name}: {written(value)}" for name, value in looked.items())
    return Finding(number, condition.text, verdict, facts)


def does(step: Step) -> str:
    """Return what a step does, in a few words."""
    if step.opens is None:
        return "closes" if step.kind.value == "gate" else "says when"
    if step.of.isdisjoint({"read", "list"}):
        named = (each.value.replace("_", " ") for each in step.of)
        return f"lets somebody {' or '.join(sorted(named))}"
    return f"opens {step.opens.value}"
