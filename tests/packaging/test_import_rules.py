"""What each package may import from outside; a list of bans cannot say "nothing else".

Which of our packages may import which stands in pyproject.toml and is held by `make check`.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

OURS = {"hub", "adapters", "consent", "mappings"}
ALONE = "hub/audit/verify.py"
# What gives a pure package a clock, a file, a process, a network or chance.
IMPURE = {
    *("asyncio", "ftplib", "glob", "http", "io", "logging", "multiprocessing", "os", "pathlib"),
    *("random", "secrets", "shutil", "signal", "smtplib", "socket", "sqlite3", "ssl", "subprocess"),
    *("tempfile", "threading", "time", "urllib", "uuid"),
}
CLOCK = re.compile(r"\b(?:datetime\.(?:now|utcnow|today)|date\.today)\(|(?<![\w.])open\(")


def _imported(path: Path) -> Iterator[str]:
    """Yield the top-level name of every module that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield path.parts[-2] if node.level else (node.module or "").partition(".")[0]


def _sources(root: Path, package: str) -> list[Path]:
    return sorted((root / package).rglob("*.py"))


def _foreign(path: Path, allowed: set[str]) -> set[str]:
    return set(_imported(path)) - sys.stdlib_module_names - allowed


def test_consent_imports_the_standard_library_only_and_none_of_it_that_acts(root: Path) -> None:
    files = _sources(root, "consent")
    assert files
    for path in files:
        assert _foreign(path, {"consent"}) == set(), path
        assert set(_imported(path)) & IMPURE == set(), path
        assert not CLOCK.search(path.read_text(encoding="utf-8")), path


def test_the_verifier_imports_the_standard_library_and_cryptography_only(root: Path) -> None:
    assert _foreign(root / ALONE, {"cryptography"}) == set()
    for package in ("hub/__init__.py", "hub/audit/__init__.py"):
        assert list(_imported(root / package)) == [], f"{package} is imported with the verifier"


@pytest.mark.parametrize("package", sorted(OURS))
def test_what_is_imported_is_a_declared_dependency(root: Path, package: str) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}
    providers = packages_distributions()
    undeclared = {
        f"{path.relative_to(root)} imports {name}"
        for path in _sources(root, package)
        for name in _foreign(path, OURS)
        if not declared & {canonicalize_name(dist) for dist in providers.get(name, [])}
    }
    assert undeclared == set()
