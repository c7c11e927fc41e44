"""Composite parameters: several values that must hold for the same element.

Source: FHIR R4 search.html#composite. The index holds the parts of each element under a parameter
of their own, `code#number`, so that parts of different elements are never taken together.
"""

from sqlalchemy import ColumnElement, and_, exists, or_, select, tuple_

from hub.fhir.extract import ELEMENT
from hub.fhir.search_parameters import Kind, SearchParameter, parameters
from hub.store.schema.search_index import INDEX_TABLES
from hub.store.search_asked import Asked
from hub.store.search_compare import CONDITIONS
from hub.store.search_target import Target
from hub.store.search_values import BadSearch, Criterion, components

Condition = ColumnElement[bool]


def composite(target: Target, parameter: SearchParameter, criterion: Criterion) -> Condition:
    """Return whether an element of the resource has all the parts of one of the values."""
    return or_(*(_whole(target, parameter, value) for value in criterion.values))


def kinds(parameter: SearchParameter) -> list[Kind]:
    """Return the kinds of a composite's parts, in order."""
    known = parameters(parameter.type)
    return [known[each.code].kind for each in parameter.components]


def _whole(target: Target, parameter: SearchParameter, value: str) -> Condition:
    written = components(value)
    if len(written) != len(parameter.components) or not all(written):
        names = "$".join(each.code for each in parameter.components)
        raise BadSearch(parameter.code, f"write {names}")
    rows = [INDEX_TABLES[kind.value].alias() for kind in kinds(parameter)]
    first, *rest = rows
    wanted = [
        CONDITIONS[kind](Asked(parameter.code, None, each, target.now, row, target.roots))
        for kind, each, row in zip(kinds(parameter), written, rows, strict=True)
    ]
    wanted += [
        and_(
            row.c.person == first.c.person,
            row.c.type == first.c.type,
            row.c.id == first.c.id,
            row.c.param == first.c.param,
        )
        for row in rest
    ]
    wanted += [
        first.c.type == target.type,
        first.c.param.startswith(parameter.code + ELEMENT, autoescape=True),
    ]
    here = target.resource.c
    if target.persons is None:
        return exists().where(first.c.person == here.person, first.c.id == here.id, *wanted)
    found = select(first.c.person, first.c.id).where(first.c.person.in_(target.persons), *wanted)
    return tuple_(here.person, here.id).in_(found)
