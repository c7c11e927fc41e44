"""A token ended by the client that got it.

Source: RFC 7009. It is refused from the next request on, in every process (DESIGN P4).
"""

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc7009 import RevocationEndpoint

from hub.auth.hub_token import digest, is_hub_token
from hub.oauth.asked import Reply
from hub.oauth.client_assertion import METHOD
from hub.oauth.logged import log_revocation
from hub.oauth.registered import Registered
from hub.running import Hub
from hub.store.hub_tokens import revoke_token, stored_token


@dataclass(frozen=True, slots=True)
class Revocable:
    """A token that holds, as Authlib asks about it."""

    digest: str
    client: str

    def check_client(self, client: Registered) -> bool:
        """Tell whether it was issued to this client."""
        return client.client.id == self.client


class Revocation(RevocationEndpoint):  # type: ignore[misc]  # Authlib ships no types
    """POST /oauth/revoke."""

    CLIENT_AUTH_METHODS = (METHOD,)

    def create_endpoint_response(self, request: Any) -> Reply:  # noqa: ANN401 - one of Authlib's
        """Return the answer, once the log has it; a token that was ended has ended before that."""
        reply: Reply = super().create_endpoint_response(request)
        log_revocation(self.server.hub, request.asked)
        return reply

    def query_token(self, token: str, _hint: str | None) -> Revocable | None:
        """Return the token; None: there is nothing left to revoke, which is no error."""
        hub: Hub = self.server.hub
        if not is_hub_token(token):
            return None
        with hub.store.read() as connection:
            found = stored_token(connection, digest(token), hub.clock())
        return Revocable(digest(token), found.client) if found else None

    def revoke_token(self, token: Revocable, _request: object) -> None:
        """End it."""
        hub: Hub = self.server.hub
        with hub.store.write() as connection:
            revoke_token(connection, token.digest, hub.clock())
