"""The log records of a command that changes something, durable before it does.

Source: DESIGN P2, §6. Should the change then fail, the log says that it was tried.
"""

from collections.abc import Sequence

from hub.audit.errors import AuditError
from hub.audit.record import AccessRecord
from hub.audit.writer import AuditWriter
from hub.cli.opening import fail
from hub.store.connect import Store


def logged_before(store: Store, records: Sequence[AccessRecord]) -> None:
    """Write the records, or end the command."""
    log = AuditWriter(store)
    try:
        log.append_all(records)
    except AuditError as problem:
        fail(str(problem))
    finally:
        log.close()
