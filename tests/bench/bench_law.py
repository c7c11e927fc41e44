"""The decision and the scope, beside two policy engines on the same facts (DESIGN §7 rows 1 and 2).

The engines are given what they can express of SVOD 3:1: relation, purpose, consent, relevance, and
a block that forbids. They cite nothing, know no rungs and no obligations, and their answers are
asserted to be ours. Figures are of one process; "in a record" keeps the situation between items.
Single questions are timed in processor time, so that a percentile is not of the other work there.
"""

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import casbin
import cedarpy

from consent.decide import decide
from consent.decision import Outcome
from consent.facts import (
    BlockKind,
    Capacity,
    Facts,
    Giver,
    Item,
    Kind,
    Organisation,
    Reader,
    Relation,
    RelationKind,
    RelationState,
    Request,
    Samtycke,
    Sparr,
)
from consent.period import Period
from consent.scope import scope
from consent.sieve import sieve
from consent.situation import Situation
from tests.bench.row import Row

AT = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
TIMES, RECORD = 4_000, 5_000
CARE = frozenset({Kind.VARDGIVARE})
OWNERS = ("RegionA", "RegionB", "ClinicC")
FACTS = Facts(
    organisations={name: Organisation(name, CARE) for name in OWNERS},
    relations=(Relation("RegionA", RelationKind.PATIENT, RelationState.CURRENT),),
    consents=(Samtycke(Giver.SELF, "RegionA", answer=True, unit="Medicine"),),
    blocks=(Sparr("b1", BlockKind.OUTER, "ClinicC"),),
)
REQUEST = Request(Reader("NurseY", "RegionA", Capacity.VARDPERSONAL, unit="Medicine"), AT)
READABLE, BLOCKED = Item("i1", "RegionB"), Item("i2", "ClinicC")

CEDAR = """
permit(principal, action == Action::"read", resource) when {
  context.purpose == "vard" && principal.current_patient && principal.consent && context.relevant
  && resource.regime == "HSL" && resource.informed && resource.available };
forbid(principal, action, resource) when { resource.blocked };
"""
CASBIN = """
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub_rule, act
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.act == p.act && eval(p.sub_rule)
"""
RULE = (
    "r.sub['purpose'] == 'vard' and r.sub['current_patient'] and r.sub['consent']"
    " and r.sub['relevant'] and r.obj['regime'] == 'HSL' and r.obj['informed']"
    " and r.obj['available'] and not r.obj['blocked']"
)


def rows() -> Iterator[Row]:
    """Yield the times of a decision and of a scope, and the engines' for the same question."""
    ours = _sorted(lambda: decide(Situation(FACTS, REQUEST), READABLE))
    kept = Situation(FACTS, REQUEST)
    again = _sorted(lambda: decide(kept, READABLE))
    yield Row("decision, facts met for the first time, p99", _p99(ours), "µs", most=50)
    yield Row("the same, median", _median(ours), "µs")
    yield Row("decision for one item in a record, p99", _p99(again), "µs", most=50)
    yield Row("the same, median", _median(again), "µs")
    yield Row(f"scope of a record of {RECORD:,} items, made and applied", _scope(), "ms", most=10)
    for name, ask in (("cedarpy", _cedar()), ("casbin", _casbin())):
        assert ask(READABLE) is _permits(READABLE), name
        assert ask(BLOCKED) is _permits(BLOCKED), name
        theirs = _sorted(lambda ask=ask: ask(READABLE))  # type: ignore[misc]
        yield Row(f"{name}, a part of SVOD 3:1 alone, p99", _p99(theirs), "µs")
        ratio = _median(ours) / _median(theirs)
        yield Row(f"our whole decision beside {name}'s, medians", ratio, f"x {name}")


def _permits(item: Item) -> bool:
    return decide(Situation(FACTS, REQUEST), item).outcome is Outcome.PERMIT


def _scope() -> float:
    items = [
        replace(
            READABLE,
            id=str(number),
            owner=OWNERS[number % len(OWNERS)],
            unit=f"unit{number % 40}",
            date=Period(AT - timedelta(days=number), AT - timedelta(days=number - 1)),
        )
        for number in range(RECORD)
    ]
    best = float("inf")
    for _ in range(20):
        start = time.perf_counter()
        judged = sieve(scope(Situation(FACTS, REQUEST)), items)
        best = min(best, time.perf_counter() - start)
    assert len(judged) == RECORD
    return best * 1e3


def _attributes(item: Item) -> dict[str, object]:
    blocked = any(block.owner == item.owner for block in FACTS.blocks)
    return {
        "regime": item.regime.value,
        "informed": item.informed,
        "available": item.availability.value == "2:4",
        "blocked": blocked,
    }


def _cedar() -> Callable[[Item], bool]:
    reader = {"current_patient": True, "consent": True}
    policies = cedarpy.PolicySet.from_str(CEDAR)

    def ask(item: Item) -> bool:
        asked = {
            "principal": 'User::"NurseY"',
            "action": 'Action::"read"',
            "resource": f'Item::"{item.id}"',
            "context": {"purpose": REQUEST.purpose.value, "relevant": REQUEST.relevance},
        }
        entities = [
            {"uid": {"type": "User", "id": "NurseY"}, "attrs": reader, "parents": []},
            {"uid": {"type": "Item", "id": item.id}, "attrs": _attributes(item), "parents": []},
        ]
        return bool(cedarpy.is_authorized(asked, policies, entities).allowed)

    return ask


def _casbin() -> Callable[[Item], bool]:
    model = casbin.Model()
    model.load_model_from_text(CASBIN)
    enforcer = casbin.Enforcer(model)
    enforcer.add_policy(RULE, "read")
    reader = {
        "purpose": REQUEST.purpose.value,
        "current_patient": True,
        "consent": True,
        "relevant": REQUEST.relevance,
    }
    return lambda item: bool(enforcer.enforce(reader, _attributes(item), "read"))


def _sorted(do: Callable[[], object]) -> list[float]:
    for _ in range(200):
        do()
    gc.collect()
    taken = []
    for _ in range(TIMES):
        start = time.thread_time_ns()
        do()
        taken.append(time.thread_time_ns() - start)
    return sorted(each / 1e3 for each in taken)


def _median(taken: list[float]) -> float:
    return taken[len(taken) // 2]


def _p99(taken: list[float]) -> float:
    return taken[len(taken) * 99 // 100]
