"""Logging in and out.

Source: ASVS 5.0 7.2.4 (a new session at each log-in), 3.5 (CSRF, also of the log-in itself); DESIGN
§5. Under --dev that is a token of the built-in issuer; otherwise one of whatever issuers the hub
trusts. Each attempt is in the log; why one failed is told to nobody.
"""

from sqlalchemy import Connection

from hub.api.act.answer_lift_request import is_officer_of
from hub.api.audit_event.log_mandate import mandate_of
from hub.api.authenticate import Asking, authenticate
from hub.api.call import Call
from hub.api.log import own_person, record, write
from hub.audit.mandate import Mandate
from hub.audit.record import Action, Outcome
from hub.auth.reader import Caller
from hub.errors import HubError
from hub.oidc.code_flow import LoggedIn
from hub.running import Hub
from hub.store.directory import Directory, directory
from hub.web import session
from hub.web.session import Login

WHAT = "console login"


def log_in(hub: Hub, call_of: "CallOf", token: str, by: LoggedIn | None = None) -> Login:
    """Return a new session for the bearer of a token whom some page is for.

    `by`: the provider that has logged them in.

    Raises:
        NotAuthenticated: the token does not hold.
        NotAllowed: it does, but no page is for whoever has it, or no assignment is in force.
    """
    token = token.strip().removeprefix("Bearer ").strip()
    # who is not let in here is logged where that was found
    call = call_of(authenticate(hub, call_of.asking(hub, token, WHAT)))
    done, whose = Action.AUTHENTICATE, own_person(hub, call)
    try:
        with hub.store.read() as connection:
            mandate_for(hub, connection, call, directory(connection))
    except HubError:
        write(hub.log, record(call, done, Outcome.DENY, person=whose, query=WHAT))
        raise
    write(hub.log, record(call, done, Outcome.PERMIT, person=whose, query=WHAT))
    return session.begin(hub, token, call.at, by)


def mandate_for(hub: Hub, connection: Connection, call: Call, known: Directory) -> Mandate:
    """Return what a visitor may read in the log; an officer, who answers requests, nothing.

    Raises:
        NotAllowed: there is no page for the caller.
    """
    if is_officer_of(call, call.caller.organisation or ""):
        return Mandate()
    return mandate_of(hub, connection, call, known)


class CallOf:
    """A request that becomes a call once it is known who makes it."""

    def __init__(self, hub: Hub, request_id: str, network: str | None, root: str) -> None:
        self.hub = hub
        self.request_id = request_id
        self.network = network
        self.root = root

    def asking(self, hub: Hub, token: str, asked: str) -> Asking:
        """Return the request before it is known who makes it; `asked` is for the log."""
        return Asking(f"Bearer {token}", hub.clock(), self.request_id, asked, self.network)

    def __call__(
        self,
        caller: Caller,
        method: str = "POST",
        path: str = "",
        parameters: tuple[tuple[str, str], ...] = (),
    ) -> Call:
        """Return the call at this instant."""
        return Call(
            caller=caller,
            method=method,
            path=path,
            at=self.hub.clock(),
            request_id=self.request_id,
            fhir_root=self.root,
            parameters=parameters,
            network=self.network,
        )
