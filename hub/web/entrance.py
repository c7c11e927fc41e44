"""Into the console and out of it: with an identity provider, or under --dev with a pasted token.

Source: OpenID Connect Core 1.0 §3.1, RP-Initiated Logout 1.0, Back-Channel Logout 1.0;
docs/decisions/0018. The session's cookie is never sent from another site (SameSite=Strict), so
who comes back from the provider is led on by a page of ours.
"""

import secrets
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from hub.api.authenticate import token_refused
from hub.auth.issuer import BUILT_IN
from hub.auth.refused import TokenRefused
from hub.config.issuer import Issuer
from hub.errors import HubError, NotAllowed, NotAuthenticated, NotFound
from hub.oidc.code_flow import begin, finish
from hub.oidc.id_token import ended_of
from hub.oidc.provider import provider_of
from hub.running import Hub
from hub.store.directory import directory
from hub.web import session
from hub.web.answering import (
    COOKIE,
    LOGIN,
    OVER,
    Pairs,
    bare,
    cookie,
    field_of,
    give,
    gone_to,
)
from hub.web.login import WHAT, CallOf, log_in
from hub.web.render import HEADERS
from hub.web.session import Login
from hub.web.visit import ROOT, Page
from hub.web.wrong import told

BEFORE, SENT = "samvy_inloggning", "samvy_vag"
SEND, BACK, ENDED = f"{LOGIN}/till", f"{LOGIN}/svar", f"{ROOT}/utloggad"
Door = Callable[[Hub, Request, Pairs, CallOf], Response]


def door(request: Request) -> Door | None:
    """Return what answers a page that needs no session; None where it is no such page."""
    return DOORS.get((request.method, request.scope["path"].rstrip("/")))


def proof_of(hub: Hub, request: Request) -> str | None:
    """Return what a form of the log-in must hold in this browser (CSRF)."""
    before = cookie(request, BEFORE)
    return session.proof_before_login(hub, before) if before else None


def leave(hub: Hub, request: Request, login: Login) -> Response:
    """End the session here, and offer to end the provider's own."""
    session.end(hub, login.secret)
    issuer = _providers(hub).get(login.issuer or "")
    if issuer is None or issuer.console is None:
        return gone_to(LOGIN, request, cleared=True)
    try:
        elsewhere = provider_of(issuer, dev=hub.tokens.keys.dev).logout
    except HubError:
        elsewhere = None
    if elsewhere is not None:
        asked = {
            "client_id": issuer.console.client,
            "post_logout_redirect_uri": f"{hub.base}{LOGIN}",
        }
        elsewhere += ("&" if "?" in elsewhere else "?") + urlencode(asked)
    context = {"elsewhere": elsewhere, "name": issuer.console.name}
    response = bare(hub, Page("logged_out.html", "Du är utloggad", context))
    response.delete_cookie(COOKIE, path=ROOT)
    return response


def _asked(hub: Hub, request: Request, _form: Pairs, _call_of: CallOf) -> Response:
    """The page that asks how to log in."""
    return _login_page(hub, request, None)


def _pasted(hub: Hub, request: Request, form: Pairs, call_of: CallOf) -> Response:
    """Let somebody in who has pasted a token: for development only."""
    if not _for_development(hub):
        raise NotFound
    try:
        login = log_in(hub, call_of, field_of(form, "token"))
    except (NotAuthenticated, NotAllowed) as error:
        return _login_page(hub, request, error)
    response = gone_to(ROOT, request)
    give(response, request, COOKIE, login.secret)
    return response


def _sent(hub: Hub, request: Request, _form: Pairs, _call_of: CallOf) -> Response:
    """Send somebody to the provider that they chose."""
    issuer = _providers(hub).get(request.query_params.get("hos", ""))
    if issuer is None:
        raise NotFound
    sent = begin(hub, issuer, f"{hub.base}{BACK}", session.seal_before_login(hub))
    response = gone_to(sent.address, request)
    give(response, request, SENT, sent.sealed, path=LOGIN, across=True)
    return response


def _back(hub: Hub, request: Request, _form: Pairs, call_of: CallOf) -> Response:
    """Let somebody in whom a provider has sent back."""
    sealed, answer = cookie(request, SENT), dict(request.query_params)
    back, seal = f"{hub.base}{BACK}", session.seal_before_login(hub)
    try:
        found = finish(hub, _providers(hub), sealed, answer, back, seal)
        login = log_in(hub, call_of, found.access_token, found)
    except TokenRefused as refused:
        token_refused(hub, call_of.asking(hub, "", WHAT), refused.reason.value, refused.claims)
        response = _login_page(hub, request, NotAuthenticated("the log-in does not hold"))
    except HubError as error:
        response = _login_page(hub, request, error)
    else:
        response = bare(hub, Page("logged_in.html", "Du är inloggad", {"first": ROOT}))
        give(response, request, COOKIE, login.secret)
    response.delete_cookie(SENT, path=LOGIN)
    return response


def _ended(hub: Hub, _request: Request, form: Pairs, call_of: CallOf) -> Response:
    """End the sessions of somebody whom a provider has logged out."""
    try:
        issuer, subject = ended_of(hub, _providers(hub), field_of(form, "logout_token"))
    except TokenRefused as refused:
        token_refused(hub, call_of.asking(hub, "", "console logout"), refused.reason.value, {})
        return Response('{"error":"invalid_request"}', 400, dict(HEADERS), "application/json")
    session.end_of(hub, issuer.id, subject)
    return Response(None, 200, dict(HEADERS))


DOORS: Mapping[tuple[str, str], Door] = {
    ("GET", LOGIN): _asked,
    ("POST", LOGIN): _pasted,
    ("GET", SEND): _sent,
    ("GET", BACK): _back,
    ("POST", ENDED): _ended,
}
FROM_ELSEWHERE = (ENDED,)
"""What a provider's server posts to, with a token of its own and no cookie."""


def _login_page(hub: Hub, request: Request, error: HubError | None) -> Response:
    before = cookie(request, BEFORE) or secrets.token_urlsafe(32)
    providers = sorted(_providers(hub).values(), key=lambda each: each.id)
    context = {
        "csrf": session.proof_before_login(hub, before),
        "wrong": told(error)[1] if error else None,
        "over": OVER in request.query_params and error is None,
        "providers": [
            (f"{SEND}?{urlencode({'hos': each.id})}", each.console.name)
            for each in providers
            if each.console
        ],
        "pasted": _for_development(hub),
    }
    status = error.status if error else 200
    response = bare(hub, Page("login.html", "Logga in", context, status=status))
    give(response, request, BEFORE, before)
    return response


def _providers(hub: Hub) -> dict[str, Issuer]:
    """The issuers with which people log in, as they are configured at this moment."""
    with hub.store.read() as connection:
        known = directory(connection).issuers
    return {name: issuer for name, issuer in known.items() if issuer.console is not None}


def _for_development(hub: Hub) -> bool:
    return hub.tokens.believed(BUILT_IN, {}) is not None
