"""The image installs and starts, seen without Docker: its own commands run in a bare environment.

The commands are taken from the Dockerfile as they stand. Only where they act is changed: the
absolute folders lie under a temporary one, and the port is a free one on this machine.
"""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

IMAGE_FOLDERS = ("/opt/", "/src", "/var/lib/samvy")
PORT = "8000"
STARTS_WITHIN = 60
STOPS_WITHIN = 20
UNREACHABLE = re.compile(
    r"NewConnectionError|Max retries exceeded|name resolution|ProxyError|ConnectTimeout"
    r"|Connection (?:refused|reset|aborted)|Network is unreachable",
    re.IGNORECASE,
)
# How this machine reaches packages and trusts their hosts is no part of the image.
WAYS_OUT = re.compile(r"(?i)(?:https?|no)_proxy|ssl_cert_(?:file|dir)|pip_cert|requests_ca_bundle")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction of a Dockerfile: its stage (from 0), its word, the rest."""

    stage: int
    word: str
    rest: str


def _instructions(path: Path) -> list[Instruction]:
    lines = re.sub(r"^\s*#.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found: list[Instruction] = []
    stage = -1
    for line in re.sub(r"\\\n\s*", " ", lines).splitlines():
        if line.strip():
            word, rest = line.strip().split(maxsplit=1)
            stage += word == "FROM"
            found.append(Instruction(stage, word, rest))
    return found


@pytest.fixture(scope="module")
def dockerfile(root: Path) -> list[Instruction]:
    return _instructions(root / "docker" / "Dockerfile")


@pytest.fixture(scope="module")
def compose(root: Path) -> dict[str, dict[str, dict[str, object]]]:
    loaded = yaml.safe_load((root / "docker" / "compose.yaml").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def _last(dockerfile: list[Instruction], word: str) -> str:
    stage = dockerfile[-1].stage
    return [one.rest for one in dockerfile if one.word == word and one.stage == stage][-1]


def test_the_image_has_exact_versions_and_no_root(dockerfile: list[Instruction]) -> None:
    images = [one.rest.split()[0] for one in dockerfile if one.word == "FROM"]
    assert len(images) == 2
    assert all(re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", image) for image in images)
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", _last(dockerfile, "USER"))
    assert not [one for one in dockerfile if one.word == "ADD"]


def test_every_package_in_the_image_comes_by_its_hash(dockerfile: list[Instruction]) -> None:
    installs = [one.rest for one in dockerfile if one.word == "RUN" and " pip " in one.rest]
    assert installs
    for command in installs:
        local = "--no-deps" in command and ("--no-index" in command or "wheel" in command)
        assert "--require-hashes" in command or local, command


def test_the_image_is_sent_only_what_it_copies(dockerfile: list[Instruction], root: Path) -> None:
    copied = {
        source.rstrip("/")
        for one in dockerfile
        if one.word == "COPY" and not one.rest.startswith("--from")
        for source in one.rest.split()[:-1]
    }
    ignored = (root / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {line[1:].rstrip("/") for line in ignored if line.startswith("!")} == copied


def test_the_compose_file_is_valid(root: Path) -> None:
    checked = subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"),
            str(root / "docker" / "compose.yaml"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_hub_starts_after_its_store_was_upgraded(
    compose: dict[str, dict[str, dict[str, object]]], dockerfile: list[Instruction]
) -> None:
    services = compose["services"]
    assert services["hub"]["depends_on"] == {
        "database": {"condition": "service_healthy"},
        "upgrade": {"condition": "service_completed_successfully"},
    }
    assert services["upgrade"]["command"] == ["samvy", "db", "upgrade"]
    assert "healthcheck" in services["database"]
    assert _last(dockerfile, "HEALTHCHECK"), "the hub's health check stands in the image"
    assert "command" not in services["hub"]


def test_the_services_have_exact_images_volumes_and_secrets_from_a_file(
    compose: dict[str, dict[str, dict[str, object]]], root: Path
) -> None:
    for name, service in compose["services"].items():
        assert re.search(r":\d+\.\d+", str(service["image"])), name
        assert service["env_file"] == ["samvy.env"], name
        assert "environment" not in service, name
    assert set(compose["volumes"]) == {"database", "keys"}
    assert compose["services"]["hub"]["ports"] == ["127.0.0.1:8000:8000"]
    example = (root / "docker" / "samvy.example.env").read_text(encoding="utf-8")
    values = dict(line.split("=", 1) for line in example.splitlines() if re.match(r"[A-Z]", line))
    password = values["POSTGRES_PASSWORD"]
    assert values["SAMVY_STORE"] == (
        f"postgresql+psycopg://{values['POSTGRES_USER']}:{password}"
        f"@database:5432/{values['POSTGRES_DB']}"
    )


class Bare:
    """A folder that stands for the image's root, with an environment of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port

    def moved(self, text: str) -> str:
        """Return the text with the image's folders under this one and its port changed."""
        for place in IMAGE_FOLDERS:
            text = re.sub(rf"(?<![\w.]){re.escape(place)}", f"{self.folder}{place}", text)
        return text.replace("0.0.0.0", "127.0.0.1").replace(PORT, str(self.port))  # noqa: S104

    def environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        python = Path(os.path.realpath(sys.executable)).parent
        path = f"{self.folder}/opt/samvy/bin:{python}:/usr/bin:/bin"
        ways_out = {name: value for name, value in os.environ.items() if WAYS_OUT.fullmatch(name)}
        home = str(self.folder / "var" / "lib" / "samvy")
        return {**ways_out, **settings, "PATH": path, "HOME": home}

    def run(self, command: str, cwd: str, settings: Mapping[str, str]) -> None:
        """Run a RUN line to its end."""
        done = subprocess.run(
            ["/bin/sh", "-c", self.moved(command)],
            cwd=self.moved(cwd),
            env=self.environment(settings),
            capture_output=True,
            text=True,
            check=False,
        )
        output = done.stdout + done.stderr
        if done.returncode and "--require-hashes" in command and UNREACHABLE.search(output):
            pytest.skip("pip reaches no packages from here")
        assert done.returncode == 0, f"{command}\n{output}"


