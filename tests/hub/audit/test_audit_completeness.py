"""All accesses of a person are proven to be all: also after gallring, and if it is a pretext."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from audit_log import NOON, Log, access_record
from test_audit_export import filled, lines_of, payloads

from hub.audit import gallring
from hub.audit.export import Selection, export
from hub.audit.gallring import erase_before
from hub.audit.note import open_checkpoint
from hub.audit.person_index import make_again
from hub.audit.verify_file import verify_export

ANNA = Selection(persons=("anna",))
LATER = datetime(2031, 4, 1, tzinfo=UTC)
Lines = list[bytes]
MARK = b"samvy-log-export/1\n"


def signed(log: Log, body: Lines, records: int) -> Lines:
    """A file that its holder signs, whatever it says."""
    signature = log.signer.private.sign(MARK + sha256(MARK + b"".join(body)).digest())
    end = {"end": records, "signature": base64.b64encode(signature).decode()}
    return [*body, json.dumps(end).encode() + b"\n"]


def line(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=False).encode() + b"\n"


def shown(lines: Lines) -> list[int]:
    return [at for at, each in enumerate(lines) if b'"record":' in each[:200]]


def leaf_of(each: bytes) -> str:
    fields = json.loads(each)
    leaf = sha256(b"\x00" + base64.b64decode(fields["salt"]) + fields["record"].encode()).digest()
    return base64.b64encode(leaf).decode()


def texts(lines: Lines) -> list[str]:
    return [fault["text"] for fault in verify_export(lines)["faults"]]


def later(log: Log, selection: Selection = ANNA) -> Lines:
    with log.store.read() as connection:
        return list(export(connection, log.signer, selection, LATER))


def test_after_gallring_a_persons_export_is_whole_and_says_how_much_is_gone(log: Log) -> None:
    filled(log, 90)
    erase_before(log.store, log.writer(), NOON + timedelta(seconds=46), LATER)
    log.writer().append(access_record(500, person="anna", recorded=LATER))
    log.sequence()
    lines = later(log)
    report = verify_export(lines)
    assert (report["verified"], report["complete"], report["faults"]) == (True, True, [])
    assert (report["records"], report["erased"]) == (31, 16)
    assert len(payloads(lines)) == 15
    assert log.faults() == []


def test_a_record_that_is_kept_back_as_if_erased_is_found(log: Log) -> None:
    """The holder leaves an access out and puts its bare leaf there, as of an erased record."""
    lines = lines_of(filled(log, 60), ANNA)
    at = shown(lines)[7]
    place = json.loads(lines[at])["leaf"]
    bare = line({"leaf": place, "hash": leaf_of(lines[at]), "person": "anna"})
    forged = signed(log, [*lines[:at], bare, *lines[at + 1 : -1]], 20)
    assert texts(forged) == ["a record is kept back that is too young to be erased"]


def test_the_first_of_all_kept_back_is_counted_as_erased(log: Log) -> None:
    """Nothing before it tells its age: but that there is one that says nothing is not hidden."""
    lines = lines_of(filled(log, 60), ANNA)
    at = shown(lines)[0]
    bare = line({"leaf": 0, "hash": leaf_of(lines[at]), "person": "anna"})
    report = verify_export(signed(log, [*lines[:at], bare, *lines[at + 1 : -1]], 20))
    assert (report["complete"], report["records"], report["erased"]) == (True, 20, 1)


def test_an_erasure_before_its_time_is_found_although_a_record_names_it(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever runs the hub has the rule taken out, and the log say that it was gallring."""
    filled(log, 60)
    erase_before(log.store, log.writer(), NOON + timedelta(seconds=5), LATER)
    log.sequence()
    assert log.faults() == []
    monkeypatch.setattr(gallring, "KEPT", timedelta(0))
    monkeypatch.setattr(gallring, "_old", lambda c, _: [] if gone else _row(c))
    gone: list[int] = []

    def _row(connection: Any) -> list[Any]:  # noqa: ANN401  # a connection
        from sqlalchemy import select  # noqa: PLC0415

        from hub.store.schema.audit import audit_tree  # noqa: PLC0415

        gone.append(1)
        columns = (audit_tree.c.leaf_index, audit_tree.c.chain, audit_tree.c.position)
        return list(connection.execute(select(*columns).where(audit_tree.c.leaf_index == 30)))

    early = NOON + timedelta(days=100)
    assert erase_before(log.store, log.writer(), early, early) == 1
    log.sequence()
    assert [kind for kind, _ in log.faults()] == ["early"]


