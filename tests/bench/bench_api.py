"""What consent and the log cost over HTTP, and that an answer's cost does not follow the store's.

Source: DESIGN §7 rows 3 and 4. The baseline is the same application, pool and Core read answering
the same bytes with neither consent nor log: a point read for one resource; for a page, one read of
the person's bodies, joined. PostgreSQL (SAMVY_TEST_POSTGRES), one worker, 32 connections of wrk, or
of a small client of our own where wrk is absent. Then the store is filled with other persons to
10⁴, 10⁵ … resources (SAMVY_BENCH_SIZES, comma separated) and the same requests are made again.
"""

import asyncio
import os
import re
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from fastapi import FastAPI
from psycopg import sql
from sqlalchemy import select
from sqlalchemy.engine import make_url
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from hub.application import application
from hub.cli.serve import LOOPBACK, listening
from hub.demo.server import served
from hub.serving import configuration
from hub.store.connect import Store
from hub.store.schema.resource import RESOURCE
from tests.bench.grown_store import grow
from tests.bench.row import Row
from tests.worlds.hub_world import (
    REGION,
    WARD,
    WARD_DOCTOR,
    World,
    condition,
    documented,
    opened_world,
)
from tests.worlds.usual import facts

SECONDS = int(os.environ.get("SAMVY_BENCH_SECONDS", "6"))
_SIZES = os.environ.get("SAMVY_BENCH_SIZES", "10000,100000,1000000")
SIZES = [int(each) for each in _SIZES.split(",")]
CONNECTIONS = 32
CONDITIONS, ENCOUNTERS, DEEP = 50, 10, 1000
Target = tuple[str, dict[str, str]]


def rows() -> Iterator[Row]:
    """Yield the ratios to the baseline, then each request's rate as the store grows."""
    if "SAMVY_TEST_POSTGRES" not in os.environ:
        yield Row("PostgreSQL", 0, "", note="SAMVY_TEST_POSTGRES names no server: not measured")
        return
    with (
        database() as url,
        tempfile.TemporaryDirectory() as folder,
        opened_world(url, Path(folder)) as world,
    ):
        person = person_with_a_record(world)
        app = application(world.hub)
        _baseline(app, world.hub.store, person)
        listener = listening(LOOPBACK, 0)
        with served(configuration(app), listener):
            root = "http://{}:{}".format(*listener.getsockname()[:2])
            yield from _measured(world, person, root)


def _measured(world: World, person: str, root: str) -> Iterator[Row]:
    headers = world.headers(WARD_DOCTOR)
    about = f"/fhir/Condition?patient={person}"
    read, page = _rate(root + "/baseline/read", {}), _rate(root + "/baseline/page", {})
    yield Row("baseline: point read", read, "answers/s")
    yield Row("baseline: a page of 50", page, "answers/s")
    mine = _rate(root + "/fhir/Condition/c1", headers)
    yield Row("read by id", 100 * mine / read, "% of the baseline", least=40)
    mine = _rate(f"{root}{about}&_count=50", headers)
    yield Row(
        "search of one person's 50 resources", 100 * mine / page, "% of the baseline", least=50
    )
    requests = {
        "read by id": f"{root}/fhir/Condition/c1",
        "search of 50": f"{root}{about}&_count=50",
        "_include of 50 and 10": f"{root}{about}&_count=50&_include=Condition:encounter",
        "chain": f"{root}{about}&encounter.status=finished",
        "$everything, its first 100": f"{root}/fhir/Patient/{person}/$everything",
        "deep page (15th of 50)": root + _deep(world, person),
    }
    for size in SIZES:
        grow(world.hub.store, size)
        for what, url in requests.items():
            yield Row(f"{what}, store of {size:,}", _rate(url, headers), "answers/s")


