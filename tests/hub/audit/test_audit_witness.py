"""Witnesses: a hub co-signs what continues what it saw, and never two histories of one log.

The witness runs as a real server on a socket; the log asks it over HTTP.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from audit_log import Log, access_record
from test_audit_export import filled, lines_of

from hub.audit.cosigned import FORK, Cosigner, ask_witness
from hub.audit.export import Selection, latest
from hub.audit.handover import Ended, hand_over
from hub.audit.key import SETTING, open_signer
from hub.audit.merkle import consistency_proof
from hub.audit.note import Checkpoint, NoteError, Signer, read_checkpoint, signed_note
from hub.audit.stored_tree import StoredTree
from hub.audit.verify_file import verify_export
from hub.audit.verify_note import WitnessKey
from hub.audit.witness import add_checkpoint, trust_log
from hub.store.connect import Store

NOW = datetime(2026, 3, 1, 13, tzinfo=UTC)


class Witness:
    """Another organisation's store, which witnesses; `url` is where it answers."""

    def __init__(self, store: Store, signer: Signer, url: str) -> None:
        self.store, self.signer, self.url = store, signer, url

    def trust(self, log: Log) -> None:
        with self.store.write() as connection:
            trust_log(connection, log.signer.verifier)

    def add(self, body: str) -> tuple[int, str]:
        with self.store.write() as connection:
            reply = add_checkpoint(connection, self.signer, body, NOW)
        return reply.status, reply.body


