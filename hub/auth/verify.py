"""A token verified: signed by a trusted issuer, for us, now. Everything else is refused.

Source: RFC 7519, 8725 (best current practices), 9068; ASVS 5.0 9.1, 9.2, 10.3. The order is: size,
form and header (hub.auth.signed), issuer, algorithm, key, signature, claims.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType

from hub.auth.claims import ATTRIBUTES, MAPPED
from hub.auth.issuer import TrustedIssuer, configured_issuer
from hub.auth.key_ring import KeyRing, KeysWanted
from hub.auth.refused import Reason, TokenRefused
from hub.auth.signed import LARGEST_CHARACTERS, Signed, read_signed
from hub.config.issuer import Issuer
from hub.kept import Kept

CACHED_SECONDS = 60
_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
NONE: Mapping[str, Issuer] = MappingProxyType({})

__all__ = ["LARGEST_CHARACTERS", "TokenRefused", "VerifiedToken", "Verifier"]


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """What a trusted issuer says, and who it is. `id` is the digest of the token.

    `claims` have our names for them, whatever the issuer calls them. `session` is a reading session
    that the token carries, opened by the token whose id is `opened_by`.
    """

    id: str
    issuer: TrustedIssuer
    claims: Mapping[str, object] = field(repr=False)
    expires: int
    session: str | None = None
    opened_by: str | None = None

    def text(self, name: str) -> str | None:
        """Return a claim that is text; None when it is absent or empty.

        Of an attribute that identity providers write as a list of values, a single one is taken.

        Raises:
            TokenRefused: it is something else than text, or several values.
        """
        value = self.claims.get(name)
        if isinstance(value, list) and name in ATTRIBUTES and len(value) <= 1:
            value = value[0] if value else None
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            several = isinstance(value, list) and name in ATTRIBUTES
            what = "has several values" if several else "is not text"
            raise TokenRefused(
                Reason.CLAIMS, told=f"the claim {name} {what}; let the issuer write one text"
            )
        return value


class Verifier:
    """Verifies tokens, remembering the latest for a while.

    It trusts the issuers that it was made with, and those that are configured when it is asked.
    """

    def __init__(
        self,
        issuers: Iterable[TrustedIssuer],
        *,
        keys: KeyRing | None = None,
        cached: int = 10_000,
    ) -> None:
        self.keys = keys or KeyRing()
        self._issuers = {issuer.name: issuer for issuer in issuers}
        self._cache: Kept[bytes, VerifiedToken] = Kept(cached)
        self._configured: dict[str, tuple[Issuer, TrustedIssuer]] = {}

    def verify(
        self, token: str, at: datetime, configured: Mapping[str, Issuer] = NONE
    ) -> VerifiedToken:
        """Return what a token says when it holds at the instant `at`.

        Raises:
            TokenRefused: it does not.
            KeysWanted: its issuer's keys have to be fetched before that can be said.
        """
        if not token:
            raise TokenRefused(Reason.MISSING)
        if len(token) > LARGEST_CHARACTERS:
            raise TokenRefused(Reason.TOO_LARGE)
        now = at.timestamp()
        digest = sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._cache.get(digest, now)
        # INVARIANT: what was verified counts while its issuer is trusted as it was then, keys too
        if known is None or known.issuer is not self.issuer(known.issuer.name, configured):
            known = self._verified(token, digest, now, configured)
            self._cache.put(digest, known, now, min(known.expires, now + CACHED_SECONDS))
        return known

    def issuer(self, name: object, configured: Mapping[str, Issuer]) -> TrustedIssuer:
        """Return a trusted issuer by its name, with the keys of the moment.

        Raises:
            TokenRefused: there is none, or there are no keys.
            KeysWanted: the keys have to be fetched first.
        """
        if not isinstance(name, str):
            raise TokenRefused(Reason.ISSUER)
        if (own := self._issuers.get(name)) is not None:
            return own
        written = configured.get(name)
        if written is None:
            raise TokenRefused(Reason.ISSUER)
        keys = self.keys.keys(written.keys)
        known = self._configured.get(name)
        if known is None or known[0] != written or known[1].keys is not keys:
            known = self._configured[name] = written, configured_issuer(written, keys)
        return known[1]

    def believed(self, name: str, configured: Mapping[str, Issuer]) -> TrustedIssuer | None:
        """Return what an issuer is believed about, whatever keys it has at the moment; or None."""
        if (own := self._issuers.get(name)) is not None:
            return own
        written = configured.get(name)
        return None if written is None else configured_issuer(written, {})

    def _verified(
        self, token: str, digest: bytes, now: float, configured: Mapping[str, Issuer]
    ) -> VerifiedToken:
        signed = read_signed(token, _TYPES)
        name = signed.claims.get("iss")
        issuer = self.issuer(name, configured)
        if signed.algorithm not in issuer.algorithms:
            raise TokenRefused(Reason.ALGORITHM)
        try:
            signed.verify(issuer.keys)
        except TokenRefused as refused:
            written = configured.get(issuer.name)
            if refused.reason is Reason.KEY and written and self.keys.wanted(written.keys):
                raise KeysWanted(written.keys) from None
            raise
        claims = MappingProxyType(_named(signed.claims, issuer))
        try:
            expires = _checked_claims(signed, issuer, now)
        except TokenRefused as refused:
            raise refused.among(claims) from None
        return VerifiedToken(digest.hex(), issuer, claims, expires)


def _checked_claims(signed: Signed, issuer: TrustedIssuer, now: float) -> int:
    """The instant at which the token expires, once all that RFC 7519 asks of it holds."""
    audience = signed.claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if not all(isinstance(each, str) for each in audiences) or issuer.audience not in audiences:
        raise TokenRefused(Reason.AUDIENCE)
    expires, issued = signed.time("exp"), signed.time("iat")
    if expires <= now - issuer.skew_seconds:
        raise TokenRefused(Reason.EXPIRED)
    starts = [signed.time("nbf")] if "nbf" in signed.claims else []
    if any(start > now + issuer.skew_seconds for start in (issued, *starts)):
        raise TokenRefused(Reason.NOT_YET_VALID)
    if expires <= issued or expires - issued > issuer.longest_seconds:
        raise TokenRefused(Reason.LIFETIME)
    return expires


def _named(claims: Mapping[str, object], issuer: TrustedIssuer) -> dict[str, object]:
    """The claims under our names. One that has another name with this issuer has that name only."""
    if not issuer.names:
        return dict(claims)
    found = {name: value for name, value in claims.items() if name not in issuer.names}
    renamed = {ours: claims[theirs] for ours, theirs in issuer.names.items() if theirs in claims}
    return found | {name: value for name, value in renamed.items() if name in MAPPED}
