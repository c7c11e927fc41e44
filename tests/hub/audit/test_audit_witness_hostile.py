"""A witness is somebody else's machine: whatever it answers costs little and delays nobody."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from audit_log import Log
from test_audit_export import filled
from test_audit_witness import Witness, served, witness  # noqa: F401  # the fixture

from hub.audit import cosigned
from hub.audit.cosigned import Cosigner, ask_witness
from hub.audit.note import Signer
from hub.audit.witness_answer import LARGEST, NotAnswered, answered

ON_SQLITE = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
SECONDS = 1.0
Answer = Callable[[socket.socket, threading.Event], None]


@contextmanager
def hostile(answer: Answer) -> Iterator[str]:
    """A server that reads a request and then does with the connection what it wants."""
    ended, listener = threading.Event(), socket.create_server(("127.0.0.1", 0))
    listener.settimeout(30)

    def serve() -> None:
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                connection.recv(65536)
                answer(connection, ended)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def without_end(connection: socket.socket, ended: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not ended.is_set():
        connection.sendall(b"x" * 65536)


def chunks_without_end(connection: socket.socket, ended: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not ended.is_set():
        connection.sendall(b"1\r\nx\r\n")


def byte_by_byte(connection: socket.socket, ended: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not ended.wait(0.05):
        connection.sendall(b"x")


def headers_byte_by_byte(connection: socket.socket, ended: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while not ended.wait(0.05):
        connection.sendall(b"x")


def silent(_connection: socket.socket, ended: threading.Event) -> None:
    ended.wait(30)


def compressed(connection: socket.socket, _ended: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx")


def no_http(connection: socket.socket, _ended: threading.Event) -> None:
    connection.sendall(b"hello\r\n\r\n")


HOSTILE: dict[Answer, str] = {
    without_end: f"more than {LARGEST} bytes",
    chunks_without_end: f"more than {LARGEST} bytes",
    byte_by_byte: f"not all within {SECONDS:g} s",
    headers_byte_by_byte: f"not all within {SECONDS:g} s",
    silent: f"not all within {SECONDS:g} s",
    compressed: "compressed",
    no_http: "RemoteProtocolError",
}


@ON_SQLITE
@pytest.mark.parametrize("answer", HOSTILE)
def test_it_is_given_up_soon_and_another_witness_is_asked(
    log: Log,
    witness: Witness,  # noqa: F811  # the fixture
    monkeypatch: pytest.MonkeyPatch,
    answer: Answer,
) -> None:
    filled(log, 9)
    monkeypatch.setattr(cosigned, "TIMEOUT_SECONDS", SECONDS)
    with hostile(answer) as url:
        with log.store.write() as connection:
            ask_witness(connection, Signer.generate("samvy/a").verifier, url)
            ask_witness(connection, witness.signer.verifier, witness.url)
        start = time.monotonic()
        faults = Cosigner(log.store).ask_now()
        took = time.monotonic() - start
    assert HOSTILE[answer] in str(faults["samvy/a"])
    assert faults[witness.signer.origin] is None
    assert took < 20 * SECONDS  # and not for as long as it goes on


def test_a_redirect_is_not_followed() -> None:
    asked = []

    def elsewhere(connection: socket.socket, _ended: threading.Event) -> None:
        asked.append(1)
        connection.sendall(
            b"HTTP/1.1 307 X\r\nLocation: /add-checkpoint\r\nContent-Length: 0\r\n\r\n"
        )

    with hostile(elsewhere) as url:
        assert answered(f"{url}/add-checkpoint", b"x", 30).status == 307
    assert asked == [1]


def test_a_certificate_that_nobody_trusts_is_not_taken(tls_server: str) -> None:
    with pytest.raises(NotAnswered, match="ConnectError"):
        answered(tls_server, b"x", 30)


@pytest.fixture
def tls_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose certificate is by an authority of its own."""
    import ssl  # noqa: PLC0415

    from tests.adapters.rivta.certificates import Authority  # noqa: PLC0415

    identity = Authority(tmp_path_factory.mktemp("ca")).issue("server")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.certificate, identity.key)

    def over_tls(connection: socket.socket, _ended: threading.Event) -> None:
        with suppress(ssl.SSLError), context.wrap_socket(connection, server_side=True) as spoken:
            spoken.recv(65536)

    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            connection, _ = listener.accept()
            over_tls(connection, threading.Event())

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}/add-checkpoint"
    listener.close()
    thread.join()
