"""The body of a request: how much of it may come, and within which time.

Source: docs/decisions/0015-deliveries-over-http.md. It is read once the headers have told who sends
it, so that somebody without a token holds no room that others wait for.
"""

import asyncio

from starlette.requests import Request

from hub.errors import BadRequest, TooLarge

LARGEST_BODY = 50 * 1024 * 1024
SLOWEST = 300.0
"""Seconds within which a body comes: a slow one holds room that others wait for."""


def comes_with_body(request: Request) -> bool:
    """Tell whether a body comes after the headers."""
    return _is_of_unknown_length(request) or _length(request) != "0"


def refuse_too_large(request: Request) -> None:
    """Return if a body of that length may come.

    Raises:
        TooLarge: it is longer, or its length is no number.
    """
    length = _length(request)
    if not length.isdecimal() or int(length) > LARGEST_BODY:
        raise _too_large()


def longest(request: Request) -> int:
    """Return how many bytes of a body that may come there can be."""
    return LARGEST_BODY if _is_of_unknown_length(request) else int(_length(request))


async def read_body(request: Request) -> bytes:
    """Return the whole body.

    Raises:
        TooLarge: it is longer than its length, which was not told, may be.
        BadRequest: it did not come in time.
    """
    chunks, size = [], 0
    try:
        async with asyncio.timeout(SLOWEST):
            async for chunk in request.stream():
                size += len(chunk)
                if size > LARGEST_BODY:
                    raise _too_large()
                chunks.append(chunk)
    except TimeoutError:
        raise BadRequest("the body did not come within five minutes; send it again") from None
    return b"".join(chunks)


def _is_of_unknown_length(request: Request) -> bool:
    return "transfer-encoding" in request.headers


def _length(request: Request) -> str:
    return str(request.headers.get("content-length", "0"))


def _too_large() -> TooLarge:
    return TooLarge(f"the body is larger than {LARGEST_BODY} bytes; send it in parts")
