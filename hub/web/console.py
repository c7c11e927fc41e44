"""The console in the web application: requests become visits, pages become responses.

Source: ASVS 5.0 3.3 (cookies), 3.4 (headers), 3.5 (CSRF), 7 (sessions), 8 (rights). Before any page
is made: no person number in the address, a session that lives, a token that still holds, a mandate
that still is, the right to this very page, and for what changes anything a form of this session.
"""

import logging
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, unquote, unquote_plus

from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from hub.api.authenticate import authenticate, log_refused
from hub.api.refused import named, refusals_logged
from hub.api.search.search_person import refuse_person_numbers
from hub.errors import (
    BadRequest,
    HubError,
    MethodNotAllowed,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    TooLarge,
    Unavailable,
)
from hub.running import Hub
from hub.store.directory import directory
from hub.web import session, time_left
from hub.web.answering import (
    COOKIE,
    LOGOUT,
    Pairs,
    cookie,
    field_of,
    gone_to,
    html,
    is_part,
    same,
    to_login,
    wrong,
)
from hub.web.entrance import BACK, FROM_ELSEWHERE, door, leave, proof_of
from hub.web.login import CallOf, mandate_for
from hub.web.pages import PLACES, Place, first_for, kind_of, menu_for
from hub.web.render import HEADERS, rendered
from hub.web.session import Login
from hub.web.visit import ROOT, File, Goto, Visit

LOGGER = logging.getLogger(__name__)
LARGEST_FORM = 64 * 1024
STATIC = Path(__file__).parent / "static"
FILES = {
    "htmx.min.js": "text/javascript",
    "klocka.js": "text/javascript",
    "granskning.css": "text/css",
}
FORM = "application/x-www-form-urlencoded"
FORGED = "csrf"


def add_console(app: FastAPI, hub: Hub) -> None:
    """Add the console's routes to the application."""
    app.add_route(f"{ROOT}/static/{{name}}", _static, methods=["GET"])
    serve = _server(hub)
    app.add_route(ROOT, serve, methods=["GET", "POST"])
    app.add_route(f"{ROOT}/{{rest:path}}", serve, methods=["GET", "POST"])


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in FILES:
        return Response(status_code=404)
    content = (STATIC / name).read_bytes()
    headers = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return Response(content, 200, headers, FILES[name])


def _server(hub: Hub) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        form: Pairs = ()
        unread: HubError | None = None
        try:
            form = await _form(request)
        except HubError as error:
            unread = error
        except ClientDisconnect:
            return Response(status_code=400)
        return await run_in_threadpool(_answered, hub, request, form, unread)

    return serve


async def _form(request: Request) -> Pairs:
    """Return the fields of the form, none for what is only asked for."""
    if request.method == "GET":
        return ()
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise BadRequest("the console takes forms")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise TooLarge("the form is too large")
    return _pairs(bytes(body))


def _pairs(raw: bytes) -> Pairs:
    try:
        found = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=200)
    except ValueError:
        raise BadRequest("the form cannot be read") from None
    if any("\x00" in name or "\x00" in value for name, value in found):
        raise BadRequest("a field holds U+0000")
    return tuple(found)


def _answered(hub: Hub, request: Request, form: Pairs, unread: HubError | None) -> Response:
    request_id = str(uuid.uuid4())
    root = f"{request.scope['scheme']}://{request.headers.get('host', '')}/fhir"
    network = request.client.host if request.client else None
    call_of = CallOf(hub, request_id, network, root)
    try:
        response = _routed(hub, request, form, call_of, unread)
    except HubError as error:
        response = wrong(hub, error, part=is_part(request))
    except SQLAlchemyError as error:
        # the class alone: a database's message may quote values
        LOGGER.error("store failed: %s (request %s)", type(error).__name__, request_id)  # noqa: TRY400
        response = wrong(hub, Unavailable("the store cannot be reached"), part=is_part(request))
    except Exception as error:  # noqa: BLE001  # P5: whatever goes wrong denies
        LOGGER.error("page failed: %s (request %s)", type(error).__name__, request_id)  # noqa: TRY400
        response = wrong(hub, HubError("the page could not be made"), part=is_part(request))
    response.headers["X-Request-Id"] = request_id
    return response


