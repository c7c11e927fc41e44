"""Rows brought into line with what has become known since they were written.

Source: SVOD 2:2, 2:4 (what the owner declares), OSL 22:1 (a protected identity). The columns that a
scope filters on follow the organisations file; bodies of a person whose identity has become
protected get their masked form in the same transaction as the fact.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, case, or_, select, update

from consent.facts import Availability, Facts, ProtectedIdentity
from hub.fhir.json_codec import decode, encode
from hub.ingest.judge import EVERY_MASK
from hub.ingest.masking import masked
from hub.store.directory import Directory
from hub.store.item_row import masks_text
from hub.store.schema.resource import RESOURCE, RESOURCE_VERSION
from hub.store.scope_sql import seconds


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
        since = case(
            (RESOURCE.c.available_since > seconds(from_), RESOURCE.c.available_since),
            else_=seconds(from_),
        )
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


def mask_protected(connection: Connection, person: str, facts: Facts) -> None:
    """Write the masked bodies of a person whose identity is protected, where they are missing."""
    if facts.person.protected_identity is ProtectedIdentity.NONE:
        return
    for table in (RESOURCE, RESOURCE_VERSION):
        statement = select(table).where(table.c.person == person, table.c.masked_body.is_(None))
        for row in connection.execute(statement).all():
            body = encode(masked(decode(row.body), EVERY_MASK))
            here = [column == getattr(row, column.name) for column in table.primary_key.columns]
            connection.execute(update(table).where(*here).values(masked_body=body))
    connection.execute(
        update(RESOURCE)
        .where(RESOURCE.c.person == person, or_(RESOURCE.c.masks == "", RESOURCE.c.masks.is_(None)))
        .values(masks=masks_text(EVERY_MASK))
    )
