"""`_sort` by any indexed parameter: the order of resources by their own index rows.

Source: FHIR R4 search.html#sort. Ascending goes by a resource's least value, descending by its
greatest; a resource without any comes last. The rows are those of the resource itself, so that no
other resource moves it.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, FromClause, func, select

from hub.fhir.search_parameters import Kind, parameters
from hub.store.schema.search_index import INDEX_TABLES
from hub.store.search_values import BadSearch

Value = Callable[[FromClause], ColumnElement[Any]]
MOST_ORDERS = 5

VALUES: dict[Kind, tuple[Value, Value]] = {
    Kind.TOKEN: (lambda row: func.coalesce(row.c.code, row.c.text),) * 2,
    Kind.STRING: (lambda row: row.c.value,) * 2,
    Kind.DATE: (lambda row: row.c.low, lambda row: row.c.high),
    Kind.REFERENCE: (lambda row: func.coalesce(row.c.target_id, row.c.url, row.c.value),) * 2,
    Kind.QUANTITY: (
        lambda row: func.coalesce(row.c.base_low, row.c.low),
        lambda row: func.coalesce(row.c.base_high, row.c.high),
    ),
    Kind.NUMBER: (lambda row: row.c.low, lambda row: row.c.high),
    Kind.URI: (lambda row: row.c.value,) * 2,
}
"""What ascending and what descending order goes by, for each kind that has rows."""

_OWN = {"_id": "id", "_lastUpdated": "last_updated"}


def orders(resource_type: str, written: str, resource: FromClause) -> list[ColumnElement[Any]]:
    """Return the order that `_sort` asks for; the id decides between equals.

    Raises:
        BadSearch: a name is no parameter of the type that has an order, or stands twice.
    """
    names = written.split(",")
    bare = [name.removeprefix("-") for name in names]
    known = parameters(resource_type)
    sortable = {name for name in bare if name in known and known[name].kind in VALUES}
    if set(bare) != sortable or len(set(bare)) < len(bare) or len(bare) > MOST_ORDERS:
        raise BadSearch(
            "_sort",
            "it takes search parameters of the type, each once and at most five, with - before one"
            " for the reverse",
        )
    found = [
        _order(resource_type, known[name.removeprefix("-")].kind, name, resource) for name in names
    ]
    return [*found, resource.c.id.asc()]


def _order(resource_type: str, kind: Kind, name: str, resource: FromClause) -> ColumnElement[Any]:
    bare = name.removeprefix("-")
    descending = name != bare
    if bare in _OWN:
        column = resource.c[_OWN[bare]]
        return column.desc() if descending else column.asc()
    row = INDEX_TABLES[kind.value].alias()
    value = VALUES[kind][descending](row)
    own = (
        select(func.max(value) if descending else func.min(value))
        .where(
            row.c.person == resource.c.person,
            row.c.type == resource_type,
            row.c.id == resource.c.id,
            row.c.param == bare,
        )
        .correlate(resource)
        .scalar_subquery()
    )
    return (own.desc() if descending else own.asc()).nulls_last()
