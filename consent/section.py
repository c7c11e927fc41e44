"""A section of an act: its citation, its dates in force, and its steps of numbered conditions.

A step is one of three things. A *gate* closes an item altogether when a condition of it fails. A
*standard* says when an item meets a section that others refer to ("unblocked", "may be made
available"). An *opening* gives the reader one rung of the ladder, or content; where a section opens
in steps for the same readers, each step needs those before it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from consent.condition import Condition, both, either
from consent.facts import READING, Operation


class Opens(StrEnum):
    """The rungs of the ladder, and content (SVOD 2:4, 2:5, 3:3-3:6; PDL 4:4, 4:5)."""

    U0 = "U0"
    U1 = "U1"
    B0 = "B0"
    B1 = "B1"
    I0 = "I0"
    I1 = "I1"
    CONTENT = "content"


RUNGS = (Opens.U0, Opens.U1, Opens.B0, Opens.B1, Opens.I0, Opens.I1)


class StepKind(StrEnum):
    """What a step does."""

    GATE = "gate"
    STANDARD = "standard"
    OPENING = "opening"


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """Numbered conditions and what they decide. It has nothing to say where `applies` fails.

    `of` are the operations that it is about. An opening of content says, of an operation other
    than reading, that it is carried out. `also` are further sections that a gate rests on.
    """

    kind: StepKind
    conditions: tuple[Condition, ...]
    applies: tuple[Condition, ...] = ()
    opens: Opens | None = None
    of: frozenset[Operation] = READING
    also: tuple[str, ...] = ()


# INVARIANT: sections are one object each, compared by identity; a law is compiled by it.
@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """One section of an act as data. `residual`: it closes what no other section opened.

    `title` says in English what it is about, `plain` in Swedish, as a clause for people.
    """

    citation: str
    title: str
    plain: str
    steps: tuple[Step, ...]
    in_force: date
    until: date | None = None
    residual: tuple[Condition, ...] | None = None

    def applies_on(self, day: date) -> bool:
        """Tell whether it is in force on a day; `until` is the first day that it is not."""
        return self.in_force <= day and (self.until is None or day < self.until)

    def numbered(self) -> list[tuple[int, Step, Condition]]:
        """Return the conditions in the statute's order with their numbers, from 1."""
        pairs = [(step, condition) for step in self.steps for condition in step.conditions]
        return [(number, *pair) for number, pair in enumerate(pairs, start=1)]


def gate(
    *conditions: Condition,
    applies: Sequence[Condition] = (),
    of: Iterable[Operation] = READING,
    also: Iterable[str] = (),
) -> Step:
    """Return a step that closes an item when it applies and any condition fails."""
    return Step(StepKind.GATE, conditions, tuple(applies), of=frozenset(of), also=tuple(also))


def standard(*conditions: Condition, applies: Sequence[Condition] = ()) -> Step:
    """Return a step that other sections refer to through `meets`."""
    return Step(StepKind.STANDARD, conditions, tuple(applies))


def opens(rung: Opens, *conditions: Condition, applies: Sequence[Condition] = ()) -> Step:
    """Return a step that opens a rung, or content, when every condition holds."""
    return Step(StepKind.OPENING, conditions, tuple(applies), rung)


def allows(operation: Operation, *conditions: Condition, applies: Sequence[Condition] = ()) -> Step:
    """Return a step by which an operation is carried out when every condition holds."""
    of = frozenset({operation})
    return Step(StepKind.OPENING, conditions, tuple(applies), Opens.CONTENT, of)


def meets(section: Section) -> Condition:
    """Return the condition that an item meets a section's standard; a failure cites the section."""
    conditions = [
        condition
        for step in section.steps
        if step.kind is StepKind.STANDARD
        for condition in step.conditions
    ]
    return replace(
        both(*conditions),
        name=f"meets {section.citation}",
        text=section.title,
        cites=section.citation,
    )


def opened_by(section: Section) -> Condition:
    """Return the condition that a section opens the item's content to the reader by itself."""
    ways = [
        both(*step.applies, *step.conditions)
        for step in section.steps
        if step.opens is Opens.CONTENT and step.of == READING
    ]
    return replace(
        either(*ways),
        name=f"opened by {section.citation}",
        text=f"the content is open under {section.citation}",
    )
