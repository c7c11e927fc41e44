"""Every error that leaves the hub, in one tree; each knows its OperationOutcome and its status.

    HubError
    ├── BadRequest            400  the request cannot be understood
    │   ├── PersonNumberInUrl 400  a personnummer stands in a URL, where logs would keep it
    │   └── TooCostly         400  more was found than one answer's pages hold
    ├── NotAuthenticated      401  no token, or one that does not hold
    ├── NotAllowed            403  the token does not cover this interaction
    │   └── TooBroad          403  a clinical request does not name exactly one person
    ├── NotFound              404  no such thing, or none that the reader may see: always alike
    ├── MethodNotAllowed      405  the path is there, but not with this method
    │   └── NoSuchResource    405  a write to an id that names nothing the writer may see
    ├── NotAcceptable         406  no representation that was asked for
    ├── Conflict              409  the thing has changed, or two writers collided
    ├── Gone                  410  a page link that has expired, or a deleted resource
    ├── PreconditionFailed    412  a condition of the request does not hold
    ├── TooLarge              413  the body is larger than the hub takes
    ├── UnsupportedMediaType  415
    ├── Unprocessable         422  understood, but against a rule; says where
    │   └── KeptAway          422  its owner has had it removed from the hub for good
    └── Unavailable           503  the store or the log cannot be reached; nothing was shown

Source: FHIR R4 http.html#Status-Codes and the value set issue-type. Texts say what, where and what
to do, and never hold a value from the request or from a record (DESIGN P3, INTERFACES).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

CODE_SYSTEM = "https://samvy.se/fhir/CodeSystem/error"


@dataclass(frozen=True, slots=True)
class Place:
    """One thing that is wrong: FHIR's issue type, our code, a sentence, and where it is."""

    issue: str
    code: str
    text: str
    expression: str | None = None
    severity: str = "error"


class HubError(Exception):
    """An error with an OperationOutcome. `headers` go with the answer."""

    status = 500
    issue = "exception"
    code = "error"

    def __init__(
        self,
        text: str,
        *,
        code: str | None = None,
        expression: str | None = None,
        places: Sequence[Place] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Say what is wrong and what to do; `places` when there is more than one thing."""
        super().__init__(text)
        self.code = code or type(self).code
        self.headers = dict(headers or {})
        self.places = tuple(places) or (Place(self.issue, self.code, text, expression),)

    def outcome(self) -> bytes:
        """Return the OperationOutcome as JSON."""
        return operation_outcome(self.places)


class BadRequest(HubError):
    """The request cannot be understood."""

    status, issue, code = 400, "invalid", "bad-request"


class PersonNumberInUrl(BadRequest):
    """A personnummer stands in a URL."""

    code = "person-number-in-url"

    def __init__(self) -> None:
        """Say how to look a person up instead."""
        super().__init__(
            "a person number must not stand in a URL, where logs would keep it; use POST"
            " Patient/_search with identifier in the body"
        )


class TooCostly(BadRequest):
    """More was found than one answer's pages hold; nothing of it is left out in silence."""

    issue, code = "too-costly", "too-many-matches"

    def __init__(self, most: int) -> None:
        """Say how much that is, and what to do."""
        super().__init__(
            f"more than {most} resources match; narrow it down, by date for instance, or let the"
            " organisation's own system use $export"
        )


class NotAuthenticated(HubError):
    """No token, or one that does not hold; says nothing that helps to make one that does."""

    status, issue, code = 401, "login", "not-authenticated"


class NotAllowed(HubError):
    """The token does not cover this interaction."""

    status, issue, code = 403, "forbidden", "not-allowed"


class TooBroad(NotAllowed):
    """A clinical request does not name exactly one person."""

    code = "too-broad"

    def __init__(self) -> None:
        """Say what to add."""
        super().__init__(
            "a clinical request names exactly one person; add patient=Patient/{id}",
            headers={},
        )


class NotFound(HubError):
    """No such thing, or none that the reader may see: always the same answer (P3)."""

    status, issue, code = 404, "not-found", "not-found"

    def __init__(self) -> None:
        """Say the one sentence that fits both."""
        super().__init__("there is nothing here that this reader can see")


class MethodNotAllowed(HubError):
    """The path is there, but not with this method."""

    status, issue, code = 405, "not-supported", "method-not-allowed"

    def __init__(
        self, text: str = "this interaction is not there; /fhir/metadata lists what is"
    ) -> None:
        """Say where it stands what there is."""
        super().__init__(text, headers={"Allow": "GET, POST, PUT, PATCH, DELETE"})


class NoSuchResource(MethodNotAllowed):
    """A write to an id that names nothing that the writer may see: no update-as-create."""

    code = "no-update-as-create"

    def __init__(self) -> None:
        """Say how to make a resource instead; the same for what is hidden (P3)."""
        super().__init__(
            "there is nothing here that this writer may change, and ids are given by the hub;"
            " create with POST"
        )


class NotAcceptable(HubError):
    """No representation that was asked for."""

    status, issue, code = 406, "not-supported", "not-acceptable"


class Conflict(HubError):
    """The thing has changed, or two writers collided."""

    status, issue, code = 409, "conflict", "conflict"


class Gone(HubError):
    """A page link that has expired, or a resource that its owner has deleted."""

    status, issue, code = 410, "expired", "page-expired"


class PreconditionFailed(HubError):
    """A condition of the request does not hold: a version, or how many resources match."""

    status, issue, code = 412, "conflict", "precondition-failed"


class TooLarge(HubError):
    """The body is larger than the hub takes."""

    status, issue, code = 413, "too-long", "too-large"


class UnsupportedMediaType(HubError):
    """The body's media type is not one that the hub reads."""

    status, issue, code = 415, "not-supported", "unsupported-media-type"


class Unprocessable(HubError):
    """Understood, but against a rule."""

    status, issue, code = 422, "processing", "unprocessable"


class KeptAway(Unprocessable):
    """What is to be written was removed from the hub on its owner's decision, and stays away."""

    issue, code = "business-rule", "kept-away"

    def __init__(
        self, keys: Sequence[tuple[str, str]] = (), *, expressions: Sequence[str] = ()
    ) -> None:
        """Say that it is so; not when, on which decision, or under which id it stood.

        `keys` are what the resources would have been; `expressions` where they stand in a request.
        """
        text = (
            "the organisation has had this removed from the hub for good, and it is not taken in"
            " again; nothing was written"
        )
        super().__init__(text, places=[Place(self.issue, self.code, text, e) for e in expressions])
        self.keys = tuple(keys)


class Unavailable(HubError):
    """The store or the log cannot be reached; nothing was shown."""

    status, issue, code = 503, "transient", "unavailable"


def operation_outcome(places: Sequence[Place]) -> bytes:
    """Return an OperationOutcome with one issue for each place, as JSON."""
    return msgspec.json.encode(
        {"resourceType": "OperationOutcome", "issue": [_issue(place) for place in places]}
    )


def _issue(place: Place) -> dict[str, Any]:
    issue: dict[str, Any] = {
        "severity": place.severity,
        "code": place.issue,
        "details": {"coding": [{"system": CODE_SYSTEM, "code": place.code}], "text": place.text},
    }
    if place.expression:
        issue["expression"] = [place.expression]
    return issue
