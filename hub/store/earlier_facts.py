"""Versions from before what the law asks of a resource changed: nobody is shown them any more.

Source: DESIGN §4, P1; PDL 4:4 (a block is around the unit), SVOD 4:2. A scope is held against a
resource's row, and the row says whose the resource is now. A version that another owner or unit
gave, or that was kept from the person, is not what the row says: it is set aside when the row
changes. The raw part that it came in stays. See docs/decisions/0029-versions-of-other-facts.md.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, or_, update

from consent.facts import Availability
from hub.store.kept_away import API
from hub.store.schema.resource import RESOURCE, RESOURCE_VERSION

ASKED = (
    "owner",
    "authority",
    "unit",
    "process",
    "regime",
    "service",
    "recipient",
    "info_type",
    "collected_for",
    "per_person_file",
)
"""What a version must share with the row. Not the date, which most changes of a record change."""


def differ(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Tell whether the law would be asked something else of one than of the other.

    What is kept back now, and was not before, is kept back with all its versions as it is.
    """
    approved = bool(before["secret_from_person"] and not after["secret_from_person"])
    return approved or _offered(before, after) or any(before[n] != after[n] for n in ASKED)


def _offered(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    none = Availability.NONE
    return bool(before["availability"] == none and after["availability"] != none)


def set_aside(connection: Connection, since: Mapping[tuple[str, str, str], int]) -> None:
    """Set aside the versions of each resource that are older than this one."""
    version = RESOURCE_VERSION.c
    named = [version[name] == bindparam(f"this_{name}") for name in ("person", "type", "id")]
    statement = (
        update(RESOURCE_VERSION)
        .where(*named, version.version < bindparam("since"))
        .values(set_aside=True)
    )
    values = [
        {"this_person": person, "this_type": kind, "this_id": number, "since": first}
        for (person, kind, number), first in since.items()
    ]
    connection.execute(statement, values)


def shown_versions(own: str | None) -> ColumnElement[bool]:
    """Return the condition on a version that it is none of those.

    To the systems of `own` no version is set aside of what they themselves have written: its owner
    was never another, and no unit's block is held against them.
    """
    kept = RESOURCE_VERSION.c.set_aside.is_(False)
    if own is None:
        return kept
    return or_(kept, and_(RESOURCE.c.owner == own, RESOURCE.c.source == API))
