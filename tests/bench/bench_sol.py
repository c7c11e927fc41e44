"""A municipal export from its bytes to mapped records: rate and peak memory.

SAMVY_BENCH_PERSONS says how many persons (2,000 without it).
"""

import os
import time
import tracemalloc
from collections.abc import Iterator

from adapters.json_export import JsonExport
from mappings.engine import Context
from mappings.source_profile import SourceProfile, check
from mappings.tables import load
from tests.bench.made_export import PROFILE, export
from tests.bench.row import Row

PERSONS = int(os.environ.get("SAMVY_BENCH_PERSONS", "2000"))
CONTEXT = Context("Patient/p", lambda kind, place: f"{kind}{place}"[:60], "urn:x", "urn:x")


def rows() -> Iterator[Row]:
    """Yield rate and memory for one export."""
    content, profile = export(PERSONS), check(PROFILE)
    began = time.perf_counter()
    made = _read(content, profile)
    took = time.perf_counter() - began
    yield Row("persons read and mapped", PERSONS / took, "persons/s", note=f"{PERSONS} persons")
    yield Row("resources made", made / took, "resources/s")
    tracemalloc.start()
    few = export(max(PERSONS // 10, 1))
    _read(few, profile)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    yield Row("peak memory", peak / len(few), "times the export", note="a tenth of the persons")


def _read(content: bytes, profile: SourceProfile) -> int:
    made = 0
    for part in JsonExport().read(content, "made.json", profile).parts():
        for record in part.records:
            made += len(load(record.table).map(record.body(), CONTEXT).resources)
    return made
