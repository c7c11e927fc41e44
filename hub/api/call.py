"""One request as the interactions see it, and the answer that they give.

Source: FHIR R4 http.html. Nothing here knows the web framework: `hub.api.received` makes calls
of its requests, `hub.api.app` responses of answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from hub.api.conditions import NO_CONDITIONS, Conditions
from hub.api.preferences import preferences
from hub.api.weighed import Weighed
from hub.auth.reader import Caller
from hub.auth.scopes import Interaction
from hub.errors import BadRequest, NotAllowed, UnsupportedMediaType
from hub.fhir.json_codec import decode

FHIR_JSON = "application/fhir+json"
JSON_TYPES = (FHIR_JSON, "application/json")


@dataclass(frozen=True, slots=True)
class Call:
    """An authenticated request. `at` is the instant that it is judged at (aware).

    The body is JSON, whatever it was sent in. `parameters` are those of the URL and, for POST
    _search, of the body, in their order. `known_as` is where clients know the hub's /fhir to be;
    `fhir_root` where this request found it.
    """

    caller: Caller
    method: str
    path: str
    at: datetime
    request_id: str
    fhir_root: str
    parameters: tuple[tuple[str, str], ...] = ()
    session: str | None = None
    prefer: str = ""
    body: bytes = b""
    content_type: str = ""
    network: str | None = None
    conditions: Conditions = NO_CONDITIONS
    weighed: Weighed = field(default_factory=Weighed, compare=False)
    known_as: str = ""

    @property
    def roots(self) -> tuple[str, ...]:
        """Return what an absolute URL of this hub's begins with (references.html)."""
        return tuple(f"{each}/" for each in (self.fhir_root, self.known_as) if each)

    @property
    def returns(self) -> str:
        """Return what Prefer asks for in answer to a write: minimal, representation or outcome."""
        wanted = preferences(self.prefer).get("return", "").lower()
        return {"minimal": "minimal", "operationoutcome": "OperationOutcome"}.get(
            wanted, "representation"
        )

    @property
    def strict(self) -> bool:
        """Tell whether what is not known is an error (Prefer: handling=strict)."""
        return preferences(self.prefer).get("handling", "").lower() == "strict"

    def asking(self, parameters: tuple[tuple[str, str], ...]) -> "Call":
        """Return the same call with other parameters."""
        return replace(self, parameters=parameters)

    def values(self, name: str) -> list[str]:
        """Return the values of a parameter, in order."""
        return [value for key, value in self.parameters if key == name]


def need(call: Call, resource_type: str, interaction: Interaction) -> None:
    """Return if the token's scopes cover an interaction with a type.

    Raises:
        NotAllowed: they do not.
    """
    if not call.caller.allows(resource_type, interaction):
        raise NotAllowed(
            "the token's scopes do not cover this interaction with this type",
            code="insufficient-scope",
            headers={"WWW-Authenticate": 'Bearer error="insufficient_scope"'},
        )


def resource_in(call: Call, resource_type: str) -> dict[str, Any]:
    """Return the resource in the body.

    Raises:
        UnsupportedMediaType: the body is not FHIR JSON.
        BadRequest: it cannot be read, or is of another type than the URL.
    """
    if call.content_type not in JSON_TYPES:
        raise UnsupportedMediaType(f"send {FHIR_JSON}")
    resource = decode(call.body)
    if resource.get("resourceType") != resource_type:
        raise BadRequest(
            f"the body is not a {resource_type}; send it to its own type", expression="resourceType"
        )
    return resource


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back once the log record is durable."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = FHIR_JSON
