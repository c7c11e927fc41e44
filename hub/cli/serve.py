"""samvy serve: the hub over HTTP.

Source: INTERFACES. SIGINT and SIGTERM end it once the requests under way are answered.
"""

import signal
import socket
from collections.abc import Collection
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from hub.application import application
from hub.cli.opening import StoreOption, fail, opened, say
from hub.review.looker import Looker
from hub.running import Hub
from hub.serving import Tls, configuration, running

LOOPBACK = "127.0.0.1"
BASE = "SAMVY_BASE_URL"


def serve(
    store: StoreOption = None,
    host: Annotated[str, typer.Option(help="address to listen on")] = LOOPBACK,
    port: Annotated[int, typer.Option(min=0, max=65535, help="port; 0 takes a free one")] = 8000,
    dev: Annotated[
        bool, typer.Option("--dev", help="trust the built-in issuer: for development only")
    ] = False,
    base: Annotated[
        str | None,
        typer.Option("--base-url", help="the address that clients know the hub by", envvar=BASE),
    ] = None,
    proxy: Annotated[
        list[str] | None,
        typer.Option(
            help="a proxy whose Client-Cert and X-Forwarded headers count; may be given"
            " several times"
        ),
    ] = None,
    tls_certificate: Annotated[
        Path | None, typer.Option(help="serve https: a certificate chain, PEM", exists=True)
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(help="its key, PEM", exists=True)] = None,
    client_ca: Annotated[
        Path | None, typer.Option(help="the CA of client certificates, PEM", exists=True)
    ] = None,
) -> None:
    """Serve the FHIR API, /ingest, /oauth, the web console, /healthz and /readyz."""
    proxies = _proxies(proxy or [])
    tls = _tls(tls_certificate, tls_key, client_ca)
    with opened(store) as hub_store, listening(host, port) as listener:
        address = listener.getsockname()
        name = f"[{address[0]}]" if ":" in address[0] else address[0]
        here = f"{'https' if tls else 'http'}://{name}:{address[1]}"
        with running(hub_store, dev=dev, proxies=proxies, base=base or here) as hub:
            looker = Looker(hub)
            looker.start()
            try:
                _serve(hub, listener, here, proxies, tls, dev=dev)
            finally:
                looker.stop()


def _serve(
    hub: Hub,
    listener: socket.socket,
    here: str,
    proxies: Collection[str],
    tls: Tls | None,
    *,
    dev: bool,
) -> None:
    say(f"samvy: listening on {here}/fhir")
    if dev:
        say("samvy: --dev: tokens of the built-in issuer are trusted; never in production")
    # uvicorn has ended in order when it hands the signal on; by itself SIGTERM would end us there
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        config = configuration(application(hub), proxies=proxies, tls=tls)
        uvicorn.Server(config).run(sockets=[listener])


def _proxies(written: list[str]) -> frozenset[str]:
    try:
        return frozenset(str(ip_address(each)) for each in written)
    except ValueError:
        fail("--proxy takes the IP address of a proxy, such as 10.0.0.5")


def _tls(certificate: Path | None, key: Path | None, client_ca: Path | None) -> Tls | None:
    if certificate is None and key is None and client_ca is None:
        return None
    if certificate is None or key is None:
        fail("TLS needs both --tls-certificate and --tls-key")
    return Tls(certificate, key, client_ca)


def listening(host: str, port: int) -> socket.socket:
    """Return a listening socket; a taken port ends the command with what to do."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        fail(
            f"cannot listen on {host}:{port} ({error.strerror}); another program may have the"
            " port: give another with --port"
        )
    listener.listen(128)
    return listener
