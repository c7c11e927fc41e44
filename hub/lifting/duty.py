"""Who is asked to answer a request to lift, and for how long before the next are.

Source: SVOD 3:5, PDL 4:5: an officer of the blocking vårdgivare's decides. Which of them, in which
order, the organisations file says (`lift_duty`); any of them may answer at any time. After the last
in the order it is every officer who is asked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from consent.facts import Capacity
from hub.config.organisation import LiftDuty
from hub.store.directory import Directory

UNLESS_SAID = (LiftDuty(officers=(), minutes=15),)
"""Every officer; and after a quarter of an hour it is said that nobody has answered."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is to answer: `level` in the order, the officers (none: all), how long."""

    level: int
    officers: tuple[str, ...]
    within: timedelta | None


def turn_from(known: Directory, owner: str, level: int, at: datetime) -> Turn:
    """Return the first turn from a level on in which there is anybody in force to answer."""
    entry = known.entries.get(owner)
    duties = (entry.lift_duty if entry else ()) or UNLESS_SAID
    for number, duty in enumerate(duties):
        there = tuple(each for each in duty.officers if _in_force(known, owner, each, at))
        if number >= level and (there or not duty.officers):
            return Turn(number, there, timedelta(minutes=duty.minutes))
    return Turn(len(duties), (), None)


def _in_force(known: Directory, owner: str, user: str, at: datetime) -> bool:
    return any(
        each.as_ is Capacity.OFFICER and each.period.holds(at)
        for each in known.assignments(owner, user)
    )
