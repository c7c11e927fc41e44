"""Content read from the store: always through a scope (P1), one snapshot at a time.

Source: DESIGN P1, P3. No function here returns a body without a scope that permits its row, and no
query runs per hidden item: hidden rows are left out in the same statement that finds the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    false,
    func,
    select,
    true,
    tuple_,
)

from consent.scope import Scope
from consent.section import RUNGS, Opens
from hub.store.earlier_facts import shown_versions
from hub.store.schema.resource import RESOURCE, RESOURCE_VERSION
from hub.store.scope_sql import ground_sql, permitted_sql, rung_sql
from hub.store.written_out import WrittenOut, write_out

EVERY_PERSON = None
"""In the place of persons: of whomever, for an organisation's system on its own data (PDL 2:8)."""
Persons = Sequence[str] | None


class Found(msgspec.Struct, frozen=True, gc=False):
    """A permitted row: the bytes that may be served, and why.

    `masked` tells that the bytes leave out what reveals a protected person's whereabouts. A page
    has hundreds, and this kind of object is made in a tenth of a dataclass's time.
    """

    person: str
    type: str
    id: str
    version: int
    last_updated: int
    body: bytes
    masked: bool
    ground: str
    owner: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rung of the ladder was shown: the owner and the unit."""

    rung: Opens
    owner: str
    unit: str | None
    ground: str


@dataclass(frozen=True, slots=True)
class Key:
    """A resource at one version."""

    type: str
    id: str
    version: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What a row says of its resource besides its content; `source` is `api` for a vendor's."""

    person: str
    version: int
    source: str
    deleted: bool
    owner: str
    unit: str | None


STANDS = RESOURCE.c.deleted.is_(False)
"""The resource has not been deleted."""


def find(
    connection: Connection,
    scope: Scope,
    persons: Persons,
    where: ColumnElement[bool],
    *,
    order: Sequence[ColumnElement[Any]] = (),
    limit: int | None = None,
    deleted: bool = False,
) -> list[Found]:
    """Return the permitted rows of these persons for which `where` holds, in that order.

    With `deleted` also what has been deleted: without a body.
    """
    if scope.empty:
        return []
    standing = true() if deleted else STANDS
    statement = (
        _permitted(connection, scope, persons).where(where, standing).order_by(*order).limit(limit)
    )
    return [_found(scope, row) for row in connection.execute(statement).all()]


def prepare(
    connection: Connection,
    scope: Scope,
    persons: Sequence[str],
    where: ColumnElement[bool],
    told: ColumnElement[str],
    *,
    order: Sequence[ColumnElement[Any]],
    limit: int,
) -> WrittenOut:
    """Return what `find` asks, with one more column: what `told` is in the same snapshot."""
    statement = (
        _permitted(connection, scope, persons)
        .add_columns(told)
        .where(where, STANDS)
        .order_by(*order)
        .limit(limit)
    )
    return write_out(statement, connection.dialect)


def find_prepared(
    connection: Connection, scope: Scope, query: WrittenOut
) -> tuple[list[Found], str | None]:
    """Return the rows of a query prepared with this scope, and what was told with them.

    None is told where there are none.
    """
    if scope.empty:
        return [], None
    rows = query.rows(connection, {})
    return [_found(scope, row) for row in rows], rows[0][-1] if rows else None


def find_keys(
    connection: Connection,
    scope: Scope,
    persons: Persons,
    where: ColumnElement[bool],
    *,
    order: Sequence[ColumnElement[Any]],
    limit: int,
) -> list[Key]:
    """Return which permitted rows match, without bodies: the snapshot that pages are cut from."""
    if scope.empty:
        return []
    statement = (
        select(RESOURCE.c.type, RESOURCE.c.id, RESOURCE.c.version)
        .where(_of(persons), where, STANDS, _allowed(connection, scope))
        .order_by(*order)
        .limit(limit)
    )
    return [Key(*row) for row in connection.execute(statement)]


def count(
    connection: Connection, scope: Scope, persons: Sequence[str], within: Scope | None = None
) -> int:
    """Return how many resources the scope permits; only those that `within` permits too.

    Whether a scope is empty may hang on a hidden block: it is always one statement (P3).
    """
    scopes = [scope] if within is None else [scope, within]
    permitted = [false() if each.empty else permitted_sql(each, RESOURCE) for each in scopes]
    where = (RESOURCE.c.person.in_(persons), STANDS, *permitted)
    return connection.execute(select(func.count()).select_from(RESOURCE).where(*where)).scalar_one()


def at_versions(
    connection: Connection,
    scope: Scope,
    persons: Persons,
    keys: Sequence[Key],
    *,
    history: bool = False,
    own: str | None = None,
) -> list[Found]:
    """Return those of `keys` that the scope of this moment permits, at those versions.

    Of what has been deleted only the `history` tells. `own` is the organisation whose own system
    asks (earlier_facts.py).
    """
    if scope.empty or not keys:
        return []
    version = RESOURCE_VERSION
    statement = (
        select(*_columns(connection, scope, version))
        .select_from(RESOURCE.join(version, _same_resource()))
        .where(
            _of(persons),
            tuple_(version.c.type, version.c.id, version.c.version).in_(
                [(key.type, key.id, key.version) for key in keys]
            ),
            *_found_by(persons, keys),
            true() if history else STANDS,
            shown_versions(own),
            _allowed(connection, scope),
        )
    )
    found = {
        (row.type, row.id, row.version): _found(scope, row) for row in connection.execute(statement)
    }
    wanted = [(key.type, key.id, key.version) for key in keys]
    return [found[key] for key in wanted if key in found]


