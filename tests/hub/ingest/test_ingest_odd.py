"""Odd but plausible answers: taken, or told what is wrong with them; no receipt names a person."""

import json
from base64 import b64encode
from dataclasses import replace

import pytest

from hub.ingest.receipt import State
from tests.hub.ingest.desk import OWN, Desk
from tests.hub.ingest.documents import SIGNE, SYSTEM, Doc, diagnoses, notes_2

PDF = b64encode(b"%PDF-1.4 " + b"x" * 100).decode()
BROKEN = "&#13;\n   ".join(PDF[start : start + 20] for start in range(0, len(PDF), 20))
EXTRA = f"<e:more xmlns:e='urn:riv:x:2.9'><e:number>{SIGNE}</e:number></e:more>"


def _attached(value: str) -> bytes:
    entry = f"<d:mediaType>application/pdf</d:mediaType><d:value>{value}</d:value>"
    extra = f"<d:multimediaEntry>{entry}</d:multimediaEntry>"
    return notes_2(Doc("N-1", text="?", extra=extra))


def _bare(content: bytes) -> str:
    """Return the message without its declaration."""
    text = content.decode()
    return text[text.index("?>") + 2 :] if text.startswith("<?xml") else text


PLAIN = _bare(diagnoses(Doc(text="Ångest")))


@pytest.mark.parametrize(
    ("content", "state", "code"),
    [
        (PLAIN.encode("utf-16"), State.STORED, None),
        (PLAIN.encode("latin-1"), State.QUARANTINED, "wrong-encoding"),
        (diagnoses(Doc(text="Anna &amp;amp; Bo")), State.STORED, None),
        (diagnoses(Doc(text="Anna & Bo")), State.QUARANTINED, "unknown-entity"),
        (diagnoses(Doc(text="Hb&nbsp;90")), State.QUARANTINED, "unknown-entity"),
        (_attached(BROKEN), State.STORED, None),
        (_attached(PDF[:-3]), State.STORED, "damaged-attachment"),
        (diagnoses(Doc("X" * 5000)), State.STORED, None),
        (diagnoses(Doc()).replace(SYSTEM.encode(), b"Y" * 3000), State.STORED, None),
        (diagnoses(Doc(time="20260329023000")), State.STORED, "impossible-time"),
        (diagnoses(Doc(time="20261025023000")), State.STORED, "ambiguous-time"),
        (diagnoses(Doc(time="20260329")), State.STORED, None),
        (diagnoses(Doc(extra=EXTRA)), State.STORED, None),
        (diagnoses(Doc(extra=EXTRA.replace("more", f"n{SIGNE}"))), State.STORED, None),
        (diagnoses(Doc(SIGNE)), State.STORED, None),
    ],
)
def test_it_is_taken_or_says_what_is_wrong(
    small_desk: Desk, content: bytes, state: State, code: str | None
) -> None:
    receipt = small_desk.taken(content)
    assert receipt.state is state
    said = {note.code for note in receipt.issues} - {"test-number"}
    assert said == ({code} if code else set())
    assert SIGNE not in json.dumps(receipt.as_json())


def test_line_breaks_in_an_attachment_change_nothing_of_it(small_desk: Desk) -> None:
    small_desk.know()
    small_desk.taken(_attached(BROKEN))
    (found,) = small_desk.read(OWN)
    (content,) = json.loads(found.body)["content"]
    assert content["attachment"]["data"] == PDF


def test_what_a_message_holds_beyond_its_contract_is_named_by_its_path(small_desk: Desk) -> None:
    receipt = small_desk.taken(diagnoses(replace(Doc(), extra=EXTRA)))
    assert receipt.unmapped == ("diagnosisBody/more",)
