"""P9: what was altered, dropped or swapped behind the hub's back is found and named."""

import base64
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from audit_log import Chains, Log, chains_of

from hub.audit import chain as written
from hub.audit import verify as verifier
from hub.audit.merkle import root_of
from hub.audit.note import Checkpoint, Signer
from hub.audit.record import AccessRecord, Action, Shown
from hub.audit.verify_store import MEANING

Make = Callable[..., AccessRecord]
ROOT = Path(__file__).parents[3]
ON_SQLITE = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


@pytest.fixture
def signed(log: Log) -> Chains:
    """Two chains under three checkpoints, of 6, 12 and 20 records."""
    return chains_of(log, signed=(3, 3, 4))


@pytest.fixture
def pending(log: Log) -> Chains:
    """Two chains of ten that no checkpoint covers yet."""
    return chains_of(log, pending=10)


def test_an_untouched_log_verifies(signed: Chains) -> None:
    report = signed.verify()
    assert report["verified"] is True
    assert report["faults"] == []
    assert (report["records"], report["pending"]) == (20, 0)
    assert report["checkpoint"]["size"] == 20
    assert report["checkpoint"]["note"] == signed.notes[-1]
    assert report["key"] == "outside"
    json.dumps(report)


def test_an_empty_log_verifies(log: Log) -> None:
    report = log.verify()
    assert (report["verified"], report["records"], report["checkpoint"]) == (True, 0, None)


def test_records_that_are_not_in_the_tree_yet_are_told_of(signed: Chains) -> None:
    signed.append(signed.writer(), 2)
    report = signed.verify(signed.notes[0])
    assert (report["verified"], report["records"], report["pending"]) == (True, 22, 2)


@pytest.mark.parametrize("number", range(3))
def test_every_checkpoint_held_outside_is_borne_out(signed: Chains, number: int) -> None:
    assert signed.faults(signed.notes[number]) == []


# Altered


def test_an_altered_record_is_named(signed: Chains) -> None:
    signed.alter(signed.a[4])
    assert signed.faults() == [("altered", signed.a[4])]


def test_an_altered_salt_is_named(signed: Chains) -> None:
    signed.change(
        "UPDATE audit_record SET salt = leaf_hash WHERE chain = :c AND position = 4", c=signed.chain
    )
    assert signed.faults() == [("altered", signed.a[4])]


def test_an_altered_record_is_named_although_its_hashes_were_made_to_fit(signed: Chains) -> None:
    signed.alter(signed.a[4])
    signed.rebuild(signed.chain)
    assert signed.faults() == [("altered", signed.a[4])]


def test_an_altered_record_is_within_the_range_named_although_the_tree_was_made_to_fit(
    signed: Chains,
) -> None:
    signed.alter(signed.a[4])
    signed.rebuild(signed.chain, tree=True)
    (fault,) = signed.verify()["faults"]
    assert fault["kind"] == "root"
    assert fault["leaves"] == [6, 11]  # after the first checkpoint, up to the second
    assert (fault["first"], fault["last"]) == (signed.a[3], signed.b[5])


def test_a_range_of_one_is_the_record(log: Log) -> None:
    writer = log.writer()
    places = []
    for _ in range(3):
        places += log.append(writer, 1)
        log.sequence()
    log.alter(places[1])
    log.rebuild(places[0].partition(".")[0], tree=True)
    assert log.faults() == [("root", places[1])]


@pytest.mark.parametrize("column", ["leaf_hash", "chain_hash"])
def test_an_altered_hash_is_named(signed: Chains, column: str) -> None:
    signed.change(
        f"UPDATE audit_record SET {column} = salt WHERE chain = :c AND position = 4",  # noqa: S608
        c=signed.chain,
    )
    kind = "altered" if column == "leaf_hash" else "chain"
    assert signed.faults() == [(kind, signed.a[4])]


def test_an_altered_leaf_of_the_tree_is_named_by_its_record(signed: Chains) -> None:
    signed.change(
        "UPDATE audit_tree SET leaf_hash = (SELECT root FROM audit_checkpoint"
        " WHERE size = 6) WHERE chain = :c AND position = 4",
        c=signed.chain,
    )
    assert ("altered", signed.a[4]) in signed.faults()


