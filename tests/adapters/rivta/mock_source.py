"""A source on a real socket, with mutual TLS: it answers what a test lays ready, well or badly."""

import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from lxml import etree

from tests.adapters.rivta.certificates import Authority, Identity

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


@dataclass(frozen=True, slots=True)
class Heard:
    """A question as it reached the source."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def operation(self) -> str:
        return etree.QName(self._asked).localname

    @property
    def logical_address(self) -> str:
        found = etree.fromstring(self.body).find(f"{{{SOAP}}}Header")
        return "" if found is None else (found[0].text or "")

    def value(self, name: str) -> str | None:
        """The text of the first element of a local name."""
        return next((e.text for e in self._asked.iter(f"{{*}}{name}")), None)

    @property
    def _asked(self) -> etree._Element:
        body = etree.fromstring(self.body).find(f"{{{SOAP}}}Body")
        assert body is not None
        return body[0]


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered. `cut`: the connection ends after so many bytes. `slow`: it waits first."""

    body: bytes
    status: int = 200
    cut: int | None = None
    slow: threading.Event | None = None


def fault(text: str) -> Reply:
    """A SOAP fault of the platform."""
    body = (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body><s:Fault><faultcode>s:Server</faultcode>'
        f"<faultstring>{text}</faultstring></s:Fault></s:Body></s:Envelope>"
    )
    return Reply(body.encode(), 500)


Answering = Callable[[Heard], Reply]


@dataclass(slots=True)
class MockSource:
    """A source that is up: what it has heard, and how it answers now."""

    url: str
    answering: Answering
    heard: list[Heard] = field(default_factory=list)

    def answers(self, *replies: Reply | bytes) -> None:
        """Answer with these, one after the other; the last again and again."""
        left = [each if isinstance(each, Reply) else Reply(each) for each in replies]
        self.answering = lambda _: left.pop(0) if len(left) > 1 else left[0]


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away or is not let in is what some tests are about."""


@contextmanager
def source_up(
    identity: Identity | None = None, ca: Authority | None = None
) -> Iterator[MockSource]:
    """Yield a source; with an identity over TLS, and with a CA only for whom that has signed."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            said = Heard(self.path, dict(self.headers), self.rfile.read(length))
            source.heard.append(said)
            reply = source.answering(said)
            if reply.slow is not None:
                reply.slow.wait(30)
            self.send_response(reply.status)
            self.send_header("Content-Type", "text/xml;charset=UTF-8")
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body if reply.cut is None else reply.body[: reply.cut])
            self.close_connection = reply.cut is not None

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    with _Server(("127.0.0.1", 0), Handler) as server:
        scheme = "http"
        if identity is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(identity.certificate, identity.key)
            if ca is not None:
                context.load_verify_locations(ca.path)
                context.verify_mode = ssl.CERT_REQUIRED
            server.socket = context.wrap_socket(server.socket, server_side=True)
            scheme = "https"
        url = f"{scheme}://127.0.0.1:{server.server_address[1]}/{{domain}}/{{operation}}/{{major}}"
        source = MockSource(url, lambda _: Reply(b"", 404))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield source
        finally:
            server.shutdown()
            thread.join()
