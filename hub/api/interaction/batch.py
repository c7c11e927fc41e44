"""batch: requests that have nothing to do with each other, answered each by itself.

Source: FHIR R4 http.html#transaction. Each has its own log record, and one that fails says so in
its own entry.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from hub.api.call import FHIR_JSON, Answer, Call
from hub.api.interaction.bundle_entry import Entry, each_entry, failed, response_bundle
from hub.api.refused import refusals_logged
from hub.errors import BadRequest, HubError
from hub.running import Hub

Dispatch = Callable[[Hub, Call], Answer]
REASONS = {200: "OK", 201: "Created", 204: "No Content", 304: "Not Modified"}


def batch(hub: Hub, call: Call, bundle: Mapping[str, Any], dispatch: Dispatch) -> Answer:
    """Return a batch-response Bundle, entries in the order of the request.

    An entry that is no request, or fails, has its error in its place (http.html#brules).

    Raises:
        Unprocessable: there are too many entries; nothing was carried out.
    """
    responses = [
        one_by_itself(hub, call, each, dispatch)
        if isinstance(each, Entry)
        else _refused(hub, call, each)
        for each in each_entry(bundle)
    ]
    return Answer(200, response_bundle("batch-response", responses))


def _refused(hub: Hub, call: Call, error: HubError) -> bytes:
    """Return the response entry of what is no request; it is logged like one."""
    try:
        with refusals_logged(hub, call):
            raise error
    except HubError as told:
        return failed(told)


def one_by_itself(hub: Hub, call: Call, entry: Entry, dispatch: Dispatch) -> bytes:
    """Return the response entry of one request, also where it fails."""
    try:
        if not entry.path and not any(name == "_page" for name, _ in entry.parameters):
            raise BadRequest("an entry is no Bundle of requests itself", code="entry")
        return responded(dispatch(hub, entry.call(call)), call)
    except HubError as error:
        return failed(error)


def responded(answer: Answer, call: Call) -> bytes:
    """Return an answer as a response entry."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    response: dict[str, Any] = {
        "status": f"{answer.status} {REASONS.get(answer.status, '')}".strip()
    }
    if "location" in headers:
        response["location"] = headers["location"].removeprefix(f"{call.fhir_root}/")
    if "etag" in headers:
        response["etag"] = headers["etag"]
    entry: dict[str, Any] = {}
    if answer.body and answer.media_type == FHIR_JSON:
        entry["resource"] = msgspec.Raw(answer.body)
    return msgspec.json.encode({**entry, "response": response})
