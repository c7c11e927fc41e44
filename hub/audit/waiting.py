"""The records that wait for the tree, each held against its chain before it is taken.

Source: DESIGN §6, P9. A chain is taken as far as it is what its hashes say, and no farther.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, exists, func, literal, select

from hub.audit.chain import commitment, first_link, link, place_name
from hub.store.schema.audit import audit_chain, audit_record, audit_tree


@dataclass(frozen=True, slots=True)
class Held:
    """A chain that does not hold, and its first record that the tree will not take."""

    record: str
    reason: str


@dataclass(frozen=True, slots=True)
class Next:
    """A record of a chain that holds, for the tree to take."""

    chain: str
    position: int
    leaf_hash: bytes
    payload: dict[str, Any]


def waiting_chains() -> Select[tuple[str, int]]:
    """Select the chains that have records after those in the tree, and the last one taken."""
    taken = func.coalesce(
        select(func.max(audit_tree.c.position))
        .where(audit_tree.c.chain == audit_chain.c.id)
        .correlate(audit_chain)
        .scalar_subquery(),
        -1,
    )
    waiting = exists().where(
        audit_record.c.chain == audit_chain.c.id, audit_record.c.position > taken
    )
    return (
        select(audit_chain.c.id, taken.label("taken"))
        .where(waiting)
        .order_by(audit_chain.c.started, audit_chain.c.id)
    )


def next_records(
    connection: Connection, chain: str, taken: int, limit: int
) -> Iterator[Next | Held]:
    """Yield a chain's leaves from after `taken`, and Held at the first that does not hold."""
    if limit <= 0:
        return
    previous = _last_link(connection, chain, taken)
    if previous is None:
        yield Held(place_name(chain, taken), "the last record in the tree is gone or altered")
        return
    rows = connection.execute(
        select(*_READ)
        .where(audit_record.c.chain == chain, audit_record.c.position > taken)
        .order_by(audit_record.c.position)
        .limit(limit)
    )
    for expected, row in enumerate(rows.all(), taken + 1):
        payload, reason = _read(row, expected, previous)
        if reason:
            yield Held(place_name(chain, expected), reason)
            return
        previous = row.chain_hash
        yield Next(chain, row.position, row.leaf_hash, payload)


_READ = tuple(
    audit_record.c[name] for name in ("position", "salt", "payload", "leaf_hash", "chain_hash")
)


def _read(row: Row[Any], expected: int, previous: bytes) -> tuple[dict[str, Any], str | None]:
    """Return the record's payload, and why the tree will not take it, if so."""
    if reason := _does_not_hold(row, expected, previous):
        return {}, reason
    # What somebody typed may hold half a surrogate pair, which msgspec refuses and JSON does not.
    for decode in (msgspec.json.decode, json.loads):
        with suppress(msgspec.DecodeError, ValueError, TypeError):
            return dict(decode(row.payload)), None
    return {}, "the record cannot be read"


def _does_not_hold(row: Row[Any], expected: int, previous: bytes) -> str | None:
    if row.position != expected:
        return "the record is missing"
    if row.payload is None or row.salt is None:
        return "the record was emptied before it was signed"
    if commitment(row.salt, row.payload) != row.leaf_hash:
        return "the record is not what its hash says"
    if link(previous, row.leaf_hash) != row.chain_hash:
        return "the record does not follow the one before it"
    return None


def _last_link(connection: Connection, chain: str, taken: int) -> bytes | None:
    if taken < 0:
        return first_link(chain)
    return connection.scalar(
        select(audit_record.c.chain_hash)
        .join(
            audit_tree,
            (audit_tree.c.chain == audit_record.c.chain)
            & (audit_tree.c.position == audit_record.c.position)
            & (audit_tree.c.leaf_hash == audit_record.c.leaf_hash),
        )
        .where(audit_record.c.chain == literal(chain), audit_record.c.position == taken)
    )
