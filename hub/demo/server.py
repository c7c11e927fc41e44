"""A hub over HTTP in a thread of this process, that ends when its caller is done with it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn

POLL_SECONDS = 0.02
ENDS_WITHIN_SECONDS = 15
"""More than the server gives the requests that are under way when it is asked to end."""


class DidNotStart(Exception):
    """The server ended before it had begun."""


@contextmanager
def served(configuration: uvicorn.Config, listener: socket.socket) -> Iterator[Thread]:
    """Yield the thread of a server that answers; on the way out it is asked to end, and has ended.

    Raises:
        DidNotStart: it did not come up.
    """
    server = uvicorn.Server(configuration)
    thread = Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="demo-server", daemon=True
    )
    thread.start()
    try:
        while not server.started:
            thread.join(POLL_SECONDS)
            if not thread.is_alive():
                raise DidNotStart("the demo's server did not start; see the message above")
        yield thread
    finally:
        server.should_exit = True
        thread.join(ENDS_WITHIN_SECONDS)
