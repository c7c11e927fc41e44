"""HTTP on a connection that remembers its own peer and the client certificate that TLS checked.

Source: RFC 8705 §2; DESIGN §5. The server's own middleware may replace a request's client by what a
proxy says; what is noted here comes from the connection alone and cannot be sent.
"""

import asyncio
from typing import Any

from hub.auth.client_certificate import CONNECTION, Peer

try:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as Served
except ImportError:  # there is no httptools on Windows
    from uvicorn.protocols.http.h11_impl import H11Protocol as Served  # type: ignore[assignment]


class CertifiedProtocol(Served):
    """The server's HTTP/1.1, with the connection noted in every request's scope."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note the peer of a new connection."""
        super().connection_made(transport)
        tls = transport.get_extra_info("ssl_object")
        certificate = tls.getpeercert(binary_form=True) if tls is not None else None
        address = transport.get_extra_info("peername")
        noted = Peer(address[0] if address else None, certificate)
        served = self.app

        async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's own
            scope.setdefault("extensions", {})[CONNECTION] = noted
            await served(scope, receive, send)

        self.app = app
