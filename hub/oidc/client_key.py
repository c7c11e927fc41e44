"""How the hub proves to a provider that it is the client that it says: by a key, if it has one.

Source: OpenID Connect Core 1.0 §9 (private_key_jwt); RFC 7523 §3; FAPI 2.0 Security Profile 5.3.2.1
(the audience is the issuer). The key is a PEM file that SAMVY_CONSOLE_KEY names, readable by the
hub alone and never a row of the store. Without one the hub is a public client, protected by PKCE.
"""

import os
import uuid
from datetime import datetime
from pathlib import Path

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from hub.errors import Unavailable

SETTING = "SAMVY_CONSOLE_KEY"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SECONDS = 60


def proof_of_client(client: str, issuer: str, at: datetime) -> dict[str, str]:
    """Return the fields of a form that say which client sends it.

    Raises:
        Unavailable: the key cannot be read.
    """
    path = os.environ.get(SETTING)
    if not path:
        return {"client_id": client}
    try:
        key = ECKey.import_key(Path(path).read_bytes())
        now = int(at.timestamp())
        claims = {"iss": client, "sub": client, "aud": issuer, "iat": now, "exp": now + SECONDS}
        header = {"alg": "ES256", "kid": key.thumbprint()}
        signed = jwt.encode(header, {**claims, "jti": str(uuid.uuid4())}, key, algorithms=["ES256"])
    except (OSError, ValueError, JoseError):
        raise Unavailable(
            f"the key that {SETTING} names cannot be used; it is a P-256 key, PEM",
            code="console-key",
        ) from None
    return {"client_id": client, "client_assertion_type": ASSERTION, "client_assertion": signed}
