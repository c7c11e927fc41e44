"""Issuers whose tokens the hub trusts, and the one that is built in for development.

Source: DESIGN §5; RFC 7517, RFC 9068. An issuer is its name, its public keys by id, the algorithms
that it may use and the audience that it writes for us. External ones come from configuration with
their keys fetched elsewhere; `hub.auth.verify` sees no difference.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from joserfc.jwk import ECKey, RSAKey

PublicKey = ECKey | RSAKey

BUILT_IN = "urn:samvy:issuer:built-in"
AUDIENCE = "urn:samvy:fhir"

KEY_TYPES: Mapping[str, type[PublicKey]] = {"ES256": ECKey, "RS256": RSAKey, "PS256": RSAKey}
"""Every algorithm that may be allowed, and the only kind of key that it is used with. There is no
`none` and no algorithm with a shared secret, so that no public key can pass for one."""


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """Somebody whose tokens the hub believes.

    `own_claims` tells that the claims under `urn:samvy:` are believed; an identity provider's
    are not, since they say in which capacity somebody acts.
    """

    name: str
    audience: str
    keys: Mapping[str, PublicKey] = field(repr=False)
    algorithms: frozenset[str] = frozenset({"ES256", "RS256", "PS256"})
    own_claims: bool = False
    longest_seconds: int = 24 * 3600

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
