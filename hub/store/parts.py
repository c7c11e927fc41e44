"""Source parts in the store: kept whole, compressed and hashed; quarantined ones with reasons.

Source: DESIGN P6. The id is a keyed hash of source, person and content, so that the same part is
one row however often it comes.
"""

import hashlib
import hmac
import json
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, or_, select, update

from adapters.document import Note
from hub.store.bulk_insert import in_order, insert_tables
from hub.store.counter import insert_once
from hub.store.instant import at_micros, micros
from hub.store.schema.source_part import SOURCE_PART, UNREADABLE
from hub.store.standing import PartTime, PartTimes


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


class KeptParts:
    """Parts that are to be stored in their order, and what of them the store has already.

    All of it is written at the end, so that many cost as many statements as few.
    """

    def __init__(self, connection: Connection, rows: Collection[PartRow]) -> None:
        """Ask once which of these parts came before."""
        self._connection = connection
        self.times: PartTimes = {}
        """When these parts were received, and of when they are, by person and part."""
        self._states: dict[tuple[str, str], str] = {}
        self._new: list[PartRow] = []
        self._again: list[tuple[Callable[[Connection, PartRow], None], PartRow]] = []
        part = SOURCE_PART.c
        statement = select(part.person, part.id, part.state, part.received, part.as_of).where(
            part.person.in_({row.person for row in rows}), part.id.in_({row.id for row in rows})
        )
        for row in connection.execute(statement):
            self._states[row.person, row.id] = row.state
            self.times[row.person, row.id] = PartTime(row.received, row.as_of)

    def state(self, row: PartRow) -> str | None:
        """Return the state of the same part, if it came before."""
        return self._states.get((row.person, row.id))

    def time(self, row: PartRow) -> PartTime:
        """Return when a part was first received, and of when it is."""
        as_of = None if row.as_of is None else micros(row.as_of)
        return self.times.setdefault((row.person, row.id), PartTime(micros(row.received), as_of))

    def take(self, row: PartRow) -> None:
        """Store a part, or note what has become of it since."""
        before, time = self.state(row), self.time(row)
        self._states[row.person, row.id] = row.state
        if before is None:
            self._new.append(row)
            return
        stands = before == row.state == "stored"
        self._again.append((later if stands else save_state, row))
        if row.as_of is not None:
            of = micros(row.as_of)
            time.as_of = max(of, time.as_of or of) if stands else of

    def write(self) -> None:
        """Write all of it."""
        save_new_parts(self._connection, self._new)
        for note, row in self._again:
            note(self._connection, row)


def save_part(connection: Connection, row: PartRow) -> None:
    """Store a part, or what has become of it since."""
    kept = KeptParts(connection, [row])
    kept.take(row)
    kept.write()


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
