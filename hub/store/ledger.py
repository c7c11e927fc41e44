"""What stands of some persons' resources while much is written about them, and what is new.

Source: DESIGN §4, §7, P6. The store is asked once, before the first batch; each batch then meets
what those before it left, and all of it goes into the store at the end, with as many statements as
one batch needs. The caller holds the transaction, and the persons' counters.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Update, bindparam, select, update

from consent.facts import Item
from hub.fhir.extract import index_rows
from hub.fhir.index_rows import IndexRows
from hub.store.bulk_insert import delete_rows, insert_tables
from hub.store.counter import move
from hub.store.earlier_facts import differ, set_aside
from hub.store.incoming import Batch, Incoming, Written, hash_of, restamped, stamped
from hub.store.item_row import item_row, masks_text
from hub.store.schema.fact import PERSON_COUNTER
from hub.store.schema.resource import RESOURCE, RESOURCE_VERSION
from hub.store.schema.search_index import INDEX_TABLES
from hub.store.search_sql import index_tuples
from hub.store.standing import Key, stand_in, withdraw

PersonKey = tuple[str, str, str]
"""Person, type and id of a resource."""
_FIRST = ("available_since", "informed")
"""Columns that say how the content was first made available; the same content leaves them alone."""
_CONSENT = tuple(item_row(Item("", "")))
_BEFORE = ("person", "type", "id", "version", "last_updated", "body", "masked_body", "content_hash")
_AFTER = ("masks", "source", "record", "contract", "part", "deleted")
_ROW = (*_BEFORE, *_CONSENT, *_AFTER)
_KNOWN = ("person", "type", "id", "version", "last_updated", "content_hash", *_CONSENT)
_NEW = ("person", "type", "id", "version", "last_updated", "method", "body", "masked_body")
_VERSION = (*_NEW, "set_aside")


@dataclass(slots=True)
class _Change:
    """A version that is not in the store yet: its bytes, and what it was made of."""

    incoming: Incoming
    body: bytes
    masked: bytes | None
    part: str | None


@dataclass(slots=True)
class _Held:
    """A resource as it stands, or will: `stored` has a row already, `keeps` its first instants."""

    version: int
    last_updated: int
    content_hash: bytes
    columns: dict[str, Any]
    masks: str
    contract: str | None
    stored: bool
    keeps: bool = True
    change: _Change | None = None

    def stands(self, content_hash: bytes, columns: Mapping[str, Any], incoming: Incoming) -> bool:
        """Tell whether content and columns are these already."""
        return (
            self.content_hash == content_hash
            and self.contract == incoming.contract
            and self.masks == masks_text(incoming.item.masks)
            and _compared(self.columns) == _compared(columns)
        )

    def keeps_since(self, item: Item) -> bool:
        """Tell whether it stays since when, and so whether informed, the content is available."""
        since = (self.columns["available_since"], item.available_since)
        return self.columns["owner"] == item.owner and None not in since


def _compared(columns: Mapping[str, Any]) -> list[Any]:
    found = [columns[name] for name in _CONSENT if name not in _FIRST]
    return [*found, columns["available_since"] is None]


class Ledger:
    """Batches that meet what those before them left, and are written together."""

    def __init__(self, connection: Connection, batches: Sequence[Batch]) -> None:
        """Ask what stands of all that the batches hold."""
        self._connection = connection
        self._held = _held(connection, batches)
        self._changed: dict[PersonKey, _Held] = {}
        self._versions: list[tuple[object, ...]] = []
        self._since: dict[PersonKey, int] = {}
        self._withdrawn: dict[PersonKey, None] = {}
        self._stood_in: list[tuple[str, str, frozenset[str], str]] = []

    def put(self, batch: Batch) -> tuple[list[Written], list[Incoming]]:
        """Return what becomes of a batch's resources, and which of them are new versions.

        A resource whose content and columns stand already is left as it is. Those that follow
        others are not in what is told.
        """
        written: list[Written] = []
        changed: list[Incoming] = []
        new: set[Key] = set()
        item, columns = None, {}
        for each in batch.incoming:
            if each.follows is not None and new.isdisjoint(each.follows):
                continue
            if each.item is not item:
                item, columns = each.item, item_row(each.item)
            told = self._put(batch, each, columns)
            if told.changed:
                changed.append(each)
            if each.follows is None:
                written.append(told)
                if told.changed:
                    new.add((told.type, told.id))
        return written, changed

    def _put(self, batch: Batch, each: Incoming, columns: dict[str, Any]) -> Written:
        kind, number = each.key
        key = (batch.person, kind, number)
        before = self._held.get(key)
        whole = stamped(each.resource, 0, 0)
        masked = None if each.masked is None else stamped(each.masked, 0, 0)
        hashed = hash_of(whole, masked)
        if before is not None and before.stands(hashed, columns, each):
            return Written(kind, number, before.version, before.last_updated, False, False)
        version = before.version + 1 if before else 1
        if before is not None and differ(before.columns, columns):
            self._since[key] = version
        body = restamped(whole, version, batch.now)
        masked = None if masked is None else restamped(masked, version, batch.now)
        keeps = before is not None and before.keeps_since(each.item)
        if before is not None and keeps:
            columns = {**columns, **{name: before.columns[name] for name in _FIRST}}
        else:
            columns = dict(columns)
        method = "PUT" if before else "POST"
        self._versions.append((*key, version, batch.now, method, body, masked, False))
        self._held[key] = self._changed[key] = _Held(
            version,
            batch.now,
            hashed,
            columns,
            masks_text(each.item.masks),
            each.contract,
            stored=before is not None and before.stored,
            keeps=keeps and before is not None and before.keeps,
            change=_Change(each, body, masked, batch.part),
        )
        self._withdrawn.pop(key, None)
        return Written(kind, number, version, batch.now, True, before is None)

    def withdraw(self, person: str, keys: Iterable[Key]) -> None:
        """Mark resources as gone at their source: from now on only their owner reads them."""
        for kind, number in keys:
            key = (person, kind, number)
            held = self._held.get(key)
            if held is not None:
                held.columns["withdrawn"] = True
            if key not in self._changed:
                self._withdrawn[key] = None

    def stand_in(self, person: str, source: str, records: frozenset[str], part: str) -> None:
        """Note that records which stand unchanged are what this part holds, too."""
        self._stood_in.append((person, source, records, part))
        for (own, *_), held in self._changed.items():
            change = held.change
            if own == person and change is not None and change.incoming.record in records:
                change.part = part

    def write(self) -> None:
        """Write all of it."""
        for person, source, records, part in self._stood_in:
            stand_in(self._connection, person, source, records, part)
        if self._changed:
            self._write()
        for person, *key in self._withdrawn:
            withdraw(self._connection, person, [(key[0], key[1])])

    def _write(self) -> None:
        # A scope that was made a moment ago holds nothing that was made available since.
        move(self._connection, PERSON_COUNTER, {person for person, *_ in self._changed})
        rows: list[tuple[object, ...]] = []
        later: dict[Sequence[str], list[dict[str, object]]] = {}
        for key, held in self._changed.items():
            row = _row(key, held)
            if held.stored:
                named = {f"new_{name}": value for name, value in zip(_ROW, row, strict=True)}
                later.setdefault(_FIRST if held.keeps else (), []).append(named)
            else:
                rows.append(row)
        for kept, values in later.items():
            self._connection.execute(_later(kept), values)
        again = [key for key, held in self._changed.items() if held.stored]
        delete_rows(self._connection, INDEX_TABLES.values(), again)
        insert_tables(
            self._connection,
            [
                (RESOURCE, rows),
                (RESOURCE_VERSION, self._versions),
                *index_tuples(_indexed(key, held) for key, held in self._changed.items()),
            ],
        )
        if self._since:
            set_aside(self._connection, self._since)


def _held(connection: Connection, batches: Sequence[Batch]) -> dict[PersonKey, _Held]:
    ids = {each.key[1] for batch in batches for each in batch.incoming}
    persons = {batch.person for batch in batches}
    columns = [RESOURCE.c[name] for name in (*_KNOWN, "masks", "contract")]
    found = connection.execute(
        select(*columns).where(RESOURCE.c.person.in_(persons), RESOURCE.c.id.in_(ids))
    )
    return {
        (row[0], row[1], row[2]): _Held(
            row[3],
            row[4],
            row[5],
            dict(zip(_CONSENT, row[6:-2], strict=True)),
            row[-2],
            row[-1],
            stored=True,
        )
        for row in found
    }


def _row(key: PersonKey, held: _Held) -> tuple[object, ...]:
    """Return the row of a resource that has changed, in the order of `_ROW`."""
    change = held.change
    assert change is not None  # noqa: S101 - only what has changed is written
    incoming = change.incoming
    return (
        *key,
        held.version,
        held.last_updated,
        change.body,
        change.masked,
        held.content_hash,
        *held.columns.values(),
        held.masks,
        incoming.source,
        incoming.record,
        held.contract,
        change.part,
        False,
    )


def _indexed(key: PersonKey, held: _Held) -> tuple[str, str, str, IndexRows]:
    """What is masked is not found by a search either."""
    assert held.change is not None  # noqa: S101 - only what has changed is written
    incoming = held.change.incoming
    shown = incoming.resource if incoming.masked is None else incoming.masked
    return (*key, index_rows(shown))


@cache
def _later(kept: Sequence[str]) -> Update:
    """Return the statement that writes a later version, but for the columns that are kept."""
    here = [column == bindparam(f"new_{column.name}") for column in RESOURCE.primary_key.columns]
    return (
        update(RESOURCE)
        .where(*here)
        .values(
            {
                column.name: bindparam(f"new_{column.name}")
                for column in RESOURCE.columns
                if column.name not in kept and not column.primary_key
            }
        )
    )


for _table, _names in ((RESOURCE, _ROW), (RESOURCE_VERSION, _VERSION)):
    if tuple(column.name for column in _table.columns) != _names:
        raise TypeError(f"rows of {_table.name} are not in the order of its columns")
