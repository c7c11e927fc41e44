"""P9: everything is under a signed checkpoint within 5 s, and nothing inconsistent is signed."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from audit_log import Log, access_record

from hub.audit import sequencer as module
from hub.audit.errors import LogInconsistent
from hub.audit.merkle import consistency_proof, nodes_of, root_of, verify_consistency
from hub.audit.note import open_checkpoint
from hub.audit.record import AccessRecord

Make = Callable[..., AccessRecord]
ROOT = Path(__file__).parents[3]
WITHIN_SECONDS = 5.0

APPEND_AND_SEQUENCE = """
import sys, threading
from datetime import UTC, datetime
from hub.audit.key import open_signer
from hub.audit.record import AccessRecord, Action, Outcome
from hub.audit.sequencer import Sequencer
from hub.audit.writer import AuditWriter
from hub.store.connect import Store
store = Store(sys.argv[1])
sequencer = Sequencer(store, open_signer(store), interval=0.02)
sequencer.start()
writer = AuditWriter(store)
def append():
    for number in range(25):
        writer.append(AccessRecord(id=f"r{number}", recorded=datetime.now(UTC),
                                   action=Action.READ, outcome=Outcome.PERMIT))
threads = [threading.Thread(target=append) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
writer.close()
sequencer.stop()
store.close()
sys.exit(1 if sequencer.fault else 0)
"""


def stored_notes(log: Log) -> list[str]:
    return [note for (note,) in log.rows("SELECT note FROM audit_checkpoint ORDER BY size")]


def test_a_checkpoint_signs_the_tree_over_every_record(log: Log) -> None:
    places = log.append(log.writer(), 3) + log.append(log.writer(), 2)
    done = log.sequencer().sequence_now()
    leaves = log.rows("SELECT chain, position, leaf_hash FROM audit_tree ORDER BY leaf_index")
    assert sorted(f"{leaf.chain}.{leaf.position}" for leaf in leaves) == sorted(places)
    assert done.taken == 5
    assert done.held == ()
    assert done.note is not None
    checkpoint = open_checkpoint(done.note, log.signer.verifier)
    assert checkpoint == done.checkpoint
    assert checkpoint.root == root_of(bytes(leaf.leaf_hash) for leaf in leaves)


def test_nothing_new_signs_nothing_new(log: Log) -> None:
    assert log.sequencer().sequence_now().checkpoint is None
    log.append(log.writer(), 1)
    note = log.sequence()
    assert log.sequence() == note
    assert stored_notes(log) == [note]


def test_more_than_one_batch_is_taken_at_once(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 4)
    log.append(log.writer(), 5)
    log.append(log.writer(), 4)
    assert log.sequencer().sequence_now().taken == 9
    assert len(stored_notes(log)) == 3
    assert log.verify()["verified"]


def test_in_the_background_a_record_is_signed_within_five_seconds(log: Log) -> None:
    sequencer = log.sequencer()
    sequencer.start()
    sequencer.start()
    log.append(log.writer(), 1)
    limit = time.monotonic() + WITHIN_SECONDS
    while not stored_notes(log) and time.monotonic() < limit:
        threading.Event().wait(0.02)
    assert stored_notes(log)
    log.append(log.writer(), 1)
    sequencer.stop()
    assert len(stored_notes(log)) == 2
    assert sequencer.fault is None


def test_several_processes_append_and_sequence_and_one_history_results(log: Log) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", APPEND_AND_SEQUENCE, log.url], cwd=ROOT)
        for _ in range(3)
    ]
    assert [process.wait(120) for process in processes] == [0, 0, 0]
    log.sequence()
    report = log.verify()
    assert report["verified"], report["faults"]
    assert report["records"] == 300
    assert report["pending"] == 0
    leaves = [bytes(leaf) for (leaf,) in log.rows("SELECT leaf_hash FROM audit_tree ORDER BY 1")]
    assert len(leaves) == len(set(leaves)) == 300


def test_every_checkpoint_is_consistent_with_every_later_one(log: Log) -> None:
    writer = log.writer()
    for count in (1, 2, 4, 1, 7):
        log.append(writer, count)
        log.sequence()
    leaves = [
        bytes(leaf) for (leaf,) in log.rows("SELECT leaf_hash FROM audit_tree ORDER BY leaf_index")
    ]
    signed = [open_checkpoint(note, log.signer.verifier) for note in stored_notes(log)]
    assert [checkpoint.size for checkpoint in signed] == [1, 3, 7, 8, 15]
    for new in signed:
        for old in signed:
            if old.size <= new.size:
                proof = consistency_proof(nodes_of(leaves), new.size, old.size)
                verify_consistency(old.size, new.size, proof, old.root, new.root)


def test_threads_of_one_sequencer_do_not_take_each_other_for_a_fork(log: Log) -> None:
    writer, sequencer = log.writer(), log.sequencer()

    def work(_: int) -> None:
        log.append(writer, 3)
        sequencer.sequence_now()

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(work, range(12)))
    assert log.verify()["records"] == 36
    assert log.faults() == []


def test_one_sequencer_works_at_a_time_within_a_process(log: Log) -> None:
    sequencer = log.sequencer()
    with ThreadPoolExecutor(1) as threads:
        with sequencer._lock:
            waiting = threads.submit(sequencer.sequence_now)
            with pytest.raises(TimeoutError):
                waiting.result(0.2)
        assert waiting.result(30).taken == 0


def test_sequencers_of_many_processes_wait_for_each_other(log: Log) -> None:
    """Each has its own lock as if in its own process; only the store's lock is common."""
    writer = log.writer()

    def work(_: int) -> None:
        for _ in range(5):
            log.append(writer, 5)
            log.sequencer().sequence_now()

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(work, range(6)))
    assert log.verify()["pending"] == 0
    assert log.faults() == []


