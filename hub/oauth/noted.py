"""What of a request to an OAuth endpoint has been found out on the way, for its log record.

Source: DESIGN P2, §6. Authlib knows of no such thing, so that it is kept beside the request.
"""

from dataclasses import dataclass

from hub.config.client import Client


@dataclass(slots=True)
class Noted:
    """Who asks and why it was refused, as far as it went.

    `client` is the one that the assertion names, if there is one; `verified` once it has shown that
    it is. `why` is the reason of a refusal, which the client is not told.
    """

    client: Client | None = None
    verified: bool = False
    why: str | None = None