@pytest.mark.parametrize(
    "column", ["id", "recorded", "action", "outcome", "user_id", "organisation", "person"]
)
def test_a_search_column_that_hides_a_record_is_named(signed: Chains, column: str) -> None:
    signed.change(
        f"UPDATE audit_record SET {column} = 'x' WHERE chain = :c AND position = 4",  # noqa: S608
        c=signed.chain,
    )
    (fault,) = signed.verify()["faults"]
    assert (fault["kind"], fault["record"]) == ("column", signed.a[4])
    assert fault["column"] == column.removesuffix("_id")


# Dropped


def test_a_dropped_record_is_named(signed: Chains) -> None:
    signed.drop(signed.a[4])
    assert signed.faults() == [("dropped", signed.a[4])]


def test_a_chains_last_record_is_missed(signed: Chains) -> None:
    signed.drop(signed.a[-1])
    assert signed.faults() == [("dropped", signed.a[-1])]


def test_a_whole_chain_is_missed(signed: Chains) -> None:
    signed.change("DELETE FROM audit_record WHERE chain = :c", c=signed.chain)
    assert signed.faults() == [("dropped", place) for place in signed.a]


def test_a_dropped_record_is_named_although_the_later_ones_moved_up(signed: Chains) -> None:
    signed.drop(signed.a[4])
    for position in range(5, 10):
        signed.change(
            "UPDATE audit_record SET position = :p - 1 WHERE chain = :c AND position = :p",
            c=signed.chain,
            p=position,
        )
    signed.rebuild(signed.chain)
    faults = signed.faults()
    assert faults[0] == ("dropped", signed.a[4])
    assert [kind for kind, _ in faults[1:]] == ["moved"] * 5


def test_a_dropped_record_is_named_although_its_leaf_was_dropped_too(signed: Chains) -> None:
    signed.drop(signed.a[4])
    signed.change("DELETE FROM audit_tree WHERE chain = :c AND position = 4", c=signed.chain)
    faults = signed.faults()
    assert ("dropped", signed.a[4]) in faults
    assert {kind for kind, _ in faults} == {"dropped", "tree"}


def test_a_leaf_that_was_dropped_alone_is_named_by_its_record(signed: Chains) -> None:
    signed.change("DELETE FROM audit_tree WHERE chain = :c AND position = 4", c=signed.chain)
    faults = signed.verify()["faults"]
    assert [(fault["kind"], fault["record"]) for fault in faults] == [
        ("tree", None),
        ("tree", signed.a[4]),
    ]
    assert faults[0]["leaf"] == 7


# Swapped


@pytest.mark.parametrize("pair", [(4, 5), (1, 8)])
@pytest.mark.parametrize("fitted", [False, True])
def test_two_records_in_each_others_place_are_named(
    signed: Chains, pair: tuple[int, int], *, fitted: bool
) -> None:
    x, y = (signed.a[position] for position in pair)
    signed.exchange_positions(x, y)
    if fitted:
        signed.rebuild(signed.chain)
    assert signed.faults() == [("swapped", x), ("swapped", y)]


CONTENT = ("payload", "salt", "id", "recorded", "user_id")


@pytest.mark.parametrize("columns", [CONTENT, (*CONTENT, "leaf_hash")])
def test_two_records_whose_content_was_exchanged_are_named(
    signed: Chains, columns: tuple[str, ...]
) -> None:
    signed.exchange("audit_record", signed.a[2], signed.b[7], *columns)
    faults = signed.verify()["faults"]
    assert [(f["kind"], f["record"], f["with"]) for f in faults] == sorted(
        [("swapped", signed.a[2], signed.b[7]), ("swapped", signed.b[7], signed.a[2])]
    )


def test_payloads_alone_exchanged_are_both_altered(signed: Chains) -> None:
    signed.exchange("audit_record", signed.a[2], signed.a[7], "payload")
    assert signed.faults() == [("altered", signed.a[2]), ("altered", signed.a[7])]


def test_exchanged_records_and_leaves_are_within_the_range_named(signed: Chains) -> None:
    signed.exchange("audit_record", signed.a[7], signed.a[8], *CONTENT)
    signed.rebuild(signed.chain, tree=True)
    (fault,) = signed.verify()["faults"]
    assert (fault["kind"], fault["leaves"]) == ("root", [12, 19])


