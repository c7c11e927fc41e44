"""Named claims, and how each is entered: what is presupposed, and what never happens with it.

Each is proved by a solver over the whole space: its denial has no solution. And each is about
something: what it presupposes has one. A claim that compares two worlds changes only what it names.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from consent.facts import Operation
from tests.prove.logic import Bool
from tests.prove.model import Model
from tests.prove.space import LAWS

In = Callable[[dict[str, Any]], Model]
"""The model of the world with some fields changed."""


@dataclass(frozen=True, slots=True)
class Claim:
    """`given` and then `never`: what is presupposed, and what never happens together with it.

    `says` is the claim for people, with its sections. `laws` are the versions that it is about.
    """

    name: str
    says: str
    build: Callable[[In], tuple[Bool, Bool]]
    laws: tuple[str, ...] = LAWS


CLAIMS: list[Claim] = []


def claim(
    says: str, *, laws: tuple[str, ...] = LAWS
) -> Callable[[Callable[[In], tuple[Bool, Bool]]], Callable[[In], tuple[Bool, Bool]]]:
    """Enter a claim under its function's name: it returns what is given, and what never is."""

    def enter(build: Callable[[In], tuple[Bool, Bool]]) -> Callable[[In], tuple[Bool, Bool]]:
        CLAIMS.append(Claim(build.__name__, says, build, laws))
        return build

    return enter


def reads(m: Model) -> Bool:
    """A person's record is read."""
    return m.lg.eq(m.w["op"], Operation.READ)


def does(m: Model, op: Operation) -> Bool:
    """The operation is carried out."""
    return m.lg.all(m.lg.eq(m.w["op"], op), m.answer.content)


def sees(m: Model) -> Bool:
    """Content is read."""
    return m.lg.all(reads(m), m.answer.content)


def shown(m: Model) -> Bool:
    """Content, or any rung, is seen."""
    return m.lg.all(reads(m), m.lg.any(m.answer.content, *m.answer.rungs.values()))
