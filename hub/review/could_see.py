"""Who could see what: any reader, person, purpose and instant, decided with the trail, no content.

Source: DESIGN P8; PDL 4:2, 4:3. The one who asks is an owner, and learns of what that owner itself
holds and nothing of what others do. Of readers elsewhere it learns what each condition came to, and
not the facts that another organisation knows of the person.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from consent.decide import decide
from consent.decision import Decision, Outcome
from consent.explain import for_the_person
from consent.facts import (
    ActiveChoice,
    Capacity,
    Danger,
    Emergency,
    InfoType,
    Item,
    Purpose,
    Reader,
    Regime,
)
from consent.situation import Situation
from consent.trail import Tried, trail
from hub.config.organisation import Assignment
from hub.situated import known_now, situated
from hub.stated import Stated
from hub.store.directory import Directory
from hub.store.facts import facts_of
from hub.store.items import items_owned

IN_DANGER = Emergency(Danger.LIFE, consent_obtainable=False, absolutely_needed=True)


@dataclass(frozen=True, slots=True)
class Question:
    """Who is asked about, for what, and when. `emergency`: if life had been in danger."""

    user: str
    organisation: str
    purpose: Purpose
    at: datetime
    emergency: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """Items that are decided alike, how many they are, and the trail of one of them."""

    owner: str
    unit: str | None
    regime: Regime
    info_type: InfoType
    number: int
    decision: Decision
    sentence: str
    trail: tuple[Tried, ...]


@dataclass(frozen=True, slots=True)
class Could:
    """The answer: the assignment that would have been used, None where there is none."""

    assignment: Assignment | None
    valid: bool
    kinds: tuple[Kind, ...]

    @property
    def permitted(self) -> int:
        """Return how many items would have been shown."""
        return sum(e.number for e in self.kinds if e.decision.outcome is Outcome.PERMIT)


def could_see(
    connection: Connection,
    known: Directory,
    persons: Sequence[str],
    owners: frozenset[str],
    question: Question,
) -> Could:
    """Return what of these owners' documentation the reader could see, who took every step."""
    assignment = _assignment(known, question)
    if assignment is None:
        return Could(None, valid=False, kinds=())
    situation, valid = _situation(connection, known, persons, question, assignment)
    inside = question.organisation in owners
    found: dict[tuple[object, ...], list[Item]] = {}
    decisions: dict[str, Decision] = {}
    for item in items_owned(connection, persons, sorted(owners)):
        decision = decisions[item.id] = decide(situation, item)
        alike = (item.owner, item.unit or "", item.regime, item.info_type)
        key = (*alike, decision.outcome, decision.basis)
        found.setdefault(key, []).append(item)
    kinds = [_kind(situation, items, decisions, inside=inside) for items in found.values()]
    ordered = sorted(kinds, key=lambda e: (e.owner, e.unit or "", e.regime, e.info_type))
    return Could(assignment, valid, tuple(ordered))


def _situation(
    connection: Connection,
    known: Directory,
    persons: Sequence[str],
    question: Question,
    assignment: Assignment,
) -> tuple[Situation, bool]:
    before = known_now(facts_of(connection, persons), known)
    valid = assignment.period.holds(question.at) and question.purpose in assignment.purposes
    reader = Reader(
        question.user,
        question.organisation,
        assignment.as_,
        authority=assignment.authority,
        unit=assignment.unit,
        process=assignment.process,
        assignment_valid=valid,
        takes_part=False,
    )
    stated = Stated(
        purpose=question.purpose,
        active_choice=ActiveChoice.CONTENT,
        relevance=True,
        necessary=question.emergency,
        organisations=frozenset(known.organisations),
        emergency=IN_DANGER if question.emergency else Emergency(),
    )
    return situated(before, reader, stated, question.at, question.purpose)[0], valid


def _kind(
    situation: Situation, items: Sequence[Item], decisions: dict[str, Decision], *, inside: bool
) -> Kind:
    first = items[0]
    steps = trail(situation, first)
    if not inside:
        steps = tuple(
            replace(step, findings=tuple(replace(each, because=()) for each in step.findings))
            for step in steps
        )
    return Kind(
        first.owner,
        first.unit,
        first.regime,
        first.info_type,
        len(items),
        decisions[first.id],
        for_the_person(situation, decisions[first.id]),
        steps,
    )


def _assignment(known: Directory, question: Question) -> Assignment | None:
    """The assignment that fits best: one in force for the purpose, else one in force, else any."""
    reading = [
        each
        for each in known.assignments(question.organisation, question.user)
        if each.as_ is not Capacity.AUDITOR
    ]

    def fit(each: Assignment) -> tuple[bool, bool]:
        return each.period.holds(question.at), question.purpose in each.purposes

    return max(reading, key=fit, default=None)
