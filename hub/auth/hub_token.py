"""A token of the hub's own: random, and worth what the store says of it at the moment.

Source: RFC 6750; RFC 7009; docs/decisions/0013. It is opaque, so that its revocation, the end of
its client and the end of its user's identity provider are felt in the next request of every
process, and so that there is no key whose loss would let somebody make tokens.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import replace

from consent.facts import Capacity
from hub.auth import claims
from hub.auth.issuer import TrustedIssuer
from hub.auth.refused import Reason, TokenRefused
from hub.auth.scopes import parse_scopes
from hub.auth.sealed_claims import unseal
from hub.auth.verify import VerifiedToken
from hub.config.client import Client
from hub.store.hub_tokens import HubToken

PREFIX = "samvy_"
NAMED = 32
"""Characters of a digest; BALP takes no more of a token that has no id of its own."""
HUB = "urn:samvy:issuer:hub"
PRIVATE_KEY = "urn:samvy:acr:private-key-jwt"
"""How a system has shown who it is: by a key of its own."""
_FORM = re.compile(r"samvy_[A-Za-z0-9_-]{43}")
_ISSUER = TrustedIssuer(
    HUB, HUB, {}, own_claims=True, acr=claims.STRONG | {PRIVATE_KEY}, longest_seconds=3600
)


def new_token() -> str:
    """Return a token that nobody can guess."""
    return PREFIX + secrets.token_urlsafe(32)


def is_hub_token(token: str) -> bool:
    """Tell whether a token has the form of the hub's own."""
    return _FORM.fullmatch(token) is not None


def digest(token: str) -> str:
    """Return what the store knows a token by."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_id(digest_: str) -> str:
    """Return the name of a token in the log: enough to know it by, and nothing to use."""
    return digest_[:NAMED]


def stands_for(
    token: HubToken,
    text: str,
    clients: Mapping[str, Client],
    user_s: TrustedIssuer | None = None,
) -> VerifiedToken:
    """Return what a stored token says, by the client's registration of this moment.

    `user_s` is the issuer of the user whom it is of, as it is believed at this moment: what it may
    no longer say is not to be had by an exchange of before.

    Raises:
        TokenRefused: the client is no longer registered, or what is stored was changed.
    """
    client = clients.get(token.client)
    if client is None:
        raise TokenRefused(Reason.REVOKED)
    sealed = token.claims
    said = _of_system(client) if sealed is None else json.loads(unseal(text, sealed))
    scope = parse_scopes(token.scope).within(parse_scopes(client.scope))
    name = digest(text)
    found = {**said, "client_id": client.id, "scope": str(scope), "jti": token_id(name)}
    if token.certificate is not None:
        found["cnf"] = {"x5t#S256": token.certificate}
    return VerifiedToken(
        name,
        _ISSUER if user_s is None else _as_believed(user_s),
        found,
        token.expires,
        session=token.session,
        opened_by=token.opened_by,
    )


def _as_believed(issuer: TrustedIssuer) -> TrustedIssuer:
    """The hub as the issuer of a user's token: believed about what the user's own issuer is."""
    return replace(issuer, name=HUB, audience=HUB, keys={}, names={}, scope="")


def _of_system(client: Client) -> dict[str, object]:
    found = {
        "sub": client.id,
        "acr": PRIVATE_KEY,
        claims.CAPACITY: Capacity.SYSTEM.value,
        claims.PROVIDER: client.organisation,
        claims.UNIT: client.unit,
    }
    return {name: value for name, value in found.items() if value is not None}


def carried(token: VerifiedToken) -> str:
    """Return what a user's token says, as it is kept with a token that it is exchanged for.

    What our own claims say is kept from an issuer that is believed about them, and no other.
    """
    names = {
        "sub",
        "acr",
        claims.EMPLOYEE,
        claims.PERSONAL_NUMBER,
        *claims.OF_A_COMMISSION,
        *(claims.OURS if token.issuer.own_claims else ()),
    }
    kept = {name: value for name, value in token.claims.items() if name in names}
    return json.dumps(kept, ensure_ascii=False)
