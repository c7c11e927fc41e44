"""The web application: requests become calls, answers become responses, errors become outcomes.

Source: FHIR R4 http.html; DESIGN §5, §7. Handlers are async and hand the whole of a request to a
worker thread once: the store and the log are synchronous (docs/decisions/0002).
"""

import gc
import logging
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from urllib.parse import parse_qsl, unquote, unquote_plus

import anyio.to_thread
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from hub.api import health
from hub.api.assumed import Assumed, DirectoryMoved
from hub.api.audit_event import transparency
from hub.api.authenticate import Asking, authenticate, log_refused
from hub.api.call import FHIR_JSON, Answer, Call
from hub.api.capabilities import capabilities
from hub.api.conditions import conditions
from hub.api.content_form import refuse_other_forms
from hub.api.openapi import openapi
from hub.api.raw_binary import as_resource, is_read, is_sent_raw
from hub.api.refused import answered, named, refusals_logged
from hub.api.representation import (
    PLAIN,
    XML_TYPES,
    Representation,
    representation,
    represented,
)
from hub.api.request_body import comes_with_body, longest, read_body, refuse_too_large
from hub.api.room import Room
from hub.api.routes import dispatch, reads_only
from hub.api.search.search_person import refuse_person_numbers
from hub.api.shown_certificate import shown_certificate
from hub.api.weighed import Weighed
from hub.errors import (
    BadRequest,
    HubError,
    MethodNotAllowed,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
    UnsupportedMediaType,
)
from hub.fhir.json_codec import encode
from hub.fhir.xml_codec import decode_xml
from hub.oauth.configuration import WELL_KNOWN, smart_configuration
from hub.oauth.endpoints import oauth
from hub.running import Hub
from hub.soap.endpoint import soap
from hub.store.directory import Directory, directory_read_last
from hub.web.console import add_console

LOGGER = logging.getLogger(__name__)
THREADS = 12
"""At once, in one process: what waits for the database and the log, with some to spare. Forty, as
is usual, spend a third of their time handing the interpreter to one another."""
GARBAGE = 20_000
"""So many new objects before garbage is looked for: what some tens of answers make."""
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
METHOD_NOT_ALLOWED = 405
FORM = "application/x-www-form-urlencoded"
_PARAMETERS = "samvy.parameters"
HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


def create_app(hub: Hub) -> FastAPI:
    """Return the application of a hub: /fhir, /ingest, /oauth, /soap, /granskning, /healthz."""
    app = FastAPI(title="Samvy", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_ready)
    _add_fhir(app, hub)  # first, since routes are tried in their order
    app.add_route("/healthz", health.healthz, methods=["GET"])
    app.add_route("/readyz", health.readyz(hub), methods=["GET"])
    app.add_route("/log/checkpoint", transparency.checkpoint(hub), methods=["GET"])
    app.add_route("/log/proof/{place}", transparency.proof(hub), methods=["GET"])
    app.add_route("/log/key", transparency.public_key(hub), methods=["GET"])
    app.add_route("/witness/add-checkpoint", transparency.witness(hub), methods=["POST"])
    app.add_route("/soap/{operation}", soap(hub), methods=["GET", "POST"])
    for path, endpoint in oauth(hub).items():
        app.add_route(path, endpoint, methods=["POST"])
    app.add_route("/openapi.json", openapi, methods=["GET"])
    add_console(app, hub)
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
    for path in WELL_KNOWN:
        app.add_route(path, smart_configuration(hub), methods=["GET"])
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
        answer = represented(capabilities(), _representation(request))
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
                    asked = _representation(request)
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
                asked = _representation(request, body)
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
        refuse_person_numbers(_target(request))
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
            _received(hub, request, request_id, assumed=directory_read_last(hub.store.engine))
            return
        _received(hub, request, request_id)


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
        call = _received(hub, request, request_id, assumed=assumed)
        # what cannot be read of a known caller's request is refused, and logged, like the rest
        return answered(hub, call, lambda own, bare: dispatch(own, _call(bare, request, body)))


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
        call = _received(hub, request, request_id, error.code)
        with refusals_logged(hub, call):
            raise error
    raise error


def _target(request: Request) -> str:
    """Return path and query as they came and as they read, so that no encoding hides a number."""
    query = request.scope["query_string"].decode("latin-1")
    raw = request.scope.get("raw_path", b"").decode("latin-1")
    return " ".join((raw, request.scope["path"], query, unquote_plus(query), unquote(query)))


