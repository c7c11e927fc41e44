"""The log record of an act of administration: durable before the act is (P2).

Source: DESIGN §4 "Leaving", §6.
"""

from collections.abc import Iterable
from datetime import datetime

from hub.audit.record import AccessRecord, Action, Outcome, Shown, new_id


def administered(
    query: str,
    at: datetime,
    *,
    person: str | None = None,
    organisation: str | None = None,
    shown: Iterable[Shown] = (),
    grounds: tuple[str, ...] = (),
    reason: str | None = None,
) -> AccessRecord:
    """Return the record of what an operator does; `query` is the act in a few fixed words."""
    return AccessRecord(
        id=new_id(),
        recorded=at,
        action=Action.ADMINISTER,
        outcome=Outcome.PERMIT,
        organisation=organisation,
        person=person,
        shown=tuple(shown),
        grounds=grounds,
        query=query,
        reason=reason,
    )
