"""All that a served hub writes beside its answers names nobody: no number, name, key or token.

Source: issue of the log (no personal value in technical logs, metrics or traces); ASVS 5.0 16.2.5.
A process of `samvy serve` is asked for what goes wrong in every way; all its output is read.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from tests.next_request.served import LISTENING, PLAIN, ROOT
from tests.worlds.hub_world import (
    REGION_SYSTEM,
    SIGNE,
    WARD_DOCTOR,
    World,
    condition,
    key_files,
    opened_world,
)
from tests.worlds.usual import fill

NAME, REASON = "Zanzibarsson", "zqx-reason"
FAULT = (
    "import sys\n"
    "import hub.api.interaction.read as read\n"
    "def fails(*_):\n"
    f"    raise ValueError('{SIGNE} {NAME}')\n"
    "read.read_one = fails\n"
    "{more}\n"
    "from hub.cli.main import run\n"
    "sys.argv[0] = 'samvy'\n"
    "run()\n"
)


@contextmanager
def served(url: str, folder: Path, program: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    """Yield where a hub of its own process answers, and the file that it writes to."""
    written = folder / "written.txt"
    command = [sys.executable, *program, "serve", "--dev", "--port", "0", "--store", url]
    with written.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **key_files(folder)},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        yield _address(process, written), written
    finally:
        process.terminate()
        process.wait(60)


def _address(process: subprocess.Popen[bytes], written: Path) -> str:
    while process.poll() is None:
        if found := LISTENING.search(written.read_text()):
            return f"http://{found[1]}:{found[2]}"
        os.sched_yield()
    raise AssertionError(written.read_text())


def _ask(world: World, root: str) -> None:
    """Everything that may be told where it must not be."""
    own, system = (world.headers(each) for each in (WARD_DOCTOR, REGION_SYSTEM))
    token = own["Authorization"].removeprefix("Bearer ")
    person = world.person()
    with httpx.Client(base_url=root, timeout=60) as http:
        http.get(f"/fhir/Condition/{SIGNE}", headers=own)
        http.get(f"/fhir/Condition?patient.identifier={SIGNE}&name={NAME}", headers=own)
        http.get(f"/fhir/Condition?access_token={token}")
        http.get("/fhir/Condition/ward-1", headers={"Authorization": f"Bearer {SIGNE}.{NAME}.x"})
        http.get("/fhir/Condition/ward-1", headers={**own, "Referer": f"/{SIGNE}"})
        http.get(f"/fhir/Condition?patient={person}&code:text={NAME}", headers=own)
        http.get(f"/fhir/Patient/{person}", headers=own)
        http.post("/fhir/Condition", json=condition(person, "x", NAME), headers=system)
        http.post("/ingest/rivta", content=f"<a>{SIGNE} {NAME}", headers=system)
        http.post("/fhir/Patient/_search", data={"identifier": SIGNE}, headers=own)
        body = {"parameter": [{"name": "reason", "valueString": REASON}]}
        opening = {"resourceType": "Parameters", **body}
        http.post(f"/fhir/Patient/{person}/$open", json=opening, headers=own)
        http.get(f"/granskning/atkomster?patient={SIGNE}", headers={"Cookie": NAME})
        http.post("/granskning/logga-in", data={"csrf": "x", "token": token})
        http.get(f"/none/{SIGNE}/{NAME}")
        http.get("/metrics", headers=own)
    host, port = root.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as raw:
        raw.sendall(f"GET /{SIGNE} {NAME} HTTP/9\r\n{NAME}\r\n\r\n".encode())
        raw.recv(4096)


@pytest.mark.parametrize("broken", [None, "resource", "audit_record", "reading_session"])
def test_what_a_served_hub_writes_names_nobody(
    sqlite_url: str, tmp_path: Path, broken: str | None
) -> None:
    """Nothing broken but a rule that raises with a number in its words; or a table that is gone."""
    with opened_world(sqlite_url, tmp_path) as world:
        fill(world)
        world.clock.now = datetime.now(UTC)  # as the other process's clock says
        program = PLAIN if broken else ("-c", FAULT.format(more=""))
        with served(sqlite_url, tmp_path, program) as (root, written):
            if broken:
                with world.store.write() as connection:
                    connection.execute(text(f'ALTER TABLE "{broken}" RENAME TO gone'))
            _ask(world, root)
        said = written.read_text()
        token = world.token(WARD_DOCTOR)
        secrets = (SIGNE, SIGNE[2:], NAME, REASON, world.person(), token[-30:], token[:60])
    assert "failed" in said or "could not be written" in said
    assert [each for each in secrets if each in said] == []


def test_a_hub_that_writes_its_accesses_is_noticed(sqlite_url: str, tmp_path: Path) -> None:
    """The fault, planted: uvicorn's log of accesses, which has every URL."""
    more = "import hub.serving as s; u = s.uvicorn.Config\n"
    more += (
        "s.uvicorn.Config = lambda *a, **k: u(*a, **{**k, 'access_log': True, 'log_level': 'info'})"
    )
    with opened_world(sqlite_url, tmp_path) as world:
        fill(world)
        world.clock.now = datetime.now(UTC)
        with served(sqlite_url, tmp_path, ("-c", FAULT.format(more=more))) as (root, written):
            _ask(world, root)
        said = written.read_text()
        assert SIGNE in said
        assert world.person() in said
