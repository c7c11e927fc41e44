"""A token that holds at this moment, and who uses it: an issuer's, or one of the hub's own.

Source: RFC 6750; RFC 8705; DESIGN §5, P4. Nothing is remembered of who somebody is: directory,
clients, issuers and revocations are those of one snapshot, taken for this request.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from consent.facts import Capacity
from hub.auth.client_certificate import require_bound
from hub.auth.hub_token import digest, is_hub_token, stands_for
from hub.auth.key_ring import KeysWanted
from hub.auth.reader import Caller, caller_of, is_person_number, require_assignment
from hub.auth.refused import AssignmentRefused, Reason, TokenRefused
from hub.auth.verify import VerifiedToken
from hub.running import Hub
from hub.store.directory import Directory, directory
from hub.store.hub_tokens import stored_token
from hub.store.identity import person_key


@dataclass(frozen=True, slots=True)
class Presented:
    """What a request shows of who makes it.

    `certificate` is the thumbprint of the client's; `assignment` the one that it is made under.
    """

    certificate: str | None = None
    assignment: str | None = None


@dataclass(frozen=True, slots=True)
class Identified:
    """A token that holds, and who uses it."""

    token: VerifiedToken
    caller: Caller


def identify(
    hub: Hub, token: str, presented: Presented, at: datetime, assumed: Directory | None = None
) -> Identified:
    """Return what a token says and who uses it, as everything stands at this moment.

    An issuer's token is held against the directory that is `assumed`, where one is
    (`hub.api.assumed`).

    Raises:
        TokenRefused: it does not hold.
        AssignmentRefused: it holds, but not the assignment that it is used under.
    """
    try:
        return _identified(hub, token, presented, at, assumed)
    except KeysWanted as wanted:
        # no snapshot is open while they are fetched; once is enough, whatever comes of it
        hub.tokens.keys.fetch(wanted.source)
    try:
        return _identified(hub, token, presented, at, assumed)
    except KeysWanted:
        raise TokenRefused(Reason.KEY) from None


def _identified(
    hub: Hub, token: str, presented: Presented, at: datetime, assumed: Directory | None
) -> Identified:
    if assumed is not None and not is_hub_token(token):
        known, verified = assumed, hub.tokens.verify(token, at, assumed.issuers)
    else:
        with hub.store.glance() as connection:
            known = directory(connection)
            if is_hub_token(token):
                verified = _own(hub, connection, token, known, at)
            else:
                verified = hub.tokens.verify(token, at, known.issuers)
    try:
        require_bound(
            verified.claims.get("cnf"), presented.certificate, bound=verified.issuer.bound
        )
        caller = caller_of(verified, known, at, presented.assignment)
        require_assignment(caller)
    except TokenRefused as refused:
        raise refused.among(verified.claims) from None
    except AssignmentRefused as refused:
        raise AssignmentRefused(refused.code, str(refused), verified.claims) from None
    if caller.person is not None and is_person_number(caller.user, at):
        # an issuer may know individuals by their number; the log knows them by the hub's key
        number = caller.person
        caller = replace(caller, user=person_key(hub.identity_key, number.system, number.value))
    client = known.clients.get(caller.client or "") if is_hub_token(token) else None
    if client is not None and caller.capacity is Capacity.SYSTEM:
        caller = replace(caller, regime=client.regime)
    return Identified(verified, caller)


def _own(
    hub: Hub, connection: Connection, token: str, known: Directory, at: datetime
) -> VerifiedToken:
    """A token of ours: not revoked, of a client that is registered, of an issuer still trusted."""
    found = stored_token(connection, digest(token), at)
    if found is None:
        raise TokenRefused(Reason.REVOKED)
    if found.issuer is None:
        return stands_for(found, token, known.clients)
    issuer = hub.tokens.believed(found.issuer, known.issuers)
    if issuer is None:
        raise TokenRefused(Reason.ISSUER)
    return stands_for(found, token, known.clients, issuer)
