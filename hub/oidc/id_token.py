"""What a provider says of who logged in, and of who has logged out: verified before it is believed.

Source: OpenID Connect Core 1.0 §3.1.3.7 (ID token), §3.1.3.8 (at_hash); OpenID Connect Back-Channel
Logout 1.0 §2.4, §2.6. Form, header, keys and algorithms are those of every token (hub/auth).
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256

from hub.auth.issuer import TrustedIssuer
from hub.auth.key_ring import KeysWanted
from hub.auth.refused import Reason, TokenRefused
from hub.auth.signed import Signed, read_signed
from hub.config.issuer import Issuer
from hub.running import Hub

ENDED = "http://schemas.openid.net/event/backchannel-logout"
FRESH_SECONDS = 300
_JWT = frozenset({"jwt"})
_LOGOUT = frozenset({"jwt", "logout+jwt"})


@dataclass(frozen=True, slots=True)
class Subject:
    """The provider's name for a user, and for its own session of them; either may be missing."""

    sub: str | None
    sid: str | None


def subject_of(hub: Hub, issuer: Issuer, token: str, nonce: str, access_token: str) -> Subject:
    """Return of whom an ID token is that came with an access token.

    Raises:
        TokenRefused: it does not hold, or is not of this log-in, or the two are not of one user.
    """
    signed = _verified(hub, issuer, read_signed(token, _JWT))
    now, skew = hub.clock().timestamp(), issuer.clock_skew_seconds
    if signed.time("exp") <= now - skew:
        raise TokenRefused(Reason.EXPIRED)
    if signed.time("iat") > now + skew:
        raise TokenRefused(Reason.NOT_YET_VALID)
    given = signed.claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise TokenRefused(Reason.REPLAYED)
    # every algorithm that is taken hashes with SHA-256
    half = urlsafe_b64encode(sha256(access_token.encode()).digest()[:16]).rstrip(b"=").decode()
    if signed.claims.get("at_hash", half) != half:
        raise TokenRefused(Reason.BINDING)
    found = _subject(signed)
    if found.sub is None:
        raise TokenRefused(Reason.CLAIMS)
    return found


def ended_of(hub: Hub, issuers: dict[str, Issuer], token: str) -> tuple[Issuer, Subject]:
    """Return whose sessions a logout token ends.

    Raises:
        TokenRefused: it does not hold, is old, or is something else than a logout token.
    """
    read = read_signed(token, _LOGOUT)
    name = read.claims.get("iss")
    issuer = issuers.get(name) if isinstance(name, str) else None
    if issuer is None or issuer.console is None:
        raise TokenRefused(Reason.ISSUER)
    signed = _verified(hub, issuer, read)
    now, skew = hub.clock().timestamp(), issuer.clock_skew_seconds
    if not now - FRESH_SECONDS - skew <= signed.time("iat") <= now + skew:
        raise TokenRefused(Reason.EXPIRED)
    if "exp" in signed.claims and signed.time("exp") <= now - skew:
        raise TokenRefused(Reason.EXPIRED)
    events = signed.claims.get("events")
    if not isinstance(events, dict) or ENDED not in events or "nonce" in signed.claims:
        raise TokenRefused(Reason.CLAIMS)
    found = _subject(signed)
    if found == Subject(None, None):
        raise TokenRefused(Reason.CLAIMS)
    return issuer, found


def _verified(hub: Hub, issuer: Issuer, signed: Signed) -> Signed:
    """The token, once it is signed by the issuer, and for the console and nobody else."""
    trusted = _trusted(hub, issuer)
    if signed.algorithm not in trusted.algorithms:
        raise TokenRefused(Reason.ALGORITHM)
    try:
        signed.verify(trusted.keys)
    except TokenRefused as refused:
        if refused.reason is not Reason.KEY or not hub.tokens.keys.wanted(issuer.keys):
            raise
        hub.tokens.keys.fetch(issuer.keys)
        signed.verify(_trusted(hub, issuer).keys)
    if signed.claims.get("iss") != issuer.id:
        raise TokenRefused(Reason.ISSUER)
    client = issuer.console.client if issuer.console else None
    audience = signed.claims.get("aud")
    if audience not in (client, [client]) or signed.claims.get("azp", client) != client:
        raise TokenRefused(Reason.AUDIENCE)
    return signed


def _trusted(hub: Hub, issuer: Issuer) -> TrustedIssuer:
    configured = {issuer.id: issuer}
    try:
        return hub.tokens.issuer(issuer.id, configured)
    except KeysWanted as wanted:
        hub.tokens.keys.fetch(wanted.source)
    try:
        return hub.tokens.issuer(issuer.id, configured)
    except KeysWanted:
        raise TokenRefused(Reason.KEY) from None


def _subject(signed: Signed) -> Subject:
    return Subject(*(_name(signed.claims.get(each)) for each in ("sub", "sid")))


def _name(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value:
        raise TokenRefused(Reason.CLAIMS)
    return value
