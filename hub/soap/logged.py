"""The log record of a message of an engagement index that was refused, and of who nobody knows.

Source: DESIGN §6; ASVS 5.0 16.3.1; docs/decisions/0019. It lies with the organisation whose source
the caller may tell of, and else with the hub's operator. Nothing of the message is part of it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from consent.facts import Capacity
from hub.api.log import write
from hub.audit.record import COLUMN_LIMIT, AccessRecord, Action, Outcome, new_id
from hub.config.source import Source
from hub.running import Hub


def log_refusal(
    hub: Hub, path: str, network: str | None, sources: Sequence[Source], why: str
) -> None:
    """Write that a message was refused, unless it is one of many alike (hub/auth/refusals.py).

    Raises:
        Unavailable: it cannot be logged.
    """
    names = tuple(sorted(each.id for each in sources))
    number = hub.refusals.count(
        f"soap {why}", (network, path, names), hub.clock(), verified=bool(sources)
    )
    if number is None:
        return
    owners = {owner for each in sources for owner in each.owners}
    found = AccessRecord(
        id=new_id(),
        recorded=datetime.now(UTC),
        action=Action.CREATE if sources else Action.AUTHENTICATE,
        outcome=Outcome.DENY,
        organisation=next(iter(owners)) if len(owners) == 1 else None,
        capacity=Capacity.SYSTEM.value if sources else None,
        request_id=str(uuid4()),
        query=f"POST {path}",
        client=" ".join(names)[:COLUMN_LIMIT] or None,
        network=network,
        flags=("client-refused",),
        refusal=why,
        times=number,
    )
    write(hub.log, found)
