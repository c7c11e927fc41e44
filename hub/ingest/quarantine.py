"""Quarantined parts tried again, with the adapters, profiles and directory of today.

Source: DESIGN P6. A retry and the row that it replaces are two transactions: should the process die
between them, the part is still in quarantine or already stored again, and never lost.
"""

from collections.abc import Iterator
from datetime import datetime

from hub.ingest.delivery import Document, ingest_document
from hub.ingest.receipt import Receipt
from hub.store.connect import Store
from hub.store.directory import directory
from hub.store.parts import content_of, quarantined, settle


def retry(store: Store, key: bytes, part: str | None, at: datetime) -> Iterator[Receipt]:
    """Yield the receipts of quarantined parts (one, or all) tried again."""
    with store.read() as connection:
        waiting = quarantined(connection, part)
        sources = directory(connection).sources
    for each in waiting:
        source = sources.get(each.source)
        if source is None:
            continue
        with store.read() as connection:
            content = content_of(connection, each.id)
        document = Document(each.document, content, source, at, each.adapter)
        receipts = list(ingest_document(store, key, document))
        if receipts and not any(receipt.state.failed for receipt in receipts):
            with store.write() as connection:
                settle(connection, each.id)
        yield from receipts
