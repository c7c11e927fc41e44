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
    """Return a delivery with the time that it says it is of, if the profile looks for one."""
    return replace(delivery, as_of=_as_of(top, profile, name))


def _as_of(top: SourceNode, profile: SourceProfile, name: str) -> datetime | None:
    value: str | None = None
    if profile.as_of is not None:
        value = profile.as_of.find(top, top).value
    elif profile.as_of_name is not None:
        found = profile.as_of_name.search(name)
        value = found[1] if found else None
    moment = Reading(profile, top).moment(value) if value else None
    return moment.start if moment else None
