"""What reading the log has in common: the record of it, and records as AuditEvents for a reader.

Source: DESIGN §6: reading the log is logged too. The person gets each record in words as well.
"""

from collections.abc import Sequence
from html import escape

import msgspec

from hub.api.call import Call
from hub.api.log import record
from hub.audit.balp import to_audit_event
from hub.audit.mandate import HUB, Mandate
from hub.audit.record import AccessRecord, Action, Outcome, Shown
from hub.audit.search import Entry
from hub.audit.words import Names, in_words
from hub.store.directory import Directory


def events(call: Call, entries: Sequence[Entry], mandate: Mandate, known: Directory) -> list[bytes]:
    """Return records as AuditEvents; to the person with a sentence in Swedish each."""
    names = Names(known.organisation_names, known.unit_names)
    found = []
    for entry in entries:
        event = to_audit_event(entry.record, server=call.fhir_root, discloses=mandate.organisations)
        if mandate.persons:
            sentence = escape(in_words(entry.record, names), quote=False)
            div = f'<div xmlns="http://www.w3.org/1999/xhtml" lang="sv">{sentence}</div>'
            event["text"] = {"status": "generated", "div": div}
        found.append(msgspec.json.encode(event))
    return found


def reading(
    call: Call,
    mandate: Mandate,
    persons: Sequence[str],
    entries: Sequence[Entry],
    query: str,
    *,
    outcome: Outcome = Outcome.PERMIT,
) -> AccessRecord:
    """Return the record of a reading: whose records were asked for, and which were shown."""
    about = [*persons, *sorted(mandate.persons)]
    places = tuple(f"AuditEvent/{entry.record.id}" for entry in entries)
    shown = Shown(call.caller.organisation or HUB, None, places)
    return record(
        call,
        Action.LOG_READ,
        outcome,
        person=about[0] if about else None,
        shown=(shown,) if places else (),
        query=query,
    )
