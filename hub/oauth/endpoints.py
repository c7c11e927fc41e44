"""POST /oauth/token, /oauth/introspect, /oauth/revoke: Authlib's server around the hub's own parts.

Source: RFC 6749 §3.2 and §5; RFC 7662; RFC 7009. Every client authenticates with private_key_jwt.
Answers are never cached, and an error says what OAuth says and nothing from the request.
"""

import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec
from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from hub.api.shown_certificate import shown_certificate
from hub.errors import Unavailable
from hub.oauth.asked import LARGEST, Asked, Unusable, read_form
from hub.oauth.client_assertion import METHOD, authenticated_client
from hub.oauth.grants import GRANTS
from hub.oauth.introspection import Introspection
from hub.oauth.logged import log_refusal
from hub.oauth.paths import INTROSPECT, REVOKE, TOKEN
from hub.oauth.registered import Registered
from hub.oauth.revocation import Revocation
from hub.running import Hub

LOGGER = logging.getLogger(__name__)
UNLOGGED = "the access log cannot be written; try again"
_HEADERS = {"Cache-Control": "no-store", "Pragma": "no-cache", "X-Content-Type-Options": "nosniff"}
Handler = Callable[[Request], Awaitable[Response]]
Reply = tuple[int, Mapping[str, Any], Mapping[str, str]]


class _Request(OAuth2Request):  # type: ignore[misc]  # Authlib ships no types
    """A request as Authlib has it, with ours beside it."""

    def __init__(self, asked: Asked) -> None:
        super().__init__("POST", asked.uri)
        self.asked = asked
        self.payload = BasicOAuth2Payload(dict(asked.form))

    @property
    def form(self) -> Mapping[str, str]:
        """Return the parameters."""
        return self.asked.form


class _Server(AuthorizationServer):  # type: ignore[misc]  # as above
    """Authlib's authorization server for one hub."""

    def __init__(self, hub: Hub) -> None:
        super().__init__()
        self.hub = hub
        self.register_client_auth_method(METHOD, self._by_private_key)
        for grant in GRANTS:
            self.register_grant(grant)
        self.register_endpoint(Introspection)
        self.register_endpoint(Revocation)

    def _by_private_key(self, _query: object, request: _Request) -> Registered:
        return Registered(authenticated_client(self.hub, request.asked))

    def query_client(self, _client_id: str) -> None:
        """Return nobody: a client is known by its assertion alone."""

    def create_oauth2_request(self, request: Asked) -> _Request:
        """Return the request as Authlib has it."""
        return _Request(request)

    def send_signal(self, *_: object, **__: object) -> None:
        """Tell nobody."""

    def get_error_uri(self, _request: object, _error: object) -> None:
        """Return no page about errors: docs/tokens.md lists them."""

    def handle_response(self, status: int, body: object, headers: list[tuple[str, str]]) -> Reply:
        """Return the answer; errors come as pairs."""
        found = body if isinstance(body, dict) else dict(body or ())  # type: ignore[call-overload]
        extra = {name: value for name, value in headers if name.lower() == "www-authenticate"}
        return status, found, extra


def oauth(hub: Hub) -> dict[str, Handler]:
    """Return the handlers by their paths."""
    server = _Server(hub)
    named: dict[str, Callable[[Asked], Reply]] = {
        TOKEN: server.create_token_response,
        INTROSPECT: lambda asked: server.create_endpoint_response("introspection", asked),
        REVOKE: lambda asked: server.create_endpoint_response("revocation", asked),
    }
    return {path: _handler(hub, path, carry_out) for path, carry_out in named.items()}


def _handler(hub: Hub, path: str, carry_out: Callable[[Asked], Reply]) -> Handler:
    async def handle(request: Request) -> Response:
        asked, why = _asked(hub, path, request), None
        try:
            if request.scope["query_string"]:
                raise Unusable("parameters stand in the body, not in the URL")  # noqa: TRY301
            content_type = request.headers.get("content-type", "")
            form = read_form(content_type, await _body(request))
            # by now: what was valid when the headers came may be so no more, or be used again
            asked = replace(asked, form=form, at=hub.clock())
        except Unusable as unusable:
            why = str(unusable)
        except ClientDisconnect:
            return Response(status_code=400)
        status, body, headers = await run_in_threadpool(_answered, hub, carry_out, asked, why)
        found = {**_HEADERS, "X-Request-Id": asked.request_id, **headers}
        return Response(msgspec.json.encode(body), status, found, "application/json")

    return handle


def _asked(hub: Hub, path: str, request: Request) -> Asked:
    """The request before its form is read."""
    return Asked(
        uri=f"{hub.base}{path}",
        path=path,
        form={},
        at=hub.clock(),
        request_id=str(uuid.uuid4()),
        network=request.client.host if request.client else None,
        certificate=shown_certificate(hub, request),
    )


def _answered(
    hub: Hub, carry_out: Callable[[Asked], Reply], asked: Asked, unusable: str | None
) -> Reply:
    """The answer; one that refuses has its log record before it leaves."""
    if unusable is None:
        status, body, headers = _carried_out(carry_out, asked)
    else:
        status, body, headers = _error(400, "invalid_request", unusable)
    if 400 <= status < 500:  # noqa: PLR2004 - what the client is refused
        try:
            log_refusal(hub, asked, body["error"])
        except Unavailable:
            return _error(503, "temporarily_unavailable", UNLOGGED)
    return status, body, headers


def _carried_out(carry_out: Callable[[Asked], Reply], asked: Asked) -> Reply:
    try:
        return carry_out(asked)
    except Unavailable:
        return _error(503, "temporarily_unavailable", UNLOGGED)
    except SQLAlchemyError as error:
        # the class alone: a database's message may quote values
        LOGGER.error("store failed: %s", type(error).__name__)  # noqa: TRY400
        return _error(503, "temporarily_unavailable", "the store cannot be reached; try again")
    except Exception as error:  # noqa: BLE001  # P5: whatever goes wrong gives no token
        LOGGER.error("a token request failed: %s", type(error).__name__)  # noqa: TRY400
        return _error(500, "server_error", "the hub could not carry this out")


def _error(status: int, error: str, text: str) -> Reply:
    return status, {"error": error, "error_description": text}, {}


async def _body(request: Request) -> bytes:
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > LARGEST:
            raise Unusable("the form is too large")
    return bytes(found)
