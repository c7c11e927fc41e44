"""Processes of `samvy serve` on one store, as they are run beside each other in production."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.next_request.http_client import Address
from tests.worlds.hub_world import key_files

ROOT = Path(__file__).parents[2]
LISTENING = re.compile(r"listening on http://([\d.]+):(\d+)/fhir")
PLAIN = ("-c", "import sys; from hub.cli.main import run; sys.argv[0] = 'samvy'; run()")


def planted(fault: str) -> Sequence[str]:
    """How Python runs `samvy` with a fault in it."""
    return ("-m", "tests.next_request.planted", fault)


@contextmanager
def processes(
    count: int, url: str, folder: Path, program: Sequence[str] = PLAIN
) -> Iterator[list[Address]]:
    """Yield the addresses of so many processes; each is ended by its own handle."""
    with ExitStack() as stack:
        started = [stack.enter_context(_one(url, folder, program)) for _ in range(count)]
        yield [_address(each) for each in started]


@contextmanager
def _one(url: str, folder: Path, program: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, *program, "serve", "--dev", "--port", "0", "--store", url]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **key_files(folder)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _address(process: subprocess.Popen[str]) -> Address:
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if found := LISTENING.search(line):
            return found[1], int(found[2])
    raise AssertionError(f"samvy serve did not start:\n{said}")
