"""The log's key is handed over to a new one: each is believed for what it signed, and no longer."""

import json
import multiprocessing
from contextlib import suppress
from datetime import UTC, datetime
from multiprocessing.synchronize import Event, Semaphore
from pathlib import Path

import pytest
from audit_log import Log, access_record
from test_audit_export import filled

from hub.audit import handover
from hub.audit.errors import AuditError, LogInconsistent, LogKeyProblem
from hub.audit.export import latest
from hub.audit.handover import Ended, hand_over
from hub.audit.key import key_path, open_signer, successor_path
from hub.audit.note import Signer, Verifier, read_checkpoint
from hub.audit.sequencer import Sequencer
from hub.audit.succession import succession
from hub.audit.verify_store import verify_store
from hub.store.connect import Store

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def handed_over(log: Log, ended: Ended | None = None) -> Signer:
    """Hand over; return the old key, as a thief may have it."""
    old = log.signer
    hand_over(log.store, NOW, ended)
    log.signer = open_signer(log.store)
    assert log.signer != old
    return old


def grown(log: Log, count: int = 40) -> None:
    """So many more records, about three persons in turn."""
    first = 1000 * len(log.writers)
    persons = ("anna", "bo", None)
    records = [access_record(first + n, person=persons[n % 3]) for n in range(count)]
    log.writer().append_all(records)
    log.sequence()


def test_the_old_keys_last_checkpoint_is_over_the_record_that_names_the_new_one(log: Log) -> None:
    filled(log, 20)
    old = handed_over(log)
    ((size, note),) = log.rows("SELECT size, note FROM audit_checkpoint WHERE note LIKE '%next %'")
    assert size == 21
    for key in (old, log.signer):
        checkpoint = read_checkpoint(note)
        assert key.signature_line(checkpoint) in note
        assert checkpoint.successor == log.signer.verifier.text()
    ((payload,),) = log.rows(
        "SELECT r.payload FROM audit_record r JOIN audit_tree t ON t.chain = r.chain"
        " AND t.position = r.position WHERE t.leaf_index = 20"
    )
    record = json.loads(bytes(payload))
    assert record["action"] == "administer"
    assert log.signer.verifier.text() in record["query"]
    assert record["recorded"] == "2026-03-02T00:00:00.000000Z"


def test_what_follows_is_signed_by_the_new_key_and_the_whole_log_verifies(log: Log) -> None:
    filled(log, 20)
    first = log.rows("SELECT note FROM audit_checkpoint")[0][0]
    old = handed_over(log)
    grown(log)
    with log.store.read() as connection:
        note, checkpoint = latest(connection)
    assert log.signer.signature_line(checkpoint) in note
    assert old.signature_line(checkpoint) not in note
    assert log.faults() == []
    assert log.faults(first) == []  # a checkpoint by the old key, kept outside
    assert key_path(log.store).stat().st_mode & 0o777 == 0o600
    assert not successor_path(key_path(log.store)).exists()


def test_a_checkpoint_by_the_old_key_after_its_end_is_found(log: Log) -> None:
    filled(log, 30)
    old = handed_over(log)
    grown(log)
    assert log.faults() == []
    size, note = log.rows("SELECT size, note FROM audit_checkpoint ORDER BY size DESC")[0]
    log.change(
        "UPDATE audit_checkpoint SET note = :n WHERE size = :s",
        n=old.sign(read_checkpoint(note)),
        s=size,
    )
    assert {kind for kind, _ in log.faults()} == {"signature"}
    log.append(log.writer(), 1)
    with pytest.raises(LogInconsistent, match="not what was signed"):
        log.sequence()


@pytest.mark.parametrize("outside", [True, False])
def test_a_key_that_was_exchanged_without_handover_is_found(
    log: Log, tmp_path: Path, *, outside: bool
) -> None:
    """Whoever has the database and the key's file, and not the key, puts another in its place."""
    filled(log, 10)
    kept = log.signer.verifier.text()
    other = Signer.generate(log.signer.origin)
    log.change(
        "UPDATE audit_key SET id = :i, public_key = :p",
        i=other.verifier.key_id.hex(),
        p=other.verifier.public,
    )
    (tmp_path / "log.key").write_text(other.text())
    log.append(log.writer(), 3)
    with pytest.raises(LogInconsistent, match="not what was signed"):
        Sequencer(log.store, open_signer(log.store)).sequence_now()
    key = Verifier.parse(kept)
    known = (key.origin, key.public) if outside else None
    assert verify_store(log.store, key=known)["verified"] is False


def test_a_key_beside_the_logs_is_found(log: Log) -> None:
    filled(log, 10)
    handed_over(log)
    grown(log)
    stray = Signer.generate(log.signer.origin).verifier
    log.change(
        "INSERT INTO audit_key (id, origin, public_key, created, until)"
        " VALUES ('stray', :o, :p, 'x', 11)",
        o=stray.origin,
        p=stray.public,
    )
    assert log.faults() == [("key", None)]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_key WHERE until IS NOT NULL",
        "DELETE FROM audit_checkpoint WHERE note LIKE '%next %'",
        "UPDATE audit_checkpoint SET note = replace(note, 'next ', 'nxet ')",
    ],
)
def test_a_handover_that_is_taken_from_the_store_is_found(log: Log, statement: str) -> None:
    filled(log, 10)
    handed_over(log)
    grown(log)
    assert log.change(statement)
    assert log.faults() != []


