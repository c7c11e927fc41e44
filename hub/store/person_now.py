"""Everything that is known now of whom a request is about, from one statement.

Source: DESIGN §4, P4. The keys that are one person, their facts, and the counters that move with
any change to these and to the directory: what a scope is made from, and what tells whether one
that was made before still holds. As many statements are asked of a resource that is there as of one
that is not (P3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    union_all,
)

from hub.store.directory import known_at
from hub.store.facts import Known, known_from
from hub.store.schema.fact import FACT, PERSON_COUNTER, PERSON_LINK
from hub.store.schema.organisation import EVERYTHING, ORGANISATION_COUNTER
from hub.store.schema.resource import RESOURCE

STATEMENTS_KEPT = 64


@dataclass(frozen=True, slots=True)
class PersonNow:
    """One person in a snapshot. `persons`: the keys, those that were named first.

    `counters` has each key's (one of which nothing is known has none), `directory` is the
    directory's.
    """

    persons: tuple[str, ...]
    counters: Mapping[str, int]
    directory: int
    _rows: Sequence[Row[Any]]

    def known(self) -> Known:
        """Return the facts, decoded."""
        return known_from(self._rows, self.persons, self.counters)


def person_now(connection: Connection, named: Sequence[str]) -> PersonNow:
    """Return what is known now of the person with these keys."""
    names = {f"named_{number}": key for number, key in enumerate(named)}
    rows = connection.execute(_of_keys(len(named)), names).all()
    return _gathered(rows, named)


def person_of_resource_now(
    connection: Connection, resource_type: str, resource_id: str
) -> PersonNow:
    """Return what is known now of the person whom a resource is about; no keys without one."""
    rows = connection.execute(_OF_RESOURCE, {"type": resource_type, "id": resource_id}).all()
    return _gathered(rows, [row.key for row in rows if row.named])


def _gathered(rows: Sequence[Row[Any]], named: Sequence[str]) -> PersonNow:
    found = sorted({row.key for row in rows if row.key is not None})
    persons = tuple(dict.fromkeys((*named, *found)))
    counters = {row.key: row.counter for row in rows if row.counter is not None}
    return PersonNow(persons, counters, rows[0].directory, rows)


def _statement(named: CTE) -> Select[Any]:
    """From the keys that are named: those, and every other key of the same person."""
    member, other = PERSON_LINK.alias("member"), PERSON_LINK.alias("other")
    others = (
        select(other.c.person.label("key"), literal_column("0").label("named"))
        .select_from(
            named.join(member, member.c.person == named.c.key).join(
                other, other.c.first == member.c.first
            )
        )
        .where(known_at(member, None), known_at(other, None))
    )
    keys = union_all(select(named.c.key, literal_column("1").label("named")), others).subquery(
        "keys"
    )
    always = select(literal(1).label("one")).subquery("always")
    fact = and_(FACT.c.person == keys.c.key, known_at(FACT, None))
    return select(
        keys.c.key,
        keys.c.named,
        PERSON_COUNTER.c.counter,
        _directory_counter().label("directory"),
        FACT.c.id,
        FACT.c.recorded_from,
        FACT.c.kind,
        FACT.c.payload,
        FACT.c.origin,
    ).select_from(
        always.outerjoin(keys, literal(value=True))
        .outerjoin(PERSON_COUNTER, PERSON_COUNTER.c.person == keys.c.key)
        .outerjoin(FACT, fact)
    )


def _directory_counter() -> ColumnElement[int]:
    table = ORGANISATION_COUNTER
    found = select(table.c.counter).where(table.c.organisation == EVERYTHING).scalar_subquery()
    return func.coalesce(found, 0)


@lru_cache(maxsize=STATEMENTS_KEPT)
def _of_keys(count: int) -> Select[Any]:
    text = PERSON_COUNTER.c.person.type
    given = [select(bindparam(f"named_{n}", type_=text).label("key")) for n in range(count)]
    nobody = select(literal("", text).label("key")).where(literal(value=False))
    return _statement(union_all(*given).cte("given") if given else nobody.cte("given"))


_OF_RESOURCE = _statement(
    select(RESOURCE.c.person.label("key"))
    .where(RESOURCE.c.type == bindparam("type"), RESOURCE.c.id == bindparam("id"))
    .cte("given")
)
