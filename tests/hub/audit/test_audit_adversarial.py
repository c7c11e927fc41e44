"""What somebody could try on notes, trees and proofs: every reader of a note reads it alike."""

import base64
from dataclasses import replace
from hashlib import sha256

import pytest
from audit_log import Log, access_record
from test_audit_export import filled, lines_of
from test_audit_witness import Witness, ask, key_of, served, witness  # noqa: F401  # the fixture

from hub.audit import verify, verify_note
from hub.audit.cosigned import FORK, Cosigner, ask_witness
from hub.audit.export import Selection
from hub.audit.key import SETTING, open_signer
from hub.audit.merkle import (
    ProofError,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    nodes_of,
    root_of,
    verify_consistency,
)
from hub.audit.note import Checkpoint, NoteError, Signer, open_checkpoint
from hub.audit.verify_file import verify_export
from hub.audit.verify_receipt import _root as root_by
from hub.store.connect import Store

ROOT = base64.b64encode(bytes(range(32))).decode()
LEAVES = [leaf_hash(bytes([n])) for n in range(13)]


def signed(signer: Signer, text: str, *more: str) -> str:
    """A text that the log's own key signs, whatever it is."""
    raw = signer.verifier.key_id + signer.private.sign(text.encode())
    line = f"— {signer.origin} {base64.b64encode(raw).decode()}\n"
    return f"{text}\n{''.join(more)}{line}"


def readers(note: str, signer: Signer) -> list[tuple[int, bytes] | None]:
    """What each of the three that read notes makes of one."""
    key = signer.origin, signer.verifier.public
    found: list[tuple[int, bytes] | None] = []
    try:
        ours = open_checkpoint(note, signer.verifier)
        found.append((ours.size, ours.root))
    except NoteError:
        found.append(None)
    outside = verify_note.opened(note, key)
    found.append((outside.size, outside.root) if outside else None)
    alone = verify._opened(note, key)
    found.append(alone[1:] if alone else None)
    return found


NOTES = {
    "carriage returns": f"samvy/t\r\n3\r\n{ROOT}\r\n",
    "a carriage return in the size": f"samvy/t\n3\r\n{ROOT}\n",
    "a tab": f"samvy/t\n3\t\n{ROOT}\n",
    "a form feed that some split at": f"samvy/t\n3\x0c4\n{ROOT}\n",
    "a null": f"samvy/t\n3\x00\n{ROOT}\n",
    "a line separator of Unicode": f"samvy/t\n3\u20284\n{ROOT}\n",
    "a line more that some split": f"samvy/t\n3\n{ROOT}\nmore\x0bnext x\n",
    "a leading zero": f"samvy/t\n03\n{ROOT}\n",
    "a sign": f"samvy/t\n+3\n{ROOT}\n",
    "other digits": f"samvy/t\n٣\n{ROOT}\n",
    "a number without end": f"samvy/t\n{'9' * 5000}\n{ROOT}\n",
    "no root": "samvy/t\n3\n",
    "another name": f"samvy/u\n3\n{ROOT}\n",
    "a blank line in the text": f"samvy/t\n\n3\n{ROOT}\n",
    "an empty text": "",
}


@pytest.mark.parametrize("name", NOTES)
def test_a_note_that_could_be_read_in_two_ways_is_read_by_nobody(name: str) -> None:
    signer = Signer.generate("samvy/t")
    assert readers(signed(signer, NOTES[name]), signer) == [None, None, None]


def test_several_signatures_and_odd_names_do_not_matter() -> None:
    signer, other = Signer.generate("samvy/t"), Signer.generate("samvy/t")
    checkpoint = Checkpoint("samvy/t", 3, bytes(range(32)))
    theirs = other.signature_line(checkpoint)
    odd = "— ünïcode/☃ " + theirs.rpartition(" ")[2]
    short = "— samvy/t AAAA\n"
    note = signed(signer, checkpoint.text(), theirs, odd, short, theirs)
    assert readers(note, signer) == [(3, bytes(range(32)))] * 3
    assert readers(note, other) == [(3, bytes(range(32)))] * 3
    assert readers(note, Signer.generate("samvy/t")) == [None] * 3
    # under another's name, or with another's id, a signature is nobody's
    mine = signer.signature_line(checkpoint)
    for line in (mine.replace("samvy/t", "samvy/u"), f"{mine[:-3]}\n", mine.replace("— ", "- ")):
        assert readers(f"{checkpoint.text()}\n{line}", signer) == [None] * 3
    assert readers(f"{checkpoint.text()}\n{mine}\nsomething else\n", signer) == [None] * 3


@pytest.mark.parametrize("line", ["persons ", "next ", "ended "])
def test_a_checkpoint_that_says_something_twice_is_none(line: str) -> None:
    signer = Signer.generate("samvy/t")
    note = signed(signer, f"samvy/t\n3\n{ROOT}\n{line}{ROOT}\n{line}{ROOT}\n")
    assert readers(note, signer)[:2] == [None, None]


