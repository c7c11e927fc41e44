"""A token of the hub's made, stored and described.

Source: RFC 6749 §5.1; RFC 8705 §3; SMART App Launch 2.2, Backend Services ("short-lived").
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError, InvalidScopeError

from hub.auth.hub_token import digest, new_token, token_id
from hub.auth.scopes import Scopes, parse_scopes
from hub.auth.sealed_claims import seal
from hub.config.client import Client
from hub.oauth.asked import Asked
from hub.running import Hub
from hub.store.hub_tokens import HubToken, save_token

SYSTEM_SECONDS = 300
"""How long a system's token lasts: as SMART's Backend Services recommend, at most five minutes."""
LONGEST_SECONDS = 3600


def granted(asked: str | None, ceiling: Scopes, levels: Iterable[str]) -> Scopes:
    """Return the scopes that are granted: what is asked for as far as allowed, or all of it.

    `levels` are those that can mean anything in such a token.

    Raises:
        InvalidScopeError: nothing of it is allowed.
    """
    wanted = ceiling if asked is None else parse_scopes(asked).within(ceiling)
    found = wanted.on(levels)
    if not found.grants:
        raise InvalidScopeError(description="none of the scopes is one that this client may have")
    return found


def bound_to(client: Client, asked: Asked) -> str | None:
    """Return the certificate that the token is bound to: the one that the client shows, if any.

    Raises:
        InvalidRequestError: the client has to show one and does not.
    """
    if client.certificate_bound and asked.certificate is None:
        raise InvalidRequestError(description="this client gets tokens with its certificate only")
    return asked.certificate


def issued(hub: Hub, token: HubToken, log: Callable[[str], None], **more: object) -> dict[str, Any]:
    """Store a token and return the answer that gives it; `log` is told the name of the token first.

    What the user's own token said is stored sealed.

    Raises:
        Unavailable: the log cannot be written.
    """
    text = new_token()
    log(token_id(digest(text)))
    if token.claims is not None:
        token = replace(token, claims=seal(text, token.claims))
    with hub.store.write() as connection:
        save_token(connection, digest(text), token)
    return {
        "access_token": text,
        "token_type": "Bearer",  # nosec B105 - a type
        "expires_in": token.expires - token.issued,
        "scope": token.scope,
        **more,
    }
