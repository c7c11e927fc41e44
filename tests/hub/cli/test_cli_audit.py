"""samvy audit verify: what it says of a whole log, and of one that somebody has changed."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from hub.store.connect import Store
from tests.hub.cli.cli_runner import Shell, environment_of
from tests.worlds.hub_world import SIGNE_HERSELF, WARD_DOCTOR, opened_world


@pytest.fixture
def logged(store_url: str, tmp_path: Path) -> Shell:
    """A store whose log has three records, under a checkpoint."""
    with opened_world(store_url, tmp_path) as world:
        for asked in (WARD_DOCTOR, WARD_DOCTOR, SIGNE_HERSELF):
            assert world.look_up(asked).status == 200
    return Shell(tmp_path, environment_of(store_url, tmp_path))


def _change(shell: Shell, statement: str) -> None:
    store = Store(shell.environment["SAMVY_STORE"])
    with store.write() as connection:
        connection.execute(text(statement))
    store.close()


def _checkpoint(shell: Shell) -> Path:
    store = Store(shell.environment["SAMVY_STORE"])
    with store.read() as connection:
        note = connection.execute(
            text("SELECT note FROM audit_checkpoint ORDER BY size DESC")
        ).scalar()
    store.close()
    return shell.write("held.txt", str(note))


def test_a_log_that_holds_is_said_to(logged: Shell) -> None:
    ran = logged.run("audit", "verify", "--json")
    report = ran.lines[0]
    assert (ran.status, len(ran.lines), ran.err) == (0, 1, "")
    assert (report["verified"], report["records"], report["faults"]) == (True, 3, [])
    assert report["checkpoint"]
    told = logged.run("audit", "verify")
    assert (told.status, told.out) == (0, "verified: 3 records\n")
    held = logged.run("audit", "verify", "--since", _checkpoint(logged))
    assert (held.status, held.out) == (0, "verified: 3 records\n")


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE audit_record SET outcome = 'deny' WHERE position = 1", "column"),
        ("DELETE FROM audit_record WHERE position = 1", "dropped"),
        ("UPDATE audit_checkpoint SET note = 'nonsense'", "signature"),
    ],
)
def test_a_log_that_was_changed_is_named(logged: Shell, statement: str, kind: str) -> None:
    held = _checkpoint(logged)
    _change(logged, statement)
    for more in ((), ("--since", held)):
        ran = logged.run("audit", "verify", "--json", *more)
        report = ran.lines[0]
        assert (ran.status, report["verified"]) == (1, False)
        assert kind in {fault["kind"] for fault in report["faults"]}
        told = logged.run("audit", "verify", *more)
        assert (told.status, told.out.partition(":")[0]) == (1, "NOT VERIFIED")
        assert f"  {kind}: " in told.out


def test_a_checkpoint_that_cannot_be_read_is_told(logged: Shell) -> None:
    binary = logged.write("binary", bytes(range(256)))
    for name in (binary, "nosuch", "."):
        ran = logged.run("audit", "verify", "--since", name)
        assert (ran.status, ran.out) == (2, "")
        assert "checkpoint" in ran.err
    other = logged.write("other.txt", "some other text\n")
    ran = logged.run("audit", "verify", "--since", other, "--json")
    assert ran.status == 1
    assert json.loads(ran.out)["verified"] is False
