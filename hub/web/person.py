"""The person whom a reviewer searches for, by number; numbers stay out of addresses.

Source: DESIGN §3, "One person at a time"; ASVS 5.0 14.2.1. Every well-formed number is answered
alike: the hub's id of the person, of which the address is made.
"""

from urllib.parse import urlencode

from consent.period import STOCKHOLM
from hub.errors import BadRequest
from hub.store.identity import hub_id
from hub.web.visit import ROOT, Goto, Shown, Visit
from mappings.personal_identity import NotAnIdentity, normalise


def found(visit: Visit) -> Shown:
    """Return the way to the accesses to one person's data."""
    return Goto(f"{ROOT}/atkomster?{urlencode({'patient': person_given(visit)})}")


def person_given(visit: Visit) -> str:
    """Return the hub's id of the person whose number stands in the form.

    Raises:
        BadRequest: it is no number.
    """
    today = visit.call.at.astimezone(STOCKHOLM).date()
    try:
        identity = normalise(visit.value("personnummer"), None, today)
    except NotAnIdentity:
        raise BadRequest("the person number cannot be read", code="no-person-number") from None
    with visit.hub.store.read() as connection:
        return hub_id(connection, visit.hub.identity_key, identity)
