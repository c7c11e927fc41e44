"""Where the next page of the log goes on, sealed for one token and one hour.

Source: FHIR R4 http.html#paging. The cursor holds a record's place in the whole log; open, it
would tell how many records lie between two that the reader may see.
"""

import base64
import hmac

from cryptography.fernet import Fernet, InvalidToken

from hub.api.call import Call
from hub.audit.search import After
from hub.errors import Gone
from hub.running import Hub

LASTS_SECONDS = 3600


def sealed(hub: Hub, call: Call, after: After) -> str:
    """Return the cursor as it stands in a link."""
    text = f"{after[0]}.{after[1]}".encode()
    return _seal(hub, call).encrypt_at_time(text, int(call.at.timestamp())).decode()


def unsealed(hub: Hub, call: Call) -> After | None:
    """Return where the call's page begins, None for the first.

    Raises:
        Gone: the link has expired, or another token's search gave it.
    """
    given = call.values("_after")
    if not given:
        return None
    now = int(call.at.timestamp())
    try:
        text = _seal(hub, call).decrypt_at_time(given[0].encode(), LASTS_SECONDS, now)
    except (InvalidToken, UnicodeEncodeError):
        raise Gone("the page link has expired, or is not this reader's; search again") from None
    at, leaf = text.decode().split(".")
    return int(at), int(leaf)


def _seal(hub: Hub, call: Call) -> Fernet:
    purpose = b"log-page " + call.caller.token_id.encode()
    return Fernet(base64.urlsafe_b64encode(hmac.digest(hub.identity_key, purpose, "sha256")))
