"""$consents: the answers and the blocks of one person, as FHIR Consent, to whom they concern.

Source: SVOD 2:3, 3:1, 4:2; FHIR R4 consent.html; hub/api/concerned.py. With the assessments
that are known, as Observation.
"""

from typing import Any

import msgspec

from consent.facts import Assessment, Person, Sparr
from hub.api.access import about_person
from hub.api.act.assessed import ability, attitude
from hub.api.call import Answer, Call
from hub.api.concerned import concerns
from hub.api.consent.resource import resource_of
from hub.api.consent.standing import Stands, Status, standing
from hub.api.log import of_each_number, record, write
from hub.api.weighed import Access
from hub.audit.record import Action, Outcome
from hub.running import Hub
from hub.store.facts import KnownFact, known_of

Resource = dict[str, Any]


def consents(hub: Hub, call: Call, _kind: str, person: str) -> Answer:
    """Return a searchset Bundle of Consent: what counts now, in the order in which it was said.

    Raises:
        NotAllowed: the reading session is about somebody else.
        Unavailable: the reading cannot be logged.
    """
    with hub.store.read() as connection:
        access = about_person(hub, connection, call, person)
        entries = known_of(connection, access.persons).entries
        stands = standing(hub, connection, access, call.at)
    found = [_named(each, person) for each in stands if each.now.status is Status.ACTIVE]
    found += [made for each in entries if (made := _observation(each, person, access))]
    query = f"Patient/{person}/$consents"
    concerned = [*(each.person for each in stands), *(each.person for each in entries)]
    write(
        hub.log,
        *(
            record(call, Action.OPERATION, Outcome.PERMIT, access=each, query=query)
            for each in of_each_number(access, concerned)
        ),
    )
    bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
    if found:
        bundle["entry"] = [{"resource": each, "search": {"mode": "match"}} for each in found]
    return Answer(200, msgspec.json.encode(bundle))


def _named(stands: Stands, person: str) -> Resource:
    """The resource, with the name that the operations of this Patient know it by."""
    found = resource_of(stands)
    if stands.person != person and isinstance(stands.now.content, Sparr):
        found["identifier"][0]["value"] = f"{stands.person}/{stands.name}"
    return found


def _observation(fact: KnownFact, person: str, access: Access) -> Resource | None:
    content = fact.content
    if isinstance(content, Assessment) and concerns(access, content.by):
        return attitude(fact, content, person)
    if isinstance(content, Person) and _takes_part(access):
        return ability(fact, content, person)
    return None


def _takes_part(access: Access) -> bool:
    reader = access.request.reader
    return reader.takes_part and concerns(access, reader.organisation or "")
