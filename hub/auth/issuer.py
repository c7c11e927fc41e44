"""Issuers whose tokens the hub trusts, and the one that is built in for development.

Source: DESIGN §5; RFC 7517, RFC 9068. An issuer is its name, its public keys by id, the algorithms
that it may use, the audience that it writes for us, and what it is believed about. Those that are
configured (hub.config.issuer) get their keys from `hub.auth.key_ring`; `hub.auth.verify` sees no
difference.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from joserfc.jwk import ECKey

from hub.auth.claims import STRONG
from hub.auth.key_set import KEY_TYPES, PublicKey
from hub.config.issuer import Issuer, SpeaksFor

BUILT_IN = "urn:samvy:issuer:built-in"
AUDIENCE = "urn:samvy:fhir"
EVERYBODY = frozenset(SpeaksFor)

__all__ = ["AUDIENCE", "BUILT_IN", "KEY_TYPES", "PublicKey", "TrustedIssuer", "built_in_issuer"]


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """Somebody whose tokens the hub believes.

    `own_claims` tells that the claims under `urn:samvy:` are believed; an identity provider's
    are not, since they say in which capacity somebody acts. `acr` are the levels of assurance that
    count as strong; with `acr_required` no other is taken. `bound`: only tokens that are bound to
    a client certificate are. `names` says under which name it writes a claim of ours, `scope` what
    a token has that names no scope of SMART's. `organisations`: whose staff it may speak for; none
    listed: anybody's.
    """

    name: str
    audience: str
    keys: Mapping[str, PublicKey] = field(repr=False)
    algorithms: frozenset[str] = frozenset({"ES256", "RS256", "PS256"})
    own_claims: bool = False
    longest_seconds: int = 24 * 3600
    skew_seconds: int = 10
    acr: frozenset[str] = STRONG
    acr_required: bool = False
    bound: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    speaks_for: frozenset[SpeaksFor] = EVERYBODY
    organisations: frozenset[str] = frozenset()
    scope: str = ""

    def __post_init__(self) -> None:
        """Refuse algorithms that are unsafe whatever the configuration says."""
        if not self.algorithms or not self.algorithms <= KEY_TYPES.keys():
            raise ValueError(f"an issuer's algorithms are among {', '.join(KEY_TYPES)}")


def built_in_issuer(keys: Mapping[str, ECKey]) -> TrustedIssuer:
    """Return the issuer that `serve --dev` trusts; its tokens may be of any length asked for."""
    return TrustedIssuer(
        BUILT_IN,
        AUDIENCE,
        keys,
        algorithms=frozenset({"ES256"}),
        own_claims=True,
        longest_seconds=366 * 24 * 3600,
    )


def configured_issuer(issuer: Issuer, keys: Mapping[str, PublicKey]) -> TrustedIssuer:
    """Return a configured issuer with the keys that it has at the moment."""
    return TrustedIssuer(
        name=issuer.id,
        audience=issuer.audience,
        keys=keys,
        algorithms=frozenset(issuer.algorithms),
        longest_seconds=issuer.longest_minutes * 60,
        skew_seconds=issuer.clock_skew_seconds,
        acr=frozenset(issuer.acr) if issuer.acr else STRONG,
        acr_required=bool(issuer.acr),
        bound=issuer.certificate_bound,
        names=dict(issuer.claims),
        speaks_for=frozenset(issuer.speaks_for),
        organisations=frozenset(issuer.organisations),
        scope=issuer.scope,
    )
