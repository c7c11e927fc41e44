"""Source parts in the store: kept whole, compressed and hashed; quarantined ones with reasons.

Source: DESIGN P6. The id is a keyed hash of source, person and content, so that the same part is
one row however often it comes.
"""

import hashlib
import hmac
import json
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select, update

from adapters.document import Note
from hub.store.schema.source_part import SOURCE_PART, UNREADABLE
from hub.store.scope_sql import seconds


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


def part_id(key: bytes, source: str, person: str, raw: bytes) -> str:
    """Return the id of a part: the same for the same content, and nothing can be read out of it."""
    message = b"\x00".join([b"part", source.encode(), person.encode(), raw])
    return hmac.digest(key, message, "sha256").hex()[:40]


@dataclass(frozen=True, slots=True)
class Quarantined:
    """What may be said of a quarantined part: never its content (P1)."""

    id: str
    source: str
    adapter: str
    contract: str | None
    document: str
    name: str | None
    size: int
    received: datetime
    reasons: tuple[Note, ...]


def known_state(connection: Connection, row: PartRow) -> str | None:
    """Return the state of the same part, if it came before."""
    statement = select(SOURCE_PART.c.state).where(
        SOURCE_PART.c.person == row.person, SOURCE_PART.c.id == row.id
    )
    return connection.execute(statement).scalar()


def save_part(connection: Connection, row: PartRow) -> None:
    """Store a part, or what has become of it since."""
    here = (SOURCE_PART.c.person == row.person) & (SOURCE_PART.c.id == row.id)
    reasons = json.dumps([[n.severity, n.code, n.place, n.text] for n in row.reasons])
    if known_state(connection, row) is not None:
        changes = {"state": row.state, "reasons": reasons}
        connection.execute(update(SOURCE_PART).where(here).values(changes))
        return
    connection.execute(
        insert(SOURCE_PART).values(
            person=row.person,
            id=row.id,
            source=row.source,
            adapter=row.adapter,
            contract=row.contract,
            document=row.document,
            name=row.name,
            content=zlib.compress(row.raw, 6),
            content_hash=hashlib.sha256(row.raw).digest(),
            size=len(row.raw),
            received=seconds(row.received),
            state=row.state,
            reasons=reasons,
        )
    )


def quarantined(connection: Connection, part: str | None = None) -> list[Quarantined]:
    """Return what waits in quarantine, the oldest first, or the one part."""
    statement = (
        select(SOURCE_PART)
        .where(SOURCE_PART.c.state == "quarantined")
        .order_by(SOURCE_PART.c.received, SOURCE_PART.c.id)
    )
    if part is not None:
        statement = statement.where(SOURCE_PART.c.id == part)
    return [
        Quarantined(
            row.id,
            row.source,
            row.adapter,
            row.contract,
            row.document,
            row.name,
            row.size,
            datetime.fromtimestamp(row.received, UTC),
            tuple(Note(*reason) for reason in json.loads(row.reasons)),
        )
        for row in connection.execute(statement)
    ]


def content_of(connection: Connection, part: str) -> bytes:
    """Return a quarantined part's bytes, for a retry and nothing else."""
    here = (SOURCE_PART.c.id == part) & (SOURCE_PART.c.state == "quarantined")
    content = connection.execute(select(SOURCE_PART.c.content).where(here)).scalar_one()
    return zlib.decompress(content)


def settle(connection: Connection, part: str) -> None:
    """Remove a quarantined row whose content has been stored since as other parts."""
    here = (SOURCE_PART.c.id == part) & (SOURCE_PART.c.state == "quarantined")
    connection.execute(delete(SOURCE_PART).where(here))


def save_unreadable(
    connection: Connection,
    *,
    key: bytes,
    content: bytes,
    source: str,
    adapter: str | None,
    place: str,
    reason: str,
    received: datetime,
) -> str:
    """Store what remains of a delivery that cannot be read: keyed hash, size, place and reason."""
    digest = hmac.digest(key, b"unreadable\x00" + source.encode() + b"\x00" + content, "sha256")
    unreadable = digest.hex()[:40]
    known = select(UNREADABLE.c.id).where(UNREADABLE.c.id == unreadable)
    if connection.execute(known).scalar() is None:
        connection.execute(
            insert(UNREADABLE).values(
                id=unreadable,
                source=source,
                adapter=adapter,
                keyed_hash=digest,
                size=len(content),
                place=place,
                reason=reason,
                received=seconds(received),
            )
        )
    return unreadable
