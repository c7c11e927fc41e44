"""P6: a crash leaves all of a part or nothing, and two that write at once agree."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import DataError, DBAPIError

from hub.ingest.receipt import State
from hub.store import identity_key
from hub.store.counter import lock
from hub.store.schema.fact import PERSON_COUNTER
from hub.store.writing import for_its_content
from tests.hub.ingest.desk import Desk
from tests.hub.ingest.documents import AINA, BO, SIGNE, Doc, diagnoses, notes_2

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-W", "error", "-c", "from hub.cli.main import run; run()", "ingest"]
LIMIT = 120
MANY = 130


def _write(desk: Desk, count: int = MANY) -> Path:
    """Write files of several records each, about three persons in turn."""
    folder = desk.folder / "documents"
    folder.mkdir()
    for number in range(count):
        person = (SIGNE, AINA, BO)[number % 3]
        docs = [Doc(f"D-{number}-{each}", person=person) for each in range(5)]
        (folder / f"{number:03}.xml").write_bytes(diagnoses(*docs))
    return folder


@contextmanager
def _running(desk: Desk, *words: str) -> Iterator[subprocess.Popen[str]]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SAMVY_STORE": desk.url,
        identity_key.VARIABLE: str(desk.folder / "identity.key"),
    }
    with subprocess.Popen(
        [*COMMAND, *words, "--source", "journal", "--json"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _whole_parts(desk: Desk) -> set[str]:
    """Return the documents that are stored, each of which must be stored whole."""
    parts = {row.id: row.document for row in desk.rows("source_part")}
    resources = desk.resources()
    origins = desk.rows("resource", "type = 'Provenance'")
    for part in parts:
        assert len([row for row in resources if row.part == part]) == 5
        assert len([row for row in origins if row.part == part]) == 5
    assert {row.part for row in resources} == set(parts)
    versions = {(row.type, row.id) for row in desk.rows("resource_version")}
    assert versions == {(row.type, row.id) for row in desk.rows("resource")}
    indexed = {row.id for row in desk.rows("ix_token", "type = 'Condition'")}
    assert indexed == {row.id for row in resources}
    return set(parts.values())


@pytest.mark.parametrize("receipts", [1, 7])
def test_a_process_that_is_killed_leaves_whole_parts_and_the_next_goes_on(
    desk: Desk, receipts: int
) -> None:
    folder = _write(desk)
    with _running(desk, str(folder)) as process:
        assert process.stdout is not None
        told = [json.loads(process.stdout.readline()) for _ in range(receipts)]
        process.send_signal(signal.SIGKILL)
        process.wait(LIMIT)
    assert process.returncode == -signal.SIGKILL
    stored = _whole_parts(desk)
    assert {each["document"] for each in told} <= stored
    assert len(stored) < MANY
    with _running(desk, str(folder)) as process:
        output, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == 0
    assert re.fullmatch(rf"{MANY} receipts: [^\n]*unchanged\n", errors)
    states = [json.loads(line)["state"] for line in output.splitlines()]
    assert states.count("unchanged") == len(stored)
    assert states.count("stored") == MANY - len(stored)
    assert len(_whole_parts(desk)) == MANY


FUNCTION = """CREATE FUNCTION failing() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'internal_error'; END $$"""
TRIGGER = "CREATE TRIGGER failing BEFORE INSERT ON {table}"
_TRIGGERS = {
    "sqlite": (f"{TRIGGER} BEGIN SELECT RAISE(ABORT, 'no'); END",),
    "postgresql": (FUNCTION, f"{TRIGGER} FOR EACH ROW EXECUTE FUNCTION failing()"),
}


@pytest.mark.parametrize("table", ["resource", "resource_version", "ix_token", "source_part"])
def test_a_database_that_fails_at_any_table_leaves_nothing_of_the_part(
    desk: Desk, table: str
) -> None:
    before = desk.whole()
    with desk.store.write() as connection:
        for statement in _TRIGGERS["sqlite" if desk.store.sqlite else "postgresql"]:
            connection.exec_driver_sql(statement.format(table=table))
    with pytest.raises(Exception, match="no"):
        desk.taken(diagnoses(Doc()))
    assert desk.whole() == before


def test_two_processes_with_the_same_folder_agree(desk: Desk) -> None:
    folder = _write(desk, 24)
    (folder / "bad.xml").write_bytes(diagnoses(Doc(owner=None)))
    (folder / "cut.xml").write_bytes(diagnoses(Doc())[:-30])
    (folder / "note.xml").write_bytes(notes_2(Doc("N-1"), Doc("N-2", person=AINA)))
    with _running(desk, str(folder)) as first, _running(desk, str(folder)) as second:
        outputs = [process.communicate(timeout=LIMIT) for process in (first, second)]
    for _, errors in outputs:
        assert re.fullmatch(r"28 receipts: [^\n]*2 quarantined; [^\n]*\n", errors)
    assert (first.returncode, second.returncode) == (1, 1)
    states: dict[tuple[str, str], list[str]] = {}
    for output, _ in outputs:
        for line in output.splitlines():
            receipt = json.loads(line)
            key = (receipt["document"], receipt["part"])
            states.setdefault(key, []).append(receipt["state"])
    for (document, _), found in states.items():
        failed = document.endswith(("bad.xml", "cut.xml"))
        assert sorted(found) == (["quarantined"] * 2 if failed else ["stored", "unchanged"])
    assert all(row.version == 1 for row in desk.rows("resource"))
    assert len(desk.rows("source_part", "state = 'quarantined'")) == 2
    assert len(desk.rows("source_part")) == 24 + 2 + 2


def test_two_that_write_about_one_person_take_turns(desk: Desk) -> None:
    done: list[State] = []
    with desk.store.write() as connection:
        lock(connection, PERSON_COUNTER, [desk.person()])
        second = threading.Thread(target=lambda: done.append(desk.taken(diagnoses(Doc())).state))
        second.start()
        second.join(timeout=1)
        assert second.is_alive()
    second.join()
    assert done == [State.STORED]


def test_only_a_fault_of_the_content_is_taken_for_one(desk: Desk) -> None:
    def raised(statement: str) -> Exception:
        with pytest.raises(DBAPIError) as caught, desk.store.write() as connection:
            connection.exec_driver_sql(statement)
        return caught.value

    assert not for_its_content(raised("SELECT * FROM no_such_table"))
    assert for_its_content(OverflowError())
    if not desk.store.sqlite:
        divided = raised("SELECT 1 / 0")
        assert isinstance(divided, DataError)
        assert for_its_content(divided)
        assert divided.orig is not None
        assert for_its_content(divided.orig)
