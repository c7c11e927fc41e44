"""/healthz (the process) and /readyz (store, keys, sequencer, witnesses), for operators.

Source: INTERFACES. Neither needs a token, and neither says anything about a person.
"""

from collections.abc import Awaitable, Callable

import msgspec
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from hub.audit.cosigned import FORK
from hub.running import Hub
from hub.store.schema.audit import audit_witness


async def healthz(_request: Request) -> Response:
    """Answer that the process runs."""
    return Response(b'{"status":"ok"}', media_type="application/json")


def readyz(hub: Hub) -> Callable[[Request], Awaitable[Response]]:
    """Return the handler that tells whether store and sequencer answer."""

    async def answer(_request: Request) -> Response:
        checks = {
            "store": await run_in_threadpool(_store_answers, hub),
            "keys": bool(hub.identity_key),
            "sequencer": hub.sequencer.fault is None,
            "witnesses": await run_in_threadpool(_no_witness_saw_a_fork, hub),
        }
        ready = all(checks.values())
        body = msgspec.json.encode({"status": "ready" if ready else "not ready", **checks})
        return Response(body, 200 if ready else 503, media_type="application/json")

    return answer


def _store_answers(hub: Hub) -> bool:
    try:
        with hub.store.read() as connection:
            return connection.execute(text("SELECT 1")).scalar() == 1
    except SQLAlchemyError:
        return False


def _no_witness_saw_a_fork(hub: Hub) -> bool:
    """A witness that is away delays nobody; one that has seen another history is an alarm."""
    try:
        with hub.store.read() as connection:
            forked = select(audit_witness.c.name).where(audit_witness.c.fault == FORK).limit(1)
            return connection.execute(forked).first() is None
    except SQLAlchemyError:
        return False
