"""One request as the interactions see it, and the answer that they give.

Source: FHIR R4 http.html. Nothing here knows the web framework: `hub.api.app` turns its requests
into calls and answers into responses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hub.auth.reader import Caller

FHIR_JSON = "application/fhir+json"
JSON_TYPES = (FHIR_JSON, "application/json")


@dataclass(frozen=True, slots=True)
class Call:
    """An authenticated request. `at` is the instant that it is judged at (aware).

    `parameters` are those of the URL and, for POST _search, of the body, in their order.
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

    def values(self, name: str) -> list[str]:
        """Return the values of a parameter, in order."""
        return [value for key, value in self.parameters if key == name]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back once the log record is durable."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = FHIR_JSON
