"""What the log costs: its share of an answer, filling and signing it, an export and its check.

Source: issue of the log; DESIGN §6, §7. The share is that of an answer's time that goes when the
same application writes its records nowhere. SAMVY_BENCH_RECORDS says how many records are written,
signed, exported and verified (one process, one core); the budget of 20 s is for a million.
"""

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hub.application import application
from hub.audit.export import Selection, export
from hub.audit.key import open_signer
from hub.audit.record import AccessRecord, Action, Outcome, Shown
from hub.audit.sequencer import Sequencer
from hub.audit.verify_file import verify_export
from hub.audit.writer import AuditWriter, Place
from hub.store.connect import Store
from hub.store.migrate import upgrade
from tests.bench.bench_api import database
from tests.bench.row import Row
from tests.worlds.asgi_client import AsgiClient
from tests.worlds.hub_world import WARD_DOCTOR, World, opened_world
from tests.worlds.usual import fill

RECORDS = int(os.environ.get("SAMVY_BENCH_RECORDS", "50000"))
ANSWERS = 300
A_MILLION, ITS_SECONDS = 1_000_000, 20
FIRST = datetime(2026, 1, 1, tzinfo=UTC)


class Nowhere:
    """A log that keeps nothing, to see what one that does costs."""

    def append_all(self, records: Sequence[AccessRecord]) -> tuple[Place, ...]:
        return tuple(Place("none", number) for number, _ in enumerate(records))


def rows() -> Iterator[Row]:
    """Yield the log's share of an answer, then how fast it is written, signed and checked."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _shares(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        yield from _in_bulk(Path(folder))


def _shares(folder: Path) -> Iterator[Row]:
    with _a_database(folder) as url, opened_world(url, folder) as world:
        fill(world)
        for what, path, parameters in (
            ("read by id", "/fhir/Condition/ward-1", {}),
            ("search", "/fhir/Condition", {"patient": world.person()}),
        ):
            logged = _seconds(world, path, parameters)
            bare = _without_log(world, path, parameters)
            yield Row(f"the log's share of a {what}", 100 * (1 - bare / logged), "%")


def _without_log(world: World, path: str, parameters: dict[str, str]) -> float:
    http = AsgiClient(application(replace(world.hub, log=Nowhere())))
    try:
        return _seconds(World(world.hub, world.clock, http, world.tokens), path, parameters)
    finally:
        http.close()


def _seconds(world: World, path: str, parameters: dict[str, str]) -> float:
    """The median of an answer's time, one after another."""
    took = []
    for _ in range(ANSWERS):
        start = time.perf_counter()
        assert world.get(WARD_DOCTOR, path, parameters).status == 200
        took.append(time.perf_counter() - start)
    return sorted(took)[len(took) // 2]


def _in_bulk(folder: Path) -> Iterator[Row]:
    store = Store(f"sqlite:///{folder / 'log.db'}")
    upgrade(store)
    signer, log = open_signer(store), AuditWriter(store)
    start = time.perf_counter()
    for first in range(0, RECORDS, 1000):
        log.append_all([_record(n) for n in range(first, min(first + 1000, RECORDS))])
    yield Row("records written, in thousands", RECORDS / _since(start), "records/s")
    log.close()
    start = time.perf_counter()
    Sequencer(store, signer).sequence_now()
    yield Row("records taken into the tree and its indexes", RECORDS / _since(start), "records/s")
    start = time.perf_counter()
    everything = Selection(start=FIRST, end=FIRST + timedelta(days=3650))
    file = folder / "export.jsonl"
    with store.read() as connection, file.open("wb") as written:
        written.writelines(export(connection, signer, everything, FIRST))
    yield Row(f"export of {RECORDS:,}", _since(start), "s", note=f"{file.stat().st_size:,} bytes")
    store.close()
    start = time.process_time()  # of this process alone: what one core would take
    with file.open("rb") as lines:
        report = verify_export(lines)
    took = time.process_time() - start
    assert report["verified"], report
    assert report["records"] == RECORDS
    most = ITS_SECONDS * RECORDS / A_MILLION
    yield Row(f"verifying an export of {RECORDS:,}", took, "s", most=most, note="processor time")


def _since(start: float) -> float:
    return time.perf_counter() - start


def _record(number: int) -> AccessRecord:
    owner = f"SE232999999{number % 7}-0001"
    return AccessRecord(
        id=f"bench-{number}",
        recorded=FIRST + timedelta(seconds=number),
        action=Action.SEARCH if number % 3 else Action.READ,
        outcome=Outcome.DENY if number % 50 == 0 else Outcome.PERMIT,
        user=f"SE2329999990-P{number % 3000:04}",
        organisation=f"SE232999999{number % 5}-0001",
        unit=f"SE2329999990-{number % 40:04}",
        person=f"person-{number % 20011}",
        purpose="vard",
        shown=(Shown(owner, None, (f"Condition/c{number}/_history/1",)),),
        grounds=("SVOD 3:1" if number % 4 else "PDL 4:1",),
        law_version="2026-01-01",
        query="patient&code",
    )


@contextmanager
def _a_database(folder: Path) -> Iterator[str]:
    """PostgreSQL where there is one, for that is what answers are measured on."""
    if "SAMVY_TEST_POSTGRES" in os.environ:
        with database() as url:
            yield url
    else:
        yield f"sqlite:///{folder / 'samvy.db'}"
