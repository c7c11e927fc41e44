"""Resources written to the store: new versions only where the content is new, with their index.

Source: DESIGN §4, P6. The caller holds the transaction, so that a part, or a vendor's transaction,
is written whole or not at all.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from sqlalchemy import Connection, and_, insert, select, update
from sqlalchemy.exc import DataError, SQLAlchemyError

from consent.facts import Item
from hub.fhir.extract import index_rows
from hub.fhir.index_rows import IndexRows
from hub.fhir.json_codec import encode
from hub.store.bulk_insert import in_order, insert_tables
from hub.store.counter import move
from hub.store.item_row import item_row, masks_text
from hub.store.schema.fact import PERSON_COUNTER
from hub.store.schema.resource import RESOURCE, RESOURCE_VERSION
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

    def keeps_since(self, item: Item) -> bool:
        """Tell whether it stays since when, and so whether informed, the content is available."""
        since = (self.available_since, item.available_since)
        return self.owner == item.owner and None not in since


def instant_text(microseconds: int) -> str:
    """Return microseconds since 1970 as a FHIR instant in UTC, to the millisecond."""
    moment = datetime.fromtimestamp(microseconds / 1_000_000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


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
    known = _known(connection, person, [each.key for each in incoming])
    hashes = [content_hash(each.resource, each.masked) for each in incoming]
    written: list[Written] = []
    changed: list[_Change] = []
    new: set[tuple[str, str]] = set()
    for each, hashed in zip(incoming, hashes, strict=True):
        before = known.get(each.key)
        if each.follows is not None and new.isdisjoint(each.follows):
            continue
        if before and (before.content_hash, before.columns) == (hashed, _columns(each)):
            if each.follows is None:
                written.append(
                    Written(*each.key, before.version, before.last_updated, False, False)
                )
            continue
        version = before.version + 1 if before else 1
        keeps = before is not None and before.keeps_since(each.item)
        changed.append(_Change(each, version, hashed, keeps))
        if each.follows is None:
            new.add(each.key)
            written.append(Written(*each.key, version, now, True, before is None))
    _write(connection, person, changed, now, part)
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
    incoming: Incoming
    version: int
    content_hash: bytes
    keeps_since: bool


_FIRST = ("available_since", "informed")
"""Columns that say how the content was first made available; the same content leaves them alone."""


def _columns(incoming: Incoming) -> tuple[Any, ...]:
    row = item_row(incoming.item)
    never = row["available_since"] is None
    values = [value for name, value in row.items() if name not in _FIRST]
    return (*values, masks_text(incoming.item.masks), incoming.contract, never)


def _known(
    connection: Connection, person: str, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], _Known]:
    columns = [name for name in item_row(Item("", "")) if name not in _FIRST]
    found = connection.execute(
        select(
            RESOURCE.c.type,
            RESOURCE.c.id,
            RESOURCE.c.version,
            RESOURCE.c.last_updated,
            RESOURCE.c.content_hash,
            RESOURCE.c.available_since,
            *(RESOURCE.c[name] for name in columns),
            RESOURCE.c.masks,
            RESOURCE.c.contract,
        ).where(RESOURCE.c.person == person, RESOURCE.c.id.in_({key[1] for key in keys}))
    )
    return {
        (row.type, row.id): _Known(
            row.version,
            row.last_updated,
            row.content_hash,
            row.owner,
            row.available_since,
            (*row[6:], row.available_since is None),
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


def _write(
    connection: Connection,
    person: str,
    changed: Sequence[_Change],
    now: int,
    part: str | None,
) -> None:
    if not changed:
        return
    rows, versions = [], []
    for change in changed:
        incoming, version = change.incoming, change.version
        resource_type, resource_id = incoming.key
        body = {
            "person": person,
            "type": resource_type,
            "id": resource_id,
            "version": version,
            "last_updated": now,
            "body": stamped(incoming.resource, version, now),
            "masked_body": None
            if incoming.masked is None
            else stamped(incoming.masked, version, now),
        }
        versions.append({**body, "method": "POST" if version == 1 else "PUT"})
        rows.append(
            {
                **body,
                "content_hash": change.content_hash,
                **item_row(incoming.item),
                "masks": masks_text(incoming.item.masks),
                "source": incoming.source,
                "record": incoming.record,
                "contract": incoming.contract,
                "part": part,
                "deleted": False,
            }
        )
    # A scope that was made a moment ago holds nothing that was made available since.
    move(connection, PERSON_COUNTER, [person])
    kept = [_FIRST if change.keeps_since else () for change in changed]
    _update(connection, person, list(zip(rows, kept, strict=True)))
    again = [change.incoming.key for change in changed if change.version > 1]
    delete_index_rows(connection, person, again)
    first = [row for row in rows if row["version"] == 1]
    insert_tables(
        connection,
        [
            (RESOURCE, in_order(RESOURCE, first)),
            (RESOURCE_VERSION, in_order(RESOURCE_VERSION, versions)),
            *index_tuples(person, [_indexed(change.incoming) for change in changed]),
        ],
    )


def _indexed(incoming: Incoming) -> tuple[str, str, IndexRows]:
    """What is masked is not found by a search either."""
    shown = incoming.resource if incoming.masked is None else incoming.masked
    return (*incoming.key, index_rows(shown))


def _update(
    connection: Connection,
    person: str,
    rows: Sequence[tuple[dict[str, Any], Sequence[str]]],
) -> None:
    """Write later versions; of each, leave the columns alone that are named beside it."""
    for row, kept in rows:
        if row["version"] > 1:
            values = {name: value for name, value in row.items() if name not in kept}
            connection.execute(
                update(RESOURCE)
                .where(
                    RESOURCE.c.person == person,
                    RESOURCE.c.type == row["type"],
                    RESOURCE.c.id == row["id"],
                )
                .values(values)
            )
