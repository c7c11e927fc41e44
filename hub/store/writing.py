"""Resources written to the store: new versions only where the content is new, with their index.

Source: DESIGN §4, P6. The caller holds the transaction, so that a part, or a vendor's transaction,
is written whole or not at all.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import psycopg
from sqlalchemy import Connection, Update, and_, bindparam, insert, select, update
from sqlalchemy.exc import DataError, SQLAlchemyError

from consent.facts import Item
from hub.fhir.extract import index_rows
from hub.fhir.index_rows import IndexRows
from hub.fhir.json_codec import encode
from hub.store.bulk_insert import delete_rows, in_order, insert_tables
from hub.store.counter import move
from hub.store.item_row import item_row, masks_text
from hub.store.schema.fact import PERSON_COUNTER
from hub.store.schema.resource import RESOURCE, RESOURCE_VERSION
from hub.store.schema.search_index import INDEX_TABLES
from hub.store.search_sql import delete_index_rows, index_tuples


@dataclass(frozen=True, slots=True)
class Incoming:
    """A resource on its way in: `resource` has an id and no version; `item` its consent columns.

    `masked` is the same resource without what reveals a protected person's whereabouts. One that
    `follows` others tells where they come from: it is written only with one of them.
    """

    resource: Mapping[str, Any]
    item: Item
    source: str
    masked: Mapping[str, Any] | None = None
    record: str | None = None
    contract: str | None = None
    follows: frozenset[tuple[str, str]] | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Return type and id."""
        return str(self.resource["resourceType"]), str(self.resource["id"])


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one resource: its version now, and whether its content was new."""

    type: str
    id: str
    version: int
    last_updated: int
    changed: bool
    created: bool


@dataclass(frozen=True, slots=True)
class _Known:
    version: int
    last_updated: int
    content_hash: bytes
    owner: str
    available_since: int | None
    columns: tuple[Any, ...]

    def stands(self, content_hash: bytes, columns: tuple[Any, ...]) -> bool:
        """Tell whether content and columns are these already."""
        return (self.content_hash, self.columns) == (content_hash, columns)

    def keeps_since(self, item: Item) -> bool:
        """Tell whether it stays since when, and so whether informed, the content is available."""
        since = (self.available_since, item.available_since)
        return self.owner == item.owner and None not in since


def instant_text(microseconds: int) -> str:
    """Return microseconds since 1970 as a FHIR instant in UTC, to the millisecond."""
    moment = datetime.fromtimestamp(microseconds / 1_000_000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Batch:
    """Resources of one person to be written, at `now` (microseconds), from a source part.

    Those that follow others stand after them in `incoming`.
    """

    person: str
    incoming: Sequence[Incoming]
    now: int
    part: str | None = None


def put(
    connection: Connection,
    person: str,
    incoming: Sequence[Incoming],
    now: int,
    part: str | None = None,
) -> list[Written]:
    """Write resources of one person, at `now` (microseconds since 1970), from a source part.

    A resource whose content and columns stand already is left as it is. Those that follow others
    stand after them in `incoming`, and are not in what is returned.
    """
    return put_all(connection, [Batch(person, incoming, now, part)])[0]


def put_all(connection: Connection, batches: Sequence[Batch]) -> list[list[Written]]:
    """Write several batches as `put` writes one, with as many statements; return what of each.

    No two of them hold the same resource of the same person.
    """
    known = _known(connection, batches)
    changed: list[_Change] = []
    written = [_decide(batch, known, changed) for batch in batches]
    _write(connection, changed)
    return written


def _decide(
    batch: Batch, known: Mapping[tuple[str, str, str], _Known], changed: list["_Change"]
) -> list[Written]:
    """Return what becomes of a batch's resources, and add those that are new to `changed`."""
    written: list[Written] = []
    new: set[tuple[str, str]] = set()
    for each in batch.incoming:
        if each.follows is not None and new.isdisjoint(each.follows):
            continue
        key = each.key
        before = known.get((batch.person, *key))
        columns = item_row(each.item)
        hashed = content_hash(each.resource, each.masked)
        if before and before.stands(hashed, _compared(each, columns)):
            if each.follows is None:
                written.append(Written(*key, before.version, before.last_updated, False, False))
            continue
        version = before.version + 1 if before else 1
        keeps = before is not None and before.keeps_since(each.item)
        changed.append(_Change(batch, each, version, hashed, columns, keeps))
        if each.follows is None:
            new.add(key)
            written.append(Written(*key, version, batch.now, True, before is None))
    return written


def delete(connection: Connection, person: str, key: tuple[str, str], now: int) -> Written:
    """Delete a vendor's resource: a version of its own says so, and no search finds it."""
    resource_type, resource_id = key
    this = and_(
        RESOURCE.c.person == person, RESOURCE.c.type == resource_type, RESOURCE.c.id == resource_id
    )
    version = 1 + connection.execute(select(RESOURCE.c.version).where(this)).scalar_one()
    stamp = {"version": version, "last_updated": now, "body": b"", "masked_body": None}
    connection.execute(update(RESOURCE).where(this).values(**stamp, content_hash=b"", deleted=True))
    tombstone = {"person": person, "type": resource_type, "id": resource_id, "method": "DELETE"}
    connection.execute(insert(RESOURCE_VERSION), [{**tombstone, **stamp}])
    delete_index_rows(connection, person, [key])
    return Written(resource_type, resource_id, version, now, changed=True, created=False)