@contextmanager
def served(store: Store, signer: Signer) -> Iterator[Witness]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/add-checkpoint"
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, text = witness.add(body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    witness = Witness(store, signer, f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield witness
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def witness(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: Log
) -> Iterator[Witness]:
    file = tmp_path / "witness.db"
    file.write_bytes(sqlite_template.read_bytes())
    store = Store(f"sqlite:///{file}")
    monkeypatch.setenv(SETTING, str(tmp_path / "witness.key"))
    signer = open_signer(store)
    with served(store, signer) as at_work:
        at_work.trust(log)
        yield at_work
    store.close()


def ask(log: Log, witness: Witness) -> dict[str, str | None]:
    with log.store.write() as connection:
        ask_witness(connection, witness.signer.verifier, witness.url)
    return Cosigner(log.store).ask_now()


def key_of(witness: Witness) -> WitnessKey:
    return WitnessKey(witness.signer.origin, witness.signer.verifier.public)


def test_every_checkpoint_is_cosigned_and_an_export_shows_it(log: Log, witness: Witness) -> None:
    name = witness.signer.origin
    for count in (5, 300, 1):
        log.append(log.writer(), count)
        log.sequence()
        assert ask(log, witness) == {name: None}
    report = verify_export(
        lines_of(log, Selection(persons=("a1b2c3",))), witnesses=[key_of(witness)]
    )
    assert (report["verified"], list(report["witnesses"])) == (True, [name])


def test_without_the_witnesss_name_an_export_does_not_do(log: Log, witness: Witness) -> None:
    filled(log, 10)
    lines = lines_of(log, Selection(persons=("anna",)))
    assert verify_export(lines)["verified"] is True
    report = verify_export(lines, witnesses=[key_of(witness)])
    assert [fault["text"] for fault in report["faults"]] == [
        f"the checkpoint is not co-signed by {witness.signer.origin}"
    ]


def test_a_fork_is_refused(log: Log, witness: Witness) -> None:
    filled(log, 10)
    assert ask(log, witness) == {witness.signer.origin: None}
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
    log.writer().append_all([access_record(n, user="SE2329999990-P777") for n in range(12)])
    log.sequence()
    assert ask(log, witness) == {witness.signer.origin: FORK}


def test_an_old_checkpoint_that_is_put_back_is_noticed(log: Log, witness: Witness) -> None:
    log.append(log.writer(), 5)
    log.sequence()
    kept = {
        table: log.rows(f"SELECT * FROM {table}")  # noqa: S608  # names of ours
        for table in ("audit_tree", "audit_checkpoint")
    }
    log.append(log.writer(), 5)
    log.sequence()
    assert ask(log, witness) == {witness.signer.origin: None}
    log.change("DELETE FROM audit_checkpoint WHERE size > 5")
    log.change("DELETE FROM audit_tree WHERE leaf_index >= 5")
    log.change("DELETE FROM audit_cosignature")
    assert len(log.rows("SELECT * FROM audit_tree")) == len(kept["audit_tree"])
    assert ask(log, witness) == {witness.signer.origin: FORK}


def body(log: Log, old: int, size: int, note: str) -> str:
    import base64  # noqa: PLC0415

    with log.store.read() as connection:
        proof = consistency_proof(StoredTree(connection), size, old) if old else []
    hashes = "".join(f"{base64.b64encode(each).decode()}\n" for each in proof)
    return f"old {old}\n{hashes}\n{note}"


def test_each_refusal_has_its_status_and_changes_nothing(log: Log, witness: Witness) -> None:
    log.append(log.writer(), 5)
    first = log.sequence()
    log.append(log.writer(), 6)
    second = log.sequence()
    assert witness.add(body(log, 0, 5, first))[0] == 200
    wrong = body(log, 5, 11, second).replace("old 5\n", "old 5\nAAAA\n")
    assert witness.add(wrong)[0] == 400
    assert witness.add(body(log, 0, 11, second)) == (409, "5\n")
    assert witness.add(f"old 5\n\n{second}")[0] == 422
    assert witness.add(f"old 12\n\n{second}")[0] == 400
    assert witness.add(body(log, 5, 11, second.replace("\n11\n", "\n12\n")))[0] == 403
    other = Signer.generate("samvy/other")
    assert witness.add(f"old 0\n\n{second.replace(log.signer.origin, other.origin)}")[0] == 404
    assert witness.add("hello")[0] == 400
    assert witness.add("old 0\n" + "A" * 70_000 + f"\n\n{first}")[0] == 400
    assert witness.add(body(log, 5, 11, second))[0] == 200
    assert witness.add(body(log, 5, 11, second)) == (409, "11\n")
    assert witness.add(body(log, 11, 11, second))[0] == 200


def test_a_name_is_witnessed_under_one_key(log: Log, witness: Witness) -> None:
    impostor = Signer.generate(log.signer.origin)
    with witness.store.write() as connection, pytest.raises(NoteError, match="another key"):
        trust_log(connection, impostor.verifier)


def test_a_witness_that_is_away_is_said_to_be(log: Log, witness: Witness) -> None:
    filled(log, 3)
    with log.store.write() as connection:
        ask_witness(connection, witness.signer.verifier, "http://127.0.0.1:9")
    faults = Cosigner(log.store).ask_now()
    assert "could not be asked" in str(faults[witness.signer.origin])


def test_a_cosignature_by_another_key_is_not_taken(log: Log, witness: Witness) -> None:
    filled(log, 3)
    impostor = Signer.generate(witness.signer.origin)
    with log.store.write() as connection:
        ask_witness(connection, impostor.verifier, witness.url)
    faults = Cosigner(log.store).ask_now()
    assert "does not hold" in str(faults[witness.signer.origin])
    with log.store.read() as connection:
        assert "samvy" in latest(connection)[0]
    assert log.rows("SELECT * FROM audit_cosignature") == []


def hand(log: Log, ended: Ended | None = None) -> Signer:
    """Hand over to a new key; return the old one. The witness's own key file lies elsewhere."""
    old = log.signer
    hand_over(log.store, NOW, ended)
    log.signer = open_signer(log.store)
    return old


@pytest.fixture
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, witness: Witness) -> None:
    """The log's key file is named again, and no more the witness's."""
    assert witness.signer.origin
    monkeypatch.setenv(SETTING, str(tmp_path / "log.key"))


@pytest.mark.usefixtures("own_key")
@pytest.mark.parametrize("seen", [0, 5])
def test_a_witness_follows_the_handovers(log: Log, witness: Witness, seen: int) -> None:
    """Also over two that came while it was away."""
    name = witness.signer.origin
    if seen:
        log.append(log.writer(), seen)
        log.sequence()
        assert ask(log, witness) == {name: None}
    old = [hand(log), hand(log)]
    log.append(log.writer(), 7)
    note = log.sequence()
    assert ask(log, witness) == {name: None}
    report = verify_export(
        lines_of(log, Selection(persons=("a1b2c3",))), witnesses=[key_of(witness)]
    )
    assert report["verified"]
    for signer in old:  # none of which is believed any more
        forged = signer.sign(read_checkpoint(note))
        assert witness.add(f"old {seen + 9}\n\n{forged}")[0] == 403
    hand(log, Ended.STOLEN)
    assert ask(log, witness) == {name: None}


@pytest.mark.usefixtures("own_key")
def test_a_witness_refuses_a_new_key_that_nobody_announced(log: Log, witness: Witness) -> None:
    log.append(log.writer(), 5)
    note = log.sequence()
    assert ask(log, witness) == {witness.signer.origin: None}
    thief = Signer.generate(log.signer.origin)
    checkpoint = read_checkpoint(note)
    named = replace(checkpoint, successor=thief.verifier.text())
    other = replace(named, origin="samvy/other")
    elsewhere = Signer.generate("samvy/other")
    for forged in (
        thief.sign(checkpoint),
        thief.sign(named),
        signed_note(replace(named, ended="lost"), [thief]),
        log.signer.sign(named),  # named, and not held by whoever sends it
        signed_note(replace(checkpoint, successor=elsewhere.verifier.text()), [log.signer]),
        other.text() + "\n" + elsewhere.signature_line(other),
    ):
        assert witness.add(f"old 5\n\n{forged}")[0] in (403, 404), forged
    assert witness.add(f"old 5\n\n{note}")[0] == 200  # the old key is the log's still


@pytest.mark.usefixtures("own_key")
def test_a_second_handover_by_the_same_key_is_refused(log: Log, witness: Witness) -> None:
    """Whoever has stolen the old key comes second."""
    log.append(log.writer(), 5)
    log.sequence()
    assert ask(log, witness) == {witness.signer.origin: None}
    thief = hand(log)
    assert ask(log, witness) == {witness.signer.origin: None}
    (note,) = log.rows("SELECT note FROM audit_checkpoint WHERE size = 6")[0]
    mine = Signer.generate(thief.origin)
    forged = replace(read_checkpoint(note), successor=mine.verifier.text())
    assert witness.add(f"old 6\n\n{signed_note(forged, [thief, mine])}")[0] == 403


@pytest.mark.usefixtures("own_key")
def test_a_lost_key_is_replaced_at_the_witness_by_hand_and_its_history_goes_on(
    log: Log, witness: Witness, tmp_path: Path
) -> None:
    log.append(log.writer(), 5)
    log.sequence()
    assert ask(log, witness) == {witness.signer.origin: None}
    (tmp_path / "log.key").unlink()
    hand(log, Ended.LOST)
    assert ask(log, witness) == {witness.signer.origin: "the witness answered 403"}
    with witness.store.write() as connection:
        trust_log(connection, log.signer.verifier, instead=True)
    assert ask(log, witness) == {witness.signer.origin: None}
    fork = log.signer.sign(Checkpoint(log.signer.origin, 3, bytes(32)))
    assert witness.add(f"old 0\n\n{fork}") == (409, "6\n")
