"""What the issuers file says, as frozen values: whose tokens the hub believes, and about what.

Source: DESIGN §5; OpenID Connect Discovery 1.0 §4; RFC 8414; RFC 7517; RFC 8705.
"""

from dataclasses import dataclass
from enum import StrEnum

OPENID = "/.well-known/openid-configuration"


class SpeaksFor(StrEnum):
    """Whom an issuer may speak for."""

    STAFF = "staff"
    INDIVIDUAL = "individual"


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where public keys come from: exactly one of a metadata document, a JWK Set, or the keys.

    `issuer` is the issuer that the metadata document must name as its own.
    """

    discovery: str | None = None
    jwks: str | None = None
    text: str | None = None
    issuer: str | None = None

    @property
    def remote(self) -> bool:
        """Tell whether they are fetched."""
        return self.text is None


@dataclass(frozen=True, slots=True)
class Console:
    """How people log in to the console with an issuer: as which client, by which button.

    Source: OpenID Connect Core 1.0 §3.1.2.1.
    """

    client: str
    name: str
    scope: str = "openid"


@dataclass(frozen=True, slots=True)
class Issuer:
    """One issuer as written. `claims` pairs a claim of ours with the issuer's name for it.

    `acr`: the levels of assurance that are taken, none listed: all, as far as the law asks for
    none. `organisations`: whose staff it may speak for, none listed: anybody's.
    `console`: people log in to the console with it.
    """

    id: str
    audience: str
    keys: KeySource
    algorithms: tuple[str, ...]
    speaks_for: tuple[SpeaksFor, ...] = (SpeaksFor.STAFF,)
    organisations: tuple[str, ...] = ()
    acr: tuple[str, ...] = ()
    certificate_bound: bool = False
    longest_minutes: int = 60
    clock_skew_seconds: int = 10
    scope: str = ""
    claims: tuple[tuple[str, str], ...] = ()
    console: Console | None = None
