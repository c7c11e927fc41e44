"""The client's certificate: from our own TLS, or told by a configured proxy in Client-Cert.

Source: RFC 9440 §2 (the DER in base64 between colons; the header counts from a proxy that removes
what others sent), RFC 8705 §3 and §3.1 (`cnf.x5t#S256`: the SHA-256 of the DER); ASVS 5.0 4.1.3.
From anybody but a configured proxy the header is as if it were not there.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hub.auth.refused import Reason, TokenRefused

CONNECTION = "samvy.connection"
"""The key under which the server notes a connection's own peer and certificate in a scope."""
HEADER = "client-cert"
LARGEST = 16 * 1024
_X5T = "x5t#S256"


@dataclass(frozen=True, slots=True)
class Peer:
    """Who the other end of the connection is, whatever its headers say; a certificate as DER."""

    address: str | None
    certificate: bytes | None = None


def peer(scope: Mapping[str, Any]) -> Peer:
    """Return the other end of a request's connection."""
    noted = (scope.get("extensions") or {}).get(CONNECTION)
    if isinstance(noted, Peer):
        return noted
    client = scope.get("client")
    return Peer(client[0] if client else None)


def client_certificate(
    found: Peer, headers: Sequence[str], proxies: Collection[str]
) -> bytes | None:
    """Return the DER of the client's certificate; None when it showed none.

    `headers` are the Client-Cert headers as they came: more than one is nobody's. A configured
    proxy's own certificate is never its clients'.
    """
    if found.address in proxies:
        return _told(headers)
    return found.certificate


def thumbprint(der: bytes) -> str:
    """Return a certificate's `x5t#S256`."""
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()


def require_bound(confirmation: object, certificate: str | None, *, bound: bool) -> None:
    """Return if a token may be used by who shows this certificate (its thumbprint, or None).

    Raises:
        TokenRefused: it is bound to another certificate, or to what we cannot check; or it is not
            bound, and has to be.
    """
    if confirmation is None and not bound:
        return
    wanted = confirmation.get(_X5T) if isinstance(confirmation, dict) else None
    only = isinstance(confirmation, dict) and confirmation.keys() == {_X5T}
    if not only or not isinstance(wanted, str) or certificate is None:
        raise TokenRefused(Reason.BINDING)
    if not hmac.compare_digest(wanted.encode(), certificate.encode()):
        raise TokenRefused(Reason.BINDING)


def _told(headers: Sequence[str]) -> bytes | None:
    if len(headers) != 1 or len(headers[0]) > LARGEST:
        return None
    text = headers[0].strip()
    if len(text) < 2 or text[0] != ":" or text[-1] != ":":  # noqa: PLR2004 - both colons
        return None
    try:
        found = x509.load_der_x509_certificate(base64.b64decode(text[1:-1], validate=True))
    except (ValueError, binascii.Error):
        return None
    return found.public_bytes(Encoding.DER)
