"""A law as the steps that can have something to say of one operation, to one kind of reader.

Compiled once for each law, operation, capacity and side, and kept: most of the law is about other
readers. What a condition asks of the reader's capacity, and of whether the item is the reader's own
organisation's, is settled here; the rest is left to be asked. Nothing is decided otherwise for it.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from consent.condition import Condition, Join, both, either, unless
from consent.facts import Capacity, Operation
from consent.item import own_as_omsorgsgivare, own_as_vardgivare
from consent.law import Law
from consent.section import Opens, Section, Step, StepKind

PLANS_KEPT = 256
OWN = {Capacity.VARDPERSONAL: own_as_vardgivare, Capacity.OMSORGSPERSONAL: own_as_omsorgsgivare}
CONDITIONS_KEPT = 8192


class Side(NamedTuple):
    """In which capacity somebody reads, and whether the item is their own organisation's in it."""

    capacity: Capacity
    own: bool


@dataclass(frozen=True, slots=True)
class Planned:
    """A step of a section, with what is left to be asked, and its group of building steps.

    `conditions` is None where the step cannot hold.
    """

    section: Section
    step: Step
    applies: tuple[Condition, ...]
    conditions: tuple[Condition, ...] | None
    is_gate: bool
    opens: Opens
    group: int


@lru_cache(maxsize=PLANS_KEPT)
def plan(law: Law, operation: Operation, side: Side) -> tuple[Planned, ...]:
    """Return the steps, in the order of the walk, that may apply; standards decide nothing."""
    found: list[Planned] = []
    groups: dict[tuple[Section, tuple[Condition, ...]], int] = {}
    for section in law:
        for step in section.steps:
            applies = left(step.applies, side)
            conditions = left(step.conditions, side)
            idle = step.kind is StepKind.STANDARD or (step.opens is None and conditions == ())
            if operation not in step.of or applies is None or idle:
                continue
            found.append(
                Planned(
                    section,
                    step,
                    applies,
                    conditions,
                    step.kind is StepKind.GATE,
                    step.opens or Opens.CONTENT,
                    groups.setdefault((section, step.applies), len(groups)),
                )
            )
    return tuple(found)


def left(conditions: tuple[Condition, ...], side: Side) -> tuple[Condition, ...] | None:
    """Return what is left to be asked of this reader; None where one of them cannot hold."""
    settled = [_settled(each, side) for each in conditions]
    if any(each is False for each in settled):
        return None
    return tuple(each for each in settled if isinstance(each, Condition))


@lru_cache(maxsize=CONDITIONS_KEPT)
def _settled(condition: Condition, side: Side) -> Condition | bool:
    """Return the condition as it is left for this reader, or what it comes to."""
    if condition.capacities is not None:
        return side.capacity in condition.capacities
    if condition in OWN.values():
        return side.own and OWN.get(side.capacity) is condition
    if condition.join is None:
        return condition
    parts = [_settled(part, side) for part in condition.parts]
    if condition.join is Join.NOT:
        (part,) = parts
        return unless(part) if isinstance(part, Condition) else not part
    decides = condition.join is Join.ANY
    if any(part is decides for part in parts):
        return decides
    asked = tuple(part for part in parts if isinstance(part, Condition))
    if not asked:
        return not decides
    if len(asked) == 1:
        return asked[0]
    return either(*asked) if decides else both(*asked)
