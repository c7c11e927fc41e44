"""Mutated messages into a store: each gets its receipts, and what was received is there.

Source: DESIGN P6. A part that was neither refused nor an error of its source stands in the store,
byte for byte; what is quarantined for a fault of ours, and not of the message, is a finding.
"""

import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from adapters.document import Part, Unreadable
from adapters.rivta import ADAPTER
from hub.config.source import Source
from hub.ingest.delivery import Document, ingest_document
from hub.ingest.receipt import State
from hub.store import identity_key
from hub.store.connect import Store
from hub.store.directory import load_organisations, load_sources
from hub.store.migrate import upgrade
from hub.store.parts import part_id
from hub.store.schema.source_part import SOURCE_PART
from tests.hub.ingest.desk import FROM, ORGANISATIONS
from tests.hub.ingest.documents import REGION

OURS = frozenset({"not-mapped", "not-judged", "not-stored", "adapter-failed", "unknown-adapter"})
"""Reasons that no message may give."""
KEPT = frozenset({State.STORED, State.UNCHANGED, State.REPLACED, State.QUARANTINED})
SOURCE = Source("fuzz", "rivta", (REGION,), fallback_owner=REGION, complete=True)


class Hub:
    """A store on SQLite in a folder, and what became of all that was fed to it."""

    def __init__(self, folder: Path) -> None:
        os.environ[identity_key.VARIABLE] = str(folder / "identity.key")
        self._store = Store(f"sqlite:///{folder / 'samvy.db'}")
        upgrade(self._store)
        self._key = identity_key.identity_key(self._store)
        self._now = datetime(2026, 3, 10, tzinfo=UTC)
        self.states: Counter[str] = Counter()
        with self._store.write() as connection:
            load_organisations(connection, ORGANISATIONS, FROM)
            load_sources(connection, [SOURCE], FROM)

    def feed(self, content: bytes) -> None:
        """Take a message in.

        Raises:
            AssertionError: something is lost, or a fault of ours. Any other error is a crash.
        """
        self._now += timedelta(seconds=1)
        document = Document("fuzzed.xml", content, SOURCE, self._now)
        receipts = list(ingest_document(self._store, self._key, document))
        assert receipts
        parts = _parts(content)
        assert len(receipts) >= max(1, len(parts))
        for receipt in receipts:
            self.states[receipt.state.value] += 1
            codes = {note.code for note in receipt.issues if note.severity == "error"}
            assert not codes & OURS, codes
            assert receipt.state not in {State.QUARANTINED, State.REJECTED} or codes
        for part, receipt in zip(parts, receipts, strict=False):
            if receipt.state in KEPT and part.raw:
                assert self._holds(part), receipt.state

    def close(self) -> None:
        """Release the store."""
        self._store.close()

    def _holds(self, part: Part) -> bool:
        with self._store.read() as connection:
            persons = connection.execute(select(SOURCE_PART.c.person).distinct()).scalars().all()
            wanted = {part_id(self._key, SOURCE.id, each, part.raw) for each in persons}
            found = select(SOURCE_PART.c.id).where(SOURCE_PART.c.id.in_(wanted)).limit(1)
            return connection.execute(found).first() is not None


def _parts(content: bytes) -> list[Part]:
    try:
        return list(ADAPTER.read(content, "fuzzed.xml", None).parts())
    except Unreadable:
        return []
