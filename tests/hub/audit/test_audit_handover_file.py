"""Exports that span several keys of the log: verified offline with any one of them, and no forgery.

A file holds the handovers between the keys; one that is missing or forged leads nowhere.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from audit_log import Log
from test_audit_export import filled, lines_of, payloads
from test_audit_handover import grown, handed_over

from hub.audit.export import Selection
from hub.audit.handover import Ended
from hub.audit.note import Checkpoint, Signer, read_checkpoint, signed_note
from hub.audit.verify import Key
from hub.audit.verify_file import verify_export

ANNA = Selection(persons=("anna",))
Lines = list[bytes]


def key_of(signer: Signer) -> Key:
    return signer.origin, signer.verifier.public


def keys_and_file(log: Log) -> tuple[list[Key], Lines]:
    """Three keys one after another, and an export that spans them."""
    filled(log, 70)
    keys = []
    for _ in range(2):
        keys.append(key_of(handed_over(log)))
        grown(log)
    return [*keys, key_of(log.signer)], lines_of(log, ANNA)


def said(lines: Lines, key: Key | None = None) -> list[str]:
    return [fault["text"] for fault in verify_export(lines, key=key)["faults"]]


def signed_anew(signer: Signer, lines: Lines, head: dict[str, Any]) -> Lines:
    """The file with another head, signed so that only what the head says can be wrong."""
    body = [json.dumps(head, ensure_ascii=False).encode() + b"\n", *lines[1:-1]]
    mark = b"samvy-log-export/1\n"
    signature = signer.private.sign(mark + sha256(mark + b"".join(body)).digest())
    end = {**json.loads(lines[-1]), "signature": base64.b64encode(signature).decode()}
    return [*body, json.dumps(end).encode() + b"\n"]


@pytest.mark.parametrize("known", [0, 1, 2, None])
def test_an_export_over_three_keys_verifies_with_any_of_them(log: Log, known: int | None) -> None:
    keys, lines = keys_and_file(log)
    report = verify_export(lines, key=None if known is None else keys[known])
    assert report["faults"] == []
    assert (report["complete"], report["records"]) == (True, len(payloads(lines)))


def test_a_period_whose_records_lie_on_either_side_of_a_handover_verifies(log: Log) -> None:
    keys, _ = keys_and_file(log)
    everything = Selection(
        start=datetime(2020, 1, 1, tzinfo=UTC), end=datetime(2030, 1, 1, tzinfo=UTC)
    )
    for selection in (
        everything,
        Selection(persons=("nobody",)),
        Selection(persons=("anna", "bo")),
    ):
        assert said(lines_of(log, selection), keys[0]) == []


def _left_out(head: dict[str, Any]) -> None:
    del head["handovers"][0]


def _the_last_left_out(head: dict[str, Any]) -> None:
    del head["handovers"][1]


def _left_out_with_its_key(head: dict[str, Any]) -> None:
    del head["handovers"][0], head["keys"][0]


def _none_at_all(head: dict[str, Any]) -> None:
    del head["handovers"], head["keys"]


def _exchanged(head: dict[str, Any]) -> None:
    head["handovers"].reverse()


def _an_old_key_twice(head: dict[str, Any]) -> None:
    head["keys"][1] = head["keys"][0]


def _signed_by_the_old_one_alone(head: dict[str, Any]) -> None:
    text, _, lines = head["handovers"][0].partition("\n\n")
    head["handovers"][0] = text + "\n\n" + lines.splitlines()[0] + "\n"


def _signed_by_the_new_one_alone(head: dict[str, Any]) -> None:
    text, _, lines = head["handovers"][0].partition("\n\n")
    head["handovers"][0] = text + "\n\n" + lines.splitlines()[1] + "\n"


def _of_another_size(head: dict[str, Any]) -> None:
    head["handovers"][0] = head["handovers"][0].replace("\n71\n", "\n70\n")


FORGERIES = [
    _left_out,
    _the_last_left_out,
    _left_out_with_its_key,
    _none_at_all,
    _exchanged,
    _an_old_key_twice,
    _signed_by_the_old_one_alone,
    _signed_by_the_new_one_alone,
    _of_another_size,
]


@pytest.mark.parametrize("forge", FORGERIES)
def test_a_handover_that_is_forged_or_left_out_is_found(
    log: Log, forge: Callable[[dict[str, Any]], None]
) -> None:
    keys, lines = keys_and_file(log)
    head = json.loads(lines[0])
    assert said(signed_anew(log.signer, lines, head), keys[0]) == []
    forge(head)
    assert said(signed_anew(log.signer, lines, head), keys[0]) != []


def test_a_handover_to_a_thiefs_key_needs_the_old_key(log: Log) -> None:
    """Who has altered the store, and made a key of their own, signs the handover with that."""
    filled(log, 30)
    thief = Signer.generate(log.signer.origin)
    lines, head = lines_of(log, ANNA), json.loads(lines_of(log, ANNA)[0])
    checkpoint = read_checkpoint(head["checkpoint"])
    named = replace(checkpoint, size=30, successor=thief.verifier.text())
    head |= {
        "keys": [head["log"], thief.verifier.text()],
        "log": thief.verifier.text(),
        "handovers": [signed_note(named, [thief])],
        "checkpoint": thief.sign(checkpoint),
    }
    forged = signed_anew(thief, lines, head)
    assert said(forged, key_of(log.signer)) == [
        "a handover is not signed by the key that hands over"
    ]
    head["handovers"] = [signed_note(replace(named, ended="lost"), [thief])]
    forged = signed_anew(thief, lines, head)
    assert "was lost" in said(forged, key_of(log.signer))[0]


def test_an_export_by_the_old_key_after_its_end_is_found(log: Log) -> None:
    """By whoever knows the new key, and by whoever is given the handover too."""
    filled(log, 30)
    old = handed_over(log)
    grown(log)
    lines = lines_of(log, ANNA)
    head = json.loads(lines[0])
    checkpoint = old.sign(read_checkpoint(head["checkpoint"]))
    head |= {"log": old.verifier.text(), "checkpoint": checkpoint}
    assert said(signed_anew(old, lines, head), key_of(old)) != []
    del head["keys"], head["handovers"]
    assert said(signed_anew(old, lines, head), key_of(log.signer)) != []


def test_a_stolen_key_is_believed_as_far_as_it_signed_for_the_log(log: Log) -> None:
    filled(log, 30)
    before = lines_of(log, ANNA)
    thief = handed_over(log, Ended.STOLEN)
    grown(log)
    lines = lines_of(log, ANNA)
    assert said(lines, key_of(log.signer)) == []
    # with the stolen key alone the log cannot be told from what the thief makes of it
    assert "was stolen" in said(lines, key_of(thief))[0]
    head = json.loads(before[0])
    head["checkpoint"] = thief.sign(Checkpoint(thief.origin, 31, bytes(32)))
    assert said(signed_anew(thief, before, head), key_of(log.signer)) != []


def test_from_a_lost_key_nothing_leads_on_and_the_new_one_leads_back(
    log: Log, tmp_path: Path
) -> None:
    filled(log, 30)
    old = log.signer
    (tmp_path / "log.key").unlink()
    handed_over(log, Ended.LOST)
    grown(log)
    lines = lines_of(log, ANNA)
    assert said(lines, key_of(log.signer)) == []
    assert "was lost" in said(lines, key_of(old))[0]


def test_a_tree_that_does_not_continue_what_an_earlier_key_signed_last_is_found(log: Log) -> None:
    """The new key's holder forks: another history, and the old key's handover before it."""
    keys, lines = keys_and_file(log)
    head = json.loads(lines[0])
    other = Checkpoint(log.signer.origin, 71, bytes(32), successor=head["keys"][1])
    first, second = (Signer.generate(log.signer.origin) for _ in "ab")
    head["keys"] = [first.verifier.text(), second.verifier.text(), log.signer.verifier.text()]
    head["handovers"] = [
        signed_note(replace(other, successor=head["keys"][1]), [first, second]),
        signed_note(
            replace(read_checkpoint(head["handovers"][1]), successor=head["keys"][2]),
            [second, log.signer],
        ),
    ]
    assert said(signed_anew(log.signer, lines, head), keys[2]) == [
        "the records are not those that an earlier key signed last"
    ]
