"""Quarantined parts tried again, with the adapters, profiles and directory of today.

Source: DESIGN P6. A retry and the row that it replaces are two transactions: should the process die
between them, the part is still in quarantine or already stored again, and never lost.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from hub.ingest.delivery import Document, ingest_document
from hub.ingest.receipt import Receipt, State
from hub.store.connect import Store
from hub.store.directory import directory
from hub.store.parts import content_of, quarantined, settle

TAKEN = frozenset({State.STORED, State.UNCHANGED, State.REPLACED})
_NOT_OURS = frozenset({"out-of-scope", "nothing-in-scope", "purged"})


def retry(store: Store, key: bytes, part: str | None, at: datetime) -> Iterator[Receipt]:
    """Yield the receipts of quarantined parts (one, or all) tried again.

    A delivery that may not be kept is not tried: it is sent again.
    """
    with store.read() as connection:
        waiting = [each for each in quarantined(connection, part) if each.kept]
        sources = directory(connection).sources
    for each in waiting:
        with store.read() as connection:
            content = content_of(connection, each.id)
        if content is None:
            continue  # another retry was first
        document = Document(
            each.document or "",
            content,
            sources[each.source],
            at,
            each.adapter,
            waiting_since=each.received,
        )
        receipts = list(ingest_document(store, key, document))
        if receipts and all(map(_settled, receipts)):
            with store.write() as connection:
                settle(connection, each.id)
        yield from (replace(receipt, part=receipt.part or each.name) for receipt in receipts)


def _settled(receipt: Receipt) -> bool:
    """Tell whether nothing is left to try: it was taken, or turned out to be none of ours."""
    if receipt.state is State.REJECTED:
        return any(note.code in _NOT_OURS for note in receipt.issues)
    return receipt.state in TAKEN
