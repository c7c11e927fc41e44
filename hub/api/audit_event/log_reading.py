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


def _is_of(person: str | None, number: str | None, others: set[str | None] | None) -> bool:
    """Tell whether a record is shown as of a number; the first has what is of none asked about."""
    return person == number or (others is not None and person not in others)


def readings(
    call: Call,
    mandate: Mandate,
    persons: Sequence[str],
    entries: Sequence[Entry],
    query: str,
    *,
    outcome: Outcome = Outcome.PERMIT,
) -> list[AccessRecord]:
    """Return the records of a reading: whose records were asked for, and which were shown.

    One for each number that is asked about, with what was shown of it (`hub.api.log`).
    """
    about = tuple(dict.fromkeys([*persons, *sorted(mandate.persons)])) or (None,)
    found = []
    for each in about:
        others = {*about} - {each} if each == about[0] else None
        own = [e for e in entries if _is_of(e.record.person, each, others)]
        places = tuple(f"AuditEvent/{entry.record.id}" for entry in own)
        shown = (Shown(call.caller.organisation or HUB, None, places),) if places else ()
        found.append(record(call, Action.LOG_READ, outcome, person=each, shown=shown, query=query))
    return found
