"""Items as the law sees them, read back from their rows: the columns of a scope, and no content.

Source: DESIGN P8, §4: what was decided can be decided again.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select, tuple_

from consent.facts import Availability, Collected, InfoType, Item, Recipient, Regime
from consent.period import Period
from hub.store.schema.resource import RESOURCE

OF_AN_ITEM = (
    RESOURCE.c.owner,
    RESOURCE.c.authority,
    RESOURCE.c.unit,
    RESOURCE.c.process,
    RESOURCE.c.regime,
    RESOURCE.c.service,
    RESOURCE.c.recipient,
    RESOURCE.c.info_type,
    RESOURCE.c.date_from,
    RESOURCE.c.date_to,
    RESOURCE.c.collected_for,
    RESOURCE.c.per_person_file,
    RESOURCE.c.informed,
    RESOURCE.c.availability,
    RESOURCE.c.available_since,
    RESOURCE.c.secret_from_person,
    RESOURCE.c.withdrawn,
    RESOURCE.c.masks,
)
COLUMNS = (RESOURCE.c.type, RESOURCE.c.id, *OF_AN_ITEM)


def items_of(
    connection: Connection, persons: Sequence[str], references: Sequence[str]
) -> dict[str, Item]:
    """Return the items of these references (`Type/id`, a version may follow) that are still there.

    They are as they are now, by `Type/id`; what has been purged is absent.
    """
    wanted = {tuple(each.split("/")[:2]) for each in references}
    statement = select(*COLUMNS).where(
        RESOURCE.c.person.in_(persons), tuple_(RESOURCE.c.type, RESOURCE.c.id).in_(sorted(wanted))
    )
    return {item.id: item for item in map(_item, connection.execute(statement))}


def items_owned(
    connection: Connection, persons: Sequence[str], owners: Sequence[str]
) -> list[Item]:
    """Return every item that these owners hold of a person, in a fixed order."""
    statement = (
        select(*COLUMNS)
        .where(
            RESOURCE.c.person.in_(persons),
            RESOURCE.c.owner.in_(owners),
            RESOURCE.c.deleted.is_(False),
        )
        .order_by(RESOURCE.c.type, RESOURCE.c.id)
    )
    return [_item(row) for row in connection.execute(statement)]


def _item(row: Row[*tuple[Any, ...]]) -> Item:
    kind, number, *columns = row
    return item_from(f"{kind}/{number}", columns)


def item_from(reference: str, columns: Sequence[Any]) -> Item:
    """Return the item whose columns these are, in the order of `OF_AN_ITEM`."""
    (
        owner,
        authority,
        unit,
        process,
        regime,
        service,
        recipient,
        info_type,
        date_from,
        date_to,
        collected_for,
        per_person_file,
        informed,
        availability,
        available_since,
        secret_from_person,
        withdrawn,
        masks,
    ) = columns
    return Item(
        reference,
        owner,
        authority=authority,
        unit=unit,
        process=process,
        regime=Regime(regime),
        service=service,
        recipient=Recipient(recipient),
        info_type=InfoType(info_type),
        date=Period(_instant(date_from), _instant(date_to)),
        collected_for=Collected(collected_for),
        per_person_file=bool(per_person_file),
        informed=bool(informed),
        availability=Availability(availability),
        available_since=_instant(available_since),
        secret_from_person=bool(secret_from_person),
        withdrawn=bool(withdrawn),
        masks=frozenset(filter(None, masks.split(","))),
    )


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
