"""The log records of the OAuth endpoints: what was given out, asked about and ended, and refusals.

Source: DESIGN P2, §6; ASVS 5.0 16.3.1; RFC 6819 5.1.1. A token's record is durable before the token
leaves. Tokens are named by the beginning of their digest, as in the records of what they are used
for. A record is the client's organisation's to read; of a client that has not shown who it is, the
name is in the record of the refusal, and nobody is its user.
"""

from dataclasses import replace
from datetime import UTC, datetime

from consent.facts import Capacity
from hub.api.log import write
from hub.api.session import Session
from hub.audit.record import AccessRecord, Action, Outcome, new_id
from hub.auth.hub_token import digest, is_hub_token, token_id
from hub.auth.reader import Caller
from hub.config.client import Client
from hub.oauth.asked import Asked
from hub.oauth.paths import INTROSPECT, REVOKE, TOKEN
from hub.running import Hub
from hub.store.hub_tokens import HubToken
from hub.store.identity import person_key

ACTIONS = {
    TOKEN: Action.ISSUE,
    INTROSPECT: Action.INTROSPECT,
    REVOKE: Action.REVOKE,
}


def log_issue(
    hub: Hub,
    asked: Asked,
    token: HubToken,
    name: str,
    *,
    user: Caller | None = None,
    session: Session | None = None,
) -> None:
    """Write that a token of this name is given out, for a user's or for the client itself.

    Raises:
        Unavailable: it cannot be logged; the token must not leave.
    """
    what = f"{name} {'of a user' if user else 'of the client itself'}, {token.scope}"
    found = _of_client(asked, asked.noted.client, Outcome.PERMIT, what)
    if user is not None:
        found = _of_user(hub, found, user)
    if session is not None:
        found = replace(found, session=session.id, person=session.person)
    write(hub.log, found)


def log_introspection(hub: Hub, asked: Asked, *, active: bool) -> None:
    """Write that a client has asked about a token, and what it is told.

    Raises:
        Unavailable: it cannot be logged; nothing may be told.
    """
    text = f"{_named(asked)}: {'active' if active else 'not active'}"
    write(hub.log, _of_client(asked, asked.noted.client, Outcome.PERMIT, text))


def log_revocation(hub: Hub, asked: Asked) -> None:
    """Write that a client has ended a token, or asked for the end of what is none or has ended.

    Raises:
        Unavailable: it cannot be logged; the token has ended all the same.
    """
    write(hub.log, _of_client(asked, asked.noted.client, Outcome.PERMIT, _named(asked)))


def log_refusal(hub: Hub, asked: Asked, error: str) -> None:
    """Write that a request was refused, unless it is one of many alike (hub/auth/refusals.py).

    Raises:
        Unavailable: it cannot be logged.
    """
    noted = asked.noted
    why = noted.why or error
    name = noted.client.id if noted.client else None
    number = hub.refusals.count(
        f"oauth {why}", (asked.network, asked.path, name), asked.at, verified=noted.verified
    )
    if number is None:
        return
    found = _of_client(asked, noted.client, Outcome.DENY, error)
    if not noted.verified:
        found = replace(found, user=None, capacity=None, action=Action.AUTHENTICATE)
    write(hub.log, replace(found, refusal=why, times=number, flags=("client-refused",)))


def _of_client(asked: Asked, client: Client | None, outcome: Outcome, what: str) -> AccessRecord:
    return AccessRecord(
        id=new_id(),
        recorded=datetime.now(UTC),
        action=ACTIONS[asked.path],
        outcome=outcome,
        user=client.id if client else None,
        organisation=client.organisation if client else None,
        unit=client.unit if client else None,
        capacity=Capacity.SYSTEM.value if client else None,
        request_id=asked.request_id,
        query=f"POST {asked.path} {what}",
        client=client.id if client else None,
        network=asked.network,
    )


def _named(asked: Asked) -> str:
    """The id of the token that is asked about, as far as it may be one of the hub's."""
    text = asked.form.get("token", "")
    return token_id(digest(text)) if is_hub_token(text) else "no token of the hub's"


def _of_user(hub: Hub, found: AccessRecord, user: Caller) -> AccessRecord:
    """The record of who a token is exchanged for, and of the token that was shown for it."""
    person = user.person
    return replace(
        found,
        user=user.user,
        organisation=user.organisation,
        assignment=user.assignment,
        authority=user.authority,
        unit=user.unit,
        process=user.process,
        capacity=user.capacity.value,
        purpose=user.purpose.value if user.purpose else None,
        person=person_key(hub.identity_key, person.system, person.value) if person else None,
        issuer=user.issuer,
        token=user.jti,
    )
