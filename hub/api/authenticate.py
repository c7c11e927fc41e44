"""Who makes the request: the bearer token verified, and held against the directory of this moment.

Source: RFC 6750; RFC 9470 (a log-in that is too weak); DESIGN §5, P4. What is wrong with a token is
not told to the one who sent it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from consent.period import STOCKHOLM
from hub.api.assumed import DirectoryMoved
from hub.api.identify import Presented, identify
from hub.api.log import write
from hub.audit.record import AccessRecord, Action, Outcome, new_id
from hub.auth import claims
from hub.auth.reader import LONGEST_ID, Caller, is_person_number
from hub.auth.refused import NO_CLAIMS, AssignmentRefused, TokenRefused, bearer
from hub.errors import NotAllowed, NotAuthenticated
from hub.running import Hub
from hub.store.directory import Directory
from hub.store.identity import person_key
from mappings.personal_identity import NotAnIdentity, normalise


@dataclass(frozen=True, slots=True)
class Asking:
    """A request of which nobody knows yet whose it is. `asked`: its method and path.

    `certificate` is the thumbprint of the client's; `assignment` the one that it is made under.
    `refused_for`: what it is refused for already, whoever makes it.
    """

    authorization: str | None
    at: datetime
    request_id: str
    asked: str
    network: str | None
    certificate: str | None = None
    assignment: str | None = None
    refused_for: str | None = None


def authenticate(hub: Hub, asking: Asking, assumed: Directory | None = None) -> Caller:
    """Return who asks, as the directory of this moment has it, or the one that is assumed.

    Raises:
        DirectoryMoved: not by the one that is assumed; another is to be asked for.
        NotAuthenticated: there is no token, or it does not hold.
        NotAllowed: it holds, but not the assignment that it is used under.
        Unavailable: the refusal cannot be logged.
    """
    presented = Presented(asking.certificate, asking.assignment)
    try:
        token = bearer(asking.authorization)
        return identify(hub, token, presented, asking.at, assumed).caller
    except AssignmentRefused as refused:
        if assumed is not None:
            raise DirectoryMoved from None
        token_refused(hub, asking, refused.code, refused.claims)
        raise NotAllowed(str(refused), code=refused.code) from None
    except TokenRefused as refused:
        if assumed is not None:
            raise DirectoryMoved from None
        token_refused(hub, asking, refused.reason.value, refused.claims, refused.told)
        raise NotAuthenticated(
            refused.told or "send a valid bearer token in Authorization",
            headers={"WWW-Authenticate": refused.challenge},
        ) from None


def log_refused(hub: Hub, asking: Asking, why: str) -> None:
    """Write that a request was refused before it could be looked at who makes it.

    Raises:
        Unavailable: it cannot be logged.
    """
    token_refused(hub, replace(asking, refused_for=why), why, NO_CLAIMS)


def token_refused(
    hub: Hub,
    asking: Asking,
    reason: str,
    said: Mapping[str, object],
    told: str | None = None,
) -> None:
    """Write the record of a refused token, unless it is one of many alike (hub/auth/refusals.py).

    Who it was is written only as far as an issuer that the hub trusts has signed it. What the
    request is refused for already says more than that its token does not hold.
    """
    reason = asking.refused_for or reason
    user = _text(said, claims.EMPLOYEE) or (
        None if claims.PERSONAL_NUMBER in said else _text(said, "sub")
    )
    if user is not None and is_person_number(user, asking.at):
        user = None
    organisation = None if claims.PERSONAL_NUMBER in said else _text(said, claims.PROVIDER)
    apart = (asking.network, user, organisation)
    verified = said is not NO_CLAIMS
    number = hub.refusals.count(reason, apart, asking.at, verified=verified)
    if number is None:
        return
    found = AccessRecord(
        id=new_id(),
        recorded=datetime.now(UTC),
        action=Action.AUTHENTICATE,
        outcome=Outcome.DENY,
        user=user,
        organisation=organisation,
        person=_person(hub, said, asking.at),
        request_id=asking.request_id,
        query=asking.asked,
        flags=() if asking.refused_for else ("token-refused",),
        client=_text(said, "client_id"),
        network=asking.network,
        issuer=_text(said, "iss"),
        token=_text(said, "jti"),
        refusal=reason,
        reason=told,
        times=number,
    )
    write(hub.log, found)


def _person(hub: Hub, said: Mapping[str, object], at: datetime) -> str | None:
    """The key of the individual whom a signed token is about."""
    text = _text(said, claims.PERSONAL_NUMBER) or ""
    system, bar, value = text.rpartition("|")
    try:
        identity = normalise(value, system if bar else None, at.astimezone(STOCKHOLM).date())
    except NotAnIdentity:
        return None
    return person_key(hub.identity_key, identity.system, identity.value)


def _text(said: Mapping[str, object], name: str) -> str | None:
    value = said.get(name)
    fits = isinstance(value, str) and 0 < len(value) <= LONGEST_ID and value.isprintable()
    return str(value) if fits else None
