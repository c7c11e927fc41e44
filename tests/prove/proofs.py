"""Proves the claims: for each law version, that a denial has no solution, and a premise has one."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import z3

from tests.prove.claims import CLAIMS, Claim
from tests.prove.logic import Solver
from tests.prove.model import Model
from tests.prove.space import FIELDS, LAWS

MINUTES_FOR_ONE = 5


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of a claim under a law: `proved`, or why not, with a world that shows it."""

    claim: str
    says: str
    law: str
    verdict: str
    seconds: float
    counterexample: dict[str, Any] | None = None

    @property
    def proved(self) -> bool:
        """Tell whether it holds, and is about something."""
        return self.verdict == "proved"


def prove(
    laws: Iterable[str] = LAWS,
    claims: Iterable[Claim] = CLAIMS,
    model: Callable[[Any, Any, str], Model] = Model,
) -> list[Proof]:
    """Return the proof of each claim under each law that it is about."""
    wanted = list(claims)
    return [_proof(each, law, model) for law in laws for each in wanted if law in each.laws]


def _proof(claim: Claim, law: str, model: Callable[[Any, Any, str], Model]) -> Proof:
    started = time.monotonic()
    logic = Solver()
    terms = {name: z3.Int(name) for name in FIELDS}
    domain = [
        z3.Or(*(terms[name] == logic.code(v) for v in values)) for name, values in FIELDS.items()
    ]
    given, never = claim.build(lambda changed: model(logic, {**terms, **_all(logic, changed)}, law))
    solver = z3.Solver()
    solver.set("timeout", MINUTES_FOR_ONE * 60_000)
    solver.add(*domain)
    solver.add(given)
    verdict, world = "proved", None
    if solver.check() != z3.sat:
        verdict = "about nothing: what it presupposes cannot be"
    else:
        solver.add(never)
        found = solver.check()
        if found == z3.sat:
            verdict = "refuted"
            answer = solver.model()
            world = {
                name: logic.value(answer.eval(term, model_completion=True).as_long())
                for name, term in terms.items()
            }
        elif found == z3.unknown:
            verdict = "not decided in time"
    return Proof(claim.name, claim.says, law, verdict, time.monotonic() - started, world)


def _all(logic: Solver, changed: dict[str, Any]) -> dict[str, Any]:
    return {name: z3.IntVal(logic.code(value)) for name, value in changed.items()}