def for_its_content(error: Exception) -> bool:
    """Tell whether a write failed for what was to be written, and not for the database."""
    if isinstance(error, (DataError, psycopg.DataError)):
        return True
    return not isinstance(error, (SQLAlchemyError, psycopg.Error))


@dataclass(frozen=True, slots=True)
class _Change:
    batch: Batch
    incoming: Incoming
    version: int
    content_hash: bytes
    columns: Mapping[str, Any]
    keeps_since: bool

    def body(self) -> dict[str, Any]:
        """Return what a version holds: its key, and its bytes as they are served."""
        incoming, version, now = self.incoming, self.version, self.batch.now
        masked = incoming.masked
        resource_type, resource_id = incoming.key
        return {
            "person": self.batch.person,
            "type": resource_type,
            "id": resource_id,
            "version": version,
            "last_updated": now,
            "body": stamped(incoming.resource, version, now),
            "masked_body": None if masked is None else stamped(masked, version, now),
        }

    def row(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the resource's row, given what its version holds."""
        return {
            **body,
            "content_hash": self.content_hash,
            **self.columns,
            "masks": masks_text(self.incoming.item.masks),
            "source": self.incoming.source,
            "record": self.incoming.record,
            "contract": self.incoming.contract,
            "part": self.batch.part,
            "deleted": False,
        }


_FIRST = ("available_since", "informed")
"""Columns that say how the content was first made available; the same content leaves them alone."""
_COLUMNS = tuple(name for name in item_row(Item("", "")) if name not in _FIRST)


def _compared(incoming: Incoming, row: Mapping[str, Any]) -> tuple[Any, ...]:
    never = row["available_since"] is None
    values = [row[name] for name in _COLUMNS]
    return (*values, masks_text(incoming.item.masks), incoming.contract, never)


def _known(connection: Connection, batches: Sequence[Batch]) -> dict[tuple[str, str, str], _Known]:
    ids = {each.key[1] for batch in batches for each in batch.incoming}
    persons = {batch.person for batch in batches}
    found = connection.execute(
        select(
            RESOURCE.c.person,
            RESOURCE.c.type,
            RESOURCE.c.id,
            RESOURCE.c.version,
            RESOURCE.c.last_updated,
            RESOURCE.c.content_hash,
            RESOURCE.c.available_since,
            *(RESOURCE.c[name] for name in _COLUMNS),
            RESOURCE.c.masks,
            RESOURCE.c.contract,
        ).where(RESOURCE.c.person.in_(persons), RESOURCE.c.id.in_(ids))
    )
    return {
        (row.person, row.type, row.id): _Known(
            row.version,
            row.last_updated,
            row.content_hash,
            row.owner,
            row.available_since,
            (*row[7:], row.available_since is None),
        )
        for row in found
    }


def content_hash(resource: Mapping[str, Any], masked: Mapping[str, Any] | None) -> bytes:
    """Return the hash of a resource and its masked form, whatever their version and time.

    What is stored, read again, has the hash that it had on its way in.
    """
    second = b"" if masked is None else stamped(masked, 0, 0)
    return hashlib.sha256(stamped(resource, 0, 0) + b"\x00" + second).digest()


def stamped(resource: Mapping[str, Any], version: int, now: int) -> bytes:
    """The bytes as served: meta leads, with version and time."""
    meta = {
        "versionId": str(version),
        "lastUpdated": instant_text(now),
        **{k: v for k, v in resource.get("meta", {}).items() if k not in _OURS},
    }
    head = {name: resource[name] for name in ("resourceType", "id")}
    rest = {name: value for name, value in resource.items() if name not in (*head, "meta")}
    return encode({**head, "meta": meta, **rest})


_OURS = ("versionId", "lastUpdated")


def _write(connection: Connection, changed: Sequence[_Change]) -> None:
    if not changed:
        return
    rows, versions = [], []
    later: list[tuple[dict[str, Any], Sequence[str]]] = []
    for change in changed:
        body = change.body()
        first = change.version == 1
        versions.append({**body, "method": "POST" if first else "PUT"})
        row = change.row(body)
        if first:
            rows.append(row)
        else:
            later.append((row, _FIRST if change.keeps_since else ()))
    # A scope that was made a moment ago holds nothing that was made available since.
    move(connection, PERSON_COUNTER, {change.batch.person for change in changed})
    _update(connection, later)
    again = [(row["person"], row["type"], row["id"]) for row, _ in later]
    delete_rows(connection, INDEX_TABLES.values(), again)
    insert_tables(
        connection,
        [
            (RESOURCE, in_order(RESOURCE, rows)),
            (RESOURCE_VERSION, in_order(RESOURCE_VERSION, versions)),
            *index_tuples(map(_indexed, changed)),
        ],
    )


def _indexed(change: _Change) -> tuple[str, str, str, IndexRows]:
    """What is masked is not found by a search either."""
    incoming = change.incoming
    shown = incoming.resource if incoming.masked is None else incoming.masked
    return (change.batch.person, *incoming.key, index_rows(shown))


def _update(connection: Connection, rows: Sequence[tuple[dict[str, Any], Sequence[str]]]) -> None:
    """Write later versions; of each, leave the columns alone that are named beside it."""
    by_kept: dict[Sequence[str], list[dict[str, Any]]] = {}
    for row, kept in rows:
        by_kept.setdefault(kept, []).append({f"new_{name}": value for name, value in row.items()})
    for kept, values in by_kept.items():
        connection.execute(_later(kept), values)


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
