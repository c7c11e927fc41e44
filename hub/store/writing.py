"""Resources written to the store: new versions only where the content is new, with their index.

Source: DESIGN §4, P6. The caller holds the transaction, so that a part, or a vendor's transaction,
is written whole or not at all.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, false, insert, or_, select, update

from consent.facts import Item
from hub.fhir.extract import index_rows
from hub.fhir.json_codec import encode
from hub.store.item_row import item_row, masks_text
from hub.store.schema.resource import RESOURCE, RESOURCE_VERSION
from hub.store.search_sql import delete_index_rows, insert_index_rows


@dataclass(frozen=True, slots=True)
class Incoming:
    """A resource on its way in: `resource` has an id and no version; `item` its consent columns.

    `masked` is the same resource without what reveals a protected person's whereabouts.
    """

    resource: Mapping[str, Any]
    item: Item
    source: str
    masked: Mapping[str, Any] | None = None
    record: str | None = None
    contract: str | None = None

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
    columns: tuple[Any, ...]


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

    A resource whose content and columns stand already is left as it is.
    """
    known = _known(connection, person, [each.key for each in incoming])
    written: list[Written] = []
    changed: list[tuple[Incoming, int]] = []
    for each in incoming:
        before = known.get(each.key)
        content_hash, columns = _content_hash(each), _columns(each)
        if before and before.content_hash == content_hash and before.columns == columns:
            written.append(Written(*each.key, before.version, before.last_updated, False, False))
            continue
        version = before.version + 1 if before else 1
        changed.append((each, version))
        written.append(Written(*each.key, version, now, True, before is None))
    _write(connection, person, changed, now, part)
    return written


def withdraw(connection: Connection, person: str, keys: Iterable[tuple[str, str]]) -> None:
    """Mark resources as gone at their source: from now on only their owner reads any version."""
    for resource_type, resource_id in keys:
        connection.execute(
            update(RESOURCE)
            .where(
                RESOURCE.c.person == person,
                RESOURCE.c.type == resource_type,
                RESOURCE.c.id == resource_id,
            )
            .values(withdrawn=True)
        )


def others_of_records(
    connection: Connection,
    person: str,
    source: str,
    records: Iterable[str],
    kept: AbstractSet[tuple[str, str]],
    *,
    contract: str | None,
) -> list[tuple[str, str]]:
    """Return the resources that a new delivery no longer gives: gone from its records.

    With `contract` the delivery is complete, and what it does not hold at all is gone as well.
    """
    whole = RESOURCE.c.contract == contract if contract else false()
    statement = select(RESOURCE.c.type, RESOURCE.c.id).where(
        RESOURCE.c.person == person,
        RESOURCE.c.source == source,
        RESOURCE.c.withdrawn.is_(False),
        or_(RESOURCE.c.record.in_(set(records)), whole),
    )
    found = {(row.type, row.id) for row in connection.execute(statement)}
    return sorted(found - kept)


def _columns(incoming: Incoming) -> tuple[Any, ...]:
    row = item_row(incoming.item)
    del row["available_since"]  # when the content was first made available does not move
    return (*row.values(), masks_text(incoming.item.masks), incoming.contract)


def _known(
    connection: Connection, person: str, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], _Known]:
    columns = [name for name in item_row(Item("", "")) if name != "available_since"]
    found = connection.execute(
        select(
            RESOURCE.c.type,
            RESOURCE.c.id,
            RESOURCE.c.version,
            RESOURCE.c.last_updated,
            RESOURCE.c.content_hash,
            *(RESOURCE.c[name] for name in columns),
            RESOURCE.c.masks,
            RESOURCE.c.contract,
        ).where(RESOURCE.c.person == person, RESOURCE.c.id.in_({key[1] for key in keys}))
    )
    return {
        (row.type, row.id): _Known(row.version, row.last_updated, row.content_hash, tuple(row[5:]))
        for row in found
    }


def _content_hash(incoming: Incoming) -> bytes:
    masked = b"" if incoming.masked is None else encode(incoming.masked)
    return hashlib.sha256(encode(incoming.resource) + b"\x00" + masked).digest()


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
    changed: Sequence[tuple[Incoming, int]],
    now: int,
    part: str | None,
) -> None:
    if not changed:
        return
    rows, versions = [], []
    for incoming, version in changed:
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
                "content_hash": _content_hash(incoming),
                **item_row(incoming.item),
                "masks": masks_text(incoming.item.masks),
                "source": incoming.source,
                "record": incoming.record,
                "contract": incoming.contract,
                "part": part,
            }
        )
    _upsert(connection, person, rows)
    connection.execute(insert(RESOURCE_VERSION), versions)
    delete_index_rows(connection, person, [each.key for each, version in changed if version > 1])
    insert_index_rows(
        connection, person, [(*each.key, index_rows(each.resource)) for each, _ in changed]
    )


def _upsert(connection: Connection, person: str, rows: Sequence[dict[str, Any]]) -> None:
    new = [row for row in rows if row["version"] == 1]
    if new:
        connection.execute(insert(RESOURCE), new)
    for row in rows:
        if row["version"] > 1:
            values = {name: value for name, value in row.items() if name != "available_since"}
            connection.execute(
                update(RESOURCE)
                .where(
                    RESOURCE.c.person == person,
                    RESOURCE.c.type == row["type"],
                    RESOURCE.c.id == row["id"],
                )
                .values(values)
            )
