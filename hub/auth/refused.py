"""A token that does not hold: what the caller is told, and the reason, which only our log is told.

Source: RFC 6750 §3 and §3.1. The answer is the same for every fault in a token, so that nobody
learns from it how to make a better one. A token that holds, of a log-in that was too weak, has an
answer of its own (RFC 9470 §3), so that the client asks for a stronger one.
"""

import re
from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType

NO_CLAIMS: Mapping[str, object] = MappingProxyType({})
REALM = 'Bearer realm="samvy"'
_QUOTED = re.compile(r"[ !#-\[\]-~]+")
"""What may stand in quotes (RFC 6750 §3)."""


class Reason(StrEnum):
    """Why a token was refused. For the hub's own log and tests; never part of an answer."""

    MISSING = "missing"
    NOT_BEARER = "not-bearer"
    TOO_LARGE = "too-large"
    MALFORMED = "malformed"
    HEADER = "header"
    ALGORITHM = "algorithm"
    ISSUER = "issuer"
    KEY = "key"
    SIGNATURE = "signature"
    AUDIENCE = "audience"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    LIFETIME = "lifetime"
    CLAIMS = "claims"
    BINDING = "binding"
    ASSURANCE = "assurance"
    REVOKED = "revoked"
    REPLAYED = "replayed"


class TokenRefused(Exception):  # what happened, as the API's errors are named
    """The request is not authenticated: 401.

    `claims` are what a trusted issuer signed, where the token got that far; never what somebody
    made up. `told` names what of them is wrong and what to do, and never a value: whoever has such
    a token has not made it, so that it helps those alone who connect an identity provider.
    `strong`: the levels of assurance that would do.
    """

    status = 401

    def __init__(
        self,
        reason: Reason,
        claims: Mapping[str, object] = NO_CLAIMS,
        *,
        told: str | None = None,
        strong: Collection[str] = (),
    ) -> None:
        super().__init__("the access token is missing or does not hold; get a new one")
        self.reason = reason
        self.claims = claims
        self.told = told
        self.strong = strong

    def among(self, claims: Mapping[str, object]) -> "TokenRefused":
        """Return the same refusal of a token whose claims a trusted issuer has signed."""
        return TokenRefused(self.reason, claims, told=self.told, strong=self.strong)

    @property
    def challenge(self) -> str:
        """Return the value of WWW-Authenticate. A request without a token gets no error code."""
        if self.reason in (Reason.MISSING, Reason.NOT_BEARER):
            return REALM
        if self.reason is Reason.ASSURANCE:
            levels = " ".join(sorted(self.strong))
            wanted = f', acr_values="{levels}"' if _QUOTED.fullmatch(levels) else ""
            return f'{REALM}, error="insufficient_user_authentication"{wanted}'
        told = f', error_description="{self.told}"' if _QUOTED.fullmatch(self.told or "") else ""
        return f'{REALM}, error="invalid_token"{told}'


class AssignmentRefused(Exception):  # as TokenRefused
    """The token holds, but not the assignment that it is used under: 403, with a code of ours."""

    status = 403

    def __init__(self, code: str, text: str, claims: Mapping[str, object] = NO_CLAIMS) -> None:
        super().__init__(text)
        self.code = code
        self.claims = claims


def bearer(authorization: str | None) -> str:
    """Return the token of an Authorization header.

    Raises:
        TokenRefused: there is none.
    """
    if authorization is None:
        raise TokenRefused(Reason.MISSING)
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise TokenRefused(Reason.NOT_BEARER)
    return token.strip(" ")
