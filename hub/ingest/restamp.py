"""Rows brought into line with what has become known since they were written.

Source: SVOD 2:2, 2:4 (what the owner declares), 2:6 (what the owner has assessed). The columns that
a scope filters on follow the organisations file and the facts, in the same transaction as these.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, case, select, update

from consent.facts import Availability, Facts
from hub.ingest.judge import ground_of
from hub.store.directory import Directory
from hub.store.schema.resource import RESOURCE, RESOURCE_VERSION
from hub.store.scope_sql import seconds

_MICROSECONDS = 1_000_000


def restamp(connection: Connection, known: Directory, owners: Iterable[str]) -> None:
    """Give the rows of these owners the availability that the owners declare now.

    What was never to be available (no owner or unit in the document: it has no instant) stays so,
    and what rests on an assessment (SVOD 2:6) keeps its ground.
    """
    for owner in owners:
        declared = known.availability(owner)
        from_ = declared.makes_available_from
        mine = RESOURCE.c.owner == owner
        if from_ is None:
            connection.execute(
                update(RESOURCE)
                .where(mine)
                .values(availability=Availability.NONE.value, informed=False)
            )
            continue
        informed = declared.informs_from
        received = _received()
        since = case((received > seconds(from_), received), else_=seconds(from_))
        connection.execute(
            update(RESOURCE)
            .where(mine, RESOURCE.c.available_since.is_not(None))
            .values(
                availability=case(
                    (
                        RESOURCE.c.availability == Availability.GROUND_2_6.value,
                        Availability.GROUND_2_6.value,
                    ),
                    else_=Availability.GROUND_2_4.value,
                ),
                available_since=since,
                informed=False if informed is None else seconds(informed) <= since,
            )
        )


def restamp_person(connection: Connection, persons: Sequence[str], facts: Facts) -> None:
    """Give a person's rows the ground of availability that their owners' assessments give now.

    An assessment that is changed or ended takes its ground with it.
    """
    owners = select(RESOURCE.c.owner).where(RESOURCE.c.person.in_(persons)).distinct()
    for owner in connection.execute(owners).scalars().all():
        ground = ground_of(owner, facts)
        connection.execute(
            update(RESOURCE)
            .where(
                RESOURCE.c.person.in_(persons),
                RESOURCE.c.owner == owner,
                RESOURCE.c.availability != Availability.NONE.value,
                RESOURCE.c.availability != ground.value,
            )
            .values(availability=ground.value)
        )


def _received() -> ColumnElement[int]:
    """When a row was first written, in seconds: it cannot have been available before."""
    first = RESOURCE_VERSION
    return (
        select(first.c.last_updated // _MICROSECONDS)
        .where(
            first.c.person == RESOURCE.c.person,
            first.c.type == RESOURCE.c.type,
            first.c.id == RESOURCE.c.id,
            first.c.version == 1,
        )
        .scalar_subquery()
    )
