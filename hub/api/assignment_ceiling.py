"""The rights of a reader's assignment as a ceiling over what the law permits.

Source: hub.auth.commission_right (HSA's `commissionRight`); PDL 4:2. A clause before all others:
what the rights do not cover is denied whatever follows, and shows no rung.
"""

from collections.abc import Iterable
from dataclasses import replace

from consent.predicate import FALSE, TRUE, Column, Predicate, all_of, any_of, equals, negate
from consent.scope import Clause, Scope
from hub.auth.commission_right import ALL, BETWEEN, CAREGIVER, HOLDS, UNIT, Right
from hub.auth.reader import Caller

GROUND = "commissionRight"


def within_rights(found: Scope, caller: Caller) -> Scope:
    """Return the scope, narrowed to what the caller's assignment lets be read."""
    if caller.rights is None or found.errors:
        return found
    inside = _inside(caller, caller.rights)
    if inside == TRUE:
        return found
    outside = Clause(permits=False, when=negate(inside), ground=GROUND)
    rungs = [
        replace(rung, when=when)
        for rung in found.rungs
        if (when := all_of([inside, rung.when])) != FALSE
    ]
    return replace(found, clauses=(outside, *found.clauses), rungs=tuple(rungs))


def _inside(caller: Caller, rights: Iterable[Right]) -> Predicate:
    """What is of any type where rights to all reach, or of one where rights to all it holds do."""
    places: dict[str, list[Predicate]] = {}
    for right in sorted(rights, key=lambda each: (each.kind, each.reach)):
        places.setdefault(right.kind, []).append(_place(caller, right.reach))
    all_types = any_of(places.get(ALL, ()))
    of_one = [
        all_of(
            [
                equals(Column.INFO_TYPE, info_type),
                *(any_of([all_types, *places.get(kind, ())]) for kind in sorted(kinds)),
            ]
        )
        for info_type, kinds in HOLDS.items()
        if kinds & places.keys()
    ]
    return any_of([all_types, *of_one])


def _place(caller: Caller, reach: str) -> Predicate:
    if reach == BETWEEN:
        return TRUE
    own = equals(Column.OWNER, caller.organisation)
    if reach == CAREGIVER:
        return own
    unit = caller.unit if reach == UNIT else reach
    # what no unit made is nobody's own unit's
    return FALSE if unit is None else all_of([own, equals(Column.UNIT, unit)])
