"""Commands at a terminal: progress and the count on it, receipts whole and where they were sent."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from tests.hub.cli.cli_files import ORGANISATIONS, SOURCES
from tests.hub.cli.cli_runner import Shell
from tests.hub.ingest.documents import Doc, diagnoses

COMMAND = "import sys; from hub.cli.main import app; sys.argv[0] = 'samvy'; app()"


@pytest.fixture
def ready(small_shell: Shell) -> Shell:
    organisations = small_shell.write("organisations.yaml", ORGANISATIONS)
    assert small_shell.run("organisations", "load", organisations).status == 0
    sources = small_shell.write("sources.yaml", SOURCES)
    assert small_shell.run("sources", "load", sources).status == 0
    small_shell.write("in/1.xml", diagnoses(Doc("D-1")))
    small_shell.write("in/2.xml", diagnoses(Doc("D-2")))
    small_shell.write("in/3.xml", "<diagnosis>")
    return small_shell


class Terminal:
    """A pseudo-terminal, and what is shown on it."""

    def __init__(self) -> None:
        """Open it, and read it to its end."""
        self._ours, self.theirs = pty.openpty()
        self.shown = b""
        self._reading = Thread(target=self._read)
        self._reading.start()

    def _read(self) -> None:
        try:
            while some := os.read(self._ours, 65536):
                self.shown += some
        except OSError:
            pass  # how a pseudo-terminal says that its other end is closed

    def close(self) -> str:
        """Close it, and return what was shown."""
        os.close(self.theirs)
        self._reading.join()
        os.close(self._ours)
        return self.shown.decode()


def _run(shell: Shell, terminal: Terminal, out: int) -> int:
    words = [sys.executable, "-c", COMMAND, "ingest", "in", "--source", "journal", "--json"]
    environment = {**os.environ, **shell.environment, "COLUMNS": "60", "TERM": "xterm"}
    done = subprocess.run(
        words,
        cwd=shell.folder,
        env={**environment, "PYTHONPATH": str(Path(__file__).parents[3])},
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=terminal.theirs,
        check=False,
    )
    return done.returncode


def test_receipts_go_into_the_file_that_they_were_sent_to(ready: Shell) -> None:
    terminal, file = Terminal(), ready.folder / "receipts"
    with file.open("wb") as out:
        status = _run(ready, terminal, out.fileno())
    shown = terminal.close()
    told = [json.loads(line) for line in file.read_text().splitlines()]
    assert [each["state"] for each in told] == ["stored", "stored", "quarantined"]
    assert status == 1
    assert "Ingesting files" in shown
    assert "3/3" in shown
    assert '"state"' not in shown


def test_receipts_on_the_terminal_itself_are_not_broken_into_lines(ready: Shell) -> None:
    terminal = Terminal()
    _run(ready, terminal, terminal.theirs)
    shown = terminal.close()
    told = [line for line in shown.splitlines() if '{"document"' in line]
    assert len(told) == 3
    for line in told:
        json.loads(line[line.index("{") : line.rindex("}") + 1])


def test_files_that_cannot_be_taken_count_as_come_past(ready: Shell) -> None:
    (ready.folder / "in" / "0.xml").symlink_to(ready.folder / "nowhere")
    with (ready.folder / "in" / "2.xml").open("wb") as file:
        file.truncate(501 * 1024 * 1024)
    terminal, file_of_receipts = Terminal(), ready.folder / "receipts"
    with file_of_receipts.open("wb") as out:
        _run(ready, terminal, out.fileno())
    assert "4/4" in terminal.close()
    told = [json.loads(line) for line in file_of_receipts.read_text().splitlines()]
    codes = [[note["code"] for note in each["issues"] if note["place"] == "file"] for each in told]
    assert codes == [["cannot-read-file"], [], ["too-large"], []]


def test_several_receipts_are_counted_for_people(ready: Shell) -> None:
    ran = ready.run("ingest", "in", "--source", "journal", "--json")
    assert ran.err == (
        "3 receipts: 2 stored, 1 quarantined; samvy quarantine list tells what waits,"
        " samvy quarantine retry tries it again\n"
    )
