"""A condition: one requirement of a section, as a name, a sentence and a test.

The test turns a situation into a predicate over the item's columns: a constant where only the
reader, the person or the instant matters. One text serves `decide`, `scope`, SQL and `explain`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from consent.predicate import Predicate, all_of, any_of, constant, negate
from consent.situation import Situation

Test = Callable[[Situation], Predicate]


@dataclass(frozen=True, slots=True)
class Condition:
    """One requirement. `cites` names a further section that it rests on, where there is one."""

    name: str
    text: str
    test: Test
    cites: str | None = None


def fact(
    name: str, text: str, test: Callable[[Situation], bool], *, cites: str | None = None
) -> Condition:
    """Return a condition about reader, person, organisation or instant, the same for every item."""
    return Condition(name, text, lambda situation: constant(test(situation)), cites)


def either(*conditions: Condition) -> Condition:
    """Return the condition that at least one of them holds."""
    return Condition(
        " | ".join(each.name for each in conditions),
        " or ".join(each.text for each in conditions),
        lambda situation: any_of([situation.of(each) for each in conditions]),
    )


def both(*conditions: Condition) -> Condition:
    """Return the condition that all of them hold."""
    return Condition(
        " & ".join(each.name for each in conditions),
        " and ".join(each.text for each in conditions),
        lambda situation: all_of([situation.of(each) for each in conditions]),
    )


def unless(condition: Condition) -> Condition:
    """Return the condition that it does not hold."""
    return Condition(
        f"!{condition.name}",
        f"not: {condition.text}",
        lambda situation: negate(situation.of(condition)),
        condition.cites,
    )
