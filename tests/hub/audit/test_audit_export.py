"""An export verifies offline, and any change of it is found; a person's is all there is."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from audit_log import NOON, Log, access_record

from hub.audit.export import Selection, export
from hub.audit.note import Signer
from hub.audit.record import Shown
from hub.audit.verify_file import verify_export

MADE = datetime(2026, 6, 1, tzinfo=UTC)
PERSONS = ("anna", "bo", None)


def filled(log: Log, count: int = 700) -> Log:
    """A log of so many records, of three organisations, about two persons and nobody in turn."""
    writer = log.writer()
    records = [
        access_record(
            number,
            person=PERSONS[number % 3],
            organisation=f"SE2329999990-000{number % 2}",
            shown=(Shown(f"SE2329999991-000{number % 5}", None, (f"Condition/c{number}",)),),
        )
        for number in range(count)
    ]
    writer.append_all(records)
    log.sequence()
    return log


def lines_of(log: Log, selection: Selection) -> list[bytes]:
    with log.store.read() as connection:
        return list(export(connection, log.signer, selection, MADE))


def payloads(lines: list[bytes]) -> list[dict[str, object]]:
    return [json.loads(json.loads(line)["record"]) for line in lines if b'"record":' in line[:200]]


def test_a_persons_export_is_all_and_nothing_else(log: Log) -> None:
    lines = lines_of(filled(log), Selection(persons=("anna",)))
    report = verify_export(lines)
    assert report["faults"] == []
    assert (report["verified"], report["complete"], report["records"]) == (True, True, 234)
    assert {each["person"] for each in payloads(lines)} == {"anna"}


def test_a_person_nobody_has_read_about_is_proven_so(log: Log) -> None:
    report = verify_export(lines_of(filled(log, 20), Selection(persons=("nobody",))))
    assert (report["verified"], report["complete"], report["records"]) == (True, True, 0)


def test_two_linked_keys_are_one_person(log: Log) -> None:
    report = verify_export(lines_of(filled(log, 90), Selection(persons=("anna", "bo"))))
    assert (report["verified"], report["complete"], report["records"]) == (True, True, 60)


def test_an_organisations_export_has_its_staffs_accesses_and_those_to_its_data(log: Log) -> None:
    lines = lines_of(filled(log), Selection(organisation="SE2329999991-0003"))
    report = verify_export(lines)
    assert (report["verified"], report["complete"], report["records"]) == (True, False, 140)
    own = lines_of(log, Selection(organisation="SE2329999990-0001"))
    assert verify_export(own)["records"] == 350


def test_a_period_begins_and_ends_as_it_says(log: Log) -> None:
    start, end = NOON + timedelta(seconds=10), NOON + timedelta(seconds=20)
    lines = lines_of(filled(log, 40), Selection(start=start, end=end))
    assert [each["id"] for each in payloads(lines)] == [f"record-{n}" for n in range(10, 20)]
    assert verify_export(lines)["verified"] is True


def _altered(lines: list[bytes]) -> list[bytes]:
    return [line.replace(b"-P003", b"-P004") for line in lines]


def _dropped(lines: list[bytes]) -> list[bytes]:
    at = next(i for i, line in enumerate(lines) if b'"record":' in line[:200])
    return lines[:at] + lines[at + 1 :]


def _cut_off(lines: list[bytes]) -> list[bytes]:
    return lines[:-1]


def _exchanged(lines: list[bytes]) -> list[bytes]:
    at = [i for i, line in enumerate(lines) if b'"record":' in line[:200]][:2]
    out = list(lines)
    out[at[0]], out[at[1]] = lines[at[1]], lines[at[0]]
    return out


def _doubled(lines: list[bytes]) -> list[bytes]:
    return [*lines[:3], lines[2], *lines[3:]]


def _lengthened(lines: list[bytes]) -> list[bytes]:
    return [*lines, lines[2]]


def _signed_otherwise(lines: list[bytes]) -> list[bytes]:
    end = json.loads(lines[-1])
    return [*lines[:-1], json.dumps({**end, "signature": "AAAA"}).encode() + b"\n"]


def _asked_otherwise(lines: list[bytes]) -> list[bytes]:
    return [lines[0].replace(b'"asked"', b'"Asked"'), *lines[1:]]


CHANGES = [
    _altered,
    _dropped,
    _cut_off,
    _exchanged,
    _doubled,
    _lengthened,
    _signed_otherwise,
    _asked_otherwise,
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_was_changed_does_not_verify(
    log: Log, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    lines = lines_of(filled(log, 60), Selection(persons=("anna",)))
    changed = change(lines)
    assert changed != lines
    report = verify_export(changed)
    assert report["verified"] is False
    assert report["faults"]


def test_a_lost_record_cannot_be_left_out_behind_a_subtree(log: Log) -> None:
    """Whoever made the export left one of the person's records out, and signed it so."""
    lines = lines_of(filled(log, 60), Selection(persons=("anna",)))
    at = next(i for i, line in enumerate(lines) if b'"record":' in line[:200])
    record = json.loads(lines[at])
    salt = base64.b64decode(record["salt"])
    from hashlib import sha256  # noqa: PLC0415

    leaf = sha256(b"\x00" + salt + record["record"].encode()).digest()
    node = json.dumps({"nodes": [[0, base64.b64encode(leaf).decode()]]}).encode() + b"\n"
    end = json.loads(lines[-1])
    body = [*lines[:at], node, *lines[at + 1 : -1]]
    digest = sha256(b"samvy-log-export/1\n" + b"".join(body)).digest()
    signature = log.signer.private.sign(b"samvy-log-export/1\n" + digest)
    end = {"end": end["end"] - 1, "signature": base64.b64encode(signature).decode()}
    report = verify_export([*body, json.dumps(end).encode() + b"\n"])
    assert [fault["text"] for fault in report["faults"]] == [
        "the index counts 20 records about the person and the file holds 19, or others"
    ]


def test_another_logs_file_is_not_taken_for_this_ones(log: Log) -> None:
    lines = lines_of(filled(log, 9), Selection(persons=("anna",)))
    ours = log.signer.verifier
    assert verify_export(lines, key=(ours.origin, ours.public))["key"] == "outside"
    other = Signer.generate(ours.origin).verifier
    assert verify_export(lines, key=(other.origin, other.public))["verified"] is False


@pytest.mark.parametrize(
    "content",
    [
        [],
        [b"\n"],
        [b"{}\n"],
        [b"[]\n"],
        [b'{"format":"samvy-log-export/1"}\n'],
        [b"\xff\xfe\n"],
        [b"[" * 100_000 + b"\n"],
        [b'{"format":"samvy-log-export/2","log":"x"}\n'],
        [b"SQLite format 3\x00"],
    ],
)
def test_what_is_no_export_is_said_to_be_none(content: list[bytes]) -> None:
    report = verify_export(content)
    assert report["verified"] is False
    assert report["faults"]


def test_an_erased_record_stays_in_its_place_and_says_nothing(log: Log) -> None:
    filled(log, 9)
    log.change(
        "UPDATE audit_record SET salt = NULL, payload = NULL, person = NULL WHERE position = 0"
    )
    lines = lines_of(log, Selection(persons=("anna",)))
    report = verify_export(lines)
    assert (report["verified"], report["complete"], report["records"]) == (True, True, 3)
    assert [each["id"] for each in payloads(lines)] == ["record-3", "record-6"]
