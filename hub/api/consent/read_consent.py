"""read, vread and history of a Consent: one answer or block, if it concerns the caller.

Source: FHIR R4 http.html#read, #vread, #history. What does not concern the caller is answered as
what is not there (P3).
"""

from email.utils import formatdate

import msgspec

from hub.api.access import about_person
from hub.api.bundle import history
from hub.api.call import Answer, Call
from hub.api.conditions import etag
from hub.api.consent.resource import resource_of
from hub.api.consent.shown import consent_records
from hub.api.consent.standing import Stands, Version, person_in, standing
from hub.api.log import write
from hub.audit.record import Action, Outcome
from hub.errors import NotFound
from hub.running import Hub
from hub.store.instant import micros
from hub.store.reading import Found


def read_consent(hub: Hub, call: Call, number: str) -> Answer:
    """Return the version that stands, with ETag and Last-Modified; 304 for who has it.

    Raises:
        NotFound: there is none, or none that concerns the caller.
        Unavailable: the access cannot be logged.
    """
    found = _found(hub, call, number, Action.READ, None)
    return served(call, found, found.now)


def vread_consent(hub: Hub, call: Call, number: str, version: int) -> Answer:
    """Return one version.

    Raises:
        NotFound: there is none, or none that concerns the caller.
        Unavailable: the access cannot be logged.
    """
    found = _found(hub, call, number, Action.VREAD, version)
    return served(call, found, found.versions[version - 1])


def history_consent(hub: Hub, call: Call, number: str) -> Answer:
    """Return every version, the latest first.

    Raises:
        NotFound: there is none, or none that concerns the caller.
        Unavailable: the access cannot be logged.
    """
    found = _found(hub, call, number, Action.HISTORY, None)
    rows = [
        Found(
            found.person,
            "Consent",
            found.id,
            each.number,
            micros(each.at),
            msgspec.json.encode(resource_of(found, each)),
            False,
            "",
            found.organisation,
            None,
        )
        for each in reversed(found.versions)
    ]
    links = [("self", f"{call.fhir_root}/Consent/{number}/_history")]
    return Answer(200, history(call.fhir_root, rows, links, len(rows)))


def served(call: Call, found: Stands, version: Version) -> Answer:
    """Return a version as it is served."""
    at = micros(version.at)
    headers = {
        "ETag": etag(version.number),
        "Last-Modified": formatdate(at / 1_000_000, usegmt=True),
    }
    if call.conditions.unchanged(version.number, at):
        return Answer(304, b"", headers)
    return Answer(200, msgspec.json.encode(resource_of(found, version)), headers)


def _found(hub: Hub, call: Call, number: str, action: Action, version: int | None) -> Stands:
    """The answer or block of that id; the access to it is logged."""
    with hub.store.read() as connection:
        access = about_person(hub, connection, call, person_in(number))
        all_there = standing(hub, connection, access, call.at)
    found = next((each for each in all_there if each.id == number), None)
    if found is not None and version is not None and version > len(found.versions):
        found = None
    query = f"Consent/{number}" + (f"/_history/{version}" if version else "")
    outcome = Outcome.DENY if found is None else Outcome.PERMIT
    shown = [found] if found else []
    write(hub.log, *consent_records(call, action, outcome, access, shown, query))
    if found is None:
        raise NotFound
    return found
