"""The demo's store: organisations, sources and facts loaded, documents taken in as `ingest` does.

Source: INTERFACES (files; `ingest`). Nothing here is a way round: the same readers of files, the
same functions and the same ingest as the commands use.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from string import Template

from consent.period import STOCKHOLM
from hub.config.organisations_file import read_organisations
from hub.config.sources_file import read_sources
from hub.config.written import written_from
from hub.ingest.delivery import Document, ingest_documents
from hub.ingest.receipt import Receipt
from hub.local_clock import day
from hub.running import now
from hub.scenario.facts_file import facts_of
from hub.store.connect import Store
from hub.store.directory import directory, load_organisations, load_sources
from hub.store.facts import load_facts
from hub.store.identity import hub_id, record_identity
from hub.store.identity_key import identity_key
from hub.store.migrate import upgrade

DATA = Path(__file__).parent / "data"
DOCUMENTS = "documents"
YEAR = timedelta(days=365)

Track = Callable[[Iterable[Path], str, int], Iterable[Path]]
"""Passes the documents on, and shows how far it has come."""


def fill(store: Store, data: Path, track: Track) -> Counter[str]:
    """Fill an empty store from a folder of demo data; return how many receipts had each state.

    Raises:
        ConfigurationError: one of the files is not right.
    """
    upgrade(store)
    key = identity_key(store)
    with store.write() as connection:
        load_organisations(connection, read_organisations(data / "organisations.yaml"), now())
        known = directory(connection)
        load_sources(connection, read_sources(data / "sources.yaml", known.kinds), now())
    _load_facts(store, key, data / "facts.yaml")
    return Counter(receipt.state.value for receipt in _ingest(store, key, data, track))


def _load_facts(store: Store, key: bytes, path: Path) -> None:
    """Load the facts file, with dates of today written into it: the demo works on any day."""
    at = now()
    read = facts_of(written_from(_dated(path, at), str(path)), day(at))
    with store.write() as connection:
        record_identity(connection, key, read.identity)
        load_facts(connection, hub_id(connection, key, read.identity), read.facts, at)


def _dated(path: Path, at: datetime) -> bytes:
    today = at.astimezone(STOCKHOLM).date()
    text = Template(path.read_text(encoding="utf-8"))
    return text.substitute(today=today, in_a_year=today + YEAR).encode()


def _ingest(store: Store, key: bytes, data: Path, track: Track) -> Iterator[Receipt]:
    folder = data / DOCUMENTS
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    with store.read() as connection:
        sources = directory(connection).sources
    documents = (
        Document(
            path.relative_to(folder).as_posix(),
            path.read_bytes(),
            sources[path.relative_to(folder).parts[0]],
            now(),
        )
        for path in track(files, "Taking the documents in", len(files))
    )
    yield from ingest_documents(store, key, documents)
