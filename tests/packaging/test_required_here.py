"""Where PostgreSQL, node or a browser is required, a skip for want of it is a failure instead."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """
import pytest

def test_on_a_database(postgres_url):
    pass

def test_on_each_store(store_url):
    pass

@pytest.mark.skipif(True, reason="SAMVY_TEST_POSTGRES is not set")
def test_with_its_own_reason():
    pass

def test_of_something_else():
    pytest.skip("the published samples are not here")

def test_with_a_client_that_others_wrote():
    pytest.skip("node, or the packages of tests/node, are not here: npm ci in tests/node")

def test_in_a_browser():
    pytest.skip("there is no chromium here")
"""
GO_ON = "--continue-on-collection-errors"
MODULE = 'import pytest\npytest.skip("needs PostgreSQL", allow_module_level=True)\n'


def _run(root: Path, folder: Path, **environment: str) -> str:
    """Return pytest's closing line for the tests above, run configured as ours."""
    for name, text in (("test_some.py", TESTS), ("test_module.py", MODULE)):
        (folder / name).write_text(text)
    (folder / "conftest.py").write_bytes((root / "tests" / "conftest.py").read_bytes())
    without = {name: value for name, value in os.environ.items() if "SAMVY" not in name}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", GO_ON, str(folder)],
        cwd=folder,
        env={**without, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip().splitlines()[-1]


def test_a_skip_for_want_of_postgres_is_a_skip(root: Path, tmp_path: Path) -> None:
    assert _run(root, tmp_path).startswith("1 passed, 7 skipped")


def test_a_skip_for_want_of_postgres_fails_where_it_is_required(root: Path, tmp_path: Path) -> None:
    line = _run(root, tmp_path, SAMVY_REQUIRE_POSTGRES="1")
    assert line.startswith("1 passed, 3 skipped, 4 errors")


@pytest.mark.parametrize("variable", ["SAMVY_REQUIRE_NODE", "SAMVY_REQUIRE_BROWSER"])
def test_so_does_a_skip_for_want_of_node_or_a_browser(
    root: Path, tmp_path: Path, variable: str
) -> None:
    line = _run(root, tmp_path, **{variable: "1"})
    assert line.startswith("1 failed, 1 passed, 6 skipped")


def test_each_database_is_new_and_dropped(postgres_url: str) -> None:
    server = os.environ["SAMVY_TEST_POSTGRES"]
    assert postgres_url.startswith("postgresql+psycopg://")
    assert postgres_url.rsplit("/", 1)[1] != server.rsplit("/", 1)[1]


@pytest.mark.parametrize("value", ["", "0"])
def test_an_empty_requirement_requires_nothing(root: Path, tmp_path: Path, value: str) -> None:
    assert _run(root, tmp_path, SAMVY_REQUIRE_POSTGRES=value).startswith("1 passed, 7 skipped")
