"""samvy serve: the hub over HTTP.

Source: INTERFACES. SIGINT and SIGTERM end it once the requests under way are answered.
"""

import socket
from contextlib import suppress
from typing import Annotated

import typer
import uvicorn

from hub.api.app import create_app
from hub.cli.opening import StoreOption, fail, opened, say
from hub.review.sample import commit
from hub.serving import configuration, running

LOOPBACK = "127.0.0.1"


def serve(
    store: StoreOption = None,
    host: Annotated[str, typer.Option(help="address to listen on")] = LOOPBACK,
    port: Annotated[int, typer.Option(min=0, max=65535, help="port; 0 takes a free one")] = 8000,
    dev: Annotated[
        bool, typer.Option("--dev", help="trust the built-in issuer: for development only")
    ] = False,
) -> None:
    """Serve the FHIR API, /ingest, the web console, /healthz and /readyz."""
    with (
        opened(store) as hub_store,
        listening(host, port) as listener,
        running(hub_store, dev=dev) as hub,
    ):
        commit(hub)  # to the samples of the review, before their months begin
        address = listener.getsockname()
        say(f"samvy: listening on http://{address[0]}:{address[1]}/fhir")
        if dev:
            say("samvy: --dev: tokens of the built-in issuer are trusted; never in production")
        # uvicorn has ended in order when it hands the interrupt on
        with suppress(KeyboardInterrupt):
            uvicorn.Server(configuration(create_app(hub))).run(sockets=[listener])


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