def _refused_for(request: Request, form: Pairs, proof: str | None) -> HubError | None:
    """Return why the request is refused whatever it asks for: a number, or a forged form (CSRF)."""
    query = request.scope["query_string"].decode("latin-1")
    raw = request.scope.get("raw_path", b"").decode("latin-1")
    path = request.scope["path"]
    try:
        if path != BACK:  # a provider's code is any text
            refuse_person_numbers(" ".join((raw, path, query, unquote_plus(query), unquote(query))))
    except HubError as error:
        return error
    if request.method != "POST" or path in FROM_ELSEWHERE:
        return None
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return NotAllowed("the form came from another site", code=FORGED)
    if proof is None or not same(field_of(form, "csrf"), proof):
        return NotAllowed("the form is not of this session", code=FORGED)
    return None


def _routed(
    hub: Hub, request: Request, form: Pairs, call_of: CallOf, unread: HubError | None
) -> Response:
    path = request.scope["path"].rstrip("/")
    opened, login = door(request), None
    if opened is None:
        asks = path == ROOT + time_left.PATH and request.method == "GET"
        login = session.live(hub, cookie(request, COOKIE), hub.clock(), used=not asks)
    proof = login.proof(hub) if login else proof_of(hub, request)
    refused_for = unread or _refused_for(request, form, proof)
    if login is None:
        if refused_for is not None and (opened or refused_for.code != FORGED):
            log_refused(hub, call_of.asking(hub, "", named(request.method, path)), refused_for.code)
            raise refused_for
        if opened is not None:
            return opened(hub, request, form, call_of)
        return to_login(request)
    if path == LOGOUT and request.method == "POST" and refused_for is None:
        return leave(hub, request, login)
    return _page(hub, request, form, call_of, login, refused_for)


def _page(
    hub: Hub,
    request: Request,
    form: Pairs,
    call_of: CallOf,
    login: Login,
    refused_for: HubError | None,
) -> Response:
    asked, path = _pairs(request.scope["query_string"]), request.scope["path"]
    try:
        asking = call_of.asking(hub, login.token, named(request.method, path))
        caller = authenticate(hub, asking)
    except NotAuthenticated:
        session.end(hub, login.secret)
        return to_login(request)
    call = call_of(caller, request.method, path, asked + form)
    expires = datetime.fromtimestamp(caller.expires, UTC)
    with refusals_logged(hub, call) as (own, _, call):
        if refused_for is not None:
            raise refused_for
        with hub.store.read() as connection:
            known = directory(connection)
            mandate = mandate_for(hub, connection, call, known)
        visit = Visit(
            own,
            call,
            mandate,
            known,
            login.proof(hub),
            min(login.ends, expires),
            moves=login.ends < min(login.last, expires),
            fragment=is_part(request),
        )
        if path.rstrip("/") == ROOT:
            return gone_to(first_for(visit), request)
        place, groups = _place(visit)
        shown = place.make(visit, *groups)
    if isinstance(shown, Goto):
        return gone_to(shown.path, request)
    if isinstance(shown, File):
        disposition = {"Content-Disposition": f'attachment; filename="{shown.name}"'}
        return Response(shown.content, 200, {**HEADERS, **disposition}, shown.media_type)
    return html(rendered(shown, visit, menu_for(visit), call.at), shown.status)


def _place(visit: Visit) -> tuple[Place, tuple[str, ...]]:
    """The page at the visit's address; what is not this visitor's is as if it were not there."""
    path = visit.call.path.rstrip("/").removeprefix(ROOT)
    found = [(place, match) for place in PLACES if (match := place.matched(path))]
    allowed = [each for each in found if kind_of(visit) in each[0].who]
    if not allowed:
        raise NotFound
    for place, match in allowed:
        if place.method == visit.call.method:
            return place, match.groups()
    raise MethodNotAllowed
