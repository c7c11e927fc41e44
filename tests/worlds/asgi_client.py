"""A client that speaks ASGI to the application in this process, one request at a time.

It sends exactly the bytes that it is given, also those that a well-behaved client would refuse to
send, and lets a test look at the store at the moment when the first part of an answer leaves.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

FHIR = "application/fhir+json"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it was sent; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 -- JSON
        return json.loads(self.body)

    @property
    def resources(self) -> list[dict[str, Any]]:
        """The matches of a searchset, in order."""
        return [
            each["resource"]
            for each in self.json.get("entry", [])
            if each["search"]["mode"] == "match"
        ]

    @property
    def ids(self) -> list[str]:
        return [each["id"] for each in self.resources]

    @property
    def codes(self) -> list[str]:
        """Our own codes in an OperationOutcome."""
        return [each["details"]["coding"][0]["code"] for each in self.json["issue"]]

    def link(self, relation: str) -> str | None:
        found = [e["url"] for e in self.json.get("link", []) if e["relation"] == relation]
        return found[0].removeprefix("http://hub.test") if found else None


@dataclass(slots=True)
class AsgiClient:
    """Requests to an application. `leaving` is called when an answer's first part leaves."""

    app: Any
    leaving: Callable[[int, Mapping[str, str]], None] | None = None
    runner: asyncio.Runner = field(default_factory=asyncio.Runner)

    def close(self) -> None:
        self.runner.close()

    def send(
        self,
        method: str,
        target: str | bytes,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Reply:
        """Send one request; `target` is the path and the query as they stand on the wire."""
        raw = target if isinstance(target, bytes) else target.encode()
        path, _, query = raw.partition(b"?")
        given = {"host": "hub.test", "content-length": str(len(body)), **(headers or {})}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote_to_bytes(path).decode("utf-8", "replace"),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": [(n.lower().encode(), v.encode("latin-1")) for n, v in given.items()],
            "client": ("192.0.2.7", 5000),
            "server": ("hub.test", 80),
            "state": {},
        }
        return self.runner.run(self._exchange(scope, body))

    async def _exchange(self, scope: dict[str, Any], body: bytes) -> Reply:
        parts: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start" and self.leaving is not None:
                self.leaving(message["status"], _headers(message))
            parts.append(message)

        await self.app(scope, receive, send)
        start, *rest = parts
        return Reply(start["status"], _headers(start), b"".join(m.get("body", b"") for m in rest))


def _headers(message: Mapping[str, Any]) -> dict[str, str]:
    """Headers by name; cookies, which alone stand several times, on lines of their own."""
    found: dict[str, str] = {}
    for raw, value in message["headers"]:
        name, text = raw.decode("latin-1"), value.decode("latin-1")
        found[name] = f"{found[name]}\n{text}" if name == "set-cookie" and name in found else text
    return found
