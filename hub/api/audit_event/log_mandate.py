"""What somebody may read in the log: whose records, by the token and the directory.

Source: hub/audit/mandate.py; SVOD 4:2, 4:5, PDL 8:5: whether the person may is the law's to say.
Staff who read records about people read nothing here: the log is for those who review it and for
the person it is about.
"""

from sqlalchemy import Connection

from consent.facts import Capacity, Operation, Reader, Request
from consent.scope import scope
from hub.api.call import Call
from hub.audit.mandate import HUB, Mandate
from hub.errors import NotAllowed
from hub.running import Hub
from hub.situated import known_now
from hub.store.directory import Directory
from hub.store.facts import facts_of, linked
from hub.store.identity import person_key


def mandate_of(hub: Hub, connection: Connection, call: Call, known: Directory) -> Mandate:
    """Return the caller's mandate at the call's instant.

    Raises:
        NotAllowed: the caller has none: no auditor in force, nor the person.
    """
    caller = call.caller
    if caller.in_force and caller.strong_auth:
        if caller.capacity is Capacity.AUDITOR and caller.organisation is not None:
            entry = known.entries.get(caller.organisation)
            more = (*entry.supervises, *((HUB,) if entry.operates_hub else ())) if entry else ()
            return Mandate(organisations=frozenset({caller.organisation, *more}))
        if caller.capacity is Capacity.INDIVIDUAL and caller.person is not None:
            own = person_key(hub.identity_key, caller.person.system, caller.person.value)
            keys = linked(connection, [own])
            if _may_read_their_own(connection, keys, call, known):
                return Mandate(persons=frozenset(keys))
    raise NotAllowed(
        "the log is read by an organisation's auditors and by the person it is about",
        code="no-log-mandate",
    )


def _may_read_their_own(
    connection: Connection, keys: list[str], call: Call, known: Directory
) -> bool:
    caller = call.caller
    reader = Reader(caller.user, None, Capacity.INDIVIDUAL, strong_auth=caller.strong_auth)
    request = Request(reader, call.at, Operation.LOG_EXTRACT)
    facts = facts_of(connection, keys)
    return not scope(known_now(facts, known).asked(request)).empty
