"""Whether a block is back when a lift of it ends: for everybody, for some, or not any more.

Source: SVOD 2:3 third paragraph, 3:5; PDL 4:5. A block may be lifted for several at once, each for
their own time, and the person may have lifted it for good meanwhile: they are told what is so.
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from consent.facts import Lift, Sparr
from hub.store.facts import known_of, linked


class Back(StrEnum):
    """For whom the blocks stand again that lifts have opened."""

    ALL = "all"
    SOME = "some"
    GONE = "gone"


def back(
    connection: Connection, persons: Collection[str], lifts: Collection[str], at: datetime
) -> Back:
    """Return whether the blocks of these lifts, which have ended, stand, and for whom."""
    known = known_of(connection, linked(connection, persons)).entries
    blocks = {each.content.id for each in known if isinstance(each.content, Sparr)}
    of_person = [(each.id, each.content) for each in known if isinstance(each.content, Lift)]
    lifted = {lift.block for name, lift in of_person if name in lifts} & blocks
    if not lifted:
        return Back.GONE
    others = (lift for name, lift in of_person if name not in lifts and lift.block in lifted)
    return Back.SOME if any(each.period.holds(at) for each in others) else Back.ALL
