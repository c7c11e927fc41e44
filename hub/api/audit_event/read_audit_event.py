"""read of an AuditEvent: one record of the log.

Source: FHIR R4 http.html#read; hub/api/audit_event/search_audit_event.py.
"""

from hub.api.audit_event.log_mandate import mandate_of
from hub.api.audit_event.log_reading import events, readings
from hub.api.call import Answer, Call
from hub.api.log import write
from hub.audit.record import Outcome
from hub.audit.search import entry_at
from hub.errors import NotFound
from hub.running import Hub
from hub.store.directory import directory


def read_audit_event(hub: Hub, call: Call, number: str) -> Answer:
    """Return one record as an AuditEvent.

    Raises:
        NotAllowed: the caller has no mandate to read the log.
        NotFound: there is none, or the mandate does not cover it: always alike.
        Unavailable: the reading itself cannot be logged.
    """
    with hub.store.read() as connection:
        known = directory(connection)
        mandate = mandate_of(hub, connection, call, known)
        entry = entry_at(connection, mandate, number)
    entries = [entry] if entry else []
    outcome = Outcome.PERMIT if entries else Outcome.DENY
    query = f"AuditEvent/{number}"
    write(hub.log, *readings(call, mandate, (), entries, query, outcome=outcome))
    if not entries:
        raise NotFound
    return Answer(200, events(call, entries, mandate, known)[0])
