"""Whether a token of the hub's holds at this moment, and of whom it is.

Source: RFC 7662. A client learns about the tokens of its own organisation's clients and no others:
of anybody else's, of one that has ended and of what is no token at all the answer is the same. A
user whose assignment has ended has no active token.
"""

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from hub.api.identify import Presented, identify
from hub.auth import claims
from hub.auth.hub_token import digest, is_hub_token
from hub.auth.reader import Caller
from hub.auth.refused import AssignmentRefused, TokenRefused
from hub.oauth.asked import Reply
from hub.oauth.client_assertion import METHOD
from hub.oauth.logged import log_introspection
from hub.oauth.registered import Registered
from hub.running import Hub
from hub.store.directory import directory
from hub.store.hub_tokens import HubToken, stored_token


@dataclass(frozen=True, slots=True)
class Held:
    """A token that holds, who uses it, and whose client has got it; as Authlib asks about it."""

    token: HubToken
    caller: Caller
    organisation: str

    def is_expired(self) -> bool:
        """Return no: what has ended is not found at all."""
        return False

    def is_revoked(self) -> bool:
        """Return no, as above."""
        return False


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]  # Authlib ships no types
    """POST /oauth/introspect."""

    CLIENT_AUTH_METHODS = (METHOD,)

    def create_endpoint_response(self, request: Any) -> Reply:  # noqa: ANN401 - one of Authlib's
        """Return the answer, once the log has it."""
        status, said, headers = super().create_endpoint_response(request)
        log_introspection(self.server.hub, request.asked, active=said["active"])
        return status, said, headers

    def query_token(self, token: str, _hint: str | None) -> Held | None:
        """Return the token, if it would be taken at this moment."""
        hub: Hub = self.server.hub
        at = hub.clock()
        if not is_hub_token(token):
            return None
        with hub.store.read() as connection:
            found = stored_token(connection, digest(token), at)
            known = directory(connection).clients
        client = known.get(found.client) if found else None
        if found is None or client is None:
            return None
        try:
            # whoever holds it shows the certificate; this is asked by somebody else
            caller = identify(hub, token, Presented(found.certificate), at).caller
        except (TokenRefused, AssignmentRefused):
            return None
        return Held(found, caller, client.organisation)

    def check_permission(self, token: Held, client: Registered, _request: object) -> bool:
        """Tell whether the client may know: the token is of its own organisation's clients."""
        return client.client.organisation == token.organisation

    def introspect_token(self, token: Held) -> dict[str, Any]:
        """Return what RFC 7662 §2.2 lists, and the user's names in HSA."""
        hub: Hub = self.server.hub
        caller, stored = token.caller, token.token
        found = {
            "active": True,
            "iss": hub.base,
            "aud": f"{hub.base}/fhir",
            "client_id": stored.client,
            "token_type": "Bearer",  # nosec B105 - a type
            "scope": str(caller.scopes),
            "sub": caller.user,
            "iat": stored.issued,
            "exp": stored.expires,
            "cnf": {"x5t#S256": stored.certificate} if stored.certificate else None,
            claims.CAPACITY: caller.capacity.value,
            claims.PROVIDER: caller.organisation,
            claims.UNIT: caller.unit,
            claims.COMMISSION: caller.assignment,
        }
        return {name: value for name, value in found.items() if value is not None}