def test_a_checkpoint_of_no_records_has_the_root_of_none(
    log: Log,
    witness: Witness,  # noqa: F811  # the fixture
) -> None:
    nothing = Checkpoint(log.signer.origin, 0, root_of(()))
    forged = log.signer.sign(replace(nothing, root=bytes(32)))
    assert readers(forged, log.signer)[:2] == [None, None]
    assert witness.add(f"old 0\n\n{forged}")[0] == 403
    assert witness.add(f"old 0\n\n{log.signer.sign(nothing)}")[0] == 200


def test_a_node_is_no_leaf_and_a_leaf_no_node() -> None:
    """Second preimage: the two children of a node as one record."""
    left, right = LEAVES[:2]
    assert leaf_hash(left + right) != node_hash(left, right)
    assert root_of([leaf_hash(left + right)]) != root_of([left, right])
    # and in an export, where whole subtrees stand for what is left out
    assert sha256(b"\x00" + left + right).digest() != root_of([left, right])


def test_a_leaf_that_is_there_twice_makes_another_tree() -> None:
    for size in range(1, 13):
        assert root_of(LEAVES[:size]) != root_of([*LEAVES[:size], LEAVES[size - 1]])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13])
def test_a_path_proves_one_place_in_one_tree(size: int) -> None:
    node, root = nodes_of(LEAVES), root_of(LEAVES[:size])
    for index in range(size):
        path = inclusion_proof(node, size, index)
        for place in range(-1, 16):
            found = root_by(LEAVES[index], place, size, path)
            assert (found == root) is (place == index), place
        assert root_by(LEAVES[index], index, size, [*path, root]) != root
        assert root_by(LEAVES[index - 1], index, size, path) != root or size == 1


def test_a_consistency_proof_of_other_trees_does_not_hold() -> None:
    node = nodes_of(LEAVES)
    for old in range(1, 13):
        for new in range(old + 1, 14):
            proof, roots = (
                consistency_proof(node, new, old),
                (root_of(LEAVES[:old]), root_of(LEAVES[:new])),
            )
            verify_consistency(old, new, proof, *roots)
            for bad in (proof[:-1], [*proof, proof[-1]], proof[::-1] if len(proof) > 1 else []):
                with pytest.raises(ProofError):
                    verify_consistency(old, new, bad, *roots)
            with pytest.raises(ProofError):
                verify_consistency(old, new, proof, roots[1], roots[0])
            with pytest.raises(ProofError):
                verify_consistency(old, new, proof, root_of(LEAVES[1 : old + 1]), roots[1])
    with pytest.raises(ProofError):
        verify_consistency(0, 3, [], root_of(()), root_of(LEAVES[:3]))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_record SET salt = (SELECT o.salt {other}) WHERE position = 5",
        "UPDATE audit_record SET payload = (SELECT o.payload {other}) WHERE position = 5",
        "UPDATE audit_tree SET leaf_hash = (SELECT o.leaf_hash {other}) WHERE leaf_index = 5",
        "DELETE FROM audit_record WHERE position = 5",
        "DELETE FROM audit_tree WHERE leaf_index = 29",
    ],
)
def test_salts_payloads_and_leaves_that_change_places_are_found(log: Log, change: str) -> None:
    filled(log, 30)
    assert log.change(change.format(other="FROM audit_record o WHERE o.position = 4"))
    assert log.faults() != []


def test_a_fork_that_is_shown_to_two_witnesses_is_signed_by_both_in_neither_branch(
    log: Log,
    witness: Witness,  # noqa: F811  # the fixture
    tmp_path_factory: pytest.TempPathFactory,
    sqlite_template: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One branch is shown to each; whoever asks for both names has neither file."""
    folder = tmp_path_factory.mktemp("second")
    (folder / "w.db").write_bytes(sqlite_template.read_bytes())  # type: ignore[attr-defined]
    store = Store(f"sqlite:///{folder / 'w.db'}")
    monkeypatch.setenv(SETTING, str(folder / "w.key"))
    with served(store, open_signer(store)) as second:
        second.trust(log)
        filled(log, 12)
        assert ask(log, witness) == {witness.signer.origin: None}
        shown_to_first = lines_of(log, Selection(persons=("anna",)))
        for table in (
            "audit_checkpoint",
            "audit_tree",
            "audit_record",
            "audit_subject",
            "audit_index_group",
            "audit_term",
            "audit_cosignature",
        ):
            log.change(f"DELETE FROM {table}")  # noqa: S608  # names of ours
        log.writer().append_all([access_record(n, person="bo") for n in range(12)])
        log.sequence()
        with log.store.write() as connection:
            ask_witness(connection, second.signer.verifier, second.url)
        faults = Cosigner(log.store).ask_now()
        assert faults == {witness.signer.origin: FORK, second.signer.origin: None}
        shown_to_second = lines_of(log, Selection(persons=("anna",)))
        both = [key_of(witness), key_of(second)]
        for lines in (shown_to_first, shown_to_second):
            assert verify_export(lines)["verified"]
            assert not verify_export(lines, witnesses=both)["verified"]
    store.close()