def _settings(rest: str) -> dict[str, str]:
    return dict(word.split("=", 1) for word in shlex.split(rest))


@pytest.fixture(scope="module")
def installed(
    dockerfile: list[Instruction], root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Bare:
    """The first stage, run line by line, as far as it builds and installs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    bare = Bare(tmp_path_factory.mktemp("image"), port)
    (bare.folder / "var" / "lib" / "samvy").mkdir(parents=True)
    settings: dict[str, str] = {}
    cwd = "/"
    for one in dockerfile:
        if one.stage > 0:
            break
        if one.word == "ENV":
            settings |= _settings(one.rest)
        elif one.word == "WORKDIR":
            cwd = one.rest
            Path(bare.moved(cwd)).mkdir(parents=True)
        elif one.word == "COPY":
            _copy(root, Path(bare.moved(cwd)), one.rest)
        elif one.word == "RUN":
            bare.run(one.rest, cwd, settings)
    return bare


def _copy(root: Path, target: Path, rest: str) -> None:
    *sources, place = rest.split()
    for source in sources:
        if (root / source).is_dir():
            without = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(root / source, target / place, ignore=without)
        else:
            shutil.copyfile(root / source, target / place / source)


@contextmanager
def _started(
    bare: Bare, command: list[str], settings: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run CMD for as long as the block; it has to end quietly when it is told to."""
    with (bare.folder / "output").open("wb") as sink:
        server = subprocess.Popen(
            [bare.moved(word) for word in command],
            cwd=bare.moved("/var/lib/samvy"),
            env=bare.environment(settings),
            stdout=sink,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
    try:
        yield server
        server.send_signal(signal.SIGTERM)
        assert server.wait(STOPS_WITHIN) in (0, -signal.SIGTERM), _output(bare)
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()


def _output(bare: Bare) -> str:
    return (bare.folder / "output").read_text(encoding="utf-8")


def _is_healthy(bare: Bare, check: list[str], settings: Mapping[str, str]) -> bool:
    words = [bare.moved(word) for word in check]
    done = subprocess.run(words, env=bare.environment(settings), capture_output=True, check=False)
    return done.returncode == 0


def test_the_image_starts_and_is_healthy(installed: Bare, dockerfile: list[Instruction]) -> None:
    start = json.loads(_last(dockerfile, "CMD"))
    check = json.loads(_last(dockerfile, "HEALTHCHECK").partition("CMD ")[2])
    settings = {
        name: value for name, value in _settings(_last(dockerfile, "ENV")).items() if name != "PATH"
    }
    program = Path(installed.moved("/opt/samvy/bin/samvy"))
    assert program.exists(), "the image has no command"
    # subprocess looks a command up in our PATH, not in the one that it is given.
    start[0], check[0] = str(program), str(program.with_name(check[0]))
    deadline = time.monotonic() + STARTS_WITHIN
    with _started(installed, start, settings) as server:
        while not _is_healthy(installed, check, settings):
            assert server.poll() is None, _output(installed)
            assert time.monotonic() < deadline, _output(installed)
            time.sleep(0.2)
