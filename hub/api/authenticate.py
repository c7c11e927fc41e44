"""Who makes the request: the bearer token verified, and held against the directory of this moment.

Source: RFC 6750; DESIGN §5, P4. What is wrong with a token is not told to the one who sent it.
"""

from datetime import datetime

from hub.auth.reader import Caller, caller_of
from hub.auth.refused import TokenRefused, bearer
from hub.errors import NotAuthenticated
from hub.running import Hub
from hub.store.directory import directory


def authenticate(hub: Hub, authorization: str | None, at: datetime) -> Caller:
    """Return who asks.

    Raises:
        NotAuthenticated: there is no token, or it does not hold.
    """
    try:
        token = hub.tokens.verify(bearer(authorization), at)
        with hub.store.read() as connection:
            return caller_of(token, directory(connection), at)
    except TokenRefused as refused:
        raise NotAuthenticated(
            "send a valid bearer token in Authorization",
            headers={"WWW-Authenticate": refused.challenge},
        ) from None