SPOILED = {
    "payload": "UPDATE audit_record SET payload = salt WHERE chain = :c AND position = 2",
    "salt": "UPDATE audit_record SET salt = payload WHERE chain = :c AND position = 2",
    "leaf hash": "UPDATE audit_record SET leaf_hash = salt WHERE chain = :c AND position = 2",
    "chain hash": "UPDATE audit_record SET chain_hash = salt WHERE chain = :c AND position = 2",
    "dropped": "DELETE FROM audit_record WHERE chain = :c AND position = 2",
    "emptied": "UPDATE audit_record SET payload = NULL, salt = NULL"
    " WHERE chain = :c AND position = 2",
    "moved": "UPDATE audit_record SET position = 99 WHERE chain = :c AND position = 2",
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_chain_that_does_not_hold_is_left_out_and_named(log: Log, how: str) -> None:
    spoiled, sound = log.append(log.writer(), 5), log.append(log.writer(), 5)
    assert log.change(SPOILED[how], c=spoiled[0].partition(".")[0]) == 1
    done = log.sequencer().sequence_now()
    assert [held.record for held in done.held] == [spoiled[2]]
    taken = log.rows("SELECT chain, position FROM audit_tree")
    assert {f"{leaf.chain}.{leaf.position}" for leaf in taken} == {*spoiled[:2], *sound}
    assert log.faults()


def test_a_held_chain_shows_in_its_state(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    places = log.append(log.writer(), 3)
    log.alter(places[1])
    sequencer = log.sequencer()
    sequencer.start()
    sequencer.stop()
    assert sequencer.fault is not None
    assert places[1] in sequencer.fault
    assert places[1] in caplog.text


INCONSISTENT = {
    "no checkpoint": "DELETE FROM audit_checkpoint",
    "last checkpoint gone": "DELETE FROM audit_checkpoint WHERE size = 6",
    "leaf gone": "DELETE FROM audit_tree WHERE leaf_index = 5",
    "frontier": "UPDATE audit_checkpoint SET frontier = (SELECT frontier FROM audit_checkpoint"
    " WHERE size = 3) WHERE size = 6",
    "note": "UPDATE audit_checkpoint SET note = replace(note, '6', '7') WHERE size = 6",
    "old note": "UPDATE audit_checkpoint SET note = (SELECT note FROM audit_checkpoint"
    " WHERE size = 3) WHERE size = 6",
    "root by leaf": "UPDATE audit_checkpoint SET frontier = root WHERE size = 6",
}


@pytest.mark.parametrize("how", INCONSISTENT)
def test_a_tree_that_is_not_the_signed_one_is_not_signed_again(log: Log, how: str) -> None:
    writer = log.writer()
    for _ in range(2):
        log.append(writer, 3)
        log.sequence()
    assert log.change(INCONSISTENT[how])
    log.append(writer, 1)
    before = stored_notes(log)
    with pytest.raises(LogInconsistent):
        log.sequencer().sequence_now()
    assert stored_notes(log) == before


def test_a_tree_leaf_that_its_chain_does_not_bear_out_is_not_built_on(log: Log) -> None:
    writer = log.writer()
    places = log.append(writer, 2)
    log.sequence()
    log.alter(places[1])
    log.rebuild(places[1].partition(".")[0])
    log.append(writer, 1)
    done = log.sequencer().sequence_now()
    assert done.taken == 0
    assert [held.record for held in done.held] == [places[1]]


def test_a_store_that_was_put_back_while_the_hub_ran_is_not_signed(log: Log) -> None:
    writer, sequencer = log.writer(), log.sequencer()
    log.append(writer, 3)
    sequencer.sequence_now()
    log.append(writer, 2)
    sequencer.sequence_now()
    log.change("DELETE FROM audit_checkpoint WHERE size = 5")
    log.change("DELETE FROM audit_tree WHERE leaf_index >= 3")
    log.change("DELETE FROM audit_record WHERE position >= 3")
    log.append(log.writer(), 1)
    with pytest.raises(LogInconsistent, match="put back"):
        sequencer.sequence_now()
    sequencer.start()
    sequencer.stop()
    assert sequencer.fault is not None
    assert "put back" in sequencer.fault


def test_a_store_that_does_not_answer_is_told_of_and_outlived(log: Log) -> None:
    sequencer = log.sequencer()
    log.change("ALTER TABLE audit_chain RENAME TO gone")
    sequencer._attempt()
    assert sequencer.fault is not None
    assert "did not answer" in sequencer.fault
    log.change("ALTER TABLE gone RENAME TO audit_chain")
    sequencer._attempt()
    assert sequencer.fault is None


def test_half_a_surrogate_pair_that_somebody_typed_holds_nothing_up(log: Log) -> None:
    log.writer().append_all([access_record(1, reason="\ud800"), access_record(2)])
    assert log.sequencer().sequence_now().held == ()
    assert log.faults() == []
