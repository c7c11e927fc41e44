"""A witness asked over HTTP: little is read, for a short time, and nothing is followed.

Source: C2SP tlog-witness; ASVS 5.0 13.2. A witness is somebody else's machine: an answer without
end, one byte a minute, a redirect to elsewhere or a compressed one of any size must cost no more
than a refusal. TLS is verified; the address is https, or this machine's own.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx

LARGEST = 16 * 1024
"""Many times what a size or a few signatures take."""
_HEADERS = {"Accept-Encoding": "identity", "Content-Type": "text/plain; charset=utf-8"}


class NotAnswered(Exception):  # what happened, as the API's errors are named
    """The witness gave no usable answer; says why, in words of ours."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An HTTP status, and the text that came with it."""

    status: int
    text: str


def answered(url: str, body: bytes, seconds: float) -> Answered:
    """Return what a witness answers to a POST within so many seconds.

    Raises:
        NotAnswered: it does not, or too much, or compressed.
    """
    until, late = time.monotonic() + seconds, f"not all within {seconds:g} s"
    found = bytearray()
    try:
        with (
            httpx.Client(timeout=seconds, follow_redirects=False) as client,
            _cut_off_after(seconds) as extensions,
            client.stream(
                "POST", url, content=body, headers=_HEADERS, extensions=extensions
            ) as answer,
        ):
            if answer.headers.get("content-encoding", "identity") != "identity":
                raise NotAnswered("its answer is compressed")
            for chunk in answer.iter_raw():
                found += chunk
                if len(found) > LARGEST:
                    raise NotAnswered(f"more than {LARGEST} bytes")
            if time.monotonic() >= until:  # what was cut off may look like an end
                raise NotAnswered(late)
            return Answered(answer.status_code, found.decode(errors="replace"))
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
        why = late if time.monotonic() >= until else type(error).__name__
        raise NotAnswered(why) from None


@contextmanager
def _cut_off_after(seconds: float) -> Iterator[dict[str, Any]]:
    """Yield what a request takes along so that its connection ends after so many seconds.

    httpx limits each wait for the next bytes and not all of them together.
    """
    open_sockets: list[socket.socket] = []

    def opened(event: str, found: dict[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            open_sockets.append(found["return_value"].get_extra_info("socket"))

    def cut_off() -> None:
        for each in open_sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut_off)
    timer.daemon = True
    timer.start()
    try:
        yield {"trace": opened}
    finally:
        timer.cancel()