def person_with_a_record(world: World, observations: int = DEEP) -> str:
    """Give a person conditions at encounters, and so many observations."""
    person = world.person()
    world.know(facts())
    seen = documented(REGION, WARD)
    subject = {"subject": {"reference": f"Patient/{person}"}}
    encounters = [
        {"resourceType": "Encounter", "id": f"e{n}", "status": "finished",
         "class": {"code": "AMB"}, **subject}
        for n in range(ENCOUNTERS)
    ]  # fmt: skip
    conditions = [
        condition(person, f"c{n}", "Hypertoni " * 20, recordedDate="2025-01-01",
                  encounter={"reference": f"Encounter/e{n % ENCOUNTERS}"})
        for n in range(CONDITIONS)
    ]  # fmt: skip
    observations = [
        {"resourceType": "Observation", "id": f"o{n}", "status": "final",
         "code": {"coding": [{"system": "urn:s", "code": str(n)}]}, **subject}
        for n in range(observations)
    ]  # fmt: skip
    world.hold([(each, seen) for each in (*encounters, *conditions, *observations)])
    return person


def _deep(world: World, person: str) -> str:
    """The path of a page far into a long answer."""
    reply = world.get(WARD_DOCTOR, "/fhir/Observation", {"patient": person, "_count": "50"})
    for _ in range(14):
        following = reply.link("next")
        assert following, "there are that many pages"
        reply = world.get(WARD_DOCTOR, following)
    return "/fhir?" + (reply.link("self") or "").partition("?")[2]


def _baseline(app: FastAPI, store: Store, person: str) -> None:
    """Add the routes that answer the same bytes without consent and log."""
    one = select(RESOURCE.c.body).where(
        RESOURCE.c.person == person, RESOURCE.c.type == "Condition", RESOURCE.c.id == "c1"
    )
    every = select(RESOURCE.c.body).where(
        RESOURCE.c.person == person, RESOURCE.c.type == "Condition"
    )

    def answer_one() -> bytes:
        with store.read() as connection:
            return bytes(connection.execute(one).scalar_one())

    def answer_every() -> bytes:
        with store.read() as connection:
            found = connection.execute(every).scalars()
            entries = b",".join(b'{"resource":' + bytes(each) + b"}" for each in found)
        return b'{"resourceType":"Bundle","entry":[' + entries + b"]}"

    async def read(_request: Request) -> Response:
        return Response(await run_in_threadpool(answer_one), media_type="application/fhir+json")

    async def page(_request: Request) -> Response:
        return Response(await run_in_threadpool(answer_every), media_type="application/fhir+json")

    app.add_route("/baseline/read", read, methods=["GET"])
    app.add_route("/baseline/page", page, methods=["GET"])


def _rate(url: str, headers: dict[str, str]) -> float:
    """Return how many answers with status 200 came in a second."""
    wrk = shutil.which("wrk")
    if wrk is None:
        return asyncio.run(_own_client(url, headers))
    given = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", *given, url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # our own arguments
    assert "Non-2xx" not in done.stdout, done.stdout
    match = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    assert match, done.stdout
    return float(match[1])


async def _own_client(url: str, headers: dict[str, str]) -> float:
    host, _, path = url.removeprefix("http://").partition("/")
    name, _, port = host.partition(":")
    lines = [f"GET /{path} HTTP/1.1", f"Host: {host}", *(f"{n}: {v}" for n, v in headers.items())]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    until, answers = time.monotonic() + SECONDS, 0

    async def ask() -> None:
        nonlocal answers
        reader, writer = await asyncio.open_connection(name, int(port))
        while time.monotonic() < until:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = re.search(rb"content-length: (\d+)", head.lower())
            await reader.readexactly(int(length[1]) if length else 0)
            answers += 1
        writer.close()

    await asyncio.gather(*(ask() for _ in range(CONNECTIONS)))
    return answers / SECONDS


@contextmanager
def database() -> Iterator[str]:
    """A database of the measurement's own, dropped afterwards."""
    server = make_url(os.environ["SAMVY_TEST_POSTGRES"]).set(drivername="postgresql")
    name = f"samvy_bench_{uuid.uuid4().hex}"
    where = server.render_as_string(hide_password=False)
    with psycopg.connect(where, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        url = server.set(database=name, drivername="postgresql+psycopg")
        yield url.render_as_string(hide_password=False)
    finally:
        with psycopg.connect(where, autocommit=True) as connection:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            connection.execute(drop)
