"""What befalls a running log leaves it whole: clocks, crashes, stalls, and nothing at all."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg
import pytest
from audit_log import NOON, Log, access_record
from sqlalchemy import make_url
from test_audit_export import lines_of
from test_audit_writer import APPEND_AND_WAIT, ROOT

from hub.audit import cosigned, sequencer
from hub.audit.cosigned import Cosigner, ask_witness
from hub.audit.errors import NothingToExport
from hub.audit.export import Selection
from hub.audit.mandate import Mandate
from hub.audit.note import Signer
from hub.audit.search import Wanted, search
from hub.audit.verify_file import verify_export

PERSON = "a1b2c3"
HERSELF = Mandate(persons=frozenset({PERSON}))


def whole(log: Log, records: int) -> None:
    """The log verifies, and the person's own export proves that it has them all."""
    assert log.faults() == []
    report = verify_export(lines_of(log, Selection(persons=(PERSON,))))
    assert (report["verified"], report["complete"], report["records"]) == (True, True, records)


def test_a_clock_that_goes_back_loses_and_doubles_nothing(log: Log) -> None:
    """By a server's correction: places follow the tree, and times stay as they were."""
    minutes = (5, 3, 4, 4, 1, 9, 0, 4)
    for number, minute in enumerate(minutes):
        at = NOON + timedelta(minutes=minute)
        log.writer().append(access_record(number, recorded=at))
        log.sequence()
    whole(log, len(minutes))
    found, after = [], None
    with log.store.read() as connection:
        while True:
            page, after = search(connection, HERSELF, Wanted(), count=3, after=after)
            found += [each.record.recorded for each in page]
            if after is None:
                break
    assert found == sorted(found, reverse=True)
    assert len(found) == len(minutes)
    period = Selection(start=NOON + timedelta(minutes=4), end=NOON + timedelta(minutes=6))
    assert verify_export(lines_of(log, period))["records"] == 4


def test_what_was_durable_when_its_process_was_killed_is_sequenced_by_another(log: Log) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", APPEND_AND_WAIT, log.url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(5)]
        process.send_signal(signal.SIGKILL)
    log.sequence()
    report = log.verify()
    assert (report["records"], report["pending"], report["faults"]) == (len(told), 0, [])


def test_a_sequencer_that_dies_half_way_has_done_nothing(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append(log.writer(), 300)
    log.sequence()
    log.append(log.writer(), 300)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(sequencer, "keep_subtrees", dies)
        with pytest.raises(KeyboardInterrupt):
            log.sequence()
    assert (log.verify()["pending"], log.faults()) == (300, [])
    log.sequence()
    whole(log, 600)


def test_a_sequencer_that_stalls_with_the_lock_delays_and_forks_nothing(log: Log) -> None:
    """Its connection ends at last, by its server or by hand, and the other goes on."""
    if log.store.sqlite:
        pytest.skip("SQLite's lock is the file's, and ends with its process")
    log.append(log.writer(), 4)
    log.sequence()
    log.append(log.writer(), 4)
    url = make_url(log.url).set(drivername="postgresql")
    plain = url.render_as_string(hide_password=False)
    stalled = psycopg.connect(plain)
    with psycopg.connect(plain, autocommit=True) as by_hand, ThreadPoolExecutor(1) as threads:
        stalled.execute("SELECT pg_advisory_xact_lock(%s)", (sequencer.ADVISORY_LOCK,))
        stalled.execute("DELETE FROM audit_checkpoint")  # what it had done when it stalled
        waiting = threads.submit(log.sequencer().sequence_now)
        with pytest.raises(TimeoutError):
            waiting.result(0.5)
        by_hand.execute("SELECT pg_terminate_backend(%s)", (stalled.info.backend_pid,))
        assert waiting.result(30).taken == 4
    stalled.close()
    whole(log, 8)


def test_a_log_of_nothing_says_so(log: Log) -> None:
    assert log.sequencer().sequence_now().note is None
    report = log.verify()
    assert (report["verified"], report["records"], report["checkpoint"]) == (True, 0, None)
    with pytest.raises(NothingToExport):
        lines_of(log, Selection(persons=(PERSON,)))
    with log.store.read() as connection:
        assert search(connection, HERSELF, Wanted(), count=5) == ([], None)
    assert Cosigner(log.store).ask_now() == {}


@contextmanager
def answering(status: int, body: bytes, after: threading.Event | None = None) -> Iterator[str]:
    """A witness that answers so, once something has happened."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if after is not None:
                after.wait(30)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        if after is not None:
            after.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (200, b"hello", "does not hold"),
        (200, b"", "does not hold"),
        (200, b"\xff\xfe", "does not hold"),
        (409, b"many", "could not be asked"),
        (409, b"99999999999999999999999", "another history"),
        (500, b"", "answered 500"),
    ],
)
def test_a_witness_that_answers_nonsense_is_told_of_and_delays_nothing(
    log: Log, status: int, body: bytes, told: str
) -> None:
    log.append(log.writer(), 3)
    log.sequence()
    with answering(status, body) as url:
        with log.store.write() as connection:
            ask_witness(connection, Signer.generate("samvy/w").verifier, url)
        assert told in str(Cosigner(log.store).ask_now()["samvy/w"])
    log.append(log.writer(), 3)
    log.sequence()
    whole(log, 6)


def test_a_witness_that_does_not_answer_is_given_up_and_the_log_goes_on(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cosigned, "TIMEOUT_SECONDS", 0.3)
    log.append(log.writer(), 3)
    log.sequence()
    with answering(200, b"", threading.Event()) as url:
        with log.store.write() as connection:
            ask_witness(connection, Signer.generate("samvy/w").verifier, url)
        cosigner = Cosigner(log.store)
        with ThreadPoolExecutor(1) as threads:
            asking = threads.submit(cosigner.ask_now)
            log.append(log.writer(), 3)
            log.sequence()
            assert "within" in str(asking.result(30)["samvy/w"])
    whole(log, 6)
