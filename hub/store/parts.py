"""Source parts in the store: kept whole, compressed and hashed; quarantined ones with reasons.

Source: DESIGN P6. The id is a keyed hash of source, person and content, so that the same part is
one row however often it comes.
"""

import hashlib
import hmac
import json
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, or_, select, update

from adapters.document import Note
from hub.store.bulk_insert import in_order, insert_tables
from hub.store.counter import insert_once
from hub.store.instant import at_micros, micros
from hub.store.schema.source_part import SOURCE_PART, UNREADABLE


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part as it is stored; `raw` is uncompressed here."""

    person: str
    id: str
    source: str
    adapter: str
    contract: str | None
    document: str
    name: str | None
    raw: bytes
    received: datetime
    state: str
    reasons: tuple[Note, ...]
    as_of: datetime | None = None


def part_id(key: bytes, source: str, person: str, raw: bytes) -> str:
    """Return the id of a part: the same for the same content, and nothing can be read out of it."""
    message = b"\x00".join([b"part", source.encode(), person.encode(), raw])
    return hmac.digest(key, message, "sha256").hex()[:40]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A delivery that could not be read; its content is not kept."""

    source: str
    adapter: str
    size: int
    reason: Note
    received: datetime


@dataclass(frozen=True, slots=True)
class Quarantined:
    """What may be said of a quarantined part: never its content (P1).

    Of a delivery that could not be read and may not be kept there is no content to try again:
    `kept` is False, and it has no document's name.
    """

    id: str
    source: str
    adapter: str | None
    contract: str | None
    document: str | None
    name: str | None
    size: int
    received: datetime
    reasons: tuple[Note, ...]
    kept: bool = True


def known_state(connection: Connection, row: PartRow) -> str | None:
    """Return the state of the same part, if it came before."""
    return known_states(connection, [row]).get((row.person, row.id))


def known_states(connection: Connection, rows: Collection[PartRow]) -> dict[tuple[str, str], str]:
    """Return the states of these parts, by person and id, for those that came before."""
    part = SOURCE_PART.c
    statement = select(part.person, part.id, part.state).where(
        part.person.in_({row.person for row in rows}), part.id.in_({row.id for row in rows})
    )
    return {(row.person, row.id): row.state for row in connection.execute(statement)}


def save_part(connection: Connection, row: PartRow) -> None:
    """Store a part, or what has become of it since."""
    if known_state(connection, row) is None:
        save_new_parts(connection, [row])
    else:
        save_state(connection, row)


def save_state(connection: Connection, row: PartRow) -> None:
    """Note what has become since of a part that is stored."""
    here = (SOURCE_PART.c.person == row.person) & (SOURCE_PART.c.id == row.id)
    changes: dict[str, object] = {"state": row.state, "reasons": _reasons(row)}
    if row.as_of is not None:
        changes["as_of"] = micros(row.as_of)
    connection.execute(update(SOURCE_PART).where(here).values(changes))


def save_new_parts(connection: Connection, rows: Iterable[PartRow]) -> None:
    """Store parts that are not stored yet."""
    made = [
        {
            "person": row.person,
            "id": row.id,
            "source": row.source,
            "adapter": row.adapter,
            "contract": row.contract,
            "document": row.document,
            "name": row.name,
            "content": zlib.compress(row.raw, 6),
            "content_hash": hashlib.sha256(row.raw).digest(),
            "size": len(row.raw),
            "received": micros(row.received),
            "state": row.state,
            "reasons": _reasons(row),
            "as_of": None if row.as_of is None else micros(row.as_of),
        }
        for row in rows
    ]
    insert_tables(connection, [(SOURCE_PART, in_order(SOURCE_PART, made))])


def _reasons(row: PartRow) -> str:
    return json.dumps([[n.severity, n.code, n.place, n.text] for n in row.reasons])


