"""The built-in issuer of tokens: for development, in a store that was served with `--dev`.

Source: INTERFACES "Token"; DESIGN §5. Its key lies in the store, so whoever can read the store can
make tokens: that is why a store without the key never gets one from anything but `--dev`, and why a
hub that is served without `--dev` does not trust it.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import Connection, select

from consent.facts import Capacity, Purpose
from hub.auth import claims
from hub.auth.issuer import AUDIENCE, BUILT_IN
from hub.auth.scopes import Scopes, parse_scopes
from hub.store.counter import insert_once
from hub.store.instant import micros
from hub.store.schema.issuer_key import ISSUER_KEY

ALGORITHM = "ES256"
_ONLY = "built-in"
_PURPOSES = {
    Capacity.VARDPERSONAL: Purpose.VARD,
    Capacity.OMSORGSPERSONAL: Purpose.INSATS,
    Capacity.INDIVIDUAL: Purpose.EGEN,
}
INDIVIDUALS = "patient/*.rs patient/Consent.cruds"
"""An individual reads what is theirs (SVOD 4:2), and sets and ends consents and blocks."""
_SCOPES = {
    Capacity.INDIVIDUAL: INDIVIDUALS,
    Capacity.SYSTEM: "system/*.cruds",
    Capacity.AUDITOR: "user/AuditEvent.rs",
}
LONGEST = timedelta(days=365)


class NotForDevelopmentError(Exception):
    """The store was never served with `--dev`; the built-in issuer makes no tokens for it."""

    def __init__(self) -> None:
        super().__init__(
            "this store was never served with --dev, so the built-in issuer makes no tokens for it;"
            " run `samvy serve --dev --store …` once on a store for development, or get a token"
            " from the hub's configured issuer"
        )


class UnusableTokenRequestError(Exception):
    """What was asked for cannot be a token; says what and what to do."""


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What `samvy token` was asked for; purpose and scope have a default for each capacity."""

    user: str
    organisation: str
    as_: Capacity = Capacity.VARDPERSONAL
    unit: str | None = None
    purpose: Purpose | None = None
    person: str | None = None
    scope: str | None = None
    minutes: int = 60
    commission: str | None = None


def ensure_issuer_key(connection: Connection, now: datetime) -> ECKey:
    """Return the store's key, made now if there is none. Only `serve --dev` calls this."""
    made = ECKey.generate_key("P-256", private=True)
    row = {"id": _ONLY, "private_key": made.as_pem(private=True).decode(), "created": micros(now)}
    connection.execute(insert_once(connection, ISSUER_KEY, row))
    return issuer_key(connection)


def issuer_key(connection: Connection) -> ECKey:
    """Return the store's key.

    Raises:
        NotForDevelopmentError: the store has none.
    """
    statement = select(ISSUER_KEY.c.private_key).where(ISSUER_KEY.c.id == _ONLY)
    found = connection.execute(statement).scalar()
    if found is None:
        raise NotForDevelopmentError
    return ECKey.import_key(found)


def public_keys(key: ECKey) -> dict[str, ECKey]:
    """Return the public half of a key by its id, as a trusted issuer has it."""
    return {key.thumbprint(): ECKey.import_key(key.as_pem(private=False))}


def issue_token(key: ECKey, asked: TokenRequest, now: datetime) -> str:
    """Return a signed bearer token with the claims of Inera's IdP and ours.

    Raises:
        UnusableTokenRequestError: a person, a scope or a lifetime that cannot be meant.
    """
    header = {"alg": ALGORITHM, "kid": key.thumbprint(), "typ": "at+jwt"}
    return jwt.encode(header, _claims(asked, now), key, algorithms=[ALGORITHM])


def purpose_of(asked: TokenRequest) -> Purpose | None:
    """Return the purpose that a token will have."""
    return asked.purpose or _PURPOSES.get(asked.as_)


def _claims(asked: TokenRequest, now: datetime) -> dict[str, object]:
    lifetime = timedelta(minutes=asked.minutes)
    if not timedelta() < lifetime <= LONGEST:
        raise UnusableTokenRequestError("--minutes is a whole number from 1 to a year's; change it")
    issued = int(now.timestamp())
    found: dict[str, object] = {
        "iss": BUILT_IN,
        "aud": AUDIENCE,
        "sub": asked.user,
        "iat": issued,
        "exp": issued + int(lifetime.total_seconds()),
        "jti": str(uuid.uuid4()),
        "acr": claims.LOA3,
        "scope": str(_scopes(asked)),
        claims.CAPACITY: asked.as_.value,
        claims.PROVIDER: asked.organisation,
    }
    purpose = purpose_of(asked)
    if purpose is not None:
        found[claims.PURPOSE] = purpose.value
    if asked.as_ is Capacity.INDIVIDUAL:
        if asked.person is None:
            raise UnusableTokenRequestError(
                "a token for an individual says who it is; add --person with the person number"
            )
        return found | {claims.PERSONAL_NUMBER: asked.person}
    optional = {
        claims.UNIT: asked.unit,
        claims.COMMISSION: asked.commission,
        claims.PERSON: asked.person,
    }
    if asked.as_ is not Capacity.SYSTEM:
        found[claims.EMPLOYEE] = asked.user
    return found | {name: value for name, value in optional.items() if value is not None}


def _scopes(asked: TokenRequest) -> Scopes:
    if asked.scope is None:
        return parse_scopes(_SCOPES.get(asked.as_, "user/*.cruds"))
    scopes = parse_scopes(asked.scope)
    if not scopes.grants:
        raise UnusableTokenRequestError(
            "--scope has no scope that the hub knows; write SMART v2 scopes such as"
            " user/Observation.rs or system/*.cruds"
        )
    return scopes
