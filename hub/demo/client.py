"""A FHIR client of the standard library, as small as the demo needs: one connection, JSON.

Source: FHIR R4 http.html. It goes to 127.0.0.1 by itself, whatever proxy the environment names.
"""

import json
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

TIMEOUT_SECONDS = 30
FORM = "application/x-www-form-urlencoded"
FHIR_JSON = "application/fhir+json"
OK = 200


class Unanswered(Exception):
    """The hub gave no answer, or another one than 200; says to what."""


class Client:
    """A connection to the hub on a port of this machine."""

    def __init__(self, host: str, port: int) -> None:
        """Prepare; the connection is made with the first request."""
        self.base = f"http://{host}:{port}/fhir"
        self._connection = HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self._connection.close()

    def get(
        self, path: str, parameters: Mapping[str, str], headers: Mapping[str, str]
    ) -> dict[str, Any]:
        """Return the resource at a path below /fhir."""
        query = f"?{urlencode(parameters)}" if parameters else ""
        return self._send("GET", f"/fhir/{path}{query}", None, headers)

    def post_form(
        self, path: str, parameters: Mapping[str, str], headers: Mapping[str, str]
    ) -> dict[str, Any]:
        """Return the answer to a form, where numbers of people stay out of the URL."""
        body = urlencode(parameters).encode()
        return self._send("POST", f"/fhir/{path}", body, {**headers, "Content-Type": FORM})

    def post(
        self, path: str, resource: Mapping[str, Any], headers: Mapping[str, str]
    ) -> dict[str, Any]:
        """Return the answer to a resource."""
        body = json.dumps(resource).encode()
        return self._send("POST", f"/fhir/{path}", body, {**headers, "Content-Type": FHIR_JSON})

    def _send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> dict[str, Any]:
        try:
            self._connection.request(method, path, body, dict(headers))
            answer = self._connection.getresponse()
            content = json.loads(answer.read())
        except (OSError, HTTPException, ValueError) as error:
            self._connection.close()
            raise Unanswered(f"{method} {_shown(path)}: {type(error).__name__}") from error
        if answer.status != OK:
            raise Unanswered(f"{method} {_shown(path)}: {answer.status} {_codes(content)}")
        found: dict[str, Any] = content
        return found


def _shown(path: str) -> str:
    return path.partition("?")[0]


def _codes(outcome: Mapping[str, Any]) -> str:
    """The hub's own error codes and sentences, which hold no personal value."""
    issues = outcome.get("issue", [])
    return "; ".join(str(each.get("details", {}).get("text", each.get("code"))) for each in issues)
