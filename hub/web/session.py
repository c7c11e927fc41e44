"""Log-ins to the console: begun with a bearer token, held by a row, ended by time or by hand.

Source: ASVS 5.0 7.1 to 7.4; DESIGN P4. The cookie holds a random secret and the row the token,
sealed with it. Each request opens the token and has it judged anew, so that an ended assignment,
an expired token or an issuer that is no longer trusted is felt in the next request.
"""

import base64
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import delete, insert, select, update

from hub.oidc.code_flow import LoggedIn
from hub.oidc.id_token import Subject
from hub.running import Hub
from hub.store.instant import at_micros, micros
from hub.store.schema.web_session import WEB_SESSION

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=8)
NOTED = timedelta(minutes=1)
"""How exactly it is known when a session was last used."""


@dataclass(frozen=True, slots=True)
class Login:
    """A session that lives.

    `secret` is the cookie's; `seen`: when it is noted as last used; `issuer`: the identity provider
    that logged somebody in.
    """

    secret: str = field(repr=False)
    token: str = field(repr=False)
    created: datetime
    seen: datetime
    issuer: str | None = None

    @property
    def ends(self) -> datetime:
        """Return when it ends if it is not used again."""
        return min(self.seen + IDLE, self.last)

    @property
    def last(self) -> datetime:
        """Return when it ends however much it is used."""
        return self.created + LONGEST

    def proof(self, hub: Hub) -> str:
        """Return what a form of this session must hold (CSRF)."""
        return _keyed(hub, self.secret, b"form").hex()


def begin(hub: Hub, token: str, at: datetime, by: LoggedIn | None = None) -> Login:
    """Begin a session with a token that has been verified; sessions that are over are removed."""
    issuer = by.issuer.id if by else None
    login = Login(secrets.token_urlsafe(32), token, at, at, issuer)
    sealed = _seal(hub, login.secret).encrypt_at_time(token.encode(), int(at.timestamp())).decode()
    now = micros(at)
    with hub.store.write() as connection:
        connection.execute(delete(WEB_SESSION).where(WEB_SESSION.c.seen <= micros(at - IDLE)))
        connection.execute(
            insert(WEB_SESSION).values(
                id=_id(login.secret),
                token=sealed,
                created=now,
                seen=now,
                issuer=issuer,
                subject=_named(hub, by.subject.sub if by else None),
                sid=_named(hub, by.subject.sid if by else None),
            )
        )
    return login


def live(hub: Hub, secret: str, at: datetime, *, used: bool = True) -> Login | None:
    """Return the session with this secret if it lives, and note that it was used if it is."""
    with hub.store.read() as connection:
        row = connection.execute(
            select(WEB_SESSION).where(
                WEB_SESSION.c.id == _id(secret),
                WEB_SESSION.c.seen > micros(at - IDLE),
                WEB_SESSION.c.created > micros(at - LONGEST),
            )
        ).one_or_none()
    if row is None:
        return None
    try:
        token = _seal(hub, secret).decrypt(row.token.encode()).decode()
    except InvalidToken:
        return None
    seen = at_micros(row.seen)
    if used and seen <= at - NOTED:
        seen = at
        with hub.store.write() as connection:
            this = WEB_SESSION.c.id == _id(secret)
            connection.execute(update(WEB_SESSION).where(this).values(seen=micros(at)))
    return Login(secret, token, at_micros(row.created), seen, row.issuer)


def end(hub: Hub, secret: str) -> None:
    """End the session with this secret, if there is one."""
    with hub.store.write() as connection:
        connection.execute(delete(WEB_SESSION).where(WEB_SESSION.c.id == _id(secret)))


def end_of(hub: Hub, issuer: str, subject: Subject) -> int:
    """End the sessions that a provider has ended: one of its own, or all of a user; count them."""
    table = WEB_SESSION.c
    whose = [table.issuer == issuer]
    if subject.sid is not None:
        whose.append(table.sid == _named(hub, subject.sid))
    if subject.sub is not None:
        whose.append(table.subject == _named(hub, subject.sub))
    with hub.store.write() as connection:
        return connection.execute(delete(WEB_SESSION).where(*whose)).rowcount


def seal_before_login(hub: Hub) -> Fernet:
    """Return what seals the cookie of somebody who is sent to a provider."""
    key = hmac.digest(hub.identity_key, b"console sent", "sha256")
    return Fernet(base64.urlsafe_b64encode(key))


def proof_before_login(hub: Hub, secret: str) -> str:
    """Return what the log-in form must hold for the browser that has this cookie (CSRF)."""
    return _keyed(hub, secret, b"login").hex()


def _id(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _keyed(hub: Hub, secret: str, purpose: bytes) -> bytes:
    return hmac.digest(hub.identity_key, b"console " + purpose + b" " + secret.encode(), "sha256")


def _named(hub: Hub, name: str | None) -> str | None:
    """A provider's name for somebody as it is kept: often a person number."""
    return None if name is None else _keyed(hub, name, b"subject").hex()


def _seal(hub: Hub, secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_keyed(hub, secret, b"token")))
