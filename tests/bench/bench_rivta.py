"""RIV-TA documents to FHIR resources, beside lxml's own parse of the same bytes (DESIGN §7)."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from lxml import etree

from adapters.document import Unreadable
from adapters.rivta import ADAPTER
from mappings import tables
from mappings.engine import Context
from tests.bench.large_note import MESSAGES, large_note
from tests.bench.row import Row

PUBLIC = Path(__file__).parents[3] / "shared" / "rivta"
"""The contracts' own sample answers, where they lie beside the checkout."""
LARGE = 5_000_000
CONTEXT = Context("Patient/p1", lambda kind, place: f"{kind}-{place}", "urn:x", "urn:x")
MOST = 4.0
FIRST = 13
"""So often a form is met before it is known."""


def rows() -> Iterator[Row]:
    """Yield the ratio for the public samples, for messages of one record, and for 5 MB."""
    public = _holding(PUBLIC)
    if public:
        what = f"{len(public)} public samples of the contracts, parse and map"
        yield Row(what, _ratio(public, 4), "x lxml", most=MOST)
    else:
        yield Row("public samples", 0, "", note="no folder `shared` beside the checkout")
    own = _holding(MESSAGES)
    note = "most hold one record: no budget (docs/decisions/0022)"
    yield Row("short messages of every contract", _ratio(own, 20), "x lxml", note=note)
    large = large_note(LARGE)
    what = f"one document of {len(large) / 1e6:.1f} MB"
    yield Row(what, _ratio([large], 1), "x lxml", most=MOST)


def _holding(folder: Path) -> list[bytes]:
    """Return the documents of a folder that hold records."""
    found = []
    for path in sorted(folder.rglob("*.xml")):
        content = path.read_bytes()
        try:
            _map(content)
            if any(True for _ in ADAPTER.read(content, "x", None).parts()):
                found.append(content)
        except Unreadable:
            continue
    return found


def _ratio(documents: list[bytes], times: int) -> float:
    """Return how many times lxml's own parse it takes, in the process's own time, both at best."""
    for _ in range(FIRST):
        for each in documents:
            _map(each)
    return _took(_map, documents, times) / _took(etree.fromstring, documents, times)


def _took(do: Callable[[bytes], object], documents: list[bytes], times: int) -> float:
    best = float("inf")
    for _ in range(5):
        start = time.process_time()
        for _ in range(times):
            for each in documents:
                do(each)
        best = min(best, time.process_time() - start)
    return best


def _map(content: bytes) -> None:
    for part in ADAPTER.read(content, "x", None).parts():
        for record in part.records:
            tables.load(record.table).map(record.body(), CONTEXT)
