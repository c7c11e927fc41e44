"""Of when an export says that it is: in it, or in its name.

Source: docs/decisions/0011-late-and-interrupted-exports.md.
"""

from dataclasses import replace
from datetime import datetime

from adapters.document import Delivery
from adapters.fitted.reading import Reading
from mappings.source_node import SourceNode
from mappings.source_profile import SourceProfile


def dated(delivery: Delivery, top: SourceNode, profile: SourceProfile, name: str) -> Delivery:
    """Return a delivery with the time that it says it is of, if the profile looks for one.

    What stands beside the persons of a large export is no longer in its tree: the delivery has it.
    """
    return replace(delivery, as_of=_as_of(top, profile, name) or delivery.as_of)


def _as_of(top: SourceNode, profile: SourceProfile, name: str) -> datetime | None:
    if profile.as_of is not None:
        return moment(profile.as_of.find(top, top).value, top, profile)
    found = profile.as_of_name.search(name) if profile.as_of_name is not None else None
    return moment(found[1], top, profile) if found else None


def moment(value: str | None, top: SourceNode, profile: SourceProfile) -> datetime | None:
    """Return the time that a value means, by the profile's forms of dates."""
    found = Reading(profile, top).moment(value) if value else None
    return found.start if found else None
