"""The requirements name packages, versions and hashes, and nothing about where they come from."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

FILES = ["requirements.txt", "requirements-dev.txt", "requirements-build.txt"]
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def _pins(path: Path) -> dict[str, tuple[Requirement, list[str]]]:
    """Return each pinned package with its hashes, reading what pip reads: joined lines."""
    pins = {}
    for line in path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        words = line.split("#", 1)[0].strip()
        if not words:
            continue
        wanted, *options = re.split(r"\s+(?=--)", words)
        assert not wanted.startswith("-"), f"{path.name} gives pip an option: {wanted}"
        assert all(HASH.fullmatch(option) for option in options), f"{path.name}: {wanted}"
        requirement = Requirement(wanted)
        pins[canonicalize_name(requirement.name)] = (requirement, options)
    return pins


def _declared(root: Path) -> tuple[set[str], set[str]]:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    def names(lines: list[str]) -> set[str]:
        return {canonicalize_name(Requirement(line).name) for line in lines}

    return names(project["dependencies"]), names(project["optional-dependencies"]["dev"])


@pytest.mark.parametrize("name", FILES)
def test_every_package_has_one_version_and_hashes(root: Path, name: str) -> None:
    pins = _pins(root / name)
    assert pins
    for requirement, hashes in pins.values():
        assert re.fullmatch(r"==[^,*]+", str(requirement.specifier)), requirement
        assert requirement.url is None
        assert hashes, f"{requirement} has no hash"


@pytest.mark.parametrize("name", FILES)
def test_no_address_and_no_folder_stands_in_it(root: Path, name: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    assert not re.search(r"://|\bindex-url\b|\bfind-links\b|\btrusted-host\b|(^|[\s,])/\w", text)


def test_what_runs_is_tested_in_the_same_versions(root: Path) -> None:
    runtime, tested = _pins(root / "requirements.txt"), _pins(root / "requirements-dev.txt")
    assert {name: tested.get(name) for name in runtime} == runtime


def test_the_declared_dependencies_are_pinned_and_met(root: Path) -> None:
    runtime, dev = _declared(root)
    assert runtime <= _pins(root / "requirements.txt").keys()
    assert runtime | dev <= _pins(root / "requirements-dev.txt").keys()


def test_the_environment_of_the_tests_is_the_pinned_one(root: Path) -> None:
    here = {
        name: (requirement, version(name))
        for name, (requirement, _) in _pins(root / "requirements-dev.txt").items()
        if requirement.marker is None or requirement.marker.evaluate()
    }
    others = {name: found for name, (want, found) in here.items() if found not in want.specifier}
    assert others == {}, "run `make setup`"


def test_each_direct_dependency_has_its_reason(root: Path) -> None:
    text = (root / "docs/decisions/0001-dependencies.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \| (\S.*?) \|$", text, flags=re.MULTILINE)
    named = [canonicalize_name(Requirement(name).name) for name, _ in rows]
    runtime, dev = _declared(root)
    assert sorted(named) == sorted(runtime | dev)


def test_pip_accepts_the_hashes_of_what_is_installed(root: Path) -> None:
    """Without a network: everything is there already, so pip only reads the file and agrees."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--no-index", "--dry-run"),
            *("--require-hashes", "-r", "requirements-dev.txt"),
        ],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
