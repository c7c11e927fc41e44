"""Documentation that leaves the store for good: bodies, indexes, raw parts, every version.

Source: DESIGN §4 "Leaving". Records are purged whole: what a record gave beside what was chosen
goes with it, its provenance too. A raw part may hold several records, and an older part the same
record once more; so every part of the person that came from the source by the same contracts goes.
What else those parts held stands as resources and is sent again by the source. That a record was
purged is remembered by a keyed hash, so that it does not come back unnoticed (hub/store/purged.py);
of what a vendor wrote, by marks of its own (hub/store/kept_away.py).
A relation that it was evidence of has ended (hub/store/evidence.py). The log keeps its tree, and
what it says of the past.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, tuple_

from hub.store.connect import Store
from hub.store.counter import lock
from hub.store.evidence import evidence_id, follow
from hub.store.kept_away import API, remembered_marks
from hub.store.purged import remember
from hub.store.schema.fact import PERSON_COUNTER
from hub.store.schema.resource import RESOURCE, RESOURCE_VERSION
from hub.store.schema.search_index import IX_REFERENCE
from hub.store.schema.session import PAGE_SET
from hub.store.schema.source_part import SOURCE_PART
from hub.store.search_sql import delete_index_rows

Key = tuple[str, str]
"""Type and id of a resource."""
_AT_ONCE = 400
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be purged of a person: everything for which all that is named here holds.

    `before` is in whole seconds: the information's time has ended by then. No `resources`: any.
    """

    owner: str | None = None
    source: str | None = None
    before: int | None = None
    resources: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class Doomed:
    """What a choice comes to: keys by owner and unit, raw parts, and records by source and key.

    `evidence` holds the ids, by source, that relations by what is purged would have.
    """

    person: str
    keys: tuple[Key, ...]
    by_owner: tuple[tuple[str, str | None, tuple[Key, ...]], ...]
    parts: tuple[str, ...]
    records: tuple[tuple[str, str], ...] = ()
    evidence: tuple[tuple[str, tuple[str, ...]], ...] = ()


def persons_of_owner(connection: Connection, owner: str) -> list[str]:
    """Return the keys of everybody of whom an owner has documents here."""
    statement = select(RESOURCE.c.person).where(RESOURCE.c.owner == owner).distinct()
    return sorted(connection.execute(statement).scalars())


def doomed(connection: Connection, person: str, chosen: Chosen) -> Doomed:
    """Return what would be purged of one key of a person; its row is held to the end."""
    lock(connection, PERSON_COUNTER, [person])
    columns = (
        RESOURCE.c.type,
        RESOURCE.c.id,
        RESOURCE.c.owner,
        RESOURCE.c.unit,
        RESOURCE.c.source,
        RESOURCE.c.record,
        RESOURCE.c.contract,
    )
    mine = select(*columns).where(RESOURCE.c.person == person)
    rows = list(connection.execute(mine.where(*_conditions(chosen))))
    records = {(row.source, row.record) for row in rows if row.record is not None}
    found = {(row.type, row.id): row for row in rows}
    for each in _chunks(sorted(records)):
        whole = mine.where(tuple_(RESOURCE.c.source, RESOURCE.c.record).in_(each))
        found |= {(row.type, row.id): row for row in connection.execute(whole)}
    for key in _provenance_of(connection, person, found.keys()):
        row = connection.execute(mine.where(_is(key))).one()
        found.setdefault(key, row)
    groups: dict[tuple[str, str | None], list[Key]] = defaultdict(list)
    for key, row in sorted(found.items()):
        groups[row.owner, row.unit].append(key)
    by_owner = tuple(
        (owner, unit, tuple(keys))
        for (owner, unit), keys in sorted(groups.items(), key=lambda pair: str(pair[0]))
    )
    sources = {(row.source, row.contract) for row in found.values()}
    parts = _parts(connection, person, sources)
    gone = tuple(sorted(records))
    return Doomed(person, tuple(sorted(found)), by_owner, parts, gone, _evidence(found))


