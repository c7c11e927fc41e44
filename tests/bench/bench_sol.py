"""A made municipal export from its file to mapped records, and into a store: time and memory.

Each figure is of a process of its own (tests/bench/sol_work.py), so that its memory is its own.
SAMVY_BENCH_PERSONS says how many persons (2,000 without it; a municipality has 100,000 at the
most), SAMVY_BENCH_FORMS which forms ("json json_flat xml xml_flat delimited"; json without it),
SAMVY_BENCH_STORES into which stores ("sqlite postgresql"; both without it). How far a run has come
is told on standard error as it goes.
"""

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from adapters.incoming import OnDisk
from hub.store import identity_key
from hub.store.connect import Store
from hub.store.migrate import upgrade
from tests.bench.database import SERVER, new_database
from tests.bench.made_export import ADAPTER, FORMS, Made, profile, write
from tests.bench.row import Row
from tests.bench.server_share import ServerShare
from tests.bench.told import Told

PERSONS = int(os.environ.get("SAMVY_BENCH_PERSONS", "2000"))
WANTED = os.environ.get("SAMVY_BENCH_FORMS", "json").split()
STORES = os.environ.get("SAMVY_BENCH_STORES", "sqlite postgresql").split()
MEGABYTE = 1024 * 1024
_COMMAND = [sys.executable, "-c", "from hub.cli.main import run; run()"]


def rows() -> Iterator[Row]:
    """Yield rate, time and memory for exports of each wanted form."""
    for form in (each for each in FORMS if each in WANTED):
        with tempfile.TemporaryDirectory() as folder:
            os.environ[identity_key.VARIABLE] = str(Path(folder) / "identity.key")
            few = write(Path(folder) / "few", form, Made(max(PERSONS // 10, 1)))
            many = write(Path(folder) / "many", form, Made(PERSONS))
            yield from _read_and_mapped(form, few, many)
            yield from _into_stores(form, many, Path(folder))


def _read_and_mapped(form: str, few: Path, many: Path) -> Iterator[Row]:
    size = sum(file.stat().st_size for file in OnDisk(many).files()) / MEGABYTE
    about = f"{PERSONS:,} persons, {size:.1f} MB"
    read = _measured("read", form, many)
    yield Row(f"{form}: read, one person at a time", read["seconds"], "s", note=about)
    yield Row(f"{form}: of a core", read["cpu"], "s")
    mapped, tenth = _measured("map", form, many), _measured("map", form, few)
    yield Row(f"{form}: read and mapped", mapped["seconds"], "s", note=about)
    yield Row(f"{form}: of a core", mapped["cpu"], "s")
    yield Row(f"{form}: memory at the most", mapped["memory"], "MB")
    grown = mapped["memory"] - tenth["memory"]
    yield Row(f"{form}: more than for a tenth of the persons", grown, "MB")


def _into_stores(form: str, many: Path, folder: Path) -> Iterator[Row]:
    if "sqlite" in STORES:
        yield from _stored(form, "SQLite", many, f"sqlite:///{folder / 'bench.db'}")
    if "postgresql" not in STORES:
        return
    if SERVER not in os.environ:
        yield Row("PostgreSQL", 0, "", note=f"{SERVER} names no server: not measured")
        return
    with new_database() as url:
        yield from _stored(form, "PostgreSQL", many, url)


def _stored(form: str, store: str, path: Path, url: str) -> Iterator[Row]:
    """Take an export into an empty store, killed half-way and gone on with, and once more."""
    _prepare(form, path, url)
    into = f"{form}, {store}"
    with ServerShare(url) as server:
        killed = _killed_after(PERSONS // 2, into, path, url)
        about = f"after {killed['receipts']:,.0f} of {PERSONS:,} persons were told of"
        yield Row(f"{into}: until killed", killed["seconds"], "s", note=about)
        rest = _measured("store", form, path, url, into)
    yield from _first_night(into, killed, rest, server.seconds)
    with ServerShare(url) as server:
        again = _measured("store", form, path, url, f"{into}, next night")
    yield Row(f"{into}: the same export the next night", again["seconds"], "s", note="unchanged")
    yield Row(f"{into}: of a core in the hub's process", again["cpu"], "s")
    if server.seconds is not None:
        yield Row(f"{into}: of a core in the server", server.seconds, "s")


def _first_night(
    into: str, killed: dict[str, float], rest: dict[str, float], server: float | None
) -> Iterator[Row]:
    about = f"{rest['receipts']:,.0f} receipts after the kill"
    seconds, cpu = (killed[each] + rest[each] for each in ("seconds", "cpu"))
    yield Row(f"{into}: killed and gone on with", seconds, "s", note=about)
    yield Row(f"{into}: the same", PERSONS / seconds, "persons/s")
    yield Row(f"{into}: resources", killed["resources"] + rest["resources"], "")
    yield Row(f"{into}: of a core in the hub's processes", cpu, "s")
    yield Row(f"{into}: the same", 1000 * cpu / PERSONS, "ms/person")
    if server is not None:
        yield Row(f"{into}: of a core in the server", server, "s")
    yield Row(f"{into}: memory at the most", rest["memory"], "MB")


def _killed_after(persons: int, into: str, path: Path, url: str) -> dict[str, float]:
    """Kill an ingest when it has told of so many persons; return what it had done."""
    run = [*_COMMAND, "ingest", str(path), "--source", "made", "--store", url, "--json"]
    before, began, told = (
        _processor_of_children(),
        time.perf_counter(),
        Told(into, PERSONS, ours=False),
    )
    with subprocess.Popen(run, stdout=subprocess.PIPE, text=True) as process:
        for line in itertools.islice(process.stdout or (), persons):
            told.write(line)
        process.kill()
    figures = told.figures()
    figures["seconds"] = time.perf_counter() - began
    figures["cpu"] = _processor_of_children() - before
    return figures


def _processor_of_children() -> float:
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _measured(*arguments: object) -> dict[str, float]:
    run = [sys.executable, "-m", "tests.bench.sol_work", *map(str, arguments)]
    done = subprocess.run(run, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout))


def _prepare(form: str, path: Path, url: str) -> None:
    written = path.with_name("profile.yaml")
    written.write_text(json.dumps(profile(form)), "utf-8")
    organisations = {"organisations": [{"id": "N", "name": "Nämnden", "kind": ["omsorgsgivare"]}]}
    adapter = ADAPTER.get(form, "delimited")
    source = {"id": "made", "adapter": adapter, "owners": ["N"], "profile": str(written)}
    upgrade(Store(url))
    for kind, content in (("organisations", organisations), ("sources", {"sources": [source]})):
        file = path.with_name(f"{kind}.yaml")
        file.write_text(json.dumps(content), "utf-8")
        load = [*_COMMAND, kind, "load", str(file), "--store", url]
        subprocess.run(load, check=True, stderr=subprocess.DEVNULL)