def _received(
    hub: Hub,
    request: Request,
    request_id: str,
    refused_for: str | None = None,
    assumed: Directory | None = None,
) -> Call:
    """Return the call as far as it is known before its headers and its body are read."""
    method = "GET" if request.method == "HEAD" else request.method
    path, at = request.scope["path"], hub.clock()
    network = request.client.host if request.client else None
    authorization, unfit = None, None
    try:
        authorization = _authorization(request)
    except BadRequest as error:
        unfit = error
    asking = Asking(
        authorization,
        at,
        request_id,
        named(method, path),
        network,
        shown_certificate(hub, request),
        request.headers.get("x-samvy-assignment"),
        refused_for,
    )
    if unfit is not None:
        log_refused(hub, asking, refused_for or unfit.code)
        raise unfit
    caller = authenticate(hub, asking, assumed)
    counter = assumed.counter if assumed is not None else None
    return Call(
        caller=caller,
        method=method,
        path=path,
        at=at,
        request_id=request_id,
        fhir_root="",
        network=network,
        weighed=Weighed(assumed=Assumed(counter)),
        known_as=f"{hub.base}/fhir",
    )


def _call(bare: Call, request: Request, body: bytes) -> Call:
    content_type = _content_type(request)
    raw = is_sent_raw(request.method, request.scope["path"], content_type)
    if body and _is_fhir(request):
        refuse_other_forms(request.headers, raw=raw)
    if raw:
        body, content_type = as_resource(request.scope["path"], request.headers, body), FHIR_JSON
    if content_type in XML_TYPES and _is_fhir(request):
        body, content_type = encode(decode_xml(body)) if body else b"", FHIR_JSON
    return replace(
        bare,
        fhir_root=_fhir_root(request),
        parameters=_parameters(request, body),
        session=request.headers.get("x-samvy-session") or bare.caller.session,
        prefer=_listed(request, "prefer") or "",
        body=body,
        content_type=content_type,
        conditions=conditions(request.headers),
    )


def _authorization(request: Request) -> str | None:
    for name in ("Authorization", "X-Samvy-Assignment", "X-Samvy-Session"):
        if len(request.headers.getlist(name)) > 1:
            raise BadRequest(f"{name} stands more than once; send one")
    if any(name == "access_token" for name, _ in _query(request)):
        raise BadRequest(
            "a token in a URL is kept by logs; send it in Authorization", code="token-in-url"
        )
    return request.headers.get("authorization")


def _query(request: Request) -> tuple[tuple[str, str], ...]:
    """Return the parameters of the URL; taken apart once for a request."""
    scope = request.scope
    if _PARAMETERS not in scope:
        text = scope["query_string"].decode("latin-1")
        scope[_PARAMETERS] = tuple(parse_qsl(text, keep_blank_values=True))
    found: tuple[tuple[str, str], ...] = scope[_PARAMETERS]
    return found


def _listed(request: Request, name: str) -> str | None:
    """Return a header that is a list, which may come in several lines (RFC 9110 §5.3)."""
    return ", ".join(request.headers.getlist(name)) or None


def _content_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _is_fhir(request: Request) -> bool:
    return str(request.scope["path"]).startswith("/fhir")


def _parameters(request: Request, body: bytes) -> tuple[tuple[str, str], ...]:
    """Return the parameters of the URL, and of a form."""
    found = _query(request)
    form = _content_type(request) == FORM
    if body and not form and request.scope["path"].endswith("/_search"):
        raise UnsupportedMediaType(f"send what is searched for as {FORM}")
    if form:
        try:
            found += tuple(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=200))
        except (UnicodeDecodeError, ValueError):
            raise BadRequest("the form in the body cannot be read") from None
    if any("\x00" in name or "\x00" in value for name, value in found):
        raise BadRequest("a parameter holds U+0000, which no text in the hub can hold")
    return found


def _representation(request: Request, body: bytes = b"") -> Representation:
    """Return how the answer is to be written; documents are received in one way only."""
    path = str(request.scope["path"])
    if not _is_fhir(request) or path.startswith(("/fhir/$export", "/fhir/Patient/$export")):
        return PLAIN  # an export has its own forms: a manifest, and NDJSON
    reads = request.method in ("GET", "HEAD") or request.scope["path"].endswith("/_search")
    parameters = _parameters(request, body)
    binary = is_read(request.method, path)
    return representation(parameters, _listed(request, "accept"), reads=reads, binary=binary)


def _fhir_root(request: Request) -> str:
    """Return the URL that the request came to, for the links of its answer."""
    host = request.headers.get("host", "")
    if not HOST.fullmatch(host):
        raise BadRequest("the Host header names no host")
    return f"{request.scope['scheme']}://{host}/fhir"
