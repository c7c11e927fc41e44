"""Everything that is known now of whom a request is about, from one statement.

Source: DESIGN §4, P4. The keys that are one person, their facts, and the counters that move with
any change to these and to the directory: what a scope is made from, and what tells whether one
that was made before still holds. As many statements are asked of a resource that is there as of one
that is not (P3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Dialect,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    select,
    union_all,
)

from consent.facts import Item
from hub.store.directory import known_at
from hub.store.facts import Known, known_from
from hub.store.items import OF_AN_ITEM, item_from
from hub.store.schema.fact import FACT, PERSON_COUNTER, PERSON_LINK
from hub.store.schema.organisation import EVERYTHING, ORGANISATION_COUNTER
from hub.store.schema.resource import RESOURCE
from hub.store.written_out import WrittenOut, write_out

STATEMENTS_KEPT = 64


class KnownRow(NamedTuple):
    """A key of the person, with one of the facts that are known under it, if any."""

    key: str
    named: int
    counter: int | None
    directory: int
    id: str | None
    recorded_from: int
    kind: str
    payload: str
    origin: str


_KNOWN = len(KnownRow._fields)
_STANDING = (RESOURCE.c.version, RESOURCE.c.last_updated, *OF_AN_ITEM)


@dataclass(frozen=True, slots=True)
class StandingRow:
    """A resource as it stands, without its content; `last_updated` in microseconds since 1970."""

    key: str
    version: int
    last_updated: int
    item: Item


class Moved(Protocol):
    """The keys of one person in a snapshot, and what moves with any change to what is known."""

    @property
    def persons(self) -> Sequence[str]:
        """Return the keys."""
        ...

    @property
    def counters(self) -> Mapping[str, int]:
        """Return each key's counter; one of which nothing is known has none."""
        ...

    @property
    def directory(self) -> int:
        """Return the directory's."""
        ...


@dataclass(frozen=True, slots=True)
class Told:
    """The same without facts, as a statement about something else has told it (`telling`)."""

    persons: tuple[str, ...]
    counters: Mapping[str, int]
    directory: int


@dataclass(frozen=True, slots=True)
class PersonNow:
    """One person in a snapshot. `persons`: the keys, those that were named first.

    `counters` has each key's (one of which nothing is known has none), `directory` is the
    directory's.
    """

    persons: tuple[str, ...]
    counters: Mapping[str, int]
    directory: int
    _rows: Sequence[KnownRow]

    def known(self) -> Known:
        """Return the facts, decoded."""
        return known_from(self._rows, self.persons, self.counters)


def person_now(connection: Connection, named: Sequence[str]) -> PersonNow:
    """Return what is known now of the person with these keys."""
    names = {f"named_{number}": key for number, key in enumerate(named)}
    asked = _of_keys(len(named), connection.dialect).rows(connection, names)
    return _gathered([KnownRow(*row) for row in asked], named)


def resource_now(
    connection: Connection, resource_type: str, resource_id: str, person: str | None
) -> tuple[PersonNow, list[StandingRow]]:
    """Return what is known now of a resource's person, and the resource's row without content.

    With `person` it is that person who is told of, and the row only if it is theirs. There is none
    where there is no such resource.
    """
    names = {"type": resource_type, "id": resource_id}
    statement = _with_resource(connection.dialect, of_person=person is not None)
    asked = statement.rows(connection, {**names, **({"named_0": person} if person else {})})
    rows = [KnownRow(*row[:_KNOWN]) for row in asked]
    now = _gathered(rows, [person] if person else [row.key for row in rows if row.named])
    reference = f"{resource_type}/{resource_id}"
    standing = {key: _standing(reference, key, *row) for key, *row in asked if row[_KNOWN - 1]}
    return now, [standing[key] for key in now.persons if key in standing]


