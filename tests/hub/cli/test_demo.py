"""`samvy demo` as a newcomer runs it: a process, a port, real HTTP, and nothing left behind."""

import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub.demo.load import DATA
from hub.demo.readers import read_script

COMMAND = [sys.executable, "-W", "error", "-c", "from hub.cli.main import run; run()", "demo"]
LIMIT = 60
READY = "the hub answers on"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment that names a proxy, a store and keys, all of which the demo leaves alone."""
    (tmp_path / "tmp").mkdir()
    return {
        **os.environ,
        "TMPDIR": str(tmp_path / "tmp"),
        "COLUMNS": "80",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
        "SAMVY_STORE": f"sqlite:///{tmp_path}/real.db",
        "SAMVY_IDENTITY_KEY": str(tmp_path / "real.idkey"),
        "SAMVY_LOG_KEY": str(tmp_path / "real.logkey"),
    }


def _demo(
    tmp_path: Path, environment: dict[str, str], *words: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words],
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )


def _nothing_left(tmp_path: Path) -> bool:
    return [each.name for each in tmp_path.iterdir()] == ["tmp"] and not list(
        (tmp_path / "tmp").iterdir()
    )


def test_check_says_what_each_reader_gets_and_leaves_nothing(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    done = _demo(tmp_path, environment, "--check", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1
    assert list(answer) == ["readers", "log"]
    script = read_script(DATA)
    assert [each["reader"] for each in answer["readers"]] == [r.name for r in script.readers]
    for each, reader in zip(answer["readers"], script.readers, strict=True):
        assert list(each) == ["reader", "sees", "shows", "basis"]
        assert each["sees"] == dict(reader.sees)
        assert tuple(each["shows"]) == reader.steps[-1].shows
        assert set(each["basis"]) == reader.steps[-1].basis
    assert list(answer["log"]) == ["records", "verified"]
    assert answer["log"]["verified"] is True
    assert answer["log"]["records"] > len(script.readers)
    assert _nothing_left(tmp_path)


BLOCK = "  - {id: ljung-outer, kind: outer,"
CONSENT = "  - {giver: self, organisation: SE2329999990-0001,"


@pytest.mark.parametrize(
    ("file", "written", "instead", "reader"),
    [
        ("facts.yaml", BLOCK, f"#{BLOCK}", "the person herself"),
        ("facts.yaml", CONSENT, f"#{CONSENT}", "ward doctor with consent"),
        (
            "documents/ekskog-journal/care_documentation_2_1.xml",
            "<d:approvedForPatient>false<",
            "<d:approvedForPatient>true<",
            "the person herself",
        ),
    ],
    ids=["block", "consent", "not-for-patient"],
)
def test_check_fails_when_what_decides_is_not_there(
    tmp_path: Path,
    environment: dict[str, str],
    file: str,
    written: str,
    instead: str,
    reader: str,
) -> None:
    data = tmp_path / "tmp" / "data"
    shutil.copytree(DATA, data)
    text = (data / file).read_text(encoding="utf-8")
    assert text.count(written) == 1
    (data / file).write_text(text.replace(written, instead), encoding="utf-8")
    done = _demo(tmp_path, environment, "--check", "--data", str(data))
    assert done.returncode == 1, done.stderr
    assert f"samvy demo: {reader}: " in done.stderr
    assert "cells differ" in done.stderr
    assert [each.name for each in (tmp_path / "tmp").iterdir()] == ["data"]


def test_a_taken_port_is_told_with_the_remedy(tmp_path: Path, environment: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = _demo(tmp_path, environment, "--port", str(port))
    assert done.returncode == 2
    assert done.stdout == ""
    assert str(port) in done.stderr
    assert "--port" in done.stderr
    assert done.stderr.count("\n") == 1
    assert _nothing_left(tmp_path)


def test_a_file_that_is_not_right_is_told_without_a_traceback(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    done = _demo(tmp_path, environment, "--check", "--data", str(tmp_path / "tmp"))
    assert done.returncode == 2
    assert "readers.yaml" in done.stderr
    assert "Traceback" not in done.stderr


@contextmanager
def _running(tmp_path: Path, environment: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """A demo on a free port; it is ended if the test has not ended it."""
    with (
        (tmp_path / "tmp" / "out").open("w") as out,
        subprocess.Popen(
            [*COMMAND, "--port", "0"],
            cwd=tmp_path,
            env=environment | {"PYTHONPATH": str(Path(__file__).parents[3])},
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def _wait_until_ready(process: "subprocess.Popen[str]") -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if READY in line:
            return
    pytest.fail("the demo ended before it was ready")


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_stays_until_it_is_ended_and_its_curl_lines_work(
    tmp_path: Path, environment: dict[str, str], ending: signal.Signals
) -> None:
    out = tmp_path / "tmp" / "out"
    with _running(tmp_path, environment) as process:
        _wait_until_ready(process)
        printed = out.read_text(encoding="utf-8")
        lines = [line for line in printed.splitlines() if line.startswith("curl ")]
        readers = read_script(DATA).readers
        assert len(lines) == len(readers)
        for line, reader in zip(lines, readers, strict=True):
            assert reader.name in printed
            assert _total(line) == reader.sees.get(reader.example, 0)
        process.send_signal(ending)
        assert process.stderr is not None
        said = process.stderr.read()
        assert process.wait(LIMIT) == 0
    assert "Traceback" not in said
    assert "removed" in said
    out.unlink()
    assert _nothing_left(tmp_path)


def _total(curl: str) -> int:
    """Send what a curl line says, and return the total of the answer."""
    program, silent, *words, url = shlex.split(curl)
    assert (program, silent) == ("curl", "--silent")
    assert words[::2] == ["--header", "--header"]
    headers = dict(word.split(": ", 1) for word in words[1::2])
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    asked = urllib.request.Request(url, headers=headers)  # noqa: S310  # our own hub's
    with opener.open(asked, timeout=LIMIT) as answer:
        return int(json.load(answer)["total"])


def test_ctrl_c_during_check_is_no_success(tmp_path: Path, environment: dict[str, str]) -> None:
    with subprocess.Popen(
        [*COMMAND, "--check"],
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(Path(__file__).parents[3])},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        # The temporary folder is made once the signal is listened for.
        while not list((tmp_path / "tmp").iterdir()) and process.poll() is None:
            pass
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=LIMIT)
    assert process.returncode == 2
    assert "Traceback" not in said
    assert _nothing_left(tmp_path)
