"""The thumbprint of the certificate that a request's client has shown, to us or to our proxy.

Source: RFC 8705 §3; RFC 9440.
"""

from starlette.requests import Request

from hub.auth.client_certificate import HEADER, client_certificate, peer, thumbprint
from hub.running import Hub


def shown_certificate(hub: Hub, request: Request) -> str | None:
    """Return its `x5t#S256`, None when the client has shown none."""
    headers = request.headers.getlist(HEADER)
    der = client_certificate(peer(request.scope), headers, hub.proxies)
    return None if der is None else thumbprint(der)
