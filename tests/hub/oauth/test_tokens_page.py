"""docs/tokens.md: its commands run as they stand, and it names every code that a refusal has."""

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.worlds.hub_world import key_files

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "tokens.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ADDRESS = "http://127.0.0.1:8000"


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def _served(environment: dict[str, str], folder: Path, port: int) -> Iterator[None]:
    command = ["samvy", "serve", "--dev", "--port", str(port)]
    with subprocess.Popen(
        command, env=environment, cwd=folder, stderr=subprocess.PIPE, text=True
    ) as hub:
        assert hub.stderr
        timer = threading.Timer(120, hub.kill)
        timer.start()
        assert any("listening" in line for line in hub.stderr)
        timer.cancel()
        yield
        hub.terminate()
        hub.communicate(timeout=60)


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_the_commands_run_in_their_order(tmp_path: Path) -> None:
    commands = Path(sys.executable).parent
    environment = {
        **os.environ,
        **key_files(tmp_path),
        "SAMVY_STORE": f"sqlite:///{tmp_path / 'samvy.db'}",
        "PATH": f"{commands}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    first, *rest = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert len(rest) >= 5

    def run(block: str) -> None:
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", block],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, (block, done.stdout, done.stderr)

    port = _free_port()
    run(first)
    with _served(environment, tmp_path, port):
        for block in rest:
            run(block.replace(ADDRESS, f"http://127.0.0.1:{port}"))


def test_every_code_of_a_refusal_is_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    files = [
        ROOT / "hub/auth/reader.py",
        ROOT / "hub/auth/commission.py",
        ROOT / "hub/api/access.py",
        ROOT / "hub/api/authenticate.py",
    ]
    found = {
        code
        for file in files
        for code in re.findall(
            r'(?:AssignmentRefused\(\s*|code=)"([a-z-]+)"', file.read_text(encoding="utf-8")
        )
    }
    assert {"choose-assignment", "no-assignment-in-force", "session-not-live"} <= found
    assert [code for code in sorted(found) if f"`{code}`" not in page] == []


def test_every_command_and_option_of_clients_is_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    text = (ROOT / "hub/cli/clients.py").read_text(encoding="utf-8")
    options = set(re.findall(r'"(--[a-z-]+)"', text)) | {"--keys", "--unit", "--regime", "--scope"}
    assert [each for each in sorted(options) if each not in page] == []
