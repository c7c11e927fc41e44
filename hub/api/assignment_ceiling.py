"""The reach of a reader's assignment as a ceiling over what the law permits.

Source: hub.auth.commission (HSA's `commissionRight`); PDL 4:2. A clause before all others: what
lies outside the reach is denied whatever follows, and shows no rung.
"""

from dataclasses import replace

from consent.predicate import FALSE, Column, Predicate, all_of, equals, negate
from consent.scope import Clause, Scope
from hub.auth.commission import Reach
from hub.auth.reader import Caller

GROUND = "commissionRight"


def within_reach(found: Scope, caller: Caller) -> Scope:
    """Return the scope, narrowed to what the caller's assignment reaches."""
    if caller.reach is Reach.BETWEEN or found.errors:
        return found
    inside = _inside(caller)
    outside = Clause(permits=False, when=negate(inside), ground=GROUND)
    rungs = [
        replace(rung, when=when)
        for rung in found.rungs
        if (when := all_of([inside, rung.when])) != FALSE
    ]
    return replace(found, clauses=(outside, *found.clauses), rungs=tuple(rungs))


def _inside(caller: Caller) -> Predicate:
    if caller.reach is Reach.NOTHING:
        return FALSE
    own = equals(Column.OWNER, caller.organisation)
    if caller.reach is Reach.CAREGIVER:
        return own
    return all_of([own, equals(Column.UNIT, caller.unit)])
