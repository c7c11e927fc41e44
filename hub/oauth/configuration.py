"""/fhir/.well-known/smart-configuration: what there is to get tokens with, made from what is there.

Source: SMART App Launch 2.2, conformance; RFC 8414 (the same under its own path). There is no
authorization endpoint: users log in at their identity provider, whose tokens the hub takes.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from hub.api.capabilities import SERVED
from hub.auth.key_set import KEY_TYPES
from hub.auth.scopes import LEVELS
from hub.oauth.grants import GRANTS
from hub.oauth.paths import INTROSPECT, REVOKE, TOKEN
from hub.running import Hub

WELL_KNOWN = (
    "/fhir/.well-known/smart-configuration",
    "/.well-known/oauth-authorization-server",
)
CAPABILITIES = (
    "client-confidential-asymmetric",
    "permission-v2",
    *(f"permission-{level}" for level in LEVELS if level != "system"),
)
_PUBLIC = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}


def smart_configuration(hub: Hub) -> Callable[[Request], Awaitable[Response]]:
    """Return the handler of both paths; it needs no token."""
    body = msgspec.json.encode(configuration(hub.base))

    async def answer(_request: Request) -> Response:
        return Response(body, 200, _PUBLIC, "application/json")

    return answer


def configuration(base: str) -> dict[str, Any]:
    """Return the document of a hub that clients know by this address."""
    algorithms = sorted(KEY_TYPES)
    found: dict[str, Any] = {
        "issuer": base,
        "token_endpoint": f"{base}{TOKEN}",
        "introspection_endpoint": f"{base}{INTROSPECT}",
        "revocation_endpoint": f"{base}{REVOKE}",
        "grant_types_supported": [grant.GRANT_TYPE for grant in GRANTS],
        "response_types_supported": [],
        "scopes_supported": [
            f"{level}/{name}.cruds" for level in LEVELS for name in ("*", *SERVED, "Consent")
        ],
        "tls_client_certificate_bound_access_tokens": True,
        "capabilities": list(CAPABILITIES),
    }
    for endpoint in ("token", "introspection", "revocation"):
        found[f"{endpoint}_endpoint_auth_methods_supported"] = ["private_key_jwt"]
        found[f"{endpoint}_endpoint_auth_signing_alg_values_supported"] = algorithms
    return found
