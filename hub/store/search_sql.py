"""Searches of one type as SQL, and the index rows that they read, written and deleted.

Source: FHIR R4 search.html; DESIGN §4, §7. The expression narrows a caller's query over the
resources and holds no scope of its own: only hub/store/reading.py runs it, and always within one
(P1). Rows are joined on the person and the id, so that a person's search reads that person's index.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Table,
    and_,
    exists,
    false,
    not_,
    or_,
    select,
    true,
    tuple_,
)

from hub.fhir.index_rows import IndexRows
from hub.fhir.search_parameters import Kind, SearchParameter, parameters
from hub.fhir.time_span import microseconds
from hub.store.bulk_insert import delete_rows, insert_tables
from hub.store.schema.search_index import INDEX_TABLES
from hub.store.search_asked import Asked
from hub.store.search_chain import chained, has
from hub.store.search_compare import (
    CONDITIONS,
    MODIFIERS,
    PARAM_SUFFIX,
    compare_dates,
)
from hub.store.search_composite import composite
from hub.store.search_target import Permitted, Target, everything
from hub.store.search_values import BadSearch, Criterion, plain


@dataclass(frozen=True, slots=True)
class Search:
    """What a search becomes: a condition on the resources, and what it asked for in vain.

    `unknown` are the criteria that no parameter of the type answers; the caller refuses them or
    says that they were left out.
    """

    where: ColumnElement[bool]
    unknown: tuple[Criterion, ...]


def search(
    resource_type: str,
    criteria: Iterable[Criterion],
    resource: FromClause,
    *,
    now: datetime,
    persons: Sequence[str] | None = None,
    permitted: Permitted = everything,
    types: frozenset[str] | None = None,
    roots: Sequence[str] = (),
) -> Search:
    """Return the criteria as a condition on `resource`, which has person, type, id, last_updated.

    `persons` are the person keys that the caller's query is about; without them every row's own
    person is compared. `permitted` is what the reader may see: a chain or `_has` goes through
    nothing else, and through no type outside `types`. An absolute URL below one of `roots` is the
    relative reference. Raises BadSearch for a value or modifier that
    a known parameter does not take.
    """
    target = Target(
        resource_type, resource, resource, persons, microseconds(now), permitted, types, roots
    )
    conditions = [resource.c.type == resource_type]
    unknown = []
    for each in criteria:
        condition = _narrow(target, each)
        if condition is None:
            unknown.append(each)
        else:
            conditions.append(condition)
    return Search(and_(*conditions), tuple(unknown))


def _narrow(target: Target, criterion: Criterion) -> ColumnElement[bool] | None:
    """The condition of one criterion; None where the type has no such parameter."""
    if criterion.of is not None:
        return has(target, criterion, _narrow)
    parameter = parameters(target.type).get(criterion.name)
    if parameter is None:
        return None
    if criterion.then is not None:
        return chained(target, parameter, criterion, _narrow)
    return _condition(target, parameter, criterion)


def _condition(
    target: Target, parameter: SearchParameter, criterion: Criterion
) -> ColumnElement[bool]:
    name, modifier = criterion.name, criterion.modifier
    taken = _ALWAYS_THERE if name in _OWN_COLUMNS else MODIFIERS[parameter.kind]
    if modifier is not None and modifier not in taken:
        offered = ", ".join(sorted(each for each in taken if each.islower())) or "no modifier"
        raise BadSearch(name, f"this modifier is not supported; it takes {offered}")
    if not all(criterion.values):
        raise BadSearch(name, "a value is empty; leave the parameter out or give it a value")
    if parameter.kind is Kind.COMPOSITE:
        return composite(target, parameter, criterion)
    table = INDEX_TABLES[parameter.kind.value]
    rest = target.now, table, target.roots, parameter.identifies
    asked = [Asked(name, modifier, value, *rest) for value in criterion.values]
    if name in _OWN_COLUMNS and modifier is None:
        return or_(*(_OWN_COLUMNS[name](target, each) for each in asked))
    if modifier == "missing":
        return _missing(target, table, criterion)
    param = name + PARAM_SUFFIX.get(modifier or "", "")
    rows = or_(*(CONDITIONS[parameter.kind](each) for each in asked))
    found = _has_row(target, table, param, rows)
    return not_(found) if modifier in ("not", "not-in") else found


def _missing(target: Target, table: Table, criterion: Criterion) -> ColumnElement[bool]:
    if criterion.values not in (("true",), ("false",)):
        raise BadSearch(criterion.name, "with :missing, write true or false")
    if criterion.name in _OWN_COLUMNS:
        return false() if criterion.values == ("true",) else true()
    found = _has_row(target, table, criterion.name, None)
    return not_(found) if criterion.values == ("true",) else found


def _has_row(
    target: Target, table: Table, param: str, rows: ColumnElement[bool] | None
) -> ColumnElement[bool]:
    """Whether a resource has a row of this parameter for which `rows` holds."""
    row, resource = table.c, target.resource.c
    wanted = [row.type == target.type, row.param == param]
    if rows is not None:
        wanted.append(rows)
    if target.persons is None:
        joined = (row.person == resource.person, row.id == resource.id)
        return exists().where(*joined, *wanted)
    found = select(row.person, row.id).where(row.person.in_(target.persons), *wanted)
    return tuple_(resource.person, resource.id).in_(found)


def _id(target: Target, asked: Asked) -> ColumnElement[bool]:
    found: ColumnElement[bool] = target.resource.c.id == plain(asked.value)
    return found


def _last_updated(target: Target, asked: Asked) -> ColumnElement[bool]:
    at = target.resource.c.last_updated
    return compare_dates(asked, at, at + 1)


_ALWAYS_THERE = frozenset({"missing"})
"""The modifier of what every resource has."""
_OWN_COLUMNS = {"_id": _id, "_lastUpdated": _last_updated}


def insert_index_rows(
    connection: Connection, person: str, indexed: Iterable[tuple[str, str, IndexRows]]
) -> None:
    """Write the rows of resources of one person, each given by type, id and rows, in bulk."""
    insert_tables(connection, index_tuples((person, *each) for each in indexed))


def index_tuples(
    indexed: Iterable[tuple[str, str, str, IndexRows]],
) -> list[tuple[Table, list[tuple[object, ...]]]]:
    """Return the rows of resources, each given by person, type, id and rows, for each table."""
    prepared: dict[str, list[tuple[object, ...]]] = {kind: [] for kind in INDEX_TABLES}
    for person, resource_type, resource_id, rows in indexed:
        for kind, into in prepared.items():
            into += [
                (person, resource_type, resource_id, position, *row)
                for position, row in enumerate(getattr(rows, kind))
            ]
    return [(INDEX_TABLES[kind], tuples) for kind, tuples in prepared.items()]


def delete_index_rows(connection: Connection, person: str, keys: Iterable[tuple[str, str]]) -> None:
    """Delete every row of resources of one person, each given by type and id."""
    delete_rows(connection, INDEX_TABLES.values(), [(person, *key) for key in keys])
