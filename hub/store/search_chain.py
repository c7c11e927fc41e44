"""Chains and `_has` as SQL: what the resources on the other side of a reference must be.

Source: FHIR R4 search.html#chaining, #has; DESIGN P3; security catalogue "predicates". The other
side is a row that the reader may see, or it is not there: the permission stands in the same
statement. A reference to the person (`Patient/` and the person's key) leads to the owners' own
Patient rows about that person, which the hub's Patient is made of.
"""

from collections.abc import Callable

from sqlalchemy import ColumnElement, FromClause, false, or_, select

from hub.fhir.search_parameters import Kind, SearchParameter, parameters
from hub.store.schema.search_index import IX_REFERENCE
from hub.store.search_target import Target
from hub.store.search_values import BadSearch, Criterion

Condition = ColumnElement[bool]
Narrow = Callable[[Target, Criterion], Condition | None]
"""The condition of a criterion on a target; None where the type has no such parameter."""


def chained(
    target: Target, parameter: SearchParameter, criterion: Criterion, narrow: Narrow
) -> Condition | None:
    """Return whether a reference leads to a visible resource for which the rest holds.

    None: it is no reference, or no type that it leads to has that parameter.
    """
    if parameter.kind is not Kind.REFERENCE:
        return None
    if criterion.modifier is not None and criterion.modifier not in parameter.targets:
        raise BadSearch(criterion.name, f"it leads to {', '.join(parameter.targets) or 'no type'}")
    found, known = [], False
    for kind in (criterion.modifier,) if criterion.modifier else parameter.targets:
        condition = _leads_to(target, criterion, kind, narrow)
        if condition is not None:
            known = True
            if _may_look(target, kind):
                found.append(condition)
    return or_(false(), *found) if known else None


def _may_look(target: Target, kind: str) -> bool:
    return target.types is None or kind in target.types


def _leads_to(target: Target, criterion: Criterion, kind: str, narrow: Narrow) -> Condition | None:
    link, other = IX_REFERENCE.alias(), target.other(kind)
    rest = narrow(other, criterion.then) if criterion.then else None
    if rest is None:
        return None
    there = other.resource.c
    same = there.id == link.c.target_id
    if kind == "Patient":
        same = or_(same, _is_the_person(target, link, other.resource))
    return _linked(
        target,
        link,
        link.c.id,
        [
            link.c.type == target.type,
            link.c.param == criterion.name,
            link.c.target_type == kind,
            same,
            _of_person(target, there.person, link),
            other.seen,
            rest,
        ],
    )


def _is_the_person(target: Target, link: FromClause, there: FromClause) -> Condition:
    if target.persons is None:
        person: Condition = link.c.target_id == there.c.person
        return person
    return link.c.target_id.in_(target.persons)


def has(target: Target, criterion: Criterion, narrow: Narrow) -> Condition | None:
    """Return whether a visible resource of the criterion's type refers here, and the rest holds.

    None: that type has no such reference or parameter.
    """
    kind = criterion.of or ""
    parameter = _reference_of(kind, criterion.name)
    if parameter is None or target.type not in parameter.targets:
        return None
    other, link = target.other(kind), IX_REFERENCE.alias()
    rest = narrow(other, criterion.then) if criterion.then else None
    if rest is None:
        return None
    if not _may_look(target, kind):
        return false()
    there = other.resource.c
    return _linked(
        target,
        link,
        link.c.target_id,
        [
            link.c.type == kind,
            link.c.param == criterion.name,
            link.c.target_type == target.type,
            there.person == link.c.person,
            there.id == link.c.id,
            other.seen,
            rest,
        ],
    )


def _reference_of(kind: str, name: str) -> SearchParameter | None:
    try:
        found = parameters(kind).get(name)
    except KeyError:
        return None
    return found if found is not None and found.kind is Kind.REFERENCE else None


def _linked(
    target: Target, link: FromClause, end: ColumnElement[str], wanted: list[Condition]
) -> Condition:
    """Whether the resource stands at this end of such a link."""
    here = target.resource.c
    if target.persons is None:
        inner = select(link.c.person).where(end == here.id, link.c.person == here.person, *wanted)
        return inner.correlate(target.resource).exists()
    inner = select(end).where(link.c.person.in_(target.persons), *wanted)
    return here.id.in_(inner.correlate(None))


def _of_person(target: Target, person: ColumnElement[str], link: FromClause) -> Condition:
    if target.persons is None:
        same: Condition = person == link.c.person
        return same
    return person.in_(target.persons)
