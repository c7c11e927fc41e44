"""Tokens that the hub has issued, by their digests; and what may be used only once.

Source: RFC 7009, RFC 7523 §3 (jti); DESIGN P4. A token that is revoked is marked, in the same table
that every process reads at every request. What has expired is taken away when something new comes.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from hub.store.counter import insert_once
from hub.store.schema.trust import HUB_TOKEN, USED_ASSERTION
from hub.store.scope_sql import seconds
from hub.store.typed_json import from_json, to_json

_KEPT_SECONDS = 24 * 3600
_STANDING = select(HUB_TOKEN.c.content).where(
    HUB_TOKEN.c.id == bindparam("digest"),
    HUB_TOKEN.c.revoked.is_(None),
    HUB_TOKEN.c.expires > bindparam("now"),
)


@dataclass(frozen=True, slots=True)
class HubToken:
    """What a token of the hub's stands for; instants are seconds since 1970.

    `claims` is what the user's own token said, sealed (hub/auth/sealed_claims.py), and `issuer`
    whose that was; both are None for a system, whose registration says all. `certificate`: the
    thumbprint that it is bound to. `session` was opened with the token whose id is `opened_by`.
    """

    client: str
    scope: str
    issued: int
    expires: int
    claims: str | None = None
    issuer: str | None = None
    certificate: str | None = None
    session: str | None = None
    opened_by: str | None = None


def save_token(connection: Connection, digest: str, token: HubToken) -> None:
    """Store a token, and take away those that expired a day ago."""
    old = HUB_TOKEN.c.expires < token.issued - _KEPT_SECONDS
    connection.execute(delete(HUB_TOKEN).where(old))
    connection.execute(
        insert(HUB_TOKEN).values(
            id=digest, client=token.client, content=to_json(token), expires=token.expires
        )
    )


def stored_token(connection: Connection, digest: str, at: datetime) -> HubToken | None:
    """Return a token that is neither revoked nor expired; otherwise None."""
    content = connection.execute(_STANDING, {"digest": digest, "now": seconds(at)}).scalar()
    return None if content is None else from_json(HubToken, content)


def revoke_token(connection: Connection, digest: str, at: datetime) -> None:
    """Mark a token: from the next request on it is refused, in every process."""
    connection.execute(
        update(HUB_TOKEN)
        .where(HUB_TOKEN.c.id == digest, HUB_TOKEN.c.revoked.is_(None))
        .values(revoked=seconds(at))
    )


def revoke_tokens_of(connection: Connection, client: str, at: datetime) -> None:
    """Mark every token of a client."""
    connection.execute(
        update(HUB_TOKEN)
        .where(HUB_TOKEN.c.client == client, HUB_TOKEN.c.revoked.is_(None))
        .values(revoked=seconds(at))
    )


def first_use(connection: Connection, client: str, digest: str, expires: int, at: datetime) -> bool:
    """Note that a client has used an assertion; tell whether it is the first time.

    INVARIANT: of any number of processes that ask at once, one is told so: the primary key decides.
    """
    connection.execute(delete(USED_ASSERTION).where(USED_ASSERTION.c.expires < seconds(at) - 60))
    row = {"client": client, "id": digest, "expires": expires}
    # by what it gives back: not every driver counts the rows of an insert
    written = insert_once(connection, USED_ASSERTION, row).returning(USED_ASSERTION.c.id)
    return connection.execute(written).scalar() is not None
