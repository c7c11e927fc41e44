"""`make setup` tells a newcomer what is missing, and does nothing when there is nothing to do."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MAKE = shutil.which("make")
pytestmark = pytest.mark.skipif(MAKE is None, reason="there is no make here")
OLD = f"""#!/bin/sh
if [ "$1" = --version ]; then echo "Python 3.9.2"; exit 0; fi
exec {sys.executable} -c "import sys; sys.version_info = (3, 9, 2)
$2"
"""
WITHOUT_VENV = """#!/bin/sh
if [ "$1" = -m ]; then mkdir -p .venv; echo "ensurepip is not available" >&2; exit 1; fi
exit 0
"""


@pytest.fixture
def checkout(root: Path, tmp_path: Path) -> Path:
    """A checkout in which nothing has been set up."""
    for name in ("Makefile", "pyproject.toml", "requirements-dev.txt"):
        shutil.copyfile(root / name, tmp_path / name)
    return tmp_path


def _make(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *words], cwd=checkout, capture_output=True, text=True, check=False
    )


def _python(checkout: Path, script: str) -> str:
    program = checkout / "some-python"
    program.write_text(script)
    program.chmod(0o755)
    return f"PYTHON={program}"


def test_an_old_python_is_named_with_what_to_do(checkout: Path) -> None:
    done = _make(checkout, "setup", _python(checkout, OLD))
    assert done.returncode != 0
    assert "Python 3.9.2, and Samvy needs 3.11 or later" in done.stderr
    assert not (checkout / ".venv").exists()


def test_a_missing_python_is_named_with_what_to_do(checkout: Path) -> None:
    done = _make(checkout, "setup", "PYTHON=no-such-python")
    assert done.returncode != 0
    assert "there is no no-such-python here" in done.stderr


def test_a_missing_venv_module_is_named_and_leaves_nothing_half_made(checkout: Path) -> None:
    done = _make(checkout, "setup", _python(checkout, WITHOUT_VENV))
    assert done.returncode != 0
    assert "python3-venv" in done.stderr
    assert not (checkout / ".venv").exists()


def test_a_second_run_does_nothing(checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / ".set-up").touch()
    done = _make(checkout, "setup", "PYTHON=no-such-python")
    assert done.returncode == 0
    assert "setup" not in done.stdout.replace("'setup'", "")


@pytest.mark.parametrize("changed", ["pyproject.toml", "requirements-dev.txt"])
def test_a_changed_dependency_sets_up_again(checkout: Path, changed: str) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / ".set-up").touch()
    later = (checkout / ".venv" / ".set-up").stat().st_mtime_ns + 1_000_000_000
    (checkout / changed).touch()
    os.utime(checkout / changed, ns=(later, later))
    assert _make(checkout, "--question", "setup").returncode == 1
