"""Who may take away a block that was registered by mistake, as if it had not been.

Source: SVOD 2:3, PDL 4:4. What the person set themself the person lifts. The statutes say nothing
of mistaken registrations by staff; the default stands with its switch (`MISTAKES_ARE_VOIDED`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from consent.facts import Capacity
from consent.reader import STAFF
from consent.situation import Situation, Switch

SAME_DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Registered:
    """Who wrote a block down (None: the person), and when (aware)."""

    by: str | None
    at: datetime


def may_void(situation: Situation, registered: Registered) -> bool:
    """Tell whether the reader, of the block's own organisation, may take it away."""
    request = situation.request
    reader = request.reader
    if not situation.switches[Switch.MISTAKES_ARE_VOIDED] or registered.by is None:
        return False
    if not (reader.assignment_valid and reader.strong_auth):
        return False
    wrote = registered.by == reader.user and request.at < registered.at + SAME_DAY
    return reader.as_ is Capacity.OFFICER or (reader.as_ in STAFF and wrote)
