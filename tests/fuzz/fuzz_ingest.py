"""Mutated messages into a store: each gets its receipts, and what was received is there.

Source: DESIGN P6. A part that was neither refused nor an error of its source stands in the store,
byte for byte; what is quarantined for a fault of ours, and not of the message, is a finding.
Messages come in lots, as a folder of files does, so that parts are written together; every fourth
lot is of a source whose answers hold everything, and are taken one at a time.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from adapters.document import Part, Unreadable
from adapters.rivta import ADAPTER
from consent.facts import Regime
from hub.config.source import OwnerRule, Source
from hub.ingest.delivery import Document, ingest_documents
from hub.ingest.receipt import Receipt, State
from hub.store import identity_key
from hub.store.connect import Store
from hub.store.directory import load_organisations, load_sources
from hub.store.migrate import upgrade
from hub.store.parts import part_id
from hub.store.schema.source_part import SOURCE_PART
from tests.bench.database import SERVER, new_database
from tests.hub.ingest.desk import FROM, ORGANISATIONS
from tests.hub.ingest.documents import NAMND, REGION

OURS = frozenset({"not-mapped", "not-judged", "not-stored", "adapter-failed", "unknown-adapter"})
"""Reasons that no message may give."""
KEPT = frozenset({State.STORED, State.UNCHANGED, State.REPLACED, State.QUARANTINED})
LOT = 60
"""More than are written together, so that a lot does not end where a group does."""
SOURCE = Source(
    "fuzz",
    "rivta",
    (REGION, NAMND),
    owner_of=(OwnerRule(REGION, NAMND, Regime.SOL), OwnerRule(REGION, NAMND, Regime.LSS)),
    fallback_owner=REGION,
)
COMPLETE = replace(SOURCE, id="fuzz-complete", complete=True)


class Hub:
    """A store, and what became of all that was fed to it."""

    def __init__(self, url: str, folder: Path) -> None:
        os.environ[identity_key.VARIABLE] = str(folder / "identity.key")
        self._store = Store(url)
        upgrade(self._store)
        self._key = identity_key.identity_key(self._store)
        self._now = datetime(2026, 3, 10, tzinfo=UTC)
        self._lots = 0
        self.states: Counter[str] = Counter()
        with self._store.write() as connection:
            load_organisations(connection, ORGANISATIONS, FROM)
            load_sources(connection, [SOURCE, COMPLETE], FROM)

    def feed(self, contents: Sequence[bytes]) -> None:
        """Take a lot of messages in.

        Raises:
            AssertionError: something is lost, or a fault of ours. Any other error is a crash.
        """
        self._now += timedelta(seconds=1)
        self._lots += 1
        source = SOURCE if self._lots % 4 else COMPLETE
        documents = [
            Document(f"{number}.xml", content, source, self._now)
            for number, content in enumerate(contents)
        ]
        receipts = list(ingest_documents(self._store, self._key, documents))
        told = {name: list(each) for name, each in groupby(receipts, lambda one: one.document)}
        assert list(told) == [each.name for each in documents], "receipts in the documents' order"
        kept: list[Part] = []
        for document, content in zip(documents, contents, strict=True):
            kept += self._kept(content, told[document.name])
        missing = self._missing(source, kept)
        assert not missing, [part.name for part in missing]

    def _kept(self, content: bytes, receipts: Sequence[Receipt]) -> Iterator[Part]:
        """Yield the parts that are to stand in the store, by a message's receipts."""
        parts = _parts(content)
        assert len(receipts) >= max(1, len(parts))
        for receipt in receipts:
            self.states[receipt.state.value] += 1
            codes = {note.code for note in receipt.issues if note.severity == "error"}
            assert not codes & OURS, codes
            assert receipt.state not in {State.QUARANTINED, State.REJECTED} or codes
        for part, receipt in zip(parts, receipts, strict=False):
            if receipt.state in KEPT and part.raw:
                yield part

    def _missing(self, source: Source, parts: Sequence[Part]) -> list[Part]:
        """Return the parts that do not stand in the store."""
        with self._store.read() as connection:
            persons = connection.execute(select(SOURCE_PART.c.person).distinct()).scalars().all()
            names = [
                {part_id(self._key, source.id, each, part.raw) for each in persons}
                for part in parts
            ]
            found: set[str] = set()
            wanted = sorted(set().union(*names))
            for start in range(0, len(wanted), 5000):
                some = wanted[start : start + 5000]
                statement = select(SOURCE_PART.c.id).where(SOURCE_PART.c.id.in_(some))
                found |= set(connection.execute(statement).scalars())
        return [part for part, own in zip(parts, names, strict=True) if own.isdisjoint(found)]

    def close(self) -> None:
        """Release the store."""
        self._store.close()


@contextmanager
def opened(database: str) -> Iterator[Hub]:
    """Yield a hub on `sqlite`, or for `postgresql` on a new database of the server."""
    with TemporaryDirectory() as folder:
        if database == "sqlite":
            hub = Hub(f"sqlite:///{Path(folder) / 'samvy.db'}", Path(folder))
            yield hub
            hub.close()
            return
        if SERVER not in os.environ:
            raise SystemExit(f"{SERVER} names no server")
        with new_database() as url:
            hub = Hub(url.replace("postgresql://", "postgresql+psycopg://", 1), Path(folder))
            yield hub
            hub.close()


def _parts(content: bytes) -> list[Part]:
    try:
        return list(ADAPTER.read(content, "fuzzed.xml", None).parts())
    except Unreadable:
        return []
