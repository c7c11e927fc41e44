"""What stands of a source's records, and how it leaves: nullified, or gone at the source.

Source: DESIGN §4 "Leaving": from then on no other organisation reads any version; the owner still
can. The caller holds the transaction.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, select, update

from hub.store.schema.resource import RESOURCE
from hub.store.schema.source_part import SOURCE_PART

Key = tuple[str, str]
"""Type and id of a resource."""


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


def records_standing(
    connection: Connection, persons: Collection[str], source: str, records: Collection[str]
) -> dict[str, Stands]:
    """Return what stands of these records of a source, for those that are known.

    A record's key is of one person, so that records of several can be asked for at once.
    """
    part = and_(SOURCE_PART.c.person == RESOURCE.c.person, SOURCE_PART.c.id == RESOURCE.c.part)
    statement = (
        select(
            RESOURCE.c.type,
            RESOURCE.c.id,
            RESOURCE.c.record,
            RESOURCE.c.contract,
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
    rows: dict[str, list[Any]] = {}
    for row in connection.execute(statement):
        rows.setdefault(row.record, []).append(row)
    return {
        record: Stands(
            frozenset(row.contract for row in found if row.contract),
            max(row.received or 0 for row in found),
            any(row.withdrawn for row in found),
            max((row.as_of for row in found if row.as_of is not None), default=None),
            frozenset((row.type, row.id) for row in found if not row.withdrawn),
        )
        for record, found in rows.items()
    }


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
