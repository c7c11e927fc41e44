"""The API as a web application: requests become calls, answers responses, errors outcomes.

Source: FHIR R4 http.html; DESIGN §5, §7. Handlers are async and hand the whole of a request to a
worker thread once: the store and the log are synchronous (docs/decisions/0002).
"""

import gc
import logging
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress

import anyio.to_thread
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from hub.api import health
from hub.api.assumed import DirectoryMoved
from hub.api.audit_event import transparency
from hub.api.call import FHIR_JSON, Answer
from hub.api.capabilities import capabilities
from hub.api.received import completed, received, representation_of, target
from hub.api.refused import answered, refusals_logged
from hub.api.representation import PLAIN, Representation, represented
from hub.api.request_body import comes_with_body, longest, read_body, refuse_too_large
from hub.api.room import Room
from hub.api.routes import dispatch, reads_only
from hub.api.search.search_person import refuse_person_numbers
from hub.errors import (
    BadRequest,
    HubError,
    MethodNotAllowed,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
)
from hub.running import Hub
from hub.store.directory import Directory, directory_read_last

LOGGER = logging.getLogger(__name__)
THREADS = 12
"""At once, in one process: what waits for the database and the log, with some to spare. Forty, as
is usual, spend a third of their time handing the interpreter to one another."""
GARBAGE = 20_000
"""So many new objects before garbage is looked for: what some tens of answers make."""
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
METHOD_NOT_ALLOWED = 405


def create_app(hub: Hub, routes: Sequence[BaseRoute] = ()) -> FastAPI:
    """Return the API of a hub: /fhir, /ingest, /log, /witness, /healthz, /readyz.

    `routes` are what other parts of the hub answer, also under /fhir (`hub.application`).
    """
    app = FastAPI(
        title="Samvy",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=_ready,
        routes=list(routes),  # first, since routes are tried in their order
    )
    _add_fhir(app, hub)
    app.add_route("/healthz", health.healthz, methods=["GET"])
    app.add_route("/readyz", health.readyz(hub), methods=["GET"])
    app.add_route("/log/checkpoint", transparency.checkpoint(hub), methods=["GET"])
    app.add_route("/log/proof/{place}", transparency.proof(hub), methods=["GET"])
    app.add_route("/log/key", transparency.public_key(hub), methods=["GET"])
    app.add_route("/witness/add-checkpoint", transparency.witness(hub), methods=["POST"])
    app.add_exception_handler(HTTPException, _no_route)
    return app


@asynccontextmanager
async def _ready(_app: FastAPI) -> AsyncIterator[None]:
    """Let so many requests be worked on at once, and leave alone what stays for good."""
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    gc.collect()
    gc.freeze()  # definitions and tables: looking for garbage among them is most of the looking
    gc.set_threshold(GARBAGE)
    yield


def _add_fhir(app: FastAPI, hub: Hub) -> None:
    app.add_route("/fhir/metadata", _metadata, methods=["GET"])
    serve = _server(hub)
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]
    app.add_route("/fhir/{rest:path}", serve, methods=methods)
    app.add_route("/fhir", serve, methods=methods)
    app.add_route("/ingest/{rest:path}", serve, methods=["POST"])


async def _no_route(_request: Request, why: Exception) -> Response:
    """Answer what reaches no interaction of ours with an OperationOutcome too."""
    found = isinstance(why, HTTPException) and why.status_code == METHOD_NOT_ALLOWED
    error = MethodNotAllowed() if found else NotFound()
    return Response(error.outcome(), error.status, {**NO_STORE, **error.headers}, FHIR_JSON)


async def _metadata(request: Request) -> Response:
    try:
        answer = represented(capabilities(), representation_of(request))
    except HubError as error:
        answer = Answer(error.status, error.outcome(), error.headers)
    body = b"" if request.method == "HEAD" else answer.body
    return Response(body, answer.status, media_type=answer.media_type)