def test_a_log_whose_key_was_stolen_verifies_with_the_new_one_alone(log: Log) -> None:
    filled(log, 30)
    thief = handed_over(log, Ended.STOLEN)
    grown(log)
    assert log.faults() == []
    found = verify_store(log.store, key=(thief.origin, thief.verifier.public))
    assert found["verified"] is False


def test_a_lost_key_is_replaced_and_the_new_one_vouches_for_the_old(
    log: Log, tmp_path: Path
) -> None:
    filled(log, 30)
    old = log.signer
    log.append(log.writer(), 5)  # and these wait
    with pytest.raises(LogKeyProblem, match="by itself"):
        hand_over(log.store, NOW, Ended.LOST)
    (tmp_path / "log.key").unlink()
    with pytest.raises(LogKeyProblem, match="does not exist"):
        hand_over(log.store, NOW)
    hand_over(log.store, NOW, Ended.LOST)
    log.signer = open_signer(log.store)
    grown(log)
    assert log.faults() == []
    found = verify_store(log.store, key=(old.origin, old.verifier.public))
    assert found["verified"] is False  # nothing that the old key signed leads to the new one
    # nothing between the old key's last checkpoint and the new one's first was altered unseen
    log.change("UPDATE audit_record SET person = 'bo' WHERE position = 3")
    assert log.faults() != []


def test_a_lost_key_does_not_let_an_altered_log_be_signed(log: Log, tmp_path: Path) -> None:
    filled(log, 30)
    log.change("UPDATE audit_tree SET leaf_hash = :l WHERE leaf_index = 29", l=bytes(32))
    log.change("UPDATE audit_checkpoint SET note = replace(note, '30', '31')")
    (tmp_path / "log.key").unlink()
    with pytest.raises(LogInconsistent):
        hand_over(log.store, NOW, Ended.LOST)
    assert log.rows("SELECT count(*) FROM audit_key") == [(1,)]


class Halted(Exception):
    pass


@pytest.mark.parametrize("at", ["_announce", "_change", "put_in_place"])
def test_a_rotation_that_is_cut_off_leaves_one_key_that_signs(
    log: Log, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    filled(log, 10)

    def halt(*_: object) -> None:
        raise Halted

    with monkeypatch.context() as cut_off:
        cut_off.setattr(handover, at, halt)
        with suppress(Halted):
            hand_over(log.store, NOW)
    old, log.signer = log.signer, open_signer(log.store)
    assert (log.signer.verifier == old.verifier) == (at != "put_in_place")
    grown(log)
    assert log.faults() == []
    handed_over(log)
    assert log.faults() == []


def test_a_process_that_serves_on_follows_the_handover(log: Log) -> None:
    filled(log, 10)
    serving = Sequencer(log.store, log.signer)
    serving.sequence_now()
    handed_over(log)
    assert serving.key().verifier == log.signer.verifier
    serving = Sequencer(log.store, serving.signer)
    for _ in range(3):
        handed_over(log)
        log.append(log.writer(), 3)
        assert serving.sequence_now().taken == 3
        serving.sequence_now()
        assert serving.signer.verifier == log.signer.verifier
    assert log.faults() == []


def test_a_host_with_an_old_copy_of_the_key_signs_nothing(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(log, 10)
    elsewhere = Sequencer(log.store, log.signer)
    copy = (tmp_path / "log.key").read_text()
    handed_over(log)
    (tmp_path / "other-host.key").write_text(copy)
    monkeypatch.setenv("SAMVY_LOG_KEY", str(tmp_path / "other-host.key"))
    log.append(log.writer(), 3)
    with pytest.raises(LogKeyProblem, match="handed over"):
        elsewhere.sequence_now()
    elsewhere._attempt()
    assert "handed over" in str(elsewhere.fault)
    assert log.rows("SELECT max(size) FROM audit_checkpoint") == [(11,)]


def _at_work(url: str, number: int, ready: Semaphore, stop: Event) -> None:
    """A process that writes and sequences until it is told to stop."""
    store = Store(url, pool_size=4)
    at_work, log = Sequencer(store, open_signer(store)), Log(store, url, open_signer(store))
    writer, ready_yet = log.writer(), False
    log.written = 100_000 * number
    while not stop.is_set():
        log.append(writer, 5)
        with suppress(AuditError):
            at_work.sequence_now()
        at_work.key()
        if not ready_yet:
            ready.release()
            ready_yet = True
    at_work.sequence_now()
    log.close()


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_two_processes_serve_while_the_key_is_handed_over(log: Log) -> None:
    context = multiprocessing.get_context("spawn")
    ready, stop = context.Semaphore(0), context.Event()
    processes = [context.Process(target=_at_work, args=(log.url, n, ready, stop)) for n in (1, 2)]
    for process in processes:
        process.start()
    for _ in processes:
        assert ready.acquire(timeout=120)
    sizes = []
    for _ in range(5):
        handed_over(log)
        sizes.append(log.rows("SELECT max(until) FROM audit_key")[0][0])
    stop.set()
    for process in processes:
        process.join(120)
        assert process.exitcode == 0
    log.sequence()
    assert log.faults() == []
    assert sizes == sorted(set(sizes))
    with log.store.read() as connection:
        line = succession(connection)
    assert [each.size for each in line.handovers] == sizes
    assert len(line.keys) == 6
    assert log.rows("SELECT count(*) FROM audit_record WHERE action = 'administer'") == [(5,)]