def purge(connection: Connection, key: bytes, what: Doomed, because: str, at: datetime) -> None:
    """Remove it, in the transaction that found it, and remember what is to stay away.

    `key` is the store's identity key.
    """
    person = what.person
    remember(connection, person, what.records, because, at)
    for keys in _chunks(what.keys):
        own = remembered_marks(connection, key, person, keys)
        remember(connection, person, ((API, each) for each in sorted(own)), because, at)
    delete_index_rows(connection, person, what.keys)
    for table in (RESOURCE_VERSION, RESOURCE):
        for keys in _chunks(what.keys):
            here = tuple_(table.c.type, table.c.id).in_(keys)
            connection.execute(delete(table).where(table.c.person == person, here))
    for source, ids in what.evidence:
        for chunk in _chunks(ids):
            follow(connection, person, source, (), chunk, at)
    for parts in _chunks(what.parts):
        connection.execute(
            delete(SOURCE_PART).where(SOURCE_PART.c.person == person, SOURCE_PART.c.id.in_(parts))
        )
    if what.keys:
        connection.execute(delete(PAGE_SET).where(PAGE_SET.c.person == person))


def _evidence(found: Mapping[Key, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    by_source: dict[str, list[str]] = defaultdict(list)
    for key, row in found.items():
        by_source[row.source].append(evidence_id(row.source, *key))
    return tuple((source, tuple(sorted(ids))) for source, ids in sorted(by_source.items()))


def _conditions(chosen: Chosen) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if chosen.owner is not None:
        found.append(RESOURCE.c.owner == chosen.owner)
    if chosen.source is not None:
        found.append(RESOURCE.c.source == chosen.source)
    if chosen.before is not None:
        found.append(RESOURCE.c.date_to <= chosen.before)
    if chosen.resources:
        found.append(or_(*(_is(key) for key in chosen.resources)))
    return found


def _is(key: Key) -> ColumnElement[bool]:
    return and_(RESOURCE.c.type == key[0], RESOURCE.c.id == key[1])


def _provenance_of(connection: Connection, person: str, keys: AbstractSet[Key]) -> list[Key]:
    """Return the Provenance that no target is left of; a vendor's names no record."""
    index = IX_REFERENCE
    mine = (index.c.person == person) & (index.c.type == "Provenance") & (index.c.param == "target")
    named: set[str] = set()
    for each in _chunks(sorted(keys)):
        statement = select(index.c.id).where(
            mine, tuple_(index.c.target_type, index.c.target_id).in_(each)
        )
        named |= set(connection.execute(statement).scalars())
    left: list[Key] = []
    for number in sorted(named):
        statement = select(index.c.target_type, index.c.target_id).where(mine, index.c.id == number)
        targets = {(row.target_type, row.target_id) for row in connection.execute(statement)}
        if not _stands(connection, person, targets - keys):
            left.append(("Provenance", number))
    return left


def _stands(connection: Connection, person: str, keys: AbstractSet[Key]) -> bool:
    """Tell whether any of these is in the store."""
    here = tuple_(RESOURCE.c.type, RESOURCE.c.id).in_(sorted(keys))
    statement = select(RESOURCE.c.id).where(RESOURCE.c.person == person, here).limit(1)
    return bool(keys) and connection.execute(statement).first() is not None


def _parts(
    connection: Connection, person: str, sources: set[tuple[str, str | None]]
) -> tuple[str, ...]:
    part = SOURCE_PART.c
    found: set[str] = set()
    for source, contract in sources:
        same = part.contract == contract if contract else part.contract.is_(None)
        statement = select(part.id).where(
            part.person == person,
            part.source == source,
            or_(same, part.contract.is_(None), part.state == "quarantined"),
        )
        found |= set(connection.execute(statement).scalars())
    return tuple(sorted(found))


def _chunks(values: Sequence[T]) -> list[Sequence[T]]:
    return [values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE)]


def scrub(connection: Connection) -> None:
    """Have SQLite overwrite what is deleted from here on in this connection."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")


def settle(store: Store) -> None:
    """Have SQLite's write-ahead log, which holds what was deleted, written back and emptied."""
    if not store.sqlite:
        return
    connection = store.engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
