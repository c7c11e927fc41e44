"""The log record of what an operation showed of a person.

Source: DESIGN P2, §6.
"""

from collections.abc import Sequence

from hub.api.call import Call
from hub.api.log import record, write
from hub.api.weighed import Access
from hub.audit.record import Action, Outcome
from hub.running import Hub
from hub.store.reading import Found


def log_operated(hub: Hub, call: Call, access: Access, found: Sequence[Found], query: str) -> None:
    """Return once the record of an operation that showed these rows is durable.

    Raises:
        Unavailable: it cannot be written; nothing may be shown.
    """
    made = record(call, Action.OPERATION, Outcome.PERMIT, access=access, found=found, query=query)
    write(hub.log, made)