@pytest.mark.parametrize(
    "hide",
    [
        "UPDATE audit_tree SET subject = NULL WHERE leaf_index = 30",
        "DELETE FROM audit_subject WHERE records > 5",
        "UPDATE audit_record SET payload = NULL, salt = NULL, person = NULL WHERE position = 30",
        "DELETE FROM audit_record WHERE position = 30",
    ],
)
def test_an_access_hidden_beside_a_true_gallring_is_found(log: Log, hide: str) -> None:
    filled(log, 60)
    erase_before(log.store, log.writer(), NOON + timedelta(seconds=20), LATER)
    log.sequence()
    assert log.faults() == []
    assert log.change(hide)
    assert log.faults() != []


def test_the_index_is_made_again_from_a_tree_with_erased_records(log: Log) -> None:
    filled(log, 60)
    erase_before(log.store, log.writer(), NOON + timedelta(seconds=31), LATER)
    note = log.sequence()
    with log.store.write() as connection:
        assert make_again(connection) == open_checkpoint(note, log.signer.verifier).index


def test_linked_and_unlinked_keys_are_each_proven_whole(log: Log) -> None:
    """A link says whose records are asked for; the index knows each key by itself."""
    filled(log, 60)
    alone = verify_export(lines_of(log, ANNA))
    together = verify_export(lines_of(log, Selection(persons=("anna", "bo"))))
    log.append(log.writer(), 3)
    log.sequence()
    again = verify_export(lines_of(log, ANNA))
    assert [each["records"] for each in (alone, together, again)] == [20, 40, 20]
    assert all(each["complete"] for each in (alone, together, again))


def _second_key_left_out(head: dict[str, Any]) -> None:
    head["persons"].pop()


def _fewer_counted(head: dict[str, Any]) -> None:
    head["persons"][0]["bucket"][0][1] -= 1


def _other_buckets_path(head: dict[str, Any]) -> None:
    head["persons"][0]["path"], head["persons"][1]["path"] = (
        head["persons"][1]["path"],
        head["persons"][0]["path"],
    )


def _no_entry(head: dict[str, Any]) -> None:
    head["persons"][0]["bucket"] = []


def _shorter_path(head: dict[str, Any]) -> None:
    head["persons"][0]["path"].pop()


@pytest.mark.parametrize(
    "forge", [_second_key_left_out, _fewer_counted, _other_buckets_path, _no_entry, _shorter_path]
)
def test_a_forged_proof_of_completeness_is_found(
    log: Log, forge: Callable[[dict[str, Any]], None]
) -> None:
    lines = lines_of(filled(log, 60), Selection(persons=("anna", "bo")))
    head = json.loads(lines[0])
    assert texts(signed(log, [line(head), *lines[1:-1]], 40)) == []
    forge(head)
    assert texts(signed(log, [line(head), *lines[1:-1]], 40)) != []


def test_two_entries_for_one_person_are_no_proof(log: Log) -> None:
    """A signed index that counts somebody twice would fit either file."""
    lines = lines_of(filled(log, 60), ANNA)
    head = json.loads(lines[0])
    bucket = head["persons"][0]["bucket"]
    bucket.append(bucket[0])
    assert texts(signed(log, [line(head), *lines[1:-1]], 20)) != []


def test_an_old_checkpoint_does_not_prove_the_present(log: Log) -> None:
    filled(log, 30)
    old = lines_of(log, ANNA)
    filled(log, 30)
    new = lines_of(log, ANNA)
    head = {**json.loads(new[0]), "checkpoint": json.loads(old[0])["checkpoint"]}
    assert texts(signed(log, [line(head), *new[1:-1]], 20)) != []