def _standing(reference: str, key: str, *row: Any) -> StandingRow:  # noqa: ANN401  # columns
    version, last_updated, *item = row[_KNOWN - 1 :]
    return StandingRow(key, version, last_updated, item_from(reference, item))


def telling(named: str) -> ColumnElement[str]:
    """Return an expression for any statement that tells of a person what `told` reads of it."""
    keys = _every_key(_key_given(named))
    counter = func.coalesce(cast(PERSON_COUNTER.c.counter, String), "")
    each = func.aggregate_strings(keys.c.key + "=" + counter, ",")
    found = keys.outerjoin(PERSON_COUNTER, PERSON_COUNTER.c.person == keys.c.key)
    agreed = select(each).select_from(found).scalar_subquery()
    return cast(_directory_counter(), String) + "," + agreed


def told(text: str) -> Told:
    """Return what an expression of `telling` came to. Keys hold neither comma nor equals sign."""
    directory, *pairs = text.split(",")
    counters = dict(pair.split("=") for pair in pairs)
    known = {key: int(counter) for key, counter in counters.items() if counter}
    return Told(tuple(counters), known, int(directory))


def _gathered(rows: Sequence[KnownRow], named: Sequence[str]) -> PersonNow:
    found = sorted({row.key for row in rows if row.key is not None})
    persons = tuple(dict.fromkeys((*named, *found)))
    counters = {row.key: row.counter for row in rows if row.counter is not None}
    return PersonNow(persons, counters, rows[0].directory, rows)


def _statement(named: CTE, *, resource: bool = False) -> Select[Any]:
    """From the keys that are named: those, and every other key of the same person.

    With `resource` also the row that stands under such a key, without content.
    """
    keys = _every_key(named)
    always = select(literal(1).label("one")).subquery("always")
    fact = and_(FACT.c.person == keys.c.key, known_at(FACT, None))
    asked = and_(
        RESOURCE.c.person == keys.c.key,
        RESOURCE.c.type == bindparam("type"),
        RESOURCE.c.id == bindparam("id"),
    )
    found = (
        always.outerjoin(keys, literal(value=True))
        .outerjoin(PERSON_COUNTER, PERSON_COUNTER.c.person == keys.c.key)
        .outerjoin(FACT, fact)
    )
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
        *(_STANDING if resource else ()),
    ).select_from(found.outerjoin(RESOURCE, asked) if resource else found)


def _every_key(named: CTE) -> Subquery:
    """The keys that are named and every other of the same person; one may stand twice."""
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
    keys = union_all(select(named.c.key, literal_column("1").label("named")), others)
    return keys.subquery("keys")


def _key_given(key: str) -> CTE:
    return select(bindparam(None, key, PERSON_COUNTER.c.person.type).label("key")).cte("given")


def _directory_counter() -> ColumnElement[int]:
    table = ORGANISATION_COUNTER
    found = select(table.c.counter).where(table.c.organisation == EVERYTHING).scalar_subquery()
    return func.coalesce(found, 0)


@lru_cache(maxsize=STATEMENTS_KEPT)
def _of_keys(count: int, dialect: Dialect) -> WrittenOut:
    return write_out(_statement(_keys(count)), dialect)


@lru_cache(maxsize=STATEMENTS_KEPT)
def _with_resource(dialect: Dialect, *, of_person: bool) -> WrittenOut:
    return write_out(_statement(_keys(1) if of_person else _GIVEN, resource=True), dialect)


def _keys(count: int) -> CTE:
    text = PERSON_COUNTER.c.person.type
    given = [select(bindparam(f"named_{n}", type_=text).label("key")) for n in range(count)]
    nobody = select(literal("", text).label("key")).where(literal(value=False))
    return union_all(*given).cte("given") if given else nobody.cte("given")


_GIVEN = (
    select(RESOURCE.c.person.label("key"))
    .where(RESOURCE.c.type == bindparam("type"), RESOURCE.c.id == bindparam("id"))
    .cte("given")
)
