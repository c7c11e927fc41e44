"""P6: an export that is interrupted is gone on with, and late ones overwrite nothing."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
from base64 import b64decode
from pathlib import Path

import pytest

from adapters.incoming import OnDisk
from hub.config.source import Source
from hub.fhir.json_codec import decode
from hub.ingest.delivery import Document, ingest_document
from hub.ingest.gathering import AT_ONCE
from hub.ingest.receipt import Receipt
from hub.store import identity_key
from hub.store.directory import load_sources
from tests.bench.made_export import ADAPTER, FORMS, Made, number, profile, write
from tests.hub.ingest.desk import FROM, HOUR, NAMND, Desk

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-W", "error", "-c", "from hub.cli.main import run; run()", "ingest"]
LIMIT = 240
PERSONS = 3 * AT_ONCE


@pytest.fixture
def two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have persons written two at a time, so that few of them can be interrupted half-way."""
    monkeypatch.setattr("hub.ingest.gathering.AT_ONCE", 2)


def source(desk: Desk, form: str = "json", *, complete: bool = True, **more: object) -> Source:
    """Load and return a source whose profile reads made exports, also of when they are."""
    written = {**profile(form), "as_of": {"name": "natt_([0-9-]+)"}, **more}
    written["every"] = {**written["every"], "owner": {"value": NAMND}}
    path = desk.folder / "made.yaml"
    path.write_text(json.dumps(written), "utf-8")
    made = Source("made", ADAPTER.get(form, "delimited"), (NAMND,), complete=complete)
    made = Source(**{**{n: getattr(made, n) for n in made.__slots__}, "profile": str(path)})
    with desk.store.write() as connection:
        load_sources(connection, [made], FROM)
    return made


def take(desk: Desk, path: Path, source: Source) -> list[Receipt]:
    desk.now += HOUR
    document = Document(path.name, OnDisk(path), source, desk.now)
    return list(ingest_document(desk.store, desk.key, document))


def states(receipts: list[Receipt]) -> list[str]:
    return [each.state.value for each in receipts]


def codes(receipts: list[Receipt]) -> set[str]:
    return {note.code for each in receipts for note in each.issues}


