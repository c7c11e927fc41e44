"""Documents into the hub: each recognised and read into parts, and each part taken in whole.

Source: DESIGN P6; INTERFACES, `ingest` and `POST /ingest/{adapter}`. One document never ends a run:
whatever it is, it gets its receipts.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib.metadata import version

from sqlalchemy import Connection

from adapters.document import Delivery, Note, Part, Standing, Unreadable
from adapters.incoming import Content, beginning, chunks, size, whole
from hub.config.source import Source
from hub.ingest.adapters import ADAPTERS, Known
from hub.ingest.candidate import Received, Taken
from hub.ingest.disappearance import HOLDS_NOT_ALL, withdraw_contract, withdraw_missing
from hub.ingest.gathering import Gathering, written
from hub.ingest.receipt import Receipt, State
from hub.store import deliveries, parts
from hub.store.connect import Store
from hub.store.deliveries import Begun, TakenOver
from hub.store.parts import PartRow, part_id, save_part, save_unreadable, unreadable_id
from hub.store.schema.source_part import UNKNOWN_PERSON
from mappings.source_profile import ProfileError, load

_STATE_OF = {
    Standing.SOURCE_ERROR: State.SOURCE_ERROR,
    Standing.REJECTED: State.REJECTED,
    Standing.ANSWER: State.UNCHANGED,
}
_SOME = 4096


@dataclass(frozen=True, slots=True)
class Document:
    """A document on its way in; `name` is as it was given and is repeated in receipts.

    `waiting_since`: it was received then, and comes from quarantine. `about`: it answers a question
    about this person, so that a complete one that holds nothing says that nothing is left. `watch`
    is told how many of how many persons have been taken.
    """

    name: str
    content: Content
    source: Source
    at: datetime
    adapter: str | None = None
    waiting_since: datetime | None = None
    about: str | None = None
    watch: Callable[[int, int], None] = field(default=lambda done, persons: None)  # noqa: ARG005


@dataclass(slots=True)
class _Coming:
    """A document that its adapter reads, and whom it has turned out to name."""

    store: Store
    key: bytes
    gathering: Gathering
    document: Document
    adapter: str
    known: Known
    begun: Begun | None = None

    def digest(self) -> bytes:
        """Return the keyed hash of the document, by which the same one is known again."""
        return unreadable_id(self.key, self.document.source.id, chunks(self.document.content))

    def advance(self, connection: Connection, taken: Sequence[Taken]) -> None:
        """Note how far the delivery has come with these parts."""
        numbers = [each.number for each in taken if each.number is not None]
        if self.begun is not None and numbers:
            # A person may have another part: they are done when the next one's turn has come.
            persons = {each.person for each in taken} if self.document.source.complete else set()
            deliveries.advance(connection, self.begun, max(numbers) - 1, persons)

    def receipt(
        self, contract: str | None, part: str | None, state: State, notes: tuple[Note, ...]
    ) -> Receipt:
        document = self.document
        return Receipt(
            document.name, part, document.source.id, self.adapter, contract, state, issues=notes
        )


def ingest_document(store: Store, key: bytes, document: Document) -> Iterator[Receipt]:
    """Yield the receipts of a document, each once its part is durable."""
    return ingest_documents(store, key, [document])


def ingest_documents(
    store: Store, key: bytes, documents: Iterable[Document | Receipt]
) -> Iterator[Receipt]:
    """Yield the receipts of documents in their order, each once its part is durable.

    What could not even be opened comes as its receipt, which is given in its turn.
    """
    gathering = Gathering(store, key)
    for each in documents:
        if isinstance(each, Receipt):
            yield from gathering.receipt(each)
        else:
            yield from _ingest(store, key, gathering, each)
    yield from gathering.flush()


def _ingest(
    store: Store, key: bytes, gathering: Gathering, document: Document
) -> Iterator[Receipt]:
    """Yield what receipts are durable when a document has been read."""
    if not document.name.isprintable():
        shown = "".join(sign if sign.isprintable() else "?" for sign in document.name)
        document = replace(document, name=shown)
    name = document.adapter or document.source.adapter
    known = ADAPTERS.get(name)
    if known is None:
        note = Note("error", "unknown-adapter", "document", _no_adapter(document))
        receipt = Receipt(
            document.name, None, document.source.id, name, None, State.REJECTED, issues=(note,)
        )
        yield from gathering.receipt(receipt)
        return
    coming = _Coming(store, key, gathering, document, name, known)
    try:
        try:
            yield from _whole(coming)
        except Unreadable as why:
            if coming.begun is not None:
                yield from gathering.flush()  # what came before may still turn out another's
            yield from gathering.receipt(_unreadable(coming, why))
    except TakenOver:
        text = "the same delivery was given to another process since, which goes on with it"
        note = Note("warning", "taken-over", "document", text)
        yield from gathering.receipt(coming.receipt(None, None, State.UNCHANGED, (note,)))


def _whole(coming: _Coming) -> Iterator[Receipt]:
    """Yield the receipts of a document that can be read to its end."""
    gathering, delivery = coming.gathering, _opened(coming)
    if _is_late(coming, delivery):
        yield from gathering.receipt(_late(coming, delivery))
    else:
        if delivery.persons is not None:
            yield from gathering.flush()  # what it lacks is held against what came before
        _begin(coming, delivery)
        yield from _parts(coming, delivery)
        _finish(coming, delivery)
    _forget(coming)


def _is_late(coming: _Coming, delivery: Delivery) -> bool:
    """Tell whether a newer delivery of everything that the source holds has been taken."""
    source = coming.document.source
    if delivery.as_of is None or not source.complete or coming.document.waiting_since is not None:
        return False
    with coming.store.read() as connection:
        newest = deliveries.newest(connection, source.id)
    return newest is not None and newest > delivery.as_of


def _late(coming: _Coming, delivery: Delivery) -> Receipt:
    text = (
        "a later export of everything that the source holds has been taken; nothing of this one is"
    )
    note = Note("information", "older-delivery", "document", text)
    return coming.receipt(delivery.contract, None, State.UNCHANGED, (*delivery.notes, note))


def _begin(coming: _Coming, delivery: Delivery) -> None:
    """Go on after the last whole person of a delivery that was interrupted, or begin it."""
    document = coming.document
    if delivery.persons is None or document.waiting_since is not None:
        return
    profile = json.dumps(_profile(document), default=_plain, sort_keys=True)
    read_with = (document.source.id, coming.adapter, profile, version("samvy"))
    delivery_id = deliveries.delivery_id(coming.key, read_with, chunks(document.content))
    coming.begun = written(
        coming.store,
        lambda connection: deliveries.begin(
            connection, delivery_id, document.source.id, delivery.as_of, document.at
        ),
    )


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else str(value)


def _finish(coming: _Coming, delivery: Delivery) -> None:
    begun, source = coming.begun, coming.document.source.id
    if begun is not None:
        whole = delivery.broken is None
        written(
            coming.store,
            lambda connection: deliveries.finish(connection, begun, source, whole=whole),
        )


def _no_adapter(document: Document) -> str:
    fitting = [
        each
        for each, known in ADAPTERS.items()
        if known.adapter.recognises(beginning(document.content, _SOME), document.name)
    ]
    hint = f"; the document looks like {fitting[0]}" if fitting else ""
    return f"there is no such adapter; there are {', '.join(sorted(ADAPTERS))}{hint}"


def _opened(coming: _Coming) -> Delivery:
    document = coming.document
    try:
        profile = _profile(document)
        kept = coming.known.keeps_unreadable
        content = whole(document.content) if kept else document.content
        return coming.known.adapter.read(content, document.name, profile)
    except Unreadable:
        raise
    except ProfileError as why:
        raise Unreadable("bad-profile", "source", str(why)) from None
    except Exception as error:  # noqa: BLE001  # P6: whatever a document does to an adapter
        raise _failed(error) from None


def _profile(document: Document) -> Mapping[str, object] | None:
    return None if document.source.profile is None else load(document.source.profile)


def _failed(error: Exception) -> Unreadable:
    text = f"the adapter could not read the document ({type(error).__name__}); report it"
    return Unreadable("adapter-failed", "document", text)


def _each(delivery: Delivery, after: int) -> Iterator[Part]:
    """Yield the parts; whatever an adapter raises on the way makes the document unreadable."""
    try:
        yield from delivery.parts(after) if after else delivery.parts()
    except Unreadable:
        raise
    except Exception as error:  # noqa: BLE001  # P6: whatever a document does to an adapter
        raise _failed(error) from None


def _parts(coming: _Coming, delivery: Delivery) -> Iterator[Receipt]:
    complete = (
        coming.document.source.complete
        and coming.document.waiting_since is None
        and delivery.broken is None
        and HOLDS_NOT_ALL.isdisjoint(note.code for note in delivery.notes)
    )
    about = delivery.notes
    after = 0 if coming.begun is None else coming.begun.done
    if after:
        text = f"the delivery was interrupted; the {after} persons taken then are not taken again"
        about = (*about, Note("information", "resumed", "document", text))
    seen = after > 0
    for part in _each(delivery, after):
        seen = True
        if part.number is not None and delivery.persons is not None:
            coming.document.watch(part.number, delivery.persons)
        noted = replace(part, notes=(*about, *part.notes)) if about else part
        about = ()
        if part.records or part.raw:
            yield from _part(coming, delivery, noted, complete=complete and part.alone)
        else:
            receipt = coming.receipt(delivery.contract, part.name, State.REJECTED, noted.notes)
            yield from coming.gathering.receipt(receipt)
    if coming.begun is not None:
        yield from coming.gathering.flush()  # all of it is told before it is ended
    if delivery.broken is not None:
        yield from coming.gathering.receipt(_broken(coming, delivery, delivery.broken))
    elif not seen:
        if complete:
            yield from coming.gathering.flush()  # an empty answer may withdraw what came before
        yield from coming.gathering.receipt(_empty(coming, delivery, complete=complete))
    elif complete and coming.known.holds_everybody and coming.begun is not None:
        yield from _missing(coming, delivery, coming.begun)


def _broken(coming: _Coming, delivery: Delivery, why: Unreadable) -> Receipt:
    """Return the receipt of what follows the last person of a delivery that breaks off."""
    text = f"{why.text}; what stands before was taken, nothing is held to be gone; send it again"
    note = Note("error", why.code, why.place, text)
    return coming.receipt(delivery.contract, None, State.SOURCE_ERROR, (note,))


def _empty(coming: _Coming, delivery: Delivery, *, complete: bool) -> Receipt:
    """Return the receipt of a delivery without parts, which may say that nothing is left."""
    state, about = _STATE_OF[delivery.standing], coming.document.about
    if delivery.standing is not Standing.ANSWER or not complete or about is None:
        return coming.receipt(delivery.contract, None, state, delivery.notes)
    gone = withdraw_contract(coming.store, about, coming.document.source.id, str(delivery.contract))
    if not gone:
        return coming.receipt(delivery.contract, None, state, delivery.notes)
    text = f"the source holds nothing more of this contract; {gone} resources are withdrawn"
    note = Note("information", "disappeared", "document", text)
    return coming.receipt(delivery.contract, None, State.REPLACED, (*delivery.notes, note))


def _part(coming: _Coming, delivery: Delivery, part: Part, *, complete: bool) -> Iterator[Receipt]:
    document = coming.document
    received = Received(
        document.name,
        document.source,
        coming.adapter,
        delivery.contract,
        part,
        document.at,
        complete,
        document.waiting_since,
        delivery.as_of,
        document.about,
    )
    numbered = coming.begun is not None and part.number is not None
    yield from coming.gathering.part(received, coming.advance if numbered else None)


def _missing(coming: _Coming, delivery: Delivery, begun: Begun) -> Iterator[Receipt]:
    """Withdraw what the source gave before about persons whom its whole delivery does not name."""
    gone = withdraw_missing(coming.store, coming.document.source.id, begun)
    if gone:
        text = f"{gone} persons are no longer in the delivery; what it held of them is withdrawn"
        note = Note("information", "disappeared", "document", text)
        yield coming.receipt(delivery.contract, None, State.REPLACED, (note,))


def _unreadable(coming: _Coming, why: Unreadable) -> Receipt:
    note = Note("error", why.code, why.place, why.text)
    if why.hostile:
        return coming.receipt(None, None, State.REJECTED, (note,))
    document = coming.document

    def keep(connection: Connection) -> None:
        if coming.known.keeps_unreadable:
            save_part(connection, _kept_whole(coming, note))
        else:
            left = parts.Unreadable(
                document.source.id, coming.adapter, size(document.content), note, document.at
            )
            save_unreadable(connection, coming.digest(), left)

    written(coming.store, keep)
    return coming.receipt(None, None, State.QUARANTINED, (note,))


def _forget(coming: _Coming) -> None:
    """Remove the mark of a delivery that could not be read before, and now was."""
    if coming.known.keeps_unreadable:
        return
    digest = coming.digest()
    with coming.store.read() as connection:
        noted = parts.is_noted_unreadable(connection, digest)
    if noted:
        written(coming.store, lambda connection: parts.forget_unreadable(connection, digest))


def _kept_whole(coming: _Coming, note: Note) -> PartRow:
    document = coming.document
    content = whole(document.content)
    return PartRow(
        person=UNKNOWN_PERSON,
        id=part_id(coming.key, document.source.id, UNKNOWN_PERSON, content),
        source=document.source.id,
        adapter=coming.adapter,
        contract=None,
        document=document.name,
        name=None,
        raw=content,
        received=document.at,
        state="quarantined",
        reasons=(note,),
    )
