"""P9: what is not under the signed checkpoints, or not under one held outside, is found."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from audit_log import Chains

from hub.audit import verify as verifier
from hub.audit.merkle import root_of
from hub.audit.note import Checkpoint, Signer, open_checkpoint
from hub.audit.person_index import make_again
from hub.audit.record import AccessRecord

Make = Callable[..., AccessRecord]
ROOT = Path(__file__).parents[3]
ON_SQLITE = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


def cut(signed: Chains, size: int) -> None:
    """Let the log end at `size`, as if the rest had never been."""
    signed.change("DELETE FROM audit_checkpoint WHERE size > :s", s=size)
    for table in ("audit_tree", "audit_term"):
        signed.change(f"DELETE FROM {table} WHERE leaf_index >= :s", s=size)  # noqa: S608
    signed.change(
        "DELETE FROM audit_record WHERE NOT EXISTS (SELECT 1 FROM audit_tree t"
        " WHERE t.chain = audit_record.chain AND t.position = audit_record.position)"
    )
    with signed.store.write() as connection:
        make_again(connection)


def test_a_tail_cut_off_behind_the_checkpoint_is_found(signed: Chains) -> None:
    signed.change("DELETE FROM audit_tree WHERE leaf_index >= 18")
    for place in signed.b[-2:]:
        signed.drop(place)
    (fault,) = signed.verify()["faults"]
    assert (fault["kind"], fault["leaves"]) == ("truncated", [18, 19])


def test_a_log_put_back_with_its_checkpoints_is_found_from_outside(signed: Chains) -> None:
    cut(signed, 12)
    assert signed.faults() == []  # nothing inside can tell
    assert signed.faults(signed.notes[1]) == []
    (fault,) = signed.verify(signed.notes[2])["faults"]
    assert (fault["kind"], fault["leaves"]) == ("truncated", [12, 19])


def test_a_history_that_forks_is_found_from_outside(signed: Chains) -> None:
    cut(signed, 12)
    for _ in range(2):
        signed.append(signed.writer(), 5)
        signed.sequence()
    assert signed.faults() == []
    assert signed.faults(signed.notes[1]) == []
    (fault,) = signed.verify(signed.notes[2])["faults"]
    assert (fault["kind"], fault["leaves"]) == ("fork", [17, 19])


def rewrite(signed: Chains, sign: Callable[[Checkpoint, str], str]) -> None:
    """Alter a record and make everything fit, the checkpoints as `sign` gives them."""
    signed.alter(signed.a[4])
    signed.rebuild(signed.chain, tree=True)
    rows = signed.rows("SELECT leaf_hash FROM audit_tree ORDER BY leaf_index")
    leaves = [bytes(leaf) for (leaf,) in rows]
    for size, note in zip((6, 12, 20), signed.notes, strict=True):
        index = open_checkpoint(note, signed.signer.verifier).index
        checkpoint = Checkpoint(signed.signer.origin, size, root_of(leaves[:size]), index)
        signed.change(
            "UPDATE audit_checkpoint SET root = :r, note = :n WHERE size = :s",
            r=checkpoint.root,
            n=sign(checkpoint, note),
            s=size,
        )


def test_a_log_rewritten_under_another_key_is_found(signed: Chains) -> None:
    forger = Signer(signed.signer.origin, Signer.generate("x").private)
    rewrite(signed, lambda checkpoint, _: forger.sign(checkpoint))
    signed.change("UPDATE audit_key SET public_key = :p", p=forger.verifier.public)
    # The key file that lies outside tells; without it, so does any checkpoint from outside.
    assert {kind for kind, _ in signed.faults()} == {"key", "signature"}
    with signed.store.read() as connection:
        ask = connection.exec_driver_sql
        assert verifier.verify(ask)["verified"] is True
        assert verifier.verify(ask)["key"] == "log"
        report = verifier.verify(ask, since=signed.notes[0])
    assert [fault["kind"] for fault in report["faults"]] == ["fork"]


def test_a_log_rewritten_under_the_old_signatures_is_found(signed: Chains) -> None:
    rewrite(signed, lambda checkpoint, old: checkpoint.text() + old[old.index("\n—") :])
    # The first checkpoint's six records are as they were; its signature still holds.
    faults = signed.verify()["faults"]
    assert [(f["kind"], f.get("checkpoint")) for f in faults[:2]] == [
        ("signature", "12"),
        ("signature", "20"),
    ]


def test_another_logs_checkpoint_is_no_ground_for_trust(signed: Chains) -> None:
    other = Signer.generate("samvy/other")
    for since in (other.sign(Checkpoint("samvy/other", 6, bytes(32))), "", "a\n\nb", "a\n1\n\n"):
        assert signed.faults(since) == [("fork", None)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_checkpoint SET note = replace(note, '20', '19') WHERE size = 20",
        "UPDATE audit_checkpoint SET note = 'x' WHERE size = 20",
        "UPDATE audit_checkpoint SET size = 19 WHERE size = 20",
        "UPDATE audit_checkpoint SET root = frontier WHERE size = 20",
        "DELETE FROM audit_checkpoint WHERE size = 20",
        "DELETE FROM audit_checkpoint",
    ],
)
def test_what_no_checkpoint_signs_is_found(signed: Chains, statement: str) -> None:
    assert signed.change(statement)
    assert "signature" in {kind for kind, _ in signed.faults()}


def test_a_public_key_that_was_exchanged_is_found(signed: Chains) -> None:
    signed.change("UPDATE audit_key SET public_key = :p", p=bytes(32))
    assert signed.faults() == [("key", None)]


def test_a_chain_that_is_not_listed_is_named(signed: Chains) -> None:
    if signed.store.sqlite:
        with closing(sqlite3.connect(signed.file)) as unchecked:  # no foreign keys by default
            unchecked.execute("DELETE FROM audit_chain WHERE id = ?", (signed.chain,))
            unchecked.commit()
    else:
        signed.change("ALTER TABLE audit_record DROP CONSTRAINT fk_audit_record_chain")
        signed.change("DELETE FROM audit_chain WHERE id = :c", c=signed.chain)
    assert signed.faults() == [("chain", signed.a[0])]
