"""The web application: requests become calls, answers become responses, errors become outcomes.

Source: FHIR R4 http.html; DESIGN §5, §7. Handlers are async and hand the whole of a request to a
worker thread once: the store and the log are synchronous (docs/decisions/0002).
"""

import logging
import uuid
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from hub.api import health
from hub.api.authenticate import authenticate
from hub.api.call import FHIR_JSON, Answer, Call
from hub.api.capabilities import capabilities
from hub.api.routes import dispatch
from hub.api.search_person import refuse_person_numbers
from hub.errors import BadRequest, HubError, TooLarge, Unavailable
from hub.running import Hub

LOGGER = logging.getLogger(__name__)
LARGEST_BODY = 50 * 1024 * 1024
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def create_app(hub: Hub) -> FastAPI:
    """Return the application of a hub: /fhir, /ingest, /healthz, /readyz."""
    app = FastAPI(title="Samvy", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_route("/healthz", health.healthz, methods=["GET"])
    app.add_route("/readyz", health.readyz(hub), methods=["GET"])
    app.add_route("/fhir/metadata", _metadata, methods=["GET"])
    serve = _server(hub)
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]
    app.add_route("/fhir", serve, methods=methods)
    app.add_route("/fhir/{rest:path}", serve, methods=methods)
    app.add_route("/ingest/{rest:path}", serve, methods=["POST"])
    return app


async def _metadata(_request: Request) -> Response:
    return Response(capabilities().body, media_type=FHIR_JSON)


def _server(hub: Hub) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        request_id = str(uuid.uuid4())
        try:
            refuse_person_numbers(str(request.url))
            body = await _body(request)
            answer = await run_in_threadpool(_answer, hub, request, body, request_id)
        except HubError as error:
            answer = Answer(error.status, error.outcome(), error.headers)
        except ClientDisconnect:
            answer = Answer(400)
        headers = {**NO_STORE, **answer.headers, "X-Request-Id": request_id}
        body = b"" if request.method == "HEAD" else answer.body
        media_type = answer.media_type if answer.body else None
        return Response(body, answer.status, headers, media_type)

    return serve


def _answer(hub: Hub, request: Request, body: bytes, request_id: str) -> Answer:
    try:
        return dispatch(hub, _call(hub, request, body, request_id))
    except SQLAlchemyError as error:
        # the class alone: a database's message may quote values
        LOGGER.error("store failed: %s (request %s)", type(error).__name__, request_id)  # noqa: TRY400
        raise Unavailable("the store cannot be reached; nothing was shown; try again") from None


def _call(hub: Hub, request: Request, body: bytes, request_id: str) -> Call:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    parameters = parse_qsl(request.url.query, keep_blank_values=True)
    if content_type == "application/x-www-form-urlencoded":
        try:
            parameters += parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=200)
        except (UnicodeDecodeError, ValueError):
            raise BadRequest("the form in the body cannot be read") from None
    at = hub.clock()
    return Call(
        caller=authenticate(hub, request.headers.get("authorization"), at),
        method="GET" if request.method == "HEAD" else request.method,
        path=request.url.path,
        at=at,
        request_id=request_id,
        fhir_root=f"{request.url.scheme}://{request.url.netloc}/fhir",
        parameters=tuple(parameters),
        session=request.headers.get("x-samvy-session"),
        prefer=request.headers.get("prefer", ""),
        body=body,
        content_type=content_type,
        network=request.client.host if request.client else None,
    )


async def _body(request: Request) -> bytes:
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > LARGEST_BODY:
        raise TooLarge(f"the body is larger than {LARGEST_BODY} bytes; send it in parts")
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_BODY:
            raise TooLarge(f"the body is larger than {LARGEST_BODY} bytes; send it in parts")
        chunks.append(chunk)
    return b"".join(chunks)