def test_places_exchanged_in_the_tree_are_named(signed: Chains) -> None:
    signed.change("UPDATE audit_tree SET leaf_index = -leaf_index WHERE leaf_index IN (7, 8)")
    signed.change("UPDATE audit_tree SET leaf_index = 15 + leaf_index WHERE leaf_index < 0")
    assert {("tree", signed.a[4]), ("tree", signed.a[5])} <= set(signed.faults())


def test_three_records_moved_round_are_named(signed: Chains) -> None:
    x, y, z = signed.a[1], signed.a[4], signed.a[7]
    signed.exchange("audit_record", x, y, *CONTENT)
    signed.exchange("audit_record", y, z, *CONTENT)
    assert signed.faults() == [("moved", x), ("moved", y), ("moved", z)]


# Behind the checkpoint, and against one that is held outside


def cut(signed: Chains, size: int) -> None:
    """Let the log end at `size`, as if the rest had never been."""
    signed.change("DELETE FROM audit_checkpoint WHERE size > :s", s=size)
    signed.change("DELETE FROM audit_tree WHERE leaf_index >= :s", s=size)
    signed.change(
        "DELETE FROM audit_record WHERE NOT EXISTS (SELECT 1 FROM audit_tree t"
        " WHERE t.chain = audit_record.chain AND t.position = audit_record.position)"
    )


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
        checkpoint = Checkpoint(signed.signer.origin, size, root_of(leaves[:size]))
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


# Not in the tree yet: the chain alone


def test_an_altered_record_is_named_by_its_chain(pending: Chains) -> None:
    pending.alter(pending.a[4])
    assert pending.faults() == [("altered", pending.a[4])]


def test_a_dropped_record_is_named_by_its_chain(pending: Chains) -> None:
    pending.drop(pending.a[4])
    pending.drop(pending.a[5])
    assert pending.faults() == [("dropped", pending.a[4]), ("dropped", pending.a[5])]


def test_a_long_gap_is_named_by_its_ends(pending: Chains) -> None:
    pending.change(
        "UPDATE audit_record SET position = 5000 WHERE chain = :c AND position = 9", c=pending.chain
    )
    (fault,) = pending.verify()["faults"]
    assert (fault["kind"], fault["record"]) == ("dropped", f"{pending.chain}.9")
    assert fault["through"] == f"{pending.chain}.4999"


@pytest.mark.parametrize("pair", [(4, 5), (1, 7), (0, 9), (0, 1), (3, 5)])
@pytest.mark.parametrize("how", ["positions", "content", "hashed content"])
def test_two_swapped_records_are_named_by_their_chain(
    pending: Chains, pair: tuple[int, int], how: str
) -> None:
    x, y = (pending.a[position] for position in pair)
    if how == "positions":
        pending.exchange_positions(x, y)
    else:
        hashed = ("leaf_hash",) if how == "hashed content" else ()
        pending.exchange("audit_record", x, y, *CONTENT, *hashed)
    assert pending.faults() == [("swapped", x), ("swapped", y)]


def test_a_record_put_in_between_is_named(pending: Chains) -> None:
    pending.change(
        "UPDATE audit_record SET position = 10 WHERE chain = :c AND position = 9", c=pending.chain
    )
    pending.change(
        "INSERT INTO audit_record SELECT chain, 9, id, recorded, action, outcome, user_id,"
        " organisation, person, salt, payload, leaf_hash, chain_hash FROM audit_record"
        " WHERE chain = :c AND position = 3",
        c=pending.chain,
    )
    assert ("chain", pending.a[9]) in pending.faults()


# Gallring


def empty(signed: Chains, place: str) -> None:
    chain, _, position = place.partition(".")
    signed.change(
        "UPDATE audit_record SET payload = NULL, salt = NULL, user_id = NULL, person = NULL"
        " WHERE chain = :c AND position = :p",
        c=chain,
        p=int(position),
    )


def test_gallring_leaves_the_tree_valid(signed: Chains, make_record: Make) -> None:
    empty(signed, signed.a[4])
    named = Shown("SE2329999990-0001", None, (f"AuditEvent/{signed.a[4]}",))
    signed.writer().append(make_record(99, action=Action.ERASE, shown=(named,)))
    assert signed.faults(signed.notes[0]) == []
    signed.sequence()
    assert signed.faults(signed.notes[2]) == []


def test_a_record_emptied_without_a_record_of_it_is_named(signed: Chains) -> None:
    empty(signed, signed.a[4])
    assert signed.faults() == [("erased", signed.a[4])]


