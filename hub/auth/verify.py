"""A token verified: signed by a trusted issuer, for us, now. Everything else is refused.

Source: RFC 7515, 7519, 8725 (best current practices), 9068; ASVS 5.0 9.1, 9.2, 10.3. The order is:
size, form, header, algorithm, issuer, key, signature, claims. The header names only an algorithm, a
key of that issuer and a type: keys and addresses that a token brings along are never used.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import cast

from joserfc import jws
from joserfc.errors import JoseError

from hub.auth.issuer import KEY_TYPES, PublicKey, TrustedIssuer
from hub.auth.refused import Reason, TokenRefused
from hub.kept import Kept

LARGEST_CHARACTERS = 8192
LEEWAY_SECONDS = 10
CACHED_SECONDS = 60
DEEPEST = 8
_LATEST = 2**40
_HEADER = frozenset({"alg", "kid", "typ"})
_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
_PARTS = 3

__all__ = ["TokenRefused", "VerifiedToken", "Verifier"]


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """What a trusted issuer says, and who it is. `id` is the digest of the token."""

    id: str
    issuer: TrustedIssuer
    claims: Mapping[str, object] = field(repr=False)
    expires: int

    def text(self, name: str) -> str | None:
        """Return a claim that is text; None when it is absent or empty.

        Raises:
            TokenRefused: it is something else than text.
        """
        value = self.claims.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise TokenRefused(Reason.CLAIMS)
        return value


class Verifier:
    """Verifies tokens of the issuers that it was made with, remembering the latest for a while."""

    def __init__(self, issuers: Iterable[TrustedIssuer], *, cached: int = 10_000) -> None:
        self._issuers = {issuer.name: issuer for issuer in issuers}
        self._cache: Kept[bytes, VerifiedToken] = Kept(cached)

    def verify(self, token: str, at: datetime) -> VerifiedToken:
        """Return what a token says when it holds at the instant `at`.

        Raises:
            TokenRefused: it does not.
        """
        if not token:
            raise TokenRefused(Reason.MISSING)
        if len(token) > LARGEST_CHARACTERS:
            raise TokenRefused(Reason.TOO_LARGE)
        if not token.isascii():
            raise TokenRefused(Reason.MALFORMED)
        now = at.timestamp()
        digest = sha256(token.encode()).digest()
        known = self._cache.get(digest, now)
        if known is None:
            known = self._verified(token, digest, now)
            self._cache.put(digest, known, now, min(known.expires, now + CACHED_SECONDS))
        return known

    def _verified(self, token: str, digest: bytes, now: float) -> VerifiedToken:
        parts = token.split(".")
        if len(parts) != _PARTS or not all(parts):
            raise TokenRefused(Reason.MALFORMED)
        header = _checked_header(_object(parts[0]))
        claims = _object(parts[1])
        _decoded(parts[2])
        name = claims.get("iss")
        issuer = self._issuers.get(name) if isinstance(name, str) else None
        if issuer is None:
            raise TokenRefused(Reason.ISSUER)
        algorithm = header["alg"]
        if algorithm not in issuer.algorithms:
            raise TokenRefused(Reason.ALGORITHM)
        key = _key(issuer, algorithm, header.get("kid"))
        try:
            jws.deserialize_compact(token, key, algorithms=[algorithm])
        except (JoseError, ValueError):
            raise TokenRefused(Reason.SIGNATURE) from None
        try:
            expires = _checked_claims(claims, issuer, now)
        except TokenRefused as refused:
            raise TokenRefused(refused.reason, MappingProxyType(claims)) from None
        return VerifiedToken(digest.hex(), issuer, MappingProxyType(claims), expires)


def _decoded(part: str) -> bytes:
    """The bytes of a part that is base64url to the letter: no padding, nothing else, one form."""
    try:
        content = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise TokenRefused(Reason.MALFORMED) from None
    if urlsafe_b64encode(content).rstrip(b"=").decode() != part:
        raise TokenRefused(Reason.MALFORMED)
    return content


def _object(part: str) -> dict[str, object]:
    """The JSON object of a part. A name that stands twice is refused: parsers differ about it."""
    try:
        value = json.loads(
            _decoded(part).decode(), object_pairs_hook=_unique, parse_constant=_no_constant
        )
        fits = isinstance(value, dict) and _depth(value) <= DEEPEST
    except (ValueError, RecursionError):
        raise TokenRefused(Reason.MALFORMED) from None
    if not fits:
        raise TokenRefused(Reason.MALFORMED)
    return cast("dict[str, object]", value)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise TokenRefused(Reason.MALFORMED)
    return found


def _no_constant(_name: str) -> object:
    raise TokenRefused(Reason.MALFORMED)


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max((_depth(each) for each in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((_depth(each) for each in value), default=0)
    return 0


def _checked_header(header: Mapping[str, object]) -> dict[str, str]:
    texts = {name: value for name, value in header.items() if isinstance(value, str)}
    if len(texts) != len(header) or not texts.keys() <= _HEADER:
        raise TokenRefused(Reason.HEADER)
    if texts.get("alg") not in KEY_TYPES:
        raise TokenRefused(Reason.ALGORITHM)
    if texts.get("typ", "jwt").lower() not in _TYPES:
        raise TokenRefused(Reason.HEADER)
    return texts


def _key(issuer: TrustedIssuer, algorithm: str, identifier: str | None) -> PublicKey:
    """The issuer's key that the token names; without a name the issuer's only one."""
    if identifier is None:
        found = next(iter(issuer.keys.values())) if len(issuer.keys) == 1 else None
    else:
        found = issuer.keys.get(identifier)
    if found is None or not isinstance(found, KEY_TYPES[algorithm]):
        raise TokenRefused(Reason.KEY)
    return found


def _checked_claims(claims: Mapping[str, object], issuer: TrustedIssuer, now: float) -> int:
    """The instant at which the token expires, once all that RFC 7519 asks of it holds."""
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if not all(isinstance(each, str) for each in audiences) or issuer.audience not in audiences:
        raise TokenRefused(Reason.AUDIENCE)
    expires, issued = _time(claims, "exp"), _time(claims, "iat")
    if expires <= now - LEEWAY_SECONDS:
        raise TokenRefused(Reason.EXPIRED)
    starts = [_time(claims, "nbf")] if "nbf" in claims else []
    if any(start > now + LEEWAY_SECONDS for start in (issued, *starts)):
        raise TokenRefused(Reason.NOT_YET_VALID)
    if expires <= issued or expires - issued > issuer.longest_seconds:
        raise TokenRefused(Reason.LIFETIME)
    return expires


def _time(claims: Mapping[str, object], name: str) -> int:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _LATEST:
        raise TokenRefused(Reason.CLAIMS)
    return int(value)
