"""The decision for a whole record: ordered clauses over item columns, each with its ground.

Made from the same sections as `consent.decide`. A gate becomes a deny clause, an opening a permit
clause or the predicate of a rung; what only the situation decides is settled here, once. The first
clause that is true of an item decides it; an item that no clause is true of is denied.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from consent.condition import Condition
from consent.facts import Facts, Item
from consent.law import Law, in_force, next_change, version
from consent.period import Period, instant
from consent.predicate import FALSE, TRUE, Predicate, all_of, any_of, negate
from consent.section import RUNGS, Opens, Section, Step, StepKind
from consent.situation import Situation


@dataclass(frozen=True, slots=True)
class Clause:
    """Items of which `when` is true are permitted, or denied, by the section cited."""

    permits: bool
    when: Predicate
    ground: str


@dataclass(frozen=True, slots=True)
class Rung:
    """Items of which `when` is true show this rung, by the section cited."""

    opens: Opens
    when: Predicate
    ground: str


@dataclass(frozen=True, slots=True)
class Scope:
    """What one reader may see of one record: first the clauses, then the rungs.

    `valid_until` is the nearest instant at which a fact that was used begins or ends (aware; None:
    never); after it the scope must be made anew. A scope with errors permits nothing. `forms` keeps
    what others have made of the clauses (a filter, a query), so that it is made once.
    """

    clauses: tuple[Clause, ...]
    rungs: tuple[Rung, ...]
    law: str
    valid_until: datetime | None
    errors: tuple[str, ...] = ()
    forms: dict[Any, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    def ground(self, item: Item) -> str | None:
        """Return the section under which the content of `item` is permitted, or None."""
        for clause in self.clauses:
            if clause.when.holds(item):
                return clause.ground if clause.permits else None
        return None

    def shows(self, item: Item) -> frozenset[Opens]:
        """Return the rungs that `item` shows."""
        return frozenset(rung.opens for rung in self.rungs if rung.when.holds(item))

    @property
    def empty(self) -> bool:
        """Tell whether no item whatever can be permitted."""
        return not any(clause.permits for clause in self.clauses)


def scope(situation: Situation, law: Law | None = None) -> Scope:
    """Return what the reader may see of the person's record at the request's instant."""
    sections = in_force(situation.day) if law is None else law
    name = version(sections) + situation.otherwise
    try:
        closed, opened = _closings(situation, sections), _openings(situation, sections)
    except RuleRaised as wrong:  # P5: whatever goes wrong in a rule, it denies
        return Scope((), (), name, None, errors=(str(wrong),))
    permits = [Clause(True, when, by) for step, when, by in opened if step is Opens.CONTENT]
    hidden = any_of(clause.when for clause in closed)
    rungs = [
        Rung(rung, when, by)
        for rung in RUNGS
        for step, each, by in opened
        if step is rung and (when := all_of([negate(hidden), each])) != FALSE
    ]
    until = valid_until(situation.facts, situation.request.at)
    if (change := next_change(situation.day)) is not None:
        until = min(filter(None, (until, instant(change))))
    return Scope(tuple(_cut([*closed, *permits])), tuple(rungs), name, until)


class RuleRaised(Exception):  # it is what happened
    """A rule raised: the section, and the kind of the error."""


def _closings(situation: Situation, law: Iterable[Section]) -> list[Clause]:
    found = []
    for section, step, applies, held in _asked(situation, law):
        if step.kind is StepKind.GATE:
            when = all_of([applies, negate(held)])
            if when != FALSE:
                found.append(Clause(permits=False, when=when, ground=section.citation))
    return found


def _openings(situation: Situation, law: Iterable[Section]) -> list[tuple[Opens, Predicate, str]]:
    found = []
    earlier: dict[tuple[str, tuple[Condition, ...]], Predicate] = {}
    for section, step, applies, held in _asked(situation, law):
        if step.kind is StepKind.OPENING and step.opens is not None:
            group = (section.citation, step.applies)
            earlier[group] = built = all_of([earlier.get(group, TRUE), held])
            when = all_of([applies, built])
            if when != FALSE:
                found.append((step.opens, when, section.citation))
    return found


def _asked(
    situation: Situation, law: Iterable[Section]
) -> Iterator[tuple[Section, Step, Predicate, Predicate]]:
    """Yield each step that may apply, what its reach comes to, and what its conditions do."""
    for section in law:
        for step in section.steps:
            if situation.operation not in step.of:
                continue
            try:
                applies = _all(situation, step.applies)
                held = FALSE if applies == FALSE else _all(situation, step.conditions)
            except Exception as error:
                raise RuleRaised(f"{section.citation}: {type(error).__name__}") from error
            if applies != FALSE:
                yield section, step, applies, held


def _all(situation: Situation, conditions: Iterable[Condition]) -> Predicate:
    return all_of(situation.of(each) for each in conditions)


def _cut(clauses: Iterable[Clause]) -> Iterable[Clause]:
    """Leave out what can never be reached: everything after a clause that is always true."""
    for clause in clauses:
        yield clause
        if clause.when == TRUE:
            return


def valid_until(facts: Facts, at: datetime) -> datetime | None:
    """Return the nearest start or end, after `at`, of any fact that a decision may use."""
    periods: list[Period] = [
        *(each.period for each in facts.relations),
        *(each.period for each in facts.consents),
        *(each.period for each in facts.lifts),
    ]
    edges = [edge for each in periods for edge in (each.start, each.end)]
    edges += [each.withdrawn_at for each in facts.consents]
    edges += [each.set_at for each in facts.blocks]
    edges.append(facts.person.deceased)
    return min((edge for edge in edges if edge is not None and edge > at), default=None)
