"""A log-in by authorization code: sent to the provider, and back with a code that is exchanged.

Source: OpenID Connect Core 1.0 §3.1; RFC 7636 (PKCE, S256); RFC 9207 (mix-up); RFC 9700 §2.1. What
has to be remembered meanwhile is in a cookie of the browser, sealed by the store's key, and good
for ten minutes: whoever comes back is the one that was sent.
"""

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from cryptography.fernet import Fernet, InvalidToken

from hub.auth.key_fetch import LARGEST, SECONDS
from hub.config.issuer import Console, Issuer
from hub.errors import BadRequest, NotAllowed, Unavailable
from hub.oidc.client_key import proof_of_client
from hub.oidc.id_token import Subject, subject_of
from hub.oidc.provider import AWAY, provider_of
from hub.running import Hub

LASTS = timedelta(minutes=10)
_OK = 200


@dataclass(frozen=True, slots=True)
class Sent:
    """Where the browser is sent, and what it has to bring back."""

    address: str
    sealed: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Somebody whom a provider has logged in."""

    issuer: Issuer
    subject: Subject
    access_token: str = field(repr=False)


def begin(hub: Hub, issuer: Issuer, back: str, seal: Fernet) -> Sent:
    """Return where to send the browser; the provider sends it on to `back`.

    Raises:
        Unavailable: the provider does not answer.
    """
    provider, console = provider_of(issuer, dev=hub.tokens.keys.dev), _console(issuer)
    state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
    address = prepare_grant_uri(
        provider.authorize,
        console.client,
        "code",
        back,
        console.scope,
        state,
        nonce=nonce,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
    )
    kept = {"issuer": issuer.id, "state": state, "nonce": nonce, "verifier": verifier}
    at = int(hub.clock().timestamp())
    return Sent(address, seal.encrypt_at_time(json.dumps(kept).encode(), at).decode())


def finish(
    hub: Hub,
    issuers: Mapping[str, Issuer],
    sealed: str,
    answer: Mapping[str, str],
    back: str,
    seal: Fernet,
) -> LoggedIn:
    """Return who has come back from a provider with an answer.

    Raises:
        BadRequest: it is not this browser's, or is too old.
        NotAllowed: the provider let nobody in, or another provider answered.
        Unavailable: the provider does not answer.
        TokenRefused: what it says of the user does not hold.
    """
    kept = _unsealed(hub, sealed, seal)
    if not hmac.compare_digest(answer.get("state", "").encode(), kept["state"].encode()):
        raise BadRequest("the answer is not to what this browser asked", code="login-expired")
    issuer = issuers.get(kept["issuer"])
    if issuer is None or issuer.console is None:
        raise NotAllowed("nobody logs in with this issuer any more", code="login-refused")
    provider = provider_of(issuer, dev=hub.tokens.keys.dev)
    if (provider.names_itself or "iss" in answer) and answer.get("iss") != issuer.id:
        raise NotAllowed("another provider has answered", code="login-refused")
    if "code" not in answer:
        raise NotAllowed("the provider let nobody in", code="login-refused")
    form = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "redirect_uri": back,
        "code_verifier": kept["verifier"],
        **proof_of_client(issuer.console.client, issuer.id, hub.clock()),
    }
    tokens = _exchanged(provider.token, form)
    access = tokens.get("access_token", "")
    subject = subject_of(hub, issuer, tokens.get("id_token", ""), kept["nonce"], access)
    return LoggedIn(issuer, subject, access)


def _console(issuer: Issuer) -> Console:
    if issuer.console is None:
        raise NotAllowed("nobody logs in with this issuer", code="login-refused")
    return issuer.console


def _unsealed(hub: Hub, sealed: str, seal: Fernet) -> dict[str, str]:
    at, lasts = int(hub.clock().timestamp()), int(LASTS.total_seconds())
    try:
        found: dict[str, str] = json.loads(seal.decrypt_at_time(sealed.encode(), lasts, at))
    except (InvalidToken, ValueError):
        raise BadRequest("this browser has begun no log-in", code="login-expired") from None
    return found


def _exchanged(address: str, form: Mapping[str, str]) -> dict[str, str]:
    """What the provider gives for the code: texts by their names; nothing is followed."""
    headers = {"Accept": "application/json"}
    try:
        with (
            httpx.Client(timeout=SECONDS, follow_redirects=False) as client,
            client.stream("POST", address, data=dict(form), headers=headers) as answer,
        ):
            content = bytearray()
            for chunk in answer.iter_bytes():
                content += chunk
                if len(content) > LARGEST:
                    raise Unavailable("the identity provider's answer is too large", code=AWAY)
        said = json.loads(bytes(content))
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError, RecursionError):
        raise Unavailable("the identity provider cannot be reached", code=AWAY) from None
    if answer.status_code != _OK or not isinstance(said, dict):
        raise NotAllowed("the provider did not take the code", code="login-refused")
    return {name: value for name, value in said.items() if isinstance(value, str)}
