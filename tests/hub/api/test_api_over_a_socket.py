"""The same over a real socket and the real server: framing, hostile bytes, headers, and the end."""

import http.client
import json
import socket
from collections.abc import Iterator

import pytest
from sqlalchemy import update

from hub.application import application
from hub.audit.cosigned import FORK, ask_witness
from hub.audit.note import Signer
from hub.cli.serve import LOOPBACK, listening
from hub.demo.server import served
from hub.serving import configuration
from hub.store.schema.audit import audit_witness
from tests.worlds.hub_world import REGION_SYSTEM, WARD_DOCTOR, World, condition, stated
from tests.worlds.usual import HIDDEN, fill

Address = tuple[str, int]


@pytest.fixture
def address(world: World) -> Iterator[Address]:
    fill(world)
    listener = listening(LOOPBACK, 0)
    with served(configuration(application(world.hub)), listener):
        host, port = listener.getsockname()[:2]
        yield host, port


def _ask(
    address: Address, method: str, path: str, headers: dict[str, str], body: bytes | None = None
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(*address, timeout=20)
    connection.request(method, path, body, headers)
    reply = connection.getresponse()
    content = reply.read()
    connection.close()
    return reply.status, {name.lower(): value for name, value in reply.getheaders()}, content


def _raw(address: Address, request: bytes) -> bytes:
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def test_a_session_from_look_up_to_pages(world: World, address: Address) -> None:
    headers = world.headers(WARD_DOCTOR)
    form = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
    number = b"identifier=http://electronichealth.se/identifier/personnummer|194203172384"
    status, _, body = _ask(address, "POST", "/fhir/Patient/_search", form, number)
    assert status == 200
    person = json.loads(body)["entry"][0]["resource"]["id"]
    given = {"resourceType": "Parameters", "parameter": stated(relevance=True)}
    fhir = {**headers, "Content-Type": "application/fhir+json"}
    path = f"/fhir/Patient/{person}/$open"
    status, _, body = _ask(address, "POST", path, fhir, json.dumps(given).encode())
    assert status == 200
    session = json.loads(body)["parameter"][0]["valueString"]
    headers["X-Samvy-Session"] = session
    path = f"/fhir/Condition?patient={person}&_count=2"
    seen = []
    while path:
        status, _, body = _ask(address, "GET", path, headers)
        assert status == 200
        bundle = json.loads(body)
        seen += [each["resource"]["id"] for each in bundle["entry"]]
        links = {each["relation"]: each["url"] for each in bundle["link"]}
        path = links.get("next", "").removeprefix(f"http://{address[0]}:{address[1]}")
    assert len(seen) == len(set(seen)) == 6
    assert "gone-1" not in seen


def test_create_over_a_socket(world: World, address: Address) -> None:
    headers = {**world.headers(REGION_SYSTEM), "Content-Type": "application/fhir+json"}
    body = json.dumps(condition(world.person(), "x")).encode()
    status, given, _ = _ask(address, "POST", "/fhir/Condition", headers, body)
    assert status == 201
    path = given["location"].removeprefix(f"http://{address[0]}:{address[1]}")
    assert _ask(address, "GET", path, headers)[0] == 200
    assert given["cache-control"] == "no-store"
    assert "server" not in given


HOSTILE = (
    b"GET /fhir/Condition/gone-1 HTTP/1.1\r\nHost: x\r\nX-Samvy-Session: a\r\n b\r\n\r\n",
    b"GET /fhir/Condition/gone-1 HTTP/1.1\r\nHost: x\r\nX-Samvy-Session: a\x00b\r\n\r\n",
    b"GET /fhir/Condition/gone-1 HTTP/1.1\r\nHost: [\r\n\r\n",
    b"GET /fhir/Condition/gone-1 HTTP/1.1\r\n\r\n",
    b"GET /fhir/Condition/gone-1\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /fhir/Condition/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET http://evil.example/fhir/Condition/gone-1 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET //evil.example/fhir/Condition/gone-1 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /fhir/Condition/" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /fhir HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    b"POST /fhir/Condition HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999\r\n\r\n{}",
    b"POST /fhir/Condition HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{}",
    b"POST /fhir HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nzz\r\n",
    b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
)


def test_hostile_bytes_harm_nothing(
    world: World, address: Address, caplog: pytest.LogCaptureFixture
) -> None:
    bearer = f"\r\nAuthorization: {world.headers(WARD_DOCTOR)['Authorization']}\r\n".encode()
    for request in HOSTILE:
        for each in (request, request.replace(b"\r\n", bearer, 1)):
            reply = _raw(address, each)
            assert HIDDEN.encode() not in reply
            assert not reply.startswith((b"HTTP/1.1 2", b"HTTP/1.1 5")), (request[:60], reply[:200])
            assert b"Traceback" not in reply
    assert _ask(address, "GET", "/healthz", {})[0] == 200
    assert not [each for each in caplog.records if each.exc_info]


def test_ready_and_healthy_say_nothing_of_anybody(world: World, address: Address) -> None:
    status, _, body = _ask(address, "GET", "/readyz", {})
    assert (status, json.loads(body)["status"]) == (200, "ready")
    assert _ask(address, "GET", "/healthz", {})[2] == b'{"status":"ok"}'
    assert world.person().encode() not in body


def test_a_hub_whose_history_a_witness_refuses_is_not_ready(world: World, address: Address) -> None:
    other = Signer.generate("samvy/witness").verifier
    for fault, expected in (("the witness answered 500", 200), (FORK, 503)):
        with world.store.write() as connection:
            ask_witness(connection, other, "http://127.0.0.1:9")
            connection.execute(update(audit_witness).values(fault=fault))
        status, _, body = _ask(address, "GET", "/readyz", {})
        assert (status, json.loads(body)["witnesses"]) == (expected, expected == 200)
