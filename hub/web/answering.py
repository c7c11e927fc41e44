"""How the console answers a browser: pages, ways to other pages, errors, and cookies.

Source: ASVS 5.0 3.3 (cookies), 3.4 (headers). A part that htmx asked for is led elsewhere by a
header of its own; what went wrong there is shown in the part's place.
"""

import hmac
from http.cookies import CookieError, SimpleCookie
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from hub.errors import HubError
from hub.running import Hub
from hub.web.render import HEADERS, rendered
from hub.web.visit import ROOT, Page
from hub.web.wrong import told

COOKIE = "samvy_granskning"
LOGIN, LOGOUT = f"{ROOT}/logga-in", f"{ROOT}/logga-ut"
OVER = "slut"
"""Stands in the log-in's address where a session has ended, so that its page says so."""
SEE_OTHER, UNAUTHORISED = 303, 401
Pairs = tuple[tuple[str, str], ...]


def is_part(request: Request) -> bool:
    """Whether a part is asked for; going back in the browser asks for the whole page again."""
    again = request.headers.get("hx-history-restore-request") == "true"
    return request.headers.get("hx-request") == "true" and not again


def html(text: str, status: int) -> Response:
    """Return a page that has been made."""
    return Response(text, status, dict(HEADERS), "text/html; charset=utf-8")


def bare(hub: Hub, page: Page) -> Response:
    """Return a page for somebody who is not logged in."""
    return html(rendered(page, None, [], hub.clock()), page.status)


def wrong(hub: Hub, error: HubError, *, part: bool = False) -> Response:
    """Return what went wrong, in Swedish."""
    heading, text = told(error)
    return bare(hub, Page("wrong.html", heading, {"text": text, "part": part}, status=error.status))


def gone_to(path: str, request: Request, *, cleared: bool = False) -> Response:
    """Return the way to another page; `cleared`: the session's cookie is taken away."""
    where = "HX-Redirect" if is_part(request) else "Location"
    response = Response(None, SEE_OTHER, {**HEADERS, where: path})
    if where == "HX-Redirect":
        response.status_code = 200
    if cleared:
        response.delete_cookie(COOKIE, path=ROOT)
    return response


def to_login(request: Request) -> Response:
    """Return the way to the log-in, for a session that has ended or was never there."""
    ended = bool(cookie(request, COOKIE))
    response = gone_to(f"{LOGIN}?{OVER}=1" if ended else LOGIN, request, cleared=ended)
    if is_part(request):
        response.status_code = UNAUTHORISED
    return response


def cookie(request: Request, name: str) -> str:
    """Return a cookie's value, empty for none."""
    try:
        found = SimpleCookie(request.headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def give(
    response: Response,
    request: Request,
    name: str,
    secret: str,
    *,
    path: str = ROOT,
    across: bool = False,
) -> None:
    """Give a cookie that no script reads; `across`: it comes along from another site's link."""
    same: Literal["lax", "strict"] = "lax" if across else "strict"
    secure = request.scope["scheme"] == "https"
    response.set_cookie(name, secret, path=path, secure=secure, httponly=True, samesite=same)


def field_of(form: Pairs, name: str) -> str:
    """Return a field of a form, empty for none."""
    return next((value for key, value in form if key == name), "")


def same(given: str, wanted: str) -> bool:
    """Compare without telling how far the two agree."""
    return hmac.compare_digest(given.encode(), wanted.encode())
