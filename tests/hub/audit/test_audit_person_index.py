"""The index of persons: signed with every checkpoint, made again by whoever verifies."""

import pytest
from audit_log import Log, access_record

from hub.audit.errors import LogInconsistent
from hub.audit.note import open_checkpoint
from hub.audit.person_index import bucket_hash, index_root, make_again, membership, subject_of
from hub.audit.verify_receipt import _root as root_by


def written(log: Log, count: int) -> Log:
    writer = log.writer()
    writer.append_all([access_record(n, person=f"person-{n % 7}") for n in range(count)])
    log.sequence()
    return log


def test_the_index_is_the_same_however_the_records_came(log: Log) -> None:
    writer = log.writer()
    for number in range(40):
        writer.append(access_record(number, person=f"person-{number % 7}"))
        if number % 9 == 0:
            log.sequence()
    checkpoint = open_checkpoint(log.sequence(), log.signer.verifier)
    with log.store.write() as connection:
        stepwise = index_root(connection)
        assert make_again(connection) == stepwise == checkpoint.index


def test_a_persons_entry_is_under_the_signed_root(log: Log) -> None:
    checkpoint = open_checkpoint(written(log, 40).sequence(), log.signer.verifier)
    assert checkpoint.index is not None
    with log.store.read() as connection:
        subject = subject_of("person-3")
        proof = membership(connection, subject)
    assert [e.records for e in proof.entries if e.subject == subject] == [6]
    bucket = int.from_bytes(subject[:2])
    leaf = bucket_hash(proof.entries)
    assert root_by(leaf, bucket, 1 << 16, [*proof.path]) == checkpoint.index


@pytest.mark.parametrize(
    ("statement", "kinds"),
    [
        ("UPDATE audit_subject SET records = records - 1 WHERE records > 5", {"index"}),
        ("DELETE FROM audit_subject WHERE records > 5", {"index"}),
        ("UPDATE audit_tree SET subject = NULL WHERE leaf_index = 4", {"subject", "index"}),
    ],
)
def test_an_index_that_skips_is_named(log: Log, statement: str, kinds: set[str]) -> None:
    assert written(log, 40).faults() == []
    assert log.change(statement)
    assert {kind for kind, _ in log.faults()} == kinds


def test_an_index_that_was_signed_with_a_record_left_out_is_found(log: Log) -> None:
    """The hub itself skips: it signs an index over a tree whose leaf it filed under nobody."""
    written(log, 20)
    log.change("UPDATE audit_tree SET subject = NULL WHERE leaf_index = 4")
    with log.store.write() as connection:
        make_again(connection)
    note = log.rows("SELECT note FROM audit_checkpoint")[0][0]
    checkpoint = open_checkpoint(note, log.signer.verifier)
    with log.store.read() as connection:
        root = index_root(connection)
    forged = log.signer.sign(type(checkpoint)(checkpoint.origin, 20, checkpoint.root, root))
    log.change("UPDATE audit_checkpoint SET note = :n", n=forged)
    faults = log.faults()
    assert {kind for kind, _ in faults} == {"subject"}


def test_the_sequencer_goes_on_from_no_index_but_the_one_it_signed(log: Log) -> None:
    written(log, 20)
    log.change("UPDATE audit_index_group SET root = :r", r=bytes(32))
    log.writer().append(access_record(21))
    with pytest.raises(LogInconsistent, match="index of persons"):
        log.sequence()


def test_a_log_that_was_signed_without_an_index_gets_one(log: Log) -> None:
    written(log, 20)
    note = log.rows("SELECT note FROM audit_checkpoint")[0][0]
    checkpoint = open_checkpoint(note, log.signer.verifier)
    old = log.signer.sign(type(checkpoint)(checkpoint.origin, 20, checkpoint.root))
    log.change("UPDATE audit_checkpoint SET note = :n", n=old)
    log.change("DELETE FROM audit_subject")
    log.change("DELETE FROM audit_index_group")
    assert {kind for kind, _ in log.faults()} == {"index"}
    log.writer().append(access_record(21))
    log.sequence()
    assert log.faults() == []
