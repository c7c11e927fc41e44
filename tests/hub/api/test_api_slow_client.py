"""Whoever shows no token is answered before any of their body has come, however slowly it comes.

Source: docs/decisions/0015-deliveries-over-http.md. A process of `samvy serve`, and clients that
send their headers and then nothing: what they wait for they would wait for in vain.
"""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import httpx
import pytest

from hub.api.request_body import LARGEST_BODY
from hub.api.room import ROOM, SMALL
from tests.next_request.served import processes
from tests.worlds.hub_world import REGION_SYSTEM, World, condition, opened_world

Served = tuple[World, tuple[str, int]]
WITHIN = 30
"""Seconds for an answer, of a process that others share the machine with; a body has 300."""
SAID = {"a large length": f"Content-Length: {LARGEST_BODY}", "a small length": "Content-Length: 9",
        "no length": "Transfer-Encoding: chunked"}  # fmt: skip


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    url = f"sqlite:///{folder / 'samvy.db'}"
    with opened_world(url, folder) as world:
        world.clock.now = datetime.now(UTC)  # as the other process's clock says
        with processes(1, url, folder) as (address,):
            yield world, address


def _began(address: tuple[str, int], length: str, *headers: str) -> socket.socket:
    connection = socket.create_connection(address, timeout=WITHIN)
    lines = ("POST /ingest/rivta HTTP/1.1", "Host: hub.test", length, *headers, "", "")
    connection.sendall("\r\n".join(lines).encode())
    return connection


@pytest.mark.parametrize("length", SAID)
@pytest.mark.parametrize("token", [None, "Bearer x.y.z"])
def test_nothing_of_a_body_is_waited_for_without_a_token(
    serving: Served, length: str, token: str | None
) -> None:
    given = [f"Authorization: {token}"] if token else []
    with _began(serving[1], SAID[length], "Expect: 100-continue", *given) as connection:
        assert connection.recv(65536).startswith(b"HTTP/1.1 401 ")


def test_slow_clients_without_a_token_take_no_room(serving: Served) -> None:
    world, address = serving
    headers = {**world.headers(REGION_SYSTEM), "Content-Type": "application/fhir+json"}
    body = condition(world.person(), "x", "long " * SMALL)
    with ExitStack() as stack:
        for _ in range(ROOM // LARGEST_BODY + 1):
            length = SAID["a large length"]
            waiting = stack.enter_context(_began(address, length))
            assert waiting.recv(65536).startswith(b"HTTP/1.1 401 ")
        root = "http://{}:{}".format(*address)
        reply = httpx.post(f"{root}/fhir/Condition", headers=headers, json=body, timeout=WITHIN)
        assert reply.status_code == 422, reply.text[:200]  # too long a text, which was read


def test_a_slow_body_is_waited_for_with_a_token(serving: Served) -> None:
    world, address = serving
    token = f"Authorization: {world.headers(REGION_SYSTEM)['Authorization']}"
    with _began(address, "Content-Length: 4", token, "Expect: 100-continue") as connection:
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"<a>x")
        assert connection.recv(65536).startswith(b"HTTP/1.1 422 ")
