"""A document into the hub: recognised, read into parts, and each part in its own transaction.

Source: DESIGN P6; INTERFACES, `ingest` and `POST /ingest/{adapter}`. One document never ends a run:
whatever it is, it gets its receipts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import IntegrityError, OperationalError

from adapters.document import Delivery, Note, Part, Standing, Unreadable
from hub.config.source import Source
from hub.ingest.adapters import ADAPTERS, Known
from hub.ingest.part import Knowing, Received, ingest_part
from hub.ingest.receipt import Receipt, State
from hub.store.connect import Store
from hub.store.directory import directory
from hub.store.parts import PartRow, part_id, save_part, save_unreadable
from hub.store.schema.source_part import UNKNOWN_PERSON
from mappings.source_profile import ProfileError, load

_STATE_OF = {
    Standing.SOURCE_ERROR: State.SOURCE_ERROR,
    Standing.REJECTED: State.REJECTED,
    Standing.ANSWER: State.UNCHANGED,
}
TRIES = 3


@dataclass(frozen=True, slots=True)
class Document:
    """A document on its way in; `name` is as it was given and is repeated in receipts.

    `beside` is the folder that a profile's path is relative to.
    """

    name: str
    content: bytes
    source: Source
    at: datetime
    adapter: str | None = None
    beside: Path | None = None


def ingest_document(store: Store, key: bytes, document: Document) -> Iterator[Receipt]:
    """Yield the receipts of a document, each once its part is durable."""
    name = _adapter_name(document)
    known = ADAPTERS.get(name) if name else None
    if known is None or name is None:
        code, text = _no_adapter(document, name)
        yield _whole(
            document, name or "", None, State.REJECTED, (Note("error", code, "document", text),)
        )
        return
    try:
        delivery = known.adapter.read(document.content, document.name, _profile(document))
        yield from _parts(store, key, document, name, delivery)
    except Unreadable as why:
        yield _unreadable(store, key, document, name, known, why)
    except ProfileError as why:
        note = Note("error", "bad-profile", "source", str(why))
        yield _whole(document, name, None, State.REJECTED, (note,))


def _adapter_name(document: Document) -> str | None:
    """The adapter that was asked for, else the source's own, if it recognises the document."""
    if document.adapter is not None:
        return document.adapter
    return document.source.adapter


def _no_adapter(document: Document, name: str | None) -> tuple[str, str]:
    fitting = [
        each
        for each, known in ADAPTERS.items()
        if known.adapter.recognises(document.content, document.name)
    ]
    hint = f"; the document looks like {fitting[0]}" if fitting else ""
    known_names = ", ".join(sorted(ADAPTERS))
    del name
    return "unknown-adapter", f"there is no such adapter; there are {known_names}{hint}"


def _profile(document: Document) -> Mapping[str, object] | None:
    if document.source.profile is None:
        return None
    return load(document.source.profile, document.beside)


def _parts(
    store: Store, key: bytes, document: Document, name: str, delivery: Delivery
) -> Iterator[Receipt]:
    seen = False
    for part in delivery.parts():
        about = () if seen else delivery.notes
        seen = True
        if part.records:
            noted = replace(part, notes=(*about, *part.notes))
            yield _part(store, key, document, name, delivery.contract, noted)
        else:
            yield Receipt(
                document.name,
                part.name,
                document.source.id,
                name,
                delivery.contract,
                State.REJECTED,
                issues=(*about, *part.notes),
            )
    if not seen:
        state = _STATE_OF[delivery.standing]
        yield _whole(document, name, delivery.contract, state, delivery.notes)


def _part(
    store: Store, key: bytes, document: Document, name: str, contract: str | None, part: Part
) -> Receipt:
    """Write one part; two writers that meet are tried again, since one of them was first."""
    received = Received(document.name, document.source, name, contract, part, document.at)
    for attempt in range(1, TRIES + 1):
        try:
            with store.write() as connection:
                return ingest_part(connection, received, Knowing(directory(connection), key))
        except (IntegrityError, OperationalError):
            if attempt == TRIES:
                raise
    raise AssertionError  # the last attempt returns or raises


def _unreadable(
    store: Store, key: bytes, document: Document, name: str, known: Known, why: Unreadable
) -> Receipt:
    note = Note("error", why.code, why.place, why.text)
    if why.hostile:
        return _whole(document, name, None, State.REJECTED, (note,))
    with store.write() as connection:
        if known.keeps_unreadable:
            save_part(connection, _kept_whole(key, document, name, note))
        else:
            save_unreadable(
                connection,
                key=key,
                content=document.content,
                source=document.source.id,
                adapter=name,
                place=why.place,
                reason=why.text,
                received=document.at,
            )
    return _whole(document, name, None, State.QUARANTINED, (note,))


def _kept_whole(key: bytes, document: Document, name: str, note: Note) -> PartRow:
    return PartRow(
        person=UNKNOWN_PERSON,
        id=part_id(key, document.source.id, UNKNOWN_PERSON, document.content),
        source=document.source.id,
        adapter=name,
        contract=None,
        document=document.name,
        name=None,
        raw=document.content,
        received=document.at,
        state="quarantined",
        reasons=(note,),
    )


def _whole(
    document: Document,
    name: str,
    contract: str | None,
    state: State,
    notes: tuple[Note, ...],
) -> Receipt:
    return Receipt(document.name, None, document.source.id, name, contract, state, issues=notes)
