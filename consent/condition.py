"""A condition: one requirement of a section, as a name, a sentence and a test.

The test turns a situation into a predicate over the item's columns: a constant where only the
reader, the person or the instant matters. One text serves `decide`, `scope`, SQL and `explain`.
Conditions that are joined remember their parts, so that one item is decided part by part, and what
only the situation decides is asked without a predicate.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from consent.facts import Capacity
from consent.predicate import Predicate, all_of, any_of, constant, negate
from consent.situation import Situation

Test = Callable[[Situation], Predicate]


class Join(Enum):
    """How a condition is made of others."""

    ANY = "any"
    ALL = "all"
    NOT = "not"


# INVARIANT: conditions are one object each, compared by identity; a law is compiled by it.
@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """One requirement. `cites` names a further section that it rests on, where there is one.

    `fact` is the test of a condition that no item changes, `fixed` the predicate of one that no
    situation changes; `capacities` are those in which a reader has to act for it, where that is all
    it asks.
    """

    name: str
    text: str
    test: Test
    cites: str | None = None
    fact: Callable[[Situation], bool] | None = None
    fixed: Predicate | None = None
    capacities: frozenset[Capacity] | None = None
    join: Join | None = None
    parts: tuple["Condition", ...] = ()


def fact(
    name: str,
    text: str,
    test: Callable[[Situation], bool],
    *,
    cites: str | None = None,
    capacities: frozenset[Capacity] | None = None,
) -> Condition:
    """Return a condition about reader, person, organisation or instant, the same for every item."""
    return Condition(
        name,
        text,
        lambda situation: constant(test(situation)),
        cites,
        fact=test,
        capacities=capacities,
    )


def of_item(name: str, text: str, predicate: Predicate, *, cites: str | None = None) -> Condition:
    """Return a condition about the item alone, the same in every situation."""
    return Condition(name, text, lambda _: predicate, cites, fixed=predicate)


def acts_as(name: str, text: str, *capacities: Capacity) -> Condition:
    """Return the condition that the reader acts in one of these capacities."""
    wanted = frozenset(capacities)
    return fact(name, text, lambda s: s.request.reader.as_ in wanted, capacities=wanted)


def either(*conditions: Condition) -> Condition:
    """Return the condition that at least one of them holds."""
    return Condition(
        " | ".join(each.name for each in conditions),
        " or ".join(each.text for each in conditions),
        lambda situation: any_of([situation.of(each) for each in conditions]),
        join=Join.ANY,
        parts=conditions,
    )


def both(*conditions: Condition) -> Condition:
    """Return the condition that all of them hold."""
    return Condition(
        " & ".join(each.name for each in conditions),
        " and ".join(each.text for each in conditions),
        lambda situation: all_of([situation.of(each) for each in conditions]),
        join=Join.ALL,
        parts=conditions,
    )


def called(text: str, condition: Condition) -> Condition:
    """Return a joined condition under a sentence of its own."""
    return replace(condition, text=text)


def unless(condition: Condition) -> Condition:
    """Return the condition that it does not hold."""
    return Condition(
        f"!{condition.name}",
        f"not: {condition.text}",
        lambda situation: negate(situation.of(condition)),
        condition.cites,
        join=Join.NOT,
        parts=(condition,),
    )
