"""The log record of what an operation showed of a person.

Source: DESIGN P2, §6.
"""

from collections.abc import Sequence

from hub.api.call import Call
from hub.api.log import records, write
from hub.api.weighed import Access
from hub.audit.record import Action, Outcome
from hub.running import Hub
from hub.store.reading import Found


def log_operated(hub: Hub, call: Call, access: Access, found: Sequence[Found], query: str) -> None:
    """Return once the records of an operation that showed these rows are durable.

    Raises:
        Unavailable: they cannot be written; nothing may be shown.
    """
    write(hub.log, *records(call, Action.OPERATION, Outcome.PERMIT, access, found, query))
