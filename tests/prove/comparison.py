"""Holds the code to the model: every world near a place, and worlds drawn at random.

A world is near a place when it differs in at most two fields; these are all tried. Beyond, worlds
are drawn around the places with a seed, so that a difference can be found again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import Any

from consent.decide import decide
from consent.decision import Outcome
from consent.law import Law
from tests.prove.concrete import item_of, law_of, situation_of
from tests.prove.logic import Plain
from tests.prove.model import Model
from tests.prove.places import place, random_world, worlds_beside, worlds_near
from tests.prove.space import World

PLAIN = Plain()


@dataclass(frozen=True, slots=True)
class Compared:
    """How many worlds were tried of a kind, how they were answered, and the first that differed."""

    kind: str
    worlds: int
    permitted: int
    metadata: int
    differing: int
    first: str | None = None


def answers(world: World, name: str, law: Law) -> tuple[bool, frozenset[str], tuple[str, ...]]:
    """What the code answers: content, rungs and errors."""
    decision = decide(situation_of(world, name), item_of(world, name), law)
    rungs = frozenset(each.value for each in decision.rungs)
    return decision.outcome is Outcome.PERMIT, rungs, decision.errors


def modelled(world: World, name: str) -> tuple[bool, frozenset[str], tuple[str, ...]]:
    """What the model answers, in the same form; it knows no errors."""
    answer = Model(PLAIN, world, name).answer
    return answer.content, frozenset(r for r, shown in answer.rungs.items() if shown), ()


def near(name: str, law: str) -> Compared:
    """Every world that differs from a place in at most two fields."""
    return _compared(f"near: {name}", worlds_near(name, law), law)


def beside(name: str, law: str) -> Compared:
    """Every world that differs from a place in at most one field."""
    return _compared(f"beside: {name}", worlds_beside(name, law), law)


def drawn(seed: int, law: str, number: int) -> Compared:
    """So many worlds around the places, from a seed."""
    rng = Random(seed)  # noqa: S311  # worlds are not secrets
    worlds = (random_world(rng, law) for _ in range(number))
    return _compared(f"drawn with seed {seed}", worlds, law)


def _compared(kind: str, worlds: Iterator[World], law: str) -> Compared:
    sections = law_of(law)
    tried = permitted = metadata = differing = 0
    first = None
    for world in worlds:
        tried += 1
        code, model = answers(world, law, sections), modelled(world, law)
        permitted += code[0]
        metadata += bool(code[1]) and not code[0]
        if code != model:
            differing += 1
            first = first or _told(world, code, model, law)
    return Compared(kind, tried, permitted, metadata, differing, first)


def _told(world: World, code: Any, model: Any, law: str) -> str:  # noqa: ANN401  # any answers
    """The difference, with the fields in which the world departs from the nearest place."""
    start = place("care with consent", law)
    departs = {name: value for name, value in world.items() if value != start[name]}
    departs = {k: str(v) for k, v in islice(departs.items(), 60)}
    return f"the code answers {code}, the model {model}, where {departs}"