def rungs(connection: Connection, scope: Scope, persons: Sequence[str]) -> list[Place]:
    """Return which rungs of the ladder the persons' records show, and where."""
    offered = [rung for rung in RUNGS if any(each.opens is rung for each in scope.rungs)]
    if not offered:
        return []
    flags = [rung_sql(scope, rung, RESOURCE).label(rung.value) for rung in offered]
    statement = (
        select(RESOURCE.c.owner, RESOURCE.c.unit, *flags)
        .where(RESOURCE.c.person.in_(persons), STANDS)
        .distinct()
    )
    grounds = {rung: next(e.ground for e in scope.rungs if e.opens is rung) for rung in offered}
    return [
        Place(rung, row.owner, row.unit, grounds[rung])
        for row in connection.execute(statement)
        for rung in offered
        if getattr(row, rung.value)
    ]


def grounds(connection: Connection, scope: Scope, persons: Sequence[str]) -> list[str]:
    """Return the sections under which the persons' content is permitted, in the law's order."""
    if scope.empty:
        return []
    number = ground_sql(scope, RESOURCE, connection.dialect).label("ground")
    statement = (
        select(number)
        .where(
            RESOURCE.c.person.in_(persons),
            STANDS,
            _allowed(connection, scope),
        )
        .distinct()
    )
    found = sorted(connection.execute(statement).scalars())
    return list(dict.fromkeys(scope.clauses[each].ground for each in found))


def versions(
    connection: Connection,
    scope: Scope,
    persons: Persons,
    where: ColumnElement[bool],
    *,
    limit: int,
    own: str | None = None,
) -> list[Key]:
    """Return which versions of permitted rows `where` holds for, the newest first; no bodies.

    `where` is over RESOURCE_VERSION. What the scope of this moment hides has no version either, nor
    has what was set aside when the row's facts changed (earlier_facts.py; `own` as there).
    """
    if scope.empty:
        return []
    version = RESOURCE_VERSION.c
    statement = (
        select(version.type, version.id, version.version)
        .select_from(RESOURCE.join(RESOURCE_VERSION, _same_resource()))
        .where(
            _of(persons),
            where,
            shown_versions(own),
            _allowed(connection, scope),
        )
        .order_by(version.last_updated.desc(), version.type, version.id, version.version.desc())
        .limit(limit)
    )
    return [Key(*row) for row in connection.execute(statement)]


def own_row(
    connection: Connection, scope: Scope, persons: Sequence[str], resource_type: str, number: str
) -> Standing | None:
    """Return what a permitted resource's row says of it, also where it is deleted; no content."""
    if scope.empty:
        return None
    row = RESOURCE.c
    statement = select(row.person, row.version, row.source, row.deleted, row.owner, row.unit).where(
        row.person.in_(persons),
        row.type == resource_type,
        row.id == number,
        _allowed(connection, scope),
    )
    found = connection.execute(statement).first()
    return None if found is None else Standing(*found)


def persons_of(connection: Connection, resource_type: str, resource_id: str) -> list[str]:
    """Return the person keys under which a resource of that type and id stands; no content."""
    statement = select(RESOURCE.c.person).where(
        RESOURCE.c.type == resource_type, RESOURCE.c.id == resource_id
    )
    return list(connection.execute(statement).scalars())


def _same_resource() -> ColumnElement[bool]:
    version = RESOURCE_VERSION.c
    return and_(
        version.person == RESOURCE.c.person,
        version.type == RESOURCE.c.type,
        version.id == RESOURCE.c.id,
    )


def _of(persons: Persons) -> ColumnElement[bool]:
    return true() if persons is EVERY_PERSON else RESOURCE.c.person.in_(persons)


def _found_by(persons: Persons, keys: Sequence[Key]) -> list[ColumnElement[bool]]:
    """What lets the database begin with the keys where no person says where to begin."""
    if persons is not EVERY_PERSON:
        return []
    return [tuple_(RESOURCE.c.type, RESOURCE.c.id).in_([(each.type, each.id) for each in keys])]


def _allowed(connection: Connection, scope: Scope) -> ColumnElement[bool]:
    return permitted_sql(scope, RESOURCE, connection.dialect)


def _permitted(connection: Connection, scope: Scope, persons: Persons) -> Select[Any]:
    return select(*_columns(connection, scope, RESOURCE)).where(
        _of(persons), _allowed(connection, scope)
    )


def _columns(connection: Connection, scope: Scope, bodies: FromClause) -> list[ColumnElement[Any]]:
    return [
        RESOURCE.c.person,
        RESOURCE.c.type,
        RESOURCE.c.id,
        bodies.c.version,
        bodies.c.last_updated,
        bodies.c.body,
        bodies.c.masked_body,
        ground_sql(scope, RESOURCE, connection.dialect).label("ground"),
        RESOURCE.c.owner,
        RESOURCE.c.unit,
    ]


def _found(scope: Scope, row: Sequence[Any]) -> Found:
    """The columns stand in the order of `_columns`."""
    person, kind, number, version, updated, body, masked, ground, owner, unit, *_ = row
    served = body if masked is None else masked
    by = scope.clauses[ground].ground
    return Found(
        person, kind, number, version, updated, served, masked is not None, by, owner, unit
    )
