"""P2: a record is durable before `append` returns, or its answer is refused."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from audit_log import Log
from sqlalchemy import text
from sqlalchemy.engine import make_url

from hub.audit.errors import AuditUnavailable
from hub.audit.record import AccessRecord, record_from
from hub.audit.writer import AuditWriter
from hub.store.connect import Store

Make = Callable[..., AccessRecord]
ON_POSTGRESQL = pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
ON_SQLITE = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
ROOT = Path(__file__).parents[3]

APPEND_AND_WAIT = """
import sys
from datetime import UTC, datetime
from hub.audit.record import AccessRecord, Action, Outcome
from hub.audit.writer import AuditWriter
from hub.store.connect import Store
writer = AuditWriter(Store(sys.argv[1]))
for number in range(5):
    record = AccessRecord(id=f"killed-{number}", recorded=datetime.now(UTC), action=Action.READ,
                          outcome=Outcome.PERMIT)
    print(writer.append(record), flush=True)
sys.stdin.read()
"""


def test_what_was_appended_can_be_read(log: Log, make_record: Make) -> None:
    record = make_record(1, reason="åäö", query="code=1")
    place = log.writer().append(record)
    assert record_from(log.payload(str(place))) == record
    ((found,),) = log.rows("SELECT user_id FROM audit_record WHERE person = 'a1b2c3'")
    assert found == record.user


def test_a_process_that_is_killed_leaves_every_record_it_was_told_of(log: Log) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", APPEND_AND_WAIT, log.url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        places = [process.stdout.readline().decode().strip() for _ in range(5)]
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    for number, place in enumerate(places):
        assert record_from(log.payload(place)).id == f"killed-{number}"
    assert log.faults() == []


def test_nobody_is_released_before_the_commit(log: Log, make_record: Make) -> None:
    writer = log.writer()
    writer.append(make_record(1))
    with log.store.write() as connection:
        if not log.store.sqlite:  # SQLite's write lock is already held
            connection.execute(text("LOCK TABLE audit_record IN EXCLUSIVE MODE"))
        waiting = writer.submit((make_record(2),))
        with pytest.raises(TimeoutError):
            waiting.result(0.3)
    assert waiting.result(30)[0].position == 1


def test_an_impatient_caller_is_refused(log: Log, make_record: Make) -> None:
    writer = AuditWriter(log.store, wait_seconds=0.2)
    log.writers.append(writer)
    with log.store.write() as connection:
        if not log.store.sqlite:
            connection.execute(text("LOCK TABLE audit_record IN EXCLUSIVE MODE"))
        with pytest.raises(AuditUnavailable, match="did not answer"):
            writer.append(make_record(1))


def test_many_threads_share_one_chain_without_gaps(log: Log, make_record: Make) -> None:
    writer = log.writer()
    with ThreadPoolExecutor(16) as threads:
        places = list(threads.map(lambda number: writer.append(make_record(number)), range(200)))
    assert {place.chain for place in places} == {places[0].chain}
    assert sorted(place.position for place in places) == list(range(200))
    assert log.faults() == []


def test_records_that_belong_together_are_durable_together(log: Log, make_record: Make) -> None:
    places = log.writer().append_all([make_record(number) for number in range(3)])
    assert [place.position for place in places] == [0, 1, 2]
    assert log.writer().append_all([]) == ()


def test_an_event_loop_can_wait_for_it(log: Log, make_record: Make) -> None:
    async def answer() -> int:
        (place,) = await asyncio.wrap_future(log.writer().submit([make_record(1)]))
        return place.position

    assert asyncio.run(answer()) == 0


def test_waiting_requests_that_hold_every_connection_do_not_lock_the_log_out(
    store_url: str, log: Log, make_record: Make
) -> None:
    store = Store(store_url, pool_size=3)
    writer = AuditWriter(store)
    writer.append(make_record(0))
    ready = threading.Barrier(2)

    def request(number: int) -> int:
        with store.read() as connection:
            connection.execute(text("SELECT 1"))
            ready.wait(10)
            return writer.append(make_record(number)).position

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(request, (1, 2))) == [1, 2]
    writer.close()
    store.close()
    assert log.verify()["records"] == 3


def test_a_database_that_goes_away_refuses_the_answer(log: Log, make_record: Make) -> None:
    writer = log.writer()
    writer.append(make_record(1))
    log.change("ALTER TABLE audit_record RENAME TO gone")
    with pytest.raises(AuditUnavailable, match="must not leave") as caught:
        writer.append(make_record(2))
    assert "P002" not in str(caught.value)
    log.change("ALTER TABLE gone RENAME TO audit_record")
    # What the database kept of the failed batch is unknown, so the chain is left.
    assert writer.append(make_record(3)).position == 0
    assert log.faults() == []


@ON_POSTGRESQL
def test_a_server_that_does_not_answer_refuses_the_answer(log: Log, make_record: Make) -> None:
    writer = log.writer()
    writer.append(make_record(1))
    other = Store(str(make_url(log.url).set(database="postgres")))
    allow = 'ALTER DATABASE "{}" WITH ALLOW_CONNECTIONS {}'.format
    database = log.store.engine.url.database
    with other.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(allow(database, "false"))
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :d"),
            {"d": database},
        )
        with pytest.raises(AuditUnavailable):
            writer.append(make_record(2))
        connection.exec_driver_sql(allow(database, "true"))
    other.close()
    assert writer.append(make_record(3)).position == 0


@ON_POSTGRESQL
def test_a_connection_that_broke_while_idle_costs_no_answer(log: Log, make_record: Make) -> None:
    writer = log.writer()
    writer.append(make_record(1))
    log.change(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    # the same rows are sent once more; their places say that they are not there twice
    assert writer.append(make_record(2)).position == 1
    assert log.verify()["records"] == 2


@ON_SQLITE
def test_an_embedded_store_whose_file_was_removed_refuses_the_answer(
    log: Log, make_record: Make, tmp_path: Path
) -> None:
    writer = log.writer()
    writer.append(make_record(1))
    moved = (tmp_path / "samvy.db").rename(tmp_path / "moved.db")
    with pytest.raises(AuditUnavailable):
        writer.append(make_record(2))
    moved.rename(tmp_path / "samvy.db")
    assert writer.append(make_record(3)).position == 0


@ON_POSTGRESQL
def test_a_server_may_not_answer_before_it_has_written(log: Log, make_record: Make) -> None:
    database = log.store.engine.url.database
    log.change(f'ALTER DATABASE "{database}" SET synchronous_commit = off')
    log.store.engine.dispose()
    writer = log.writer()
    writer.append(make_record(1))
    assert writer._connection is not None
    assert writer._connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
    writer._connection.rollback()


def test_a_record_that_is_no_text_is_refused_alone(log: Log, make_record: Make) -> None:
    writer = log.writer()
    writer.append(make_record(1))
    with pytest.raises(AuditUnavailable, match="as text"):
        writer.append(make_record(2, reason=b"bytes"))
    assert writer.append(make_record(3)).position == 1


def test_closing_writes_what_has_queued_and_refuses_the_rest(log: Log, make_record: Make) -> None:
    writer = log.writer()
    waiting = [writer.submit((make_record(number),)) for number in range(50)]
    writer.close()
    writer.close()
    assert [each.result(0)[0].position for each in waiting] == list(range(50))
    with pytest.raises(AuditUnavailable, match="closed"):
        writer.append(make_record(51))


def test_a_forked_child_may_not_go_on_with_its_parents_chain(
    log: Log, make_record: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = log.writer()
    writer.append(make_record(1))
    with monkeypatch.context() as patched:
        patched.setattr(os, "getpid", lambda: -1)
        with pytest.raises(AuditUnavailable, match="another process"):
            writer.append(make_record(2))


def test_what_fails_is_logged_without_the_record(
    log: Log, make_record: Make, caplog: pytest.LogCaptureFixture
) -> None:
    writer = log.writer()
    writer.append(make_record(1))
    log.change("ALTER TABLE audit_record RENAME TO gone")
    with pytest.raises(AuditUnavailable):
        writer.append(make_record(2, person="taint-4711"))
    assert "could not be written" in caplog.text
    assert "taint-4711" not in caplog.text
