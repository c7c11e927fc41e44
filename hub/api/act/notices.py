"""$notices: what the person has been told of what was done with their blocks.

Source: SVOD 3:5, 4:2; FHIR R4 communication.html. The person's own, and nobody else's.
"""

import msgspec

from hub.api.access import about_person
from hub.api.bundle import searchset
from hub.api.call import Answer, Call
from hub.api.concerned import is_the_person
from hub.api.log import record, write
from hub.audit.record import Action, Outcome, Shown
from hub.errors import NotAllowed
from hub.running import Hub
from hub.store.lift_requests import Notice, notices_of
from mappings.base_profiles import HSA_ID


def notices(hub: Hub, call: Call, _kind: str, person: str) -> Answer:
    """Return a searchset of Communication, the newest first.

    Raises:
        NotAllowed: the caller is not the person.
        Unavailable: the reading cannot be logged.
    """
    query = f"Patient/{person}/$notices"
    with hub.store.read() as connection:
        access = about_person(hub, connection, call, person)
        own = is_the_person(access)
        found = notices_of(connection, access.persons) if own else []
    outcome = Outcome.PERMIT if own else Outcome.DENY
    shown = tuple(Shown(each.sender, None, (f"Communication/{each.id}",)) for each in found)
    said = record(call, Action.OPERATION, outcome, access=access, query=query, shown=shown)
    write(hub.log, said)
    if not own:
        raise NotAllowed("notices are the person's own", code="not-for-the-person")
    bodies = [msgspec.json.encode(_communication(each, person)) for each in found]
    url = f"{call.fhir_root}/{query}"
    return Answer(200, searchset(call.fhir_root, bodies, [("self", url)], len(bodies)))


def _communication(notice: Notice, person: str) -> dict[str, object]:
    return {
        "resourceType": "Communication",
        "id": notice.id,
        "status": "completed",
        "subject": {"reference": f"Patient/{person}"},
        "recipient": [{"reference": f"Patient/{person}"}],
        "sender": {"identifier": {"system": HSA_ID, "value": notice.sender}},
        "sent": notice.sent.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "payload": [{"contentString": notice.text}],
    }
