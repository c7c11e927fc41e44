"""Keys, issuers and tokens for the tests of authentication: well formed ones and hostile ones."""

import base64
import json
from datetime import UTC, datetime

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from hub.auth.issuer import AUDIENCE, BUILT_IN, TrustedIssuer, built_in_issuer

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
NOW = int(NOON.timestamp())
KEY = ECKey.generate_key("P-256", private=True)
OTHER = ECKey.generate_key("P-256", private=True)
RSA = RSAKey.generate_key(2048, private=True)
KID = KEY.thumbprint()
IDP = "https://idp.example.org"


def public(key: ECKey | RSAKey) -> ECKey | RSAKey:
    return type(key).import_key(key.as_pem(private=False))


def built_in() -> TrustedIssuer:
    return built_in_issuer({KID: ECKey.import_key(KEY.as_pem(private=False))})


def external() -> TrustedIssuer:
    return TrustedIssuer(IDP, "urn:hub", {"rsa": public(RSA), "ec": public(OTHER)})


def claims(**changes: object) -> dict[str, object]:
    usual: dict[str, object] = {
        "iss": BUILT_IN,
        "aud": AUDIENCE,
        "sub": "N1",
        "iat": NOW,
        "exp": NOW + 3600,
        "jti": "j1",
    }
    return {name: value for name, value in (usual | changes).items() if value is not None}


def signed(
    body: dict[str, object] | None = None,
    *,
    key: ECKey | RSAKey = KEY,
    alg: str = "ES256",
    **header: object,
) -> str:
    head = {"alg": alg, "kid": KID, "typ": "JWT"} | header
    head = {name: value for name, value in head.items() if value is not None}
    return jwt.encode(head, claims() if body is None else body, key, algorithms=[alg])


def part(value: object) -> str:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