def later(connection: Connection, row: PartRow) -> None:
    """Note that a part which stands is also what a delivery of a later time holds."""
    if row.as_of is None:
        return
    here = (SOURCE_PART.c.person == row.person) & (SOURCE_PART.c.id == row.id)
    before = or_(SOURCE_PART.c.as_of.is_(None), SOURCE_PART.c.as_of < micros(row.as_of))
    values = {"as_of": micros(row.as_of)}
    connection.execute(update(SOURCE_PART).where(here, before).values(values))


def quarantined(connection: Connection, part: str | None = None) -> list[Quarantined]:
    """Return what waits in quarantine, the oldest first, or the one part."""
    found = [*_kept(connection, part), *_not_kept(connection, part)]
    return sorted(found, key=lambda each: (each.received, each.id))


def _kept(connection: Connection, part: str | None) -> Iterator[Quarantined]:
    columns = [column for column in SOURCE_PART.c if column.name != "content"]
    statement = select(*columns).where(SOURCE_PART.c.state == "quarantined")
    if part is not None:
        statement = statement.where(SOURCE_PART.c.id == part)
    for row in connection.execute(statement):
        yield Quarantined(
            row.id,
            row.source,
            row.adapter,
            row.contract,
            row.document,
            row.name,
            row.size,
            at_micros(row.received),
            tuple(Note(*reason) for reason in json.loads(row.reasons)),
        )


def _not_kept(connection: Connection, part: str | None) -> Iterator[Quarantined]:
    statement = select(UNREADABLE)
    if part is not None:
        statement = statement.where(UNREADABLE.c.id == part)
    for row in connection.execute(statement):
        yield Quarantined(
            row.id,
            row.source,
            row.adapter,
            None,
            None,
            None,
            row.size,
            at_micros(row.received),
            (Note("error", "unreadable", row.place, row.reason),),
            kept=False,
        )


def content_of(connection: Connection, part: str) -> bytes | None:
    """Return a quarantined part's bytes, for a retry and nothing else; None if it has left."""
    here = (SOURCE_PART.c.id == part) & (SOURCE_PART.c.state == "quarantined")
    content = connection.execute(select(SOURCE_PART.c.content).where(here)).scalar()
    return None if content is None else zlib.decompress(content)


def settle(connection: Connection, part: str) -> None:
    """Remove a quarantined row whose content has been stored since as other parts."""
    here = (SOURCE_PART.c.id == part) & (SOURCE_PART.c.state == "quarantined")
    connection.execute(delete(SOURCE_PART).where(here))


def save_unreadable(connection: Connection, digest: bytes, row: Unreadable) -> None:
    """Store what remains of a delivery that cannot be read: keyed hash, size, place and reason."""
    values = {
        "id": digest.hex()[:40],
        "source": row.source,
        "adapter": row.adapter,
        "keyed_hash": digest,
        "size": row.size,
        "place": row.reason.place,
        "reason": f"{row.reason.code}: {row.reason.text}",
        "received": micros(row.received),
    }
    connection.execute(insert_once(connection, UNREADABLE, values))


def forget_unreadable(connection: Connection, digest: bytes) -> None:
    """Remove what was noted of a delivery that has been read since."""
    connection.execute(delete(UNREADABLE).where(UNREADABLE.c.id == digest.hex()[:40]))


def is_noted_unreadable(connection: Connection, digest: bytes) -> bool:
    """Tell whether the same delivery could not be read before."""
    statement = select(UNREADABLE.c.id).where(UNREADABLE.c.id == digest.hex()[:40])
    return connection.execute(statement).scalar() is not None


def unreadable_id(key: bytes, source: str, content: Iterable[bytes]) -> bytes:
    """Return the keyed hash of a delivery's bytes, which are given piece by piece."""
    made = hmac.new(key, b"unreadable\x00" + source.encode() + b"\x00", "sha256")
    for piece in content:
        made.update(piece)
    return made.digest()
