"""A registered client as Authlib asks about it.

Source: RFC 6749 §2, RFC 7591 §2. What it may do stands in its registration (hub.config.client).
"""

from authlib.oauth2.rfc6749 import ClientMixin

from hub.config.client import Client
from hub.oauth.client_assertion import METHOD

CLIENT_CREDENTIALS = "client_credentials"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105  # nosec B105 - a grant


class Registered(ClientMixin):  # type: ignore[misc]  # Authlib ships no types
    """The registration, and the questions."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def get_client_id(self) -> str:
        """Return its id."""
        return self.client.id

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        """Tell whether it may authenticate in this way: with a key of its own and no other."""
        return method == METHOD

    def check_grant_type(self, grant_type: str) -> bool:
        """Tell whether it may use a grant."""
        if grant_type == TOKEN_EXCHANGE:
            return self.client.exchanges
        return grant_type == CLIENT_CREDENTIALS
