"""private_key_jwt: a registered client shows who it is with a short-lived JWT that it has signed.

Source: RFC 7523 §2.2 and §3; SMART App Launch 2.2, Backend Services (at most five minutes, a jti
that is used once); FAPI 2.0 Security Profile 5.3.2.1. An assertion is for this hub by the address
that was configured, never by a Host header. Whatever is wrong, the client is told one thing.
"""

import hashlib

from authlib.oauth2.rfc6749 import InvalidClientError

from hub.auth.key_ring import Keys, KeysWanted
from hub.auth.refused import Reason, TokenRefused
from hub.auth.signed import Signed, read_signed
from hub.config.client import Client
from hub.oauth.asked import Asked
from hub.oauth.paths import TOKEN
from hub.running import Hub
from hub.store.directory import directory
from hub.store.hub_tokens import first_use

METHOD = "private_key_jwt"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_SECONDS = 300
SKEW_SECONDS = 10
LONGEST_JTI = 255
_TYPES = frozenset({"jwt", "client-authentication+jwt"})


def authenticated_client(hub: Hub, asked: Asked) -> Client:
    """Return the client that a request's assertion is of.

    Raises:
        InvalidClientError: there is none, it is not registered, or the assertion does not hold.
    """
    try:
        return _client(hub, asked)
    except TokenRefused as refused:
        asked.noted.why = refused.reason.value
        raise InvalidClientError(
            description="the client is not known, or its assertion does not hold",
            status_code=401,
        ) from None


def _client(hub: Hub, asked: Asked) -> Client:
    form = asked.form
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise TokenRefused(Reason.MISSING)
    signed = read_signed(form.get("client_assertion", ""), _TYPES)
    name = signed.claims.get("sub")
    if not isinstance(name, str) or signed.claims.get("iss") != name:
        raise TokenRefused(Reason.ISSUER)
    if form.get("client_id", name) != name:
        raise TokenRefused(Reason.ISSUER)
    with hub.store.read() as connection:
        client = directory(connection).clients.get(name)
    if client is None:
        raise TokenRefused(Reason.ISSUER)
    asked.noted.client = client
    _verify(hub, client, signed)
    asked.noted.verified = True
    expires = _checked(hub, signed, asked.at.timestamp())
    jti = signed.claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_JTI:
        raise TokenRefused(Reason.CLAIMS)
    digest = hashlib.sha256(jti.encode("utf-8", "surrogatepass")).hexdigest()
    with hub.store.write() as connection:
        if not first_use(connection, client.id, digest, expires + SKEW_SECONDS, asked.at):
            raise TokenRefused(Reason.REPLAYED)
    return client


def _verify(hub: Hub, client: Client, signed: Signed) -> None:
    ring = hub.tokens.keys
    try:
        keys = ring.keys(client.keys)
        signed.verify(keys)
    except KeysWanted:
        pass
    except TokenRefused as refused:
        if refused.reason is not Reason.KEY or not ring.wanted(client.keys):
            raise
    else:
        return
    ring.fetch(client.keys)
    signed.verify(_at_hand(hub, client))


def _at_hand(hub: Hub, client: Client) -> Keys:
    try:
        return hub.tokens.keys.keys(client.keys)
    except KeysWanted:
        raise TokenRefused(Reason.KEY) from None


def _checked(hub: Hub, signed: Signed, now: float) -> int:
    """The instant at which the assertion expires, once its audience and its times hold."""
    audience = signed.claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if len(audiences) != 1 or audiences[0] not in (hub.base, f"{hub.base}{TOKEN}"):
        raise TokenRefused(Reason.AUDIENCE)
    expires = signed.time("exp")
    if expires <= now - SKEW_SECONDS:
        raise TokenRefused(Reason.EXPIRED)
    if expires > now + LONGEST_SECONDS + SKEW_SECONDS:
        raise TokenRefused(Reason.LIFETIME)
    starts = [signed.time(each) for each in ("iat", "nbf") if each in signed.claims]
    if any(start > now + SKEW_SECONDS for start in starts):
        raise TokenRefused(Reason.NOT_YET_VALID)
    return expires
