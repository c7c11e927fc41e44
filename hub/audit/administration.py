"""The log record of an act of administration: durable before the act is (P2).

Source: DESIGN §4 "Leaving", §6.
"""

import getpass
from collections.abc import Iterable
from datetime import datetime

from hub.audit.mandate import OPERATOR
from hub.audit.record import COLUMN_LIMIT, AccessRecord, Action, Outcome, Shown, new_id


def operator() -> str | None:
    """Return the account that runs the command; None where the system names none that fits."""
    try:
        name = OPERATOR + getpass.getuser()
    except (KeyError, OSError, ImportError):
        return None
    return name if len(name) <= COLUMN_LIMIT and name.isprintable() else None


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
        user=operator(),
        organisation=organisation,
        person=person,
        shown=tuple(shown),
        grounds=grounds,
        query=query,
        reason=reason,
    )