# The verifier itself


def test_more_faults_than_can_be_listed_are_counted(
    pending: Chains, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifier, "LISTED", 3)
    pending.change("UPDATE audit_record SET person = 'x'")
    report = pending.verify()
    assert report["faults"][-1] == {"kind": "more", "record": None, "count": 17}
    assert len(report["faults"]) == 4


@ON_SQLITE
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_record SET payload = CAST(x'ff00' AS TEXT) WHERE position = 4",
        "UPDATE audit_record SET position = 'x' WHERE position = 4",
        "UPDATE audit_record SET salt = 5, leaf_hash = 'x' WHERE position = 4",
        "UPDATE audit_record SET user_id = x'ff' WHERE position = 4",
        "UPDATE audit_tree SET position = 'x' WHERE leaf_index = 4",
        "UPDATE audit_tree SET leaf_index = 'x' WHERE leaf_index = 19",
        "UPDATE audit_tree SET leaf_hash = 7 WHERE leaf_index = 4",
        "UPDATE audit_checkpoint SET size = 'x' WHERE size = 20",
        "UPDATE audit_key SET public_key = 'x'",
    ],
)
def test_columns_of_another_type_are_faults_and_no_crash(signed: Chains, statement: str) -> None:
    assert signed.change(statement)
    connection, ask = verifier.sqlite_queries(signed.file)
    report = verifier.verify(ask)
    connection.close()
    assert report["verified"] is False
    json.dumps(report)


@ON_SQLITE
def test_a_payload_that_is_committed_to_and_no_json_is_named(signed: Chains) -> None:
    signed.change(
        "UPDATE audit_record SET payload = x'00' WHERE chain = :c AND position = 4", c=signed.chain
    )
    signed.rebuild(signed.chain, tree=True)
    assert ("column", signed.a[4]) in signed.faults()


@ON_SQLITE
def test_it_runs_alone(signed: Chains, tmp_path: Path) -> None:
    alone = tmp_path / "verify.py"
    alone.write_bytes((ROOT / "hub/audit/verify.py").read_bytes())
    kept, forged = tmp_path / "kept.txt", tmp_path / "forged.txt"
    kept.write_text(signed.notes[0], encoding="utf-8")
    forged.write_text(signed.notes[0].replace("6", "7"), encoding="utf-8")

    def run(*arguments: object) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-I", str(alone), *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    key = signed.signer.verifier.text()
    code, output = run(signed.file, "--since", kept, "--key", key)
    assert (code, json.loads(output)["key"]) == (0, "outside")
    assert run(signed.file, "--since", forged)[0] == 1
    signed.alter(signed.a[4])
    code, output = run(signed.file)
    assert code == 1
    assert json.loads(output)["faults"] == [{"kind": "altered", "record": signed.a[4]}]
    assert run(tmp_path / "nothing.db")[0] == 2
    assert run(signed.file, "--since", tmp_path / "nothing")[0] == 2
    assert run(signed.file, "--key", "x+y+AAAA")[0] == 2


@ON_SQLITE
def test_its_command_line_gives_the_report(
    signed: Chains, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verifier.main([str(signed.file)]) == 0
    assert json.loads(capsys.readouterr().out)["records"] == 20
    assert verifier.main([str(signed.file.with_name("nothing"))]) == 2
    assert "could not be verified" in capsys.readouterr().err


def test_it_computes_what_the_log_writes() -> None:
    salt, payload = bytes(32), b"{}"
    leaf = written.commitment(salt, payload)
    subtrees: list[bytes] = []
    verifier._grow(subtrees, 0, leaf)
    assert verifier._root(subtrees) == leaf
    assert verifier._link(leaf, salt) == written.link(leaf, salt)


def test_a_key_line_is_read_as_the_log_writes_it() -> None:
    public = Signer.generate("samvy/x").verifier
    assert verifier.parse_key(public.text()) == (public.origin, public.public)
    packed = base64.b64encode(b"\x02" + public.public).decode()
    with pytest.raises(ValueError, match="form"):
        verifier.parse_key(f"samvy/x+00000000+{packed}")


def test_every_kind_of_fault_has_a_meaning() -> None:
    source = (ROOT / "hub/audit/verify.py").read_text(encoding="utf-8")
    for kind in MEANING:
        assert f'"{kind}"' in source
