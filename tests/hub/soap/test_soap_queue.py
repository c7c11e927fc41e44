"""A change at the source is readable here soon after it is told of, whatever happens between."""

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from sqlalchemy import text

from hub.ingest.pull_worker import PullWorker
from hub.store.identity_key import identity_key
from hub.store.instant import micros
from hub.store.pull_queue import LEASE, PAUSES, queued, take
from tests.adapters.rivta.mock_source import Heard, Reply, fault
from tests.hub.ingest.documents import AINA, NOT_REACHED, SIGNE, SYSTEM, Doc, diagnoses, notes_3
from tests.hub.soap.conftest import BEHIND, Told, message, post, served

DOWN = Reply(b"", 503)


def _worker(told: Told, ahead: timedelta = timedelta(0)) -> PullWorker:
    return PullWorker(told.store, identity_key(told.store), lambda: datetime.now(UTC) + ahead)


def test_a_change_is_readable_soon_after_it_is_told(told: Told) -> None:
    told.source.answers(diagnoses(Doc()))
    assert told.tell(message(post())).status_code == 200
    told.until(lambda: told.versions() == 1)
    told.source.answers(diagnoses(Doc(text="Changed")))
    told.tell(message(post(), operation="ProcessNotification"), "ProcessNotification")
    told.until(lambda: told.versions() == 2)
    told.until(lambda: told.tasks() == [])
    assert {each.operation for each in told.source.heard} == {"GetDiagnosis"}


def test_the_last_record_that_goes_at_the_source_goes_here(told: Told) -> None:
    told.source.answers(diagnoses(Doc()))
    told.tell(message(post()))
    told.until(lambda: told.versions() == 1 and told.tasks() == [])
    told.source.answers(diagnoses())
    told.tell(message(post(delete="true")))
    told.until(lambda: _withdrawn(told) == 1)


def _withdrawn(told: Told) -> int:
    with told.store.read() as connection:
        query = "SELECT count(*) FROM resource WHERE withdrawn AND type = 'Condition'"
        return int(connection.execute(text(query)).scalar_one())


def test_the_answer_does_not_wait_for_the_source(told: Told) -> None:
    holds = threading.Event()
    told.source.answers(Reply(diagnoses(Doc()), slow=holds))
    assert told.tell(message(post())).status_code == 200
    told.until(lambda: len(told.source.heard) == 1)
    assert told.versions() == 0
    # told of again while it runs: it is fetched once more
    told.tell(message(post()))
    holds.set()
    told.until(lambda: told.tasks() == [])
    assert len(told.source.heard) == 2


def test_what_was_told_survives_a_restart(idle: Told) -> None:
    idle.source.answering = lambda _: DOWN
    with served(idle):
        idle.tell(message(post()))
        idle.until(lambda: len(idle.source.heard) == 1)
    assert [each[:3] for each in idle.tasks()] == [(SYSTEM, "GetDiagnosis 2.0", "waiting")]
    idle.source.answers(diagnoses(Doc()))
    with served(idle):
        idle.until(lambda: idle.versions() == 1)


def test_a_process_that_is_killed_leaves_its_task_to_others(idle: Told) -> None:
    holds = threading.Event()
    idle.source.answers(Reply(diagnoses(), slow=holds), diagnoses(Doc()))
    _told_without_a_server(idle)
    command = [sys.executable, "-c", "from hub.cli.main import run; run()", "queue", "work"]
    url = idle.store.engine.url.render_as_string(hide_password=False)
    process = subprocess.Popen([*command, "--store", url], env=dict(os.environ))
    try:
        idle.until(lambda: len(idle.source.heard) == 1, 60)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    holds.set()
    assert not _worker(idle).work_once()
    assert _worker(idle, LEASE.lasts + timedelta(seconds=1)).work_once()
    assert (idle.versions(), idle.tasks()) == (1, [])


def _told_without_a_server(told: Told, *posts: str) -> None:
    told.source.answering, before = (lambda _: DOWN), told.source.answering
    with served(told):
        told.tell(message(*(posts or (post(),))))
        told.until(lambda: all(each[2] == "waiting" for each in told.tasks()))
    told.source.answering = before
    told.source.heard.clear()
    with told.store.write() as connection:
        now = micros(datetime.now(UTC))
        statement = text("UPDATE pull_task SET due = :now, attempts = 0, taken_until = NULL")
        connection.execute(statement, {"now": now})


def test_pauses_grow_and_end_with_a_task_that_is_given_up_and_can_be_revived(idle: Told) -> None:
    idle.source.answers(fault("VP007"))
    _told_without_a_server(idle)
    ahead = timedelta(0)
    dues = []
    for _ in range(len(PAUSES) + 1):
        assert _worker(idle, ahead).work_once()
        assert not _worker(idle, ahead).work_once()
        with idle.store.read() as connection:
            (task,) = queued(connection, datetime.now(UTC))
        dues.append(task.due)
        ahead = task.due - datetime.now(UTC) + timedelta(seconds=1)
    assert [note.code for note in task.reasons] == ["VP007"]
    assert (task.state, task.attempts) == ("dead", len(PAUSES) + 1)
    pauses = [later - sooner for sooner, later in pairwise(dues[:-1])]
    assert pauses == sorted(pauses)
    idle.source.answers(diagnoses(Doc()))
    with served(idle):
        idle.tell(message(post()))
        idle.until(lambda: idle.tasks() == [])
    assert idle.versions() == 1


def test_an_answer_that_lacks_a_system_is_fetched_again(idle: Told) -> None:
    idle.source.answers(diagnoses(Doc(), head=NOT_REACHED), diagnoses(Doc(), Doc("D-2")))
    _told_without_a_server(idle)
    assert _worker(idle).work_once()
    assert (idle.versions(), len(idle.tasks())) == (1, 1)
    assert _worker(idle, PAUSES[0] + timedelta(seconds=1)).work_once()
    assert (idle.versions(), idle.tasks()) == (2, [])


def test_a_system_behind_the_aggregator_is_asked_by_its_own_address(told: Told) -> None:
    told.source.answers(diagnoses(Doc()))
    told.tell(message(post(system=BEHIND)))
    told.until(lambda: told.tasks() == [] and len(told.source.heard) == 1)
    assert told.source.heard[0].logical_address == BEHIND


def test_workers_never_take_the_same_task(idle: Told) -> None:
    both = threading.Barrier(4, timeout=60)

    def answer(heard: Heard) -> Reply:
        both.wait()
        number = heard.value("id") or heard.value("extension") or ""
        records = Doc(person=number)
        return Reply(diagnoses(records) if heard.operation == "GetDiagnosis" else notes_3(records))

    idle.source.answering = answer
    posts = [post(person=p, category=c) for p in (SIGNE, AINA) for c in ("dia", "voo")]
    _told_without_a_server(idle, *posts)
    threads = [threading.Thread(target=_worker(idle).work_once) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(idle.source.heard) == 4
    assert idle.tasks() == []


def test_a_lease_that_is_lost_undoes_nothing_of_who_has_it_now(idle: Told) -> None:
    idle.source.answers(diagnoses(Doc()))
    _told_without_a_server(idle)
    assert take(idle.store, "first", datetime.now(UTC)) is not None
    assert take(idle.store, "second", datetime.now(UTC)) is None
    later = datetime.now(UTC) + LEASE.lasts + timedelta(seconds=1)
    assert take(idle.store, "second", later) is not None
