"""The codes of permitted resources in an order, without their bodies: what `$lastn` counts by.

Source: FHIR R4 observation-operation-lastn.html; DESIGN P1. The rows are found through a scope, in
the statement that finds the resources.
"""

from collections.abc import Hashable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select

from consent.scope import Scope
from hub.store.reading import STANDS, Key
from hub.store.schema.resource import RESOURCE
from hub.store.schema.search_index import IX_TOKEN
from hub.store.scope_sql import permitted_sql


def codes_in_order(
    connection: Connection,
    scope: Scope,
    persons: Sequence[str],
    where: ColumnElement[bool],
    order: Sequence[ColumnElement[Any]],
) -> dict[Key, list[Hashable]]:
    """Return each permitted resource for which `where` holds, in order, with what it is a kind of.

    That is system and code of each of its codings, or its text where it has none.
    """
    if scope.empty:
        return {}
    row, token = RESOURCE.c, IX_TOKEN.alias()
    coded = and_(
        token.c.person == row.person,
        token.c.type == row.type,
        token.c.id == row.id,
        token.c.param == "code",
    )
    statement = (
        select(row.type, row.id, row.version, token.c.system, token.c.code, token.c.text)
        .select_from(RESOURCE.outerjoin(token, coded))
        .where(row.person.in_(persons), where, STANDS, permitted_sql(scope, RESOURCE))
        .order_by(*order)
    )
    codings: dict[Key, list[Hashable]] = {}
    texts: dict[Key, Hashable] = {}
    for each in connection.execute(statement):
        this = Key(each.type, each.id, each.version)
        kinds = codings.setdefault(this, [])
        if each.code is not None:
            kinds.append((each.system, each.code))
        else:
            texts.setdefault(this, each.text)
    return {this: kinds or [texts.get(this)] for this, kinds in codings.items()}
