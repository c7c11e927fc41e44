"""Which interaction a request is: FHIR's table of paths and methods, read from top to bottom.

Source: FHIR R4 http.html#summary; INTERFACES. SMART scopes are a ceiling over everything here.
"""

import re

from hub.api.call import Answer, Call
from hub.api.capabilities import SERVED
from hub.api.create import create
from hub.api.ingest import ingest
from hub.api.open import open_session
from hub.api.page import page
from hub.api.read import read
from hub.api.search_patient import search_patient
from hub.api.search_type import search_type
from hub.api.transaction import transaction
from hub.errors import BadRequest, HubError, NotAllowed, NotFound
from hub.running import Hub

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")


class MethodNotAllowed(HubError):
    """405: the path is there, but not with this method."""

    status, issue, code = 405, "not-supported", "method-not-allowed"


def dispatch(hub: Hub, call: Call) -> Answer:
    """Return the answer of the interaction that the call asks for.

    Raises:
        HubError: whatever the interaction raises, or that there is none.
    """
    segments = [segment for segment in call.path.split("/") if segment]
    if segments[0] == "ingest":
        return ingest(hub, call, segments[1:])
    match (call.method, segments[1:]):
        case ("GET", []):
            return _pages(hub, call)
        case ("POST", []):
            return transaction(hub, call)
        case ("POST", ["Patient", "_search"]):
            _need(call, "Patient", "s")
            return search_patient(hub, call)
        case ("GET", ["Patient"]) | ("GET", ["Patient", "_search"]):
            raise BadRequest(
                "people are looked up with POST Patient/_search, so that numbers stay out of URLs",
                code="patient-by-post",
            )
        case ("GET", [kind]) | ("POST", [kind, "_search"]) if kind in SERVED:
            _need(call, kind, "s")
            return search_type(hub, call, kind)
        case ("POST", [kind]) if kind in SERVED:
            _need(call, kind, "c")
            return create(hub, call, kind)
        case ("POST", ["Patient", person, "$open"]) if _ID.fullmatch(person):
            return open_session(hub, call, person)
        case ("GET", [kind, number]) if kind in SERVED and _ID.fullmatch(number):
            _need(call, kind, "r")
            return read(hub, call, kind, number)
        case (_, [kind, *_]) if kind in SERVED:
            raise MethodNotAllowed(
                "this interaction is not there; /fhir/metadata lists what is",
                headers={"Allow": "GET, POST"},
            )
    raise NotFound


def _pages(hub: Hub, call: Call) -> Answer:
    reference = call.values("_page")
    if len(reference) != 1:
        raise BadRequest("a request to /fhir itself is a page link or a transaction")
    return page(hub, call, reference[0])


def _need(call: Call, resource_type: str, interaction: str) -> None:
    if not call.caller.allows(resource_type, interaction):
        raise NotAllowed(
            "the token's scopes do not cover this interaction with this type",
            code="insufficient-scope",
            headers={"WWW-Authenticate": 'Bearer error="insufficient_scope"'},
        )
