"""The entries of a batch or a transaction: each a request of its own, written in JSON.

Source: FHIR R4 http.html#transaction, bundle.html. An entry's URL is held to the same rules as the
URL of a request.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

from hub.api.call import FHIR_JSON, Call
from hub.api.conditions import Conditions
from hub.api.search.search_person import refuse_person_numbers
from hub.errors import HubError, Place, Unprocessable
from hub.fhir.json_codec import encode

MOST_ENTRIES = 1000
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_BODIES = ("POST", "PUT", "PATCH")
_CONDITIONS = ("ifMatch", "ifNoneMatch", "ifModifiedSince", "ifNoneExist")
_KNOWN = {"method", "url", *_CONDITIONS}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its number, its full URL, and the request that it is.

    `path` are the segments of its URL without the query, which `parameters` holds.
    """

    number: int
    full_url: str | None
    method: str
    path: tuple[str, ...]
    parameters: tuple[tuple[str, str], ...]
    resource: Mapping[str, Any] | None
    conditions: Conditions

    @property
    def at(self) -> str:
        """Return where the entry's resource stands in the Bundle."""
        return f"Bundle.entry[{self.number}].resource"

    def call(self, around: Call) -> Call:
        """Return the entry as a request of its own, by the caller of the Bundle."""
        content_type, body = FHIR_JSON, b""
        if self.resource is not None:
            content_type, body = _sent(self.method, self.resource)
        return replace(
            around,
            method="GET" if self.method == "HEAD" else self.method,
            path="/".join(("/fhir", *self.path)),
            parameters=self.parameters,
            body=body,
            content_type=content_type,
            conditions=self.conditions,
        )


def entries(bundle: Mapping[str, Any]) -> list[Entry]:
    """Return the entries of a transaction.

    Raises:
        Unprocessable: one is no request, or there are too many; every fault is named.
        PersonNumberInUrl: an entry's URL holds somebody's number.
    """
    found = each_entry(bundle)
    places = [place for each in found if isinstance(each, Unprocessable) for place in each.places]
    if places:
        raise Unprocessable("an entry is no request", places=places)
    return [each for each in found if isinstance(each, Entry)]


def each_entry(bundle: Mapping[str, Any]) -> list[Entry | Unprocessable]:
    """Return each entry of a Bundle, or in its place why it is no request.

    Raises:
        Unprocessable: there are too many.
        PersonNumberInUrl: an entry's URL holds somebody's number.
    """
    given = bundle.get("entry", [])
    if not isinstance(given, list) or len(given) > MOST_ENTRIES:
        raise Unprocessable(
            f"entry is a list of at most {MOST_ENTRIES}; send more in several Bundles",
            expression="Bundle.entry",
        )
    found: list[Entry | Unprocessable] = []
    for number, each in enumerate(given):
        fault = _fault(each)
        if fault:
            place = Place("invalid", "entry", fault, f"Bundle.entry[{number}]")
            found.append(Unprocessable("an entry is no request", places=[place]))
        else:
            found.append(_entry(each, number))
    return found


def _fault(entry: object) -> str | None:
    request = entry.get("request") if isinstance(entry, Mapping) else None
    if not isinstance(entry, Mapping) or not isinstance(request, Mapping):
        return "an entry has a request with method and url"
    if request.get("method") not in METHODS or not isinstance(request.get("url"), str):
        return f"an entry's request has a url, and one of the methods {', '.join(METHODS)}"
    if request.keys() - _KNOWN or not all(
        isinstance(request[name], str) for name in _CONDITIONS if name in request
    ):
        return f"an entry's request holds nothing but {', '.join(sorted(_KNOWN))}, as text"
    if ("resource" in entry) is not (request["method"] in _BODIES):
        return "an entry holds a resource where its method sends one, and otherwise none"
    if "resource" in entry and not isinstance(entry["resource"], Mapping):
        return "an entry's resource is an object"
    if "fullUrl" in entry and not isinstance(entry["fullUrl"], str):
        return "an entry's fullUrl is text"
    path = request["url"].partition("?")[0]
    if "://" in path or path.startswith(("/", ".")) or (not path and request["method"] != "GET"):
        return "an entry's url is relative to the base, such as Observation or Observation/1"
    return None


def _entry(entry: Mapping[str, Any], number: int) -> Entry:
    request = entry["request"]
    path, _, query = request["url"].partition("?")
    refuse_person_numbers(f"{request['url']} {unquote(request['url'])}")
    return Entry(
        number,
        entry.get("fullUrl"),
        request["method"],
        tuple(segment for segment in path.split("/") if segment),
        tuple(parse_qsl(query, keep_blank_values=True)),
        entry.get("resource"),
        Conditions(
            request.get("ifMatch"),
            request.get("ifNoneMatch"),
            request.get("ifModifiedSince"),
            request.get("ifNoneExist"),
        ),
    )


def _sent(method: str, resource: Mapping[str, Any]) -> tuple[str, bytes]:
    """The body that an entry stands for: a patch that is not FHIR comes as a Binary."""
    if method != "PATCH" or resource.get("resourceType") != "Binary":
        return FHIR_JSON, encode(resource)
    try:
        content = base64.b64decode(str(resource.get("data", "")), validate=True)
    except binascii.Error:
        raise Unprocessable("a Binary's data are base64", expression="Binary.data") from None
    return str(resource.get("contentType", "")), content


def response_bundle(kind: str, responses: Sequence[bytes]) -> bytes:
    """Return the Bundle of a batch's or a transaction's responses, each entry as JSON."""
    head = b'{"resourceType":"Bundle","type":"' + kind.encode() + b'"'
    if not responses:
        return head + b"}"
    return head + b',"entry":[' + b",".join(responses) + b"]}"


def failed(error: HubError) -> bytes:
    """Return the response entry of a request that could not be carried out."""
    response = {"status": str(error.status), "outcome": msgspec.Raw(error.outcome())}
    return msgspec.json.encode({"response": response})
