"""What the log says of itself to anybody: its latest checkpoint, its key; and the witness.

Source: C2SP tlog-checkpoint, tlog-witness. None of it needs a token and none of it is about a
person: sizes, roots and signatures alone.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from hub.audit.errors import LogKeyProblem, NothingToExport
from hub.audit.export import latest
from hub.audit.receipt import proof as inclusion
from hub.audit.witness import LARGEST, Reply, add_checkpoint
from hub.running import Hub

LONGEST_PLACE = 64
NO_KEY = "the log's key is not there; nothing can be signed\n"
Handler = Callable[[Request], Awaitable[Response]]


def checkpoint(hub: Hub) -> Handler:
    """Return the handler of GET /log/checkpoint: the latest one with its cosignatures."""

    def note() -> str:
        with hub.store.read() as connection:
            return latest(connection)[0]

    async def answer(_request: Request) -> Response:
        try:
            return PlainTextResponse(await run_in_threadpool(note))
        except NothingToExport as problem:
            return PlainTextResponse(f"{problem}\n", 404)

    return answer


def public_key(hub: Hub) -> Handler:
    """Return the handler of GET /log/key: the line that whoever verifies keeps outside."""

    async def answer(_request: Request) -> Response:
        try:
            signer = await run_in_threadpool(hub.sequencer.key)
        except LogKeyProblem:
            return PlainTextResponse(NO_KEY, 503)
        return PlainTextResponse(f"{signer.verifier.text()}\n")

    return answer


def proof(hub: Hub) -> Handler:
    """Return the handler of GET /log/proof/{place}?commitment=…: a record's place in the tree.

    Whoever has a receipt knows both; nobody else can name a commitment.
    """

    def find(place: str, commitment: str) -> bytes | None:
        with hub.store.read() as connection, suppress(LookupError):
            return msgspec.json.encode(inclusion(connection, place, commitment))
        return None

    async def answer(request: Request) -> Response:
        place = request.path_params["place"]
        commitment = request.query_params.get("commitment", "")
        usual = len(place) <= LONGEST_PLACE and place.isascii() and commitment.isascii()
        found = await run_in_threadpool(find, place, commitment) if usual else None
        if found is None:
            text = "no such record in the tree yet; it is taken in within seconds\n"
            return PlainTextResponse(text, 404, {"Retry-After": "5"})
        return Response(found, media_type="application/json")

    return answer


def witness(hub: Hub) -> Handler:
    """Return the handler of POST /witness/add-checkpoint."""

    def add(body: str) -> Reply:
        signer = hub.sequencer.key()
        with hub.store.write() as connection:
            return add_checkpoint(connection, signer, body, hub.clock())

    async def answer(request: Request) -> Response:
        raw = bytearray()
        try:
            async for chunk in request.stream():
                raw += chunk
                if len(raw) > LARGEST:
                    return PlainTextResponse("the request is too large\n", 413)
            reply = await run_in_threadpool(add, raw.decode())
        except LogKeyProblem:
            return PlainTextResponse(NO_KEY, 503)
        except (UnicodeDecodeError, ClientDisconnect):
            return PlainTextResponse("not an add-checkpoint request\n", 400)
        return Response(reply.body, reply.status, media_type=reply.media_type)

    return answer
