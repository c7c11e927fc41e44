"""`_include` and `_revinclude`: which other resources an answer brings along, as a condition.

Source: FHIR R4 search.html#include, #revinclude; security catalogue "includes". The condition is on
the resources that are read, so that they go through the same scope as any other (P1).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, or_, select, tuple_

from hub.fhir.definitions import TYPES_IN_USE
from hub.fhir.search_parameters import Kind, parameters
from hub.store.schema.search_index import IX_REFERENCE
from hub.store.search_values import BadSearch

_NAME = re.compile(r"(_include|_revinclude)(:iterate|:recurse)?")
_EVERY = "*"
_BARE, _WITH_TARGET = 2, 3  # how many names an include has
PATIENT = "Patient"

Ref = tuple[str, str]
"""Type and id."""


@dataclass(frozen=True, slots=True)
class Include:
    """Follow the references of `source` by `param` to `target`, or back; None stands for any."""

    reverse: bool
    iterate: bool
    source: str | None
    param: str | None
    target: str | None


def include(name: str, value: str, resource_type: str) -> Include | None:
    """Return one include of a search of `resource_type`, None for one that leads nowhere.

    Raises:
        BadSearch: it is not written as Type:parameter, Type:parameter:Target or *.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise BadSearch(name.partition(":")[0], "it takes :iterate and no other modifier")
    reverse, iterate = match[1] == "_revinclude", match[2] is not None
    if value == _EVERY:
        return Include(reverse, iterate, None if reverse else resource_type, None, None)
    parts = value.split(":")
    if len(parts) not in (_BARE, _WITH_TARGET) or not all(parts):
        raise BadSearch(match[1], "write Type:parameter, Type:parameter:Target or *")
    source, param = parts[:2]
    target = parts[2] if len(parts) == _WITH_TARGET else None
    if not _leads(source, param, target):
        return None
    return Include(reverse, iterate, source, None if param == _EVERY else param, target)


def _leads(source: str, param: str, target: str | None) -> bool:
    if source not in TYPES_IN_USE or (target is not None and target not in TYPES_IN_USE):
        return False
    known = parameters(source)
    return param == _EVERY or (param in known and known[param].kind is Kind.REFERENCE)


def brought(
    includes: Iterable[Include], found: Sequence[Ref], persons: Sequence[str], resource: FromClause
) -> ColumnElement[bool]:
    """Return whether a resource is brought along by what was found, which is not empty."""
    here = tuple_(resource.c.type, resource.c.id)
    return or_(*(here.in_(_linked(each, found, persons)) for each in includes))


def refers_to_person(
    includes: Iterable[Include], found: Sequence[Ref], persons: Sequence[str]
) -> Select[Any]:
    """Select the person keys to which a forward include leads from what was found."""
    row = IX_REFERENCE.c
    ways = [
        _of(each, found) for each in includes if not each.reverse and each.target in (None, PATIENT)
    ]
    return (
        select(row.target_id)
        .where(
            row.person.in_(persons),
            or_(*ways),
            row.target_type == PATIENT,
            row.target_id.in_(persons),
        )
        .order_by(row.target_id)
        .distinct()
    )


def may_lead_to_person(includes: Iterable[Include]) -> bool:
    """Tell whether any include goes forward to a Patient."""
    return any(not each.reverse and each.target in (None, PATIENT) for each in includes)


def _linked(each: Include, found: Sequence[Ref], persons: Sequence[str]) -> Select[tuple[str, str]]:
    row = IX_REFERENCE.c
    if each.reverse:
        wanted: list[ColumnElement[bool]] = [tuple_(row.target_type, row.target_id).in_(found)]
        wanted += [row.type == each.source] if each.source else []
        wanted += [row.param == each.param] if each.param else []
        wanted += [row.target_type == each.target] if each.target else []
        return select(row.type, row.id).where(row.person.in_(persons), *wanted)
    target = [row.target_type == each.target] if each.target else []
    return select(row.target_type, row.target_id).where(
        row.person.in_(persons), _of(each, found), *target
    )


def _of(each: Include, found: Sequence[Ref]) -> ColumnElement[bool]:
    row = IX_REFERENCE.c
    wanted: list[ColumnElement[bool]] = [tuple_(row.type, row.id).in_(found)]
    wanted += [row.type == each.source] if each.source else []
    wanted += [row.param == each.param] if each.param else []
    return and_(*wanted)
