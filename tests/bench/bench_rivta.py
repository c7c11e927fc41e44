"""RIV-TA documents to FHIR resources, beside lxml's own parse of the same bytes (DESIGN §7)."""

import time
from collections.abc import Callable, Iterator

from lxml import etree

from adapters.rivta import ADAPTER
from mappings import tables
from mappings.engine import Context
from tests.bench.large_note import MESSAGES, large_note
from tests.bench.row import Row

LARGE = 5_000_000
CONTEXT = Context("Patient/p1", lambda kind, place: f"{kind}-{place}", "urn:x", "urn:x")


def rows() -> Iterator[Row]:
    """Yield the ratio for the messages as they are, and for one note document of 5 MB."""
    small = [each for path in MESSAGES.glob("*.xml") if _holds(each := path.read_bytes())]
    large = large_note(LARGE)
    yield Row("messages of every contract, parse and map", _ratio(small, 20), "x lxml", most=4.0)
    yield Row(f"one document of {len(large) / 1e6:.1f} MB", _ratio([large], 1), "x lxml", most=4.0)


def _holds(content: bytes) -> bool:
    return any(True for _ in ADAPTER.read(content, "x", None).parts())


def _ratio(documents: list[bytes], times: int) -> float:
    """Return how many times lxml's own parse it takes, in the process's own time, both at best."""
    _map(documents[0])
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
