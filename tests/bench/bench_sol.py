"""A made municipal export from its file to mapped records, and into a store: time and memory.

Each figure is of a process of its own, so that its memory is its own. SAMVY_BENCH_PERSONS says how
many persons (2,000 without it; the issue asks for 100,000), SAMVY_BENCH_FORMS which forms ("json
json_flat xml xml_flat delimited"; json without it).
"""

import io
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

from adapters.document import Part
from adapters.incoming import OnDisk
from hub.ingest.adapters import ADAPTERS
from hub.store import identity_key
from hub.store.connect import Store
from hub.store.migrate import upgrade
from mappings.engine import Context
from mappings.source_profile import check
from mappings.tables import load
from tests.bench.database import SERVER, new_database
from tests.bench.made_export import ADAPTER, FORMS, Made, profile, write
from tests.bench.row import Row

PERSONS = int(os.environ.get("SAMVY_BENCH_PERSONS", "2000"))
WANTED = os.environ.get("SAMVY_BENCH_FORMS", "json").split()
CONTEXT = Context("Patient/p", lambda kind, place: f"{kind}{place}"[:60], "urn:x", "urn:x")
MEGABYTE = 1024 * 1024
_COMMAND = [sys.executable, "-c", "from hub.cli.main import run; run()"]


def rows() -> Iterator[Row]:
    """Yield rate, time and memory for exports of each wanted form."""
    for form in (each for each in FORMS if each in WANTED):
        with tempfile.TemporaryDirectory() as folder:
            os.environ[identity_key.VARIABLE] = str(Path(folder) / "identity.key")
            few = write(Path(folder) / "few", form, Made(max(PERSONS // 10, 1)))
            many = write(Path(folder) / "many", form, Made(PERSONS))
            yield from _of(form, few, many, Path(folder))


def _of(form: str, few: Path, many: Path, folder: Path) -> Iterator[Row]:
    size = sum(file.stat().st_size for file in OnDisk(many).files()) / MEGABYTE
    about = f"{PERSONS:,} persons, {size:.1f} MB"
    read, mapped = (_measured(work, form, many) for work in ("read", "map"))
    tenth = _measured("map", form, few)
    yield Row(f"{form}: read, one person at a time", read["seconds"], "s", note=about)
    yield Row(f"{form}: read and mapped", mapped["seconds"], "s", note=about)
    yield Row(f"{form}: the same", PERSONS / mapped["seconds"], "persons/s")
    yield Row(f"{form}: memory at the most", mapped["memory"], "MB")
    grown = mapped["memory"] - tenth["memory"]
    yield Row(f"{form}: more than for a tenth of the persons", grown, "MB")
    yield from _stored(form, "SQLite", many, f"sqlite:///{folder / 'bench.db'}")
    if SERVER not in os.environ:
        yield Row("PostgreSQL", 0, "", note=f"{SERVER} names no server: not measured")
        return
    with new_database() as url:
        yield from _stored(form, "PostgreSQL", many, url)


def _stored(form: str, store: str, path: Path, url: str) -> Iterator[Row]:
    """Take an export into an empty store, killed half-way and gone on with."""
    _prepare(form, path, url)
    began = time.perf_counter()
    half = _killed_after(path, url, PERSONS // 2)
    killed = time.perf_counter() - began
    rest = _measured("store", form, path, url)
    about = f"{PERSONS:,} persons; {rest['receipts']:,.0f} receipts after the kill"
    whole = killed + rest["seconds"]
    yield Row(
        f"{form}: into {store}, killed after {half:,} and gone on with", whole, "s", note=about
    )
    yield Row(f"{form}: the same", PERSONS / whole, "persons/s")
    per_person = 1000 * rest["cpu"] / max(rest["receipts"], 1)
    yield Row(f"{form}: of a core in the hub's process", per_person, "ms/person")
    yield Row(f"{form}: memory at the most", rest["memory"], "MB")
    again = _measured("store", form, path, url)
    yield Row(f"{form}: the same export the next night", again["seconds"], "s", note="unchanged")


def _killed_after(path: Path, url: str, persons: int) -> int:
    """Kill an ingest when it has told of so many persons; return how many it told of."""
    run = [*_COMMAND, "ingest", str(path), "--source", "made", "--store", url, "--json"]
    with subprocess.Popen(run, stdout=subprocess.PIPE, text=True) as process:
        told = sum(1 for _ in itertools.islice(process.stdout or (), persons))
        process.kill()
    return told


def _measured(*arguments: object) -> dict[str, float]:
    run = [sys.executable, "-m", "tests.bench.bench_sol", *map(str, arguments)]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def _parts(form: str, path: Path) -> Iterator[Part]:
    adapter = ADAPTERS[ADAPTER.get(form, "delimited")].adapter
    yield from adapter.read(OnDisk(path), path.name, check(profile(form))).parts()


def _read(form: str, path: Path) -> None:
    for _ in _parts(form, path):
        pass


def _map(form: str, path: Path) -> None:
    for part in _parts(form, path):
        for record in part.records:
            load(record.table).map(record.body(), CONTEXT)


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
        subprocess.run([*_COMMAND, kind, "load", str(file), "--store", url], check=True)


def _store(_form: str, path: Path, url: str) -> dict[str, float]:
    from hub.cli.main import app  # noqa: PLC0415  # the other measurements do without it

    before = _processor()
    told = io.StringIO()
    sys.stdout = told
    try:
        arguments = ["ingest", str(path), "--source", "made", "--store", url, "--json"]
        app(arguments, standalone_mode=False)
    finally:
        sys.stdout = sys.__stdout__
    receipts = float(told.getvalue().count("\n"))
    return {"receipts": receipts, "cpu": _processor() - before}


def _processor() -> float:
    used = getrusage(RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _main(work: str, form: str, path: str, *more: str) -> None:
    began = time.perf_counter()
    found = {"read": _read, "map": _map, "store": _store}[work](form, Path(path), *more)
    took = time.perf_counter() - began
    used = getrusage(RUSAGE_SELF)
    figures = {"seconds": took, "memory": used.ru_maxrss * 1024 / MEGABYTE}
    figures |= found or {}
    print(json.dumps(figures))  # noqa: T201  # read by who started it


if __name__ == "__main__":
    _main(*sys.argv[1:])
