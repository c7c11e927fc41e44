"""An item as the columns of its row."""

from typing import Any

from consent.facts import Item
from hub.store.scope_sql import seconds


def item_row(item: Item) -> dict[str, Any]:
    """Return the values of an item's consent columns (see `hub.store.schema.consent_columns`)."""
    return {
        "owner": item.owner,
        "authority": item.authority,
        "unit": item.unit,
        "process": item.process,
        "regime": item.regime.value,
        "service": item.service,
        "recipient": item.recipient.value,
        "info_type": item.info_type.value,
        "date_from": None if item.date.start is None else seconds(item.date.start),
        "date_to": None if item.date.end is None else seconds(item.date.end),
        "collected_for": item.collected_for.value,
        "per_person_file": item.per_person_file,
        "informed": item.informed,
        "availability": item.availability.value,
        "available_since": None if item.available_since is None else seconds(item.available_since),
        "secret_from_person": item.secret_from_person,
        "withdrawn": item.withdrawn,
    }


def masks_text(masks: frozenset[str]) -> str:
    """Return the masks as the column holds them: names in order, separated by commas."""
    return ",".join(sorted(masks))