def command(desk: Desk, path: Path) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SAMVY_STORE": desk.url,
        identity_key.VARIABLE: str(desk.folder / "identity.key"),
    }
    return subprocess.Popen(
        [*COMMAND, str(path), "--source", "made", "--json"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_killed_delivery_is_gone_on_with_after_the_last_whole_person(desk: Desk) -> None:
    source(desk)
    path = write(desk.folder / "natt_2026-03-01.json", "json", Made(PERSONS, notes=2))
    with command(desk, path) as process:
        assert process.stdout is not None
        told = [json.loads(process.stdout.readline()) for _ in range(4)]
        process.send_signal(signal.SIGKILL)
        process.wait(LIMIT)
    assert [each["state"] for each in told] == ["stored"] * 4
    (begun,) = desk.rows("delivery")
    stored = len(desk.rows("source_part"))
    assert 3 <= begun.done < stored <= PERSONS
    with command(desk, path) as process:
        output, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == 0
    assert re.fullmatch(r"\d+ receipts: [^\n]*\n", errors)
    receipts = [json.loads(line) for line in output.splitlines()]
    # The person whose part was the last may have had another: that one is taken again.
    assert [each["state"] for each in receipts] == ["unchanged"] * (stored - begun.done) + [
        "stored"
    ] * (PERSONS - stored)
    assert "resumed" in {issue["code"] for issue in receipts[0]["issues"]}
    assert len(desk.rows("source_part")) == PERSONS
    assert desk.count("delivery_person") == 0
    assert desk.withdrawn() == set()


@pytest.mark.usefixtures("two_at_once")
def test_whoever_is_gone_is_told_after_an_interruption_too(small_desk: Desk) -> None:
    desk = small_desk
    made = source(desk)
    take(desk, write(desk.folder / "natt_2026-03-01", "json", Made(5, notes=1)), made)
    path = write(desk.folder / "natt_2026-03-02", "json", Made(4, notes=1))
    document = Document(path.name, OnDisk(path), made, desk.now + HOUR)
    interrupted = ingest_document(desk.store, desk.key, document)
    assert next(interrupted).state.value == "unchanged"
    assert next(interrupted).state.value == "unchanged"
    interrupted.close()
    assert desk.withdrawn() == set()
    receipts = take(desk, path, made)
    assert states(receipts) == ["unchanged"] * 3 + ["replaced"]
    person = desk.person(number(4))
    gone = {row.id for row in desk.resources() if row.person == person}
    assert desk.withdrawn() == gone != set()


@pytest.mark.usefixtures("two_at_once")
def test_a_changed_profile_begins_anew(small_desk: Desk) -> None:
    desk = small_desk
    made = source(desk)
    path = write(desk.folder / "natt_2026-03-01", "json", Made(3, notes=1))
    interrupted = ingest_document(
        desk.store, desk.key, Document(path.name, OnDisk(path), made, desk.now)
    )
    next(interrupted)
    next(interrupted)
    interrupted.close()
    made = source(desk, title="Another one")
    receipts = take(desk, path, made)
    assert states(receipts) == ["unchanged", "unchanged", "stored"]
    assert "resumed" not in codes(receipts)


@pytest.mark.usefixtures("two_at_once")
def test_two_that_take_the_same_delivery_in_withdraw_nobody(small_desk: Desk) -> None:
    desk = small_desk
    made = source(desk)
    path = write(desk.folder / "natt_2026-03-01", "json", Made(4, notes=1))
    document = Document(path.name, OnDisk(path), made, desk.now)
    first = ingest_document(desk.store, desk.key, document)
    next(first)
    next(first)
    second = list(ingest_document(desk.store, desk.key, document))
    assert states(second) == ["unchanged", "stored", "stored"]
    rest = list(first)
    assert codes(rest) == {"taken-over"}
    assert desk.withdrawn() == set()


def test_an_older_export_of_everything_is_not_taken(desk: Desk) -> None:
    made = source(desk)
    old = write(desk.folder / "natt_2026-03-01", "json", Made(2, notes=1))
    new = write(desk.folder / "natt_2026-03-02", "json", Made(1, notes=1, text="Lugn natt."))
    assert states(take(desk, new, made)) == ["stored"]
    before = {name: rows for name, rows in desk.whole().items() if name != "delivery"}
    receipts = take(desk, old, made)
    assert (states(receipts), codes(receipts)) == (["unchanged"], {"older-delivery"})
    assert {name: rows for name, rows in desk.whole().items() if name != "delivery"} == before
    # The same night's, corrected, and the same file again.
    again = write(desk.folder / "natt_2026-03-02b", "json", Made(1, notes=1, text="Orolig natt."))
    assert states(take(desk, again, made)) == ["replaced"]
    assert states(take(desk, again, made)) == ["unchanged"]


def test_an_export_that_broke_off_is_not_the_newest(small_desk: Desk) -> None:
    desk = small_desk
    made = source(desk)
    new = write(desk.folder / "natt_2026-03-02", "json", Made(2, notes=1, text="Lugn natt."))
    new.write_bytes(new.read_bytes()[:-300])
    assert states(take(desk, new, made)) == ["stored", "source_error"]
    old = write(desk.folder / "natt_2026-03-01", "json", Made(2, notes=1))
    receipts = take(desk, old, made)
    # Who was taken from the newer one stands so; who was not is taken.
    assert states(receipts) == ["unchanged", "stored"]
    assert "newer-export" in codes(receipts[:1])


@pytest.mark.parametrize("form", ["json", "xml"])
def test_late_changes_are_taken_but_for_what_stands_newer(small_desk: Desk, form: str) -> None:
    desk = small_desk
    made = source(desk, form, complete=False)
    first = write(desk.folder / "natt_2026-03-01", form, Made(1, notes=2))
    newer = write(desk.folder / "natt_2026-03-03", form, Made(1, notes=1, text="Sov gott."))
    late = write(desk.folder / "natt_2026-03-02", form, Made(1, notes=3, text="Vaken."))
    for path in (first, newer, late):
        take(desk, path, made)
    bodies = [decode(row.body) for row in desk.resources() if row.type == "DocumentReference"]
    texts = {
        body["identifier"][0]["value"]: b64decode(body["content"][0]["attachment"]["data"]).decode()
        for body in bodies
    }
    assert texts == {"0": "Sov gott.", "1": "Vaken.", "2": "Vaken."}
    assert desk.withdrawn() == set()


def test_a_terminal_shows_how_far_a_file_has_come(small_desk: Desk) -> None:
    desk = small_desk
    source(desk)
    path = write(desk.folder / "natt_2026-03-01.json", "json", Made(PERSONS, notes=1))
    ours, theirs = pty.openpty()
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SAMVY_STORE": desk.url,
        "TERM": "xterm",
        "COLUMNS": "120",
        identity_key.VARIABLE: str(desk.folder / "identity.key"),
    }
    run = [*COMMAND, str(path), "--source", "made", "--json"]
    with subprocess.Popen(
        run, env=environment, stdout=subprocess.DEVNULL, stderr=theirs
    ) as process:
        os.close(theirs)
        shown = bytearray()

        def watch() -> None:
            try:
                while chunk := os.read(ours, 4096):
                    shown.extend(chunk)
            except OSError:
                pass  # the terminal is gone with the process

        reader = threading.Thread(target=watch)
        reader.start()
        assert process.wait(LIMIT) == 0
        reader.join(LIMIT)
    os.close(ours)
    text = shown.decode("utf-8", "replace")
    assert "Taking in persons" in text
    assert re.search(rf"\d+/{PERSONS}", text)


@pytest.mark.parametrize("form", FORMS)
def test_in_every_form_a_late_a_repeated_and_a_cut_export_change_nothing(
    small_desk: Desk, form: str
) -> None:
    desk = small_desk
    made = source(desk, form)
    newer = write(desk.folder / "natt_2026-03-02", form, Made(4, notes=1))
    assert states(take(desk, newer, made)) == ["stored"] * 4
    stands = desk.resources()
    older = write(desk.folder / "natt_2026-03-01", form, Made(5, notes=2))
    late = take(desk, older, made)
    assert (states(late), codes(late)) == (["unchanged"], {"older-delivery"})
    assert states(take(desk, newer, made)) == ["unchanged"] * 4
    cut = write(desk.folder / "natt_2026-03-03", form, Made(4, notes=1))
    last = max((each for each in OnDisk(cut).files()), key=lambda each: each.name)
    last.write_bytes(last.read_bytes()[: -last.stat().st_size // 8])
    assert {"quarantined", "source_error"} & set(states(take(desk, cut, made)))
    assert desk.withdrawn() == set()
    assert desk.resources() == stands
