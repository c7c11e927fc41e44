"""What a client can get a token with: its own registration, or a token of one of its users.

Source: RFC 6749 §4.4 and SMART App Launch 2.2 (Backend Services); RFC 8693 (token exchange); DESIGN
§5. An exchanged token is never worth more than the user's own: it ends with it, its scopes lie
within its, and whoever the user is, is judged anew at every request. With `samvy_session` it
carries a reading session that the user's own token opened, so that a SMART client that knows
nothing of sessions reads within it.
"""

from dataclasses import replace
from functools import partial
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError, UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import BaseGrant, ClientCredentialsGrant, TokenEndpointMixin

from consent.facts import Capacity
from hub.api.identify import Identified, Presented, identify
from hub.api.session import Session, live
from hub.auth.commission import under_assignment
from hub.auth.hub_token import carried, is_hub_token
from hub.auth.refused import AssignmentRefused, TokenRefused
from hub.auth.scopes import Scopes, parse_scopes
from hub.config.client import Client
from hub.oauth.asked import Asked, Reply
from hub.oauth.client_assertion import METHOD
from hub.oauth.issuing import LONGEST_SECONDS, SYSTEM_SECONDS, bound_to, granted, issued
from hub.oauth.logged import log_issue
from hub.oauth.registered import CLIENT_CREDENTIALS, TOKEN_EXCHANGE
from hub.running import Hub
from hub.store.hub_tokens import HubToken

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105  # nosec B105 - a type
JWT = "urn:ietf:params:oauth:token-type:jwt"
_JSON = [("Content-Type", "application/json")]


class SystemGrant(ClientCredentialsGrant):  # type: ignore[misc]  # Authlib ships no types
    """Backend Services: a system's token for its organisation's own data (PDL 2:4)."""

    GRANT_TYPE = CLIENT_CREDENTIALS
    TOKEN_ENDPOINT_AUTH_METHODS = (METHOD,)

    def create_token_response(self) -> Reply:
        """Return the token."""
        hub, asked, client = _what(self)
        scope = granted(asked.form.get("scope"), parse_scopes(client.scope), ["system"])
        now = int(asked.at.timestamp())
        token = HubToken(
            client.id, str(scope), now, now + SYSTEM_SECONDS, certificate=bound_to(client, asked)
        )
        return 200, issued(hub, token, partial(log_issue, hub, asked, token)), _JSON


class ExchangeGrant(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]  # as above
    """A user's token exchanged for one that the user's system may hand to its parts."""

    GRANT_TYPE = TOKEN_EXCHANGE
    TOKEN_ENDPOINT_AUTH_METHODS = (METHOD,)

    def validate_token_request(self) -> None:
        """Return if the client may exchange, and the request is one that is served.

        Raises:
            OAuth2Error: it may not, or asks for what there is not.
        """
        self.request.client = self.authenticate_token_endpoint_client()
        if not self.request.client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError(description="the client is not one that exchanges tokens")
        form = self.request.asked.form
        if form.get("subject_token_type") not in (ACCESS_TOKEN, JWT):
            raise InvalidRequestError(description="subject_token_type is access_token or jwt")
        if form.get("requested_token_type", ACCESS_TOKEN) != ACCESS_TOKEN:
            raise InvalidRequestError(description="requested_token_type is access_token")
        if "actor_token" in form:
            raise InvalidRequestError(
                description="actor_token is not taken: the client is the actor"
            )
        base = self.server.hub.base
        for name in ("audience", "resource"):
            if form.get(name, base) not in (base, f"{base}/fhir"):
                raise InvalidRequestError(description=f"{name} is this hub", error="invalid_target")

    def create_token_response(self) -> Reply:
        """Return the token, with the patient of the session that it carries."""
        hub, asked, client = _what(self)
        subject = _subject(hub, asked, client)
        session = _session(hub, asked, subject)
        ceiling = _ceiling(subject, client, session)
        levels = {each.level for each in subject.caller.scopes.grants}
        if session is not None:
            levels.add("patient")
        scope = granted(asked.form.get("scope"), ceiling, levels)
        now = int(asked.at.timestamp())
        ends = [now + LONGEST_SECONDS, subject.caller.expires]
        if session is not None:
            ends.append(int(session.expires.timestamp()))
        token = HubToken(
            client=client.id,
            scope=str(scope),
            issued=now,
            expires=min(ends),
            claims=carried(subject.token),
            issuer=subject.token.issuer.name,
            certificate=bound_to(client, asked),
            session=session.id if session else None,
            opened_by=subject.caller.opener if session else None,
        )
        more = {"patient": session.person} if session else {}
        log = partial(log_issue, hub, asked, token, user=subject.caller, session=session)
        return 200, issued(hub, token, log, issued_token_type=ACCESS_TOKEN, **more), _JSON


GRANTS = (SystemGrant, ExchangeGrant)


def _what(grant: Any) -> tuple[Hub, Asked, Client]:  # noqa: ANN401 - one of Authlib's
    return grant.server.hub, grant.request.asked, grant.request.client.client


def _subject(hub: Hub, asked: Asked, client: Client) -> Identified:
    """Who the exchanged token is of: staff of the client's organisation, or an individual."""
    token = asked.form.get("subject_token", "")
    presented = Presented(asked.certificate, asked.form.get("samvy_assignment"))
    if is_hub_token(token):
        raise InvalidRequestError(description="a token of the hub's own is not exchanged again")
    try:
        found = identify(hub, token, presented, asked.at)
    except TokenRefused as refused:
        asked.noted.why = refused.reason.value
        told = f": {refused.told}" if refused.told else ""
        raise InvalidRequestError(description=f"the subject_token does not hold{told}") from None
    except AssignmentRefused as refused:
        asked.noted.why = refused.code
        raise InvalidRequestError(description=f"{refused.code}: {refused}") from None
    caller = found.caller
    individual = caller.capacity is Capacity.INDIVIDUAL and client.individuals
    staff = caller.capacity is not Capacity.SYSTEM and caller.organisation == client.organisation
    if not individual and not staff:
        raise InvalidRequestError(
            description="the subject_token is of nobody whom this client may act for"
        )
    # what is carried is what the user reads under, not all that they might have chosen
    return replace(found, token=under_assignment(found.token, presented.assignment))


def _session(hub: Hub, asked: Asked, subject: Identified) -> Session | None:
    """The reading session to carry, which the user's own token has opened."""
    name = asked.form.get("samvy_session")
    if name is None:
        return None
    with hub.store.read() as connection:
        found = live(connection, name, subject.caller.opener, asked.at)
    if found is None:
        raise InvalidRequestError(description="the reading session has ended or is not this user's")
    return found


def _ceiling(subject: Identified, client: Client, session: Session | None) -> Scopes:
    own = subject.caller.scopes
    if session is not None:
        about_one = str(own).replace("user/", "patient/")
        own = parse_scopes(f"{own} {about_one}")
    return own.within(parse_scopes(client.scope))
