"""One piece of work of bench_sol.py, in a process of its own; prints its figures as JSON.

python -m tests.bench.sol_work read|map FORM PATH
python -m tests.bench.sol_work store FORM PATH URL NAME
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

from adapters.document import Part
from adapters.incoming import OnDisk
from hub.ingest.adapters import ADAPTERS
from mappings.engine import Context
from mappings.source_profile import check
from mappings.tables import load
from tests.bench.made_export import ADAPTER, profile
from tests.bench.told import Told

PERSONS = int(os.environ.get("SAMVY_BENCH_PERSONS", "2000"))
CONTEXT = Context("Patient/p", lambda kind, place: f"{kind}{place}"[:60], "urn:x", "urn:x")


def _parts(form: str, path: Path) -> Iterator[Part]:
    adapter = ADAPTERS[ADAPTER.get(form, "delimited")].adapter
    yield from adapter.read(OnDisk(path), path.name, check(profile(form))).parts()


def _read(form: str, path: Path) -> dict[str, float]:
    for _ in _parts(form, path):
        pass
    return {}


def _map(form: str, path: Path) -> dict[str, float]:
    for part in _parts(form, path):
        for record in part.records:
            load(record.table).map(record.body(), CONTEXT)
    return {}


def _store(_form: str, path: Path, url: str, name: str) -> dict[str, float]:
    from hub.cli.main import app  # noqa: PLC0415  # the other measurements do without it

    told = Told(name, PERSONS, ours=True)
    sys.stdout = told
    try:
        arguments = ["ingest", str(path), "--source", "made", "--store", url, "--json"]
        app(arguments, standalone_mode=False)
    finally:
        sys.stdout = sys.__stdout__
    return told.figures()


def _main(work: str, form: str, path: str, *more: str) -> None:
    began, before = time.perf_counter(), time.process_time()
    figures = {"read": _read, "map": _map, "store": _store}[work](form, Path(path), *more)
    figures["seconds"] = time.perf_counter() - began
    figures["cpu"] = time.process_time() - before
    figures["memory"] = getrusage(RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(figures))  # noqa: T201  # read by who started it


if __name__ == "__main__":
    _main(*sys.argv[1:])