def _server(hub: Hub) -> Callable[[Request], Awaitable[Response]]:
    room = Room()

    async def serve(request: Request) -> Response:
        request_id = str(uuid.uuid4())
        asked = PLAIN
        try:
            refused_for = _refused_unread(request)
            if refused_for is None and comes_with_body(request):
                with suppress(HubError):  # refused once the body has told how, where it does
                    asked = representation_of(request)
                await run_in_threadpool(_require_sender, hub, request, request_id)
            async with room.of(longest(request) if refused_for is None else 0):
                answer, asked = await serve_with_room(request, request_id, refused_for)
        except HubError as error:
            answer = Answer(error.status, error.outcome(), error.headers)
        except ClientDisconnect:
            answer = Answer(400)
        if not asked.plain:
            answer = await run_in_threadpool(represented, answer, asked)
        headers = {**NO_STORE, **answer.headers, "X-Request-Id": request_id}
        body = b"" if request.method == "HEAD" else answer.body
        media_type = answer.media_type if answer.body else None
        return Response(body, answer.status, headers, media_type)

    async def serve_with_room(
        request: Request, request_id: str, refused_for: HubError | None
    ) -> tuple[Answer, Representation]:
        asked, body = PLAIN, b""
        try:
            if refused_for is None:
                body = await read_body(request)
                asked = representation_of(request, body)
        except HubError as error:
            refused_for = error  # and in the log, with whoever made it
        try:
            answer = await run_in_threadpool(_answer, hub, request, body, request_id, refused_for)
        except HubError as error:
            answer = Answer(error.status, error.outcome(), error.headers)
        return answer, asked

    return serve


def _refused_unread(request: Request) -> HubError | None:
    """Return what a request is refused for before anything of its body is read."""
    try:
        refuse_person_numbers(target(request))
        refuse_too_large(request)
    except HubError as error:
        return error
    return None


def _require_sender(hub: Hub, request: Request, request_id: str) -> None:
    """Return if the headers say who sends a body; that is found out again once it has come.

    Raises:
        HubError: they do not, and that is logged; or it cannot be found out.
    """
    with _failures_told(request_id):
        with suppress(DirectoryMoved):
            received(hub, request, request_id, assumed=directory_read_last(hub.store.engine))
            return
        received(hub, request, request_id)


def _answer(
    hub: Hub, request: Request, body: bytes, request_id: str, refused_for: HubError | None
) -> Answer:
    if refused_for is None and reads_only(request.method, request.scope["path"]):
        with suppress(DirectoryMoved):
            assumed = directory_read_last(hub.store.engine)
            return _answered(hub, request, body, request_id, None, assumed)
    return _answered(hub, request, body, request_id, refused_for, None)


def _answered(
    hub: Hub,
    request: Request,
    body: bytes,
    request_id: str,
    refused_for: HubError | None,
    assumed: Directory | None,
) -> Answer:
    with _failures_told(request_id):
        if refused_for is not None:
            return _refused(hub, request, request_id, refused_for)
        call = received(hub, request, request_id, assumed=assumed)
        # what cannot be read of a known caller's request is refused, and logged, like the rest
        return answered(hub, call, lambda own, bare: dispatch(own, completed(bare, request, body)))


@contextmanager
def _failures_told(request_id: str) -> Iterator[None]:
    """Make an error of what fails, with nothing of what it was about, and tell the operator."""
    try:
        yield
    except SQLAlchemyError as error:
        # the class alone: a database's message may quote values
        LOGGER.error("store failed: %s (request %s)", type(error).__name__, request_id)  # noqa: TRY400
        raise Unavailable("the store cannot be reached; nothing was shown; try again") from None
    except (HubError, DirectoryMoved):
        raise
    except Exception as error:  # noqa: BLE001  # P5: whatever goes wrong denies
        # as above
        LOGGER.error("request failed: %s (request %s)", type(error).__name__, request_id)  # noqa: TRY400
        raise HubError(
            "the hub could not carry out the request; nothing was shown; tell the operator, with"
            " the X-Request-Id of this answer"
        ) from None


def _refused(hub: Hub, request: Request, request_id: str, error: HubError) -> Answer:
    """Have it logged who made a request that is refused before it is looked at, and refuse it.

    Raises:
        HubError: what it is refused for, or Unavailable: that could not be logged.
    """
    with suppress(NotAuthenticated, NotAllowed, BadRequest):  # nobody is known, and that is logged
        call = received(hub, request, request_id, error.code)
        with refusals_logged(hub, call):
            raise error
    raise error
