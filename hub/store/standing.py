"""What stands of a source's records, and how it leaves: nullified, or gone at the source.

Source: DESIGN §4 "Leaving": from then on no other organisation reads any version; the owner still
can. The caller holds the transaction.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection, Select, and_, select, update

from hub.store.incoming import Incoming
from hub.store.schema.resource import RESOURCE
from hub.store.schema.source_part import SOURCE_PART

Key = tuple[str, str]
"""Type and id of a resource."""


@dataclass(slots=True)
class PartTime:
    """When a part was received, and of when its delivery says that it is, in microseconds."""

    received: int
    as_of: int | None = None


PartTimes: TypeAlias = dict[tuple[str, str | None], PartTime]
"""By person and part."""


@dataclass(frozen=True, slots=True)
class Stands:
    """What stands of one record: the contracts that it came by, and when that was received.

    `received`, and of when its delivery says that it is, are in microseconds since 1970. `keys` are
    of its resources that are not withdrawn.
    """

    contracts: frozenset[str]
    received: int
    withdrawn: bool
    as_of: int | None = None
    keys: frozenset[Key] = frozenset()


@dataclass(slots=True)
class _Row:
    """What a record gives: by which contract, from which part, and whether that is withdrawn."""

    key: Key
    contract: str | None
    part: PartTime
    withdrawn: bool


class RecordsStanding:
    """What stands of records of a source, as the store has it and as parts change it one by one.

    A record's key is of one person, so that records of several can be asked for at once.
    """

    def __init__(
        self,
        connection: Connection,
        persons: Collection[str],
        source: str,
        records: Collection[str],
        times: PartTimes,
    ) -> None:
        """Ask once what stands of the records; `times` are those of the parts that they are in."""
        self._rows: dict[str, dict[Key, _Row]] = {}
        for row in connection.execute(_statement(persons, source, records)):
            of = (row.person, row.part)
            time = times.get(of)
            if time is None:
                time = times[of] = PartTime(row.received or 0, row.as_of)
            key = (row.type, row.id)
            found = _Row(key, row.contract, time, row.withdrawn)
            self._rows.setdefault(row.record, {})[key] = found

    def of(self, records: Collection[str]) -> dict[str, Stands]:
        """Return what stands of these records, for those that are known."""
        return {each: _stands(self._rows[each].values()) for each in records if each in self._rows}

    def written(self, incoming: Iterable[Incoming], part: PartTime) -> None:
        """Note new versions, which a part gave."""
        for each in incoming:
            if each.record is not None:
                row = _Row(each.key, each.contract, part, each.item.withdrawn)
                self._rows.setdefault(each.record, {})[each.key] = row

    def withdrawn(self, records: Iterable[str], keys: Iterable[Key]) -> None:
        """Note that resources, of any of these records, are withdrawn."""
        gone = frozenset(keys)
        for row in self._of(records):
            row.withdrawn = row.withdrawn or row.key in gone

    def stood_in(self, records: Iterable[str], part: PartTime) -> None:
        """Note that records which stand unchanged are what this part holds, too."""
        for row in self._of(records):
            row.part = part

    def _of(self, records: Iterable[str]) -> Iterator[_Row]:
        for each in records:
            yield from self._rows.get(each, {}).values()


def _statement(
    persons: Collection[str], source: str, records: Collection[str]
) -> Select[tuple[Any, ...]]:
    part = and_(SOURCE_PART.c.person == RESOURCE.c.person, SOURCE_PART.c.id == RESOURCE.c.part)
    return (
        select(
            RESOURCE.c.person,
            RESOURCE.c.type,
            RESOURCE.c.id,
            RESOURCE.c.record,
            RESOURCE.c.contract,
            RESOURCE.c.part,
            RESOURCE.c.withdrawn,
            SOURCE_PART.c.received,
            SOURCE_PART.c.as_of,
        )
        .select_from(RESOURCE.outerjoin(SOURCE_PART, part))
        .where(
            RESOURCE.c.person.in_(persons),
            RESOURCE.c.source == source,
            RESOURCE.c.record.in_(records),
        )
    )


def _stands(rows: Collection[_Row]) -> Stands:
    return Stands(
        frozenset(row.contract for row in rows if row.contract),
        max(row.part.received for row in rows),
        any(row.withdrawn for row in rows),
        max((row.part.as_of for row in rows if row.part.as_of is not None), default=None),
        frozenset(row.key for row in rows if not row.withdrawn),
    )


def resources_by_contract(
    connection: Connection, person: str, source: str, contract: str
) -> set[Key]:
    """Return what stands of a person by one contract of a source, and is not withdrawn."""
    statement = select(RESOURCE.c.type, RESOURCE.c.id).where(
        RESOURCE.c.person == person,
        RESOURCE.c.source == source,
        RESOURCE.c.withdrawn.is_(False),
        RESOURCE.c.contract == contract,
    )
    return {(row.type, row.id) for row in connection.execute(statement)}


def stand_in(
    connection: Connection, person: str, source: str, records: Iterable[str], part: str
) -> None:
    """Note that records which stand unchanged are what this part holds, too."""
    connection.execute(
        update(RESOURCE)
        .where(
            RESOURCE.c.person == person,
            RESOURCE.c.source == source,
            RESOURCE.c.record.in_(set(records)),
            RESOURCE.c.part != part,
        )
        .values(part=part)
    )


def withdraw(connection: Connection, person: str, keys: Iterable[Key]) -> None:
    """Mark resources as gone at their source: from now on only their owner reads any version."""
    for resource_type, resource_id in keys:
        connection.execute(
            update(RESOURCE)
            .where(
                RESOURCE.c.person == person,
                RESOURCE.c.type == resource_type,
                RESOURCE.c.id == resource_id,
            )
            .values(withdrawn=True)
        )


def withdraw_all(connection: Connection, person: str, source: str) -> None:
    """Mark all that a source has given about a person as gone at the source."""
    connection.execute(
        update(RESOURCE)
        .where(RESOURCE.c.person == person, RESOURCE.c.source == source)
        .values(withdrawn=True)
    )
