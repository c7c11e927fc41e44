"""Where an identity provider lets people log in, by its metadata.

Source: OpenID Connect Discovery 1.0 §3, §4.3; RFC 8414 §2; RFC 9207 §3; RP-Initiated Logout 1.0
§2.1. It is asked at each log-in: that is seldom, and a provider that moves is followed at once.
"""

import json
import time
from dataclasses import dataclass
from typing import Any

from hub.auth.key_fetch import SECONDS, KeysNotFetched, fetched
from hub.config.address import secure
from hub.config.issuer import OPENID, Issuer
from hub.errors import Unavailable

AWAY = "provider-away"


@dataclass(frozen=True, slots=True)
class Provider:
    """What a provider says of itself. `names_itself`: its answers say who answered (`iss`)."""

    authorize: str
    token: str
    logout: str | None
    names_itself: bool


def provider_of(issuer: Issuer, *, dev: bool) -> Provider:
    """Return an issuer's addresses.

    Raises:
        Unavailable: it does not answer, or not as itself.
    """
    where = issuer.keys.discovery or issuer.id.rstrip("/") + OPENID
    try:
        said = json.loads(fetched(where, time.monotonic() + SECONDS, dev=dev))
    except (KeysNotFetched, ValueError, RecursionError):
        raise Unavailable("the identity provider cannot be reached", code=AWAY) from None
    if not isinstance(said, dict) or said.get("issuer") != issuer.id:
        raise Unavailable("the metadata is another provider's", code=AWAY)
    return Provider(
        _address(said, "authorization_endpoint", dev=dev),
        _address(said, "token_endpoint", dev=dev),
        _address(said, "end_session_endpoint", dev=dev) if "end_session_endpoint" in said else None,
        said.get("authorization_response_iss_parameter_supported") is True,
    )


def _address(said: dict[str, Any], name: str, *, dev: bool) -> str:
    found = said.get(name)
    if not isinstance(found, str) or not secure(found, dev=dev):
        raise Unavailable(f"the identity provider names no usable {name}", code=AWAY)
    return found
