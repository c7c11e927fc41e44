"""Facts about persons, bitemporal: recorded, ended, replaced, and read as known at an instant.

Source: DESIGN §4, P4, P8. A fact has an id within its person. A version is known from when it was
recorded until another takes its place or it is ended; nothing is ever overwritten, so that access
can be decided again with the facts known then. Every change moves the person's counter in the
same transaction.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, and_, func, insert, select, update

from consent.facts import (
    Assessment,
    Facts,
    Lift,
    Person,
    ProtectedIdentity,
    Relation,
    Samtycke,
    Sparr,
)
from hub.store.counter import lock, move
from hub.store.directory import known_at
from hub.store.instant import at_micros, micros, micros_or_none
from hub.store.schema.fact import FACT, PERSON_COUNTER, PERSON_LINK
from hub.store.typed_json import from_json, to_json

Content = Person | Relation | Samtycke | Sparr | Lift | Assessment
C = TypeVar("C", Person, Relation, Samtycke, Sparr, Lift, Assessment)

KINDS: Mapping[str, type[Content]] = {
    "person": Person,
    "relation": Relation,
    "samtycke": Samtycke,
    "sparr": Sparr,
    "lift": Lift,
    "assessment": Assessment,
}
_NAMES = {kind: name for name, kind in KINDS.items()}
STRICTEST = (
    ProtectedIdentity.FINGERAD,
    ProtectedIdentity.SKYDDAD_FOLKBOKFORING,
    ProtectedIdentity.SEKRETESSMARKERING,
    ProtectedIdentity.NONE,
)
DECLARED = "declared-"
"""Begins the id of what a document declares of protection; it says nothing else of the person."""
FILE = "file"
"""The origin of what a facts file said; acts over the API have another."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact as it is recorded: its id within the person, and what it says."""

    id: str
    content: Content


@dataclass(frozen=True, slots=True)
class KnownFact:
    """A fact as it was known: whose, since when, from where."""

    person: str
    id: str
    content: Content
    origin: str
    recorded: datetime


@dataclass(frozen=True, slots=True)
class FactVersion:
    """A version of a fact, until when it was known, and what ended it (None: it is known now)."""

    known: KnownFact
    ended: datetime | None
    ended_by: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about one person under all of their keys, and the counters that guard it."""

    entries: tuple[KnownFact, ...] = ()
    counters: Mapping[str, int] = field(default_factory=dict)

    def of(self, kind: type[C]) -> tuple[C, ...]:
        """Return the contents of one kind."""
        return tuple(each.content for each in self.entries if isinstance(each.content, kind))

    @property
    def facts(self) -> Facts:
        """Return the facts as a decision takes them; the organisations are the directory's."""
        return Facts(
            person=_one_person(self.entries),
            relations=self.of(Relation),
            consents=self.of(Samtycke),
            blocks=self.of(Sparr),
            lifts=self.of(Lift),
            assessments=self.of(Assessment),
        )


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording came to, in numbers: nothing of it says whose the facts are.

    `kept` counts facts that a file says something else of, but that an act since then has changed
    or ended: the act stands.
    """

    added: int = 0
    changed: int = 0
    ended: int = 0
    unchanged: int = 0
    kept: int = 0


def identified(facts: Facts) -> tuple[Fact, ...]:
    """Return a file's facts with ids that are the same whenever the file is loaded.

    A block keeps its fact id when what it says changes, and so does an organisation's assessment;
    of the others, which have no name of their own, another content is another fact.
    """
    contents: list[Content] = [
        facts.person,
        *facts.relations,
        *facts.consents,
        *facts.blocks,
        *facts.lifts,
        *facts.assessments,
    ]
    seen: dict[str, int] = {}
    found = []
    for content in contents:
        name = _name(content)
        seen[name] = number = seen.get(name, 0) + 1
        digest = sha256(f"{name}\0{number}".encode()).hexdigest()[:32]
        found.append(Fact(f"{_NAMES[type(content)]}-{digest}", content))
    return tuple(found)


def _name(content: Content) -> str:
    kind = _NAMES[type(content)]
    match content:
        case Person():
            return kind
        case Sparr():
            return f"{kind}\0{content.id}"
        case Assessment():
            return f"{kind}\0{content.kind}\0{content.by}"
    return f"{kind}\0{to_json(content)}"


def record_facts(
    connection: Connection, person: str, facts: Iterable[Fact], now: datetime, origin: str
) -> Recorded:
    """Record facts; one whose current version says the same is left as it is."""
    lock(connection, PERSON_COUNTER, [person])
    return _write(connection, person, tuple(facts), (), now, origin)


def end_facts(
    connection: Connection, person: str, ids: Collection[str], now: datetime, origin: str
) -> Recorded:
    """End facts that are known now; their versions remain for what was decided while they were."""
    lock(connection, PERSON_COUNTER, [person])
    current = {row.id for row in _rows(connection, person) if row.recorded_to is None}
    return _write(connection, person, (), tuple(current & set(ids)), now, origin)


def load_facts(connection: Connection, person: str, facts: Facts, now: datetime) -> Recorded:
    """Make a facts file's content the known one, and return what changed.

    The file is the whole of what files say about the person: a fact that an earlier file said and
    this one does not is ended. What came another way stays: a block that was set over the API is
    not ended by a file that lacks it, and a consent that was withdrawn does not come back.
    """
    lock(connection, PERSON_COUNTER, [person])
    latest = {row.id: row for row in _rows(connection, person)}
    wanted = identified(facts)
    kept = {fact.id for fact in wanted if _acted_on(latest.get(fact.id))}
    missing = tuple(
        row.id
        for row in latest.values()
        if row.recorded_to is None
        and row.origin == FILE
        and row.id not in {fact.id for fact in wanted}
    )
    new = tuple(fact for fact in wanted if fact.id not in kept)
    return replace(_write(connection, person, new, missing, now, FILE), kept=len(kept))


def _acted_on(row: Row[tuple[object, ...]] | None) -> bool:
    if row is None:
        return False
    return row.origin != FILE or (row.recorded_to is not None and row.ended_by != FILE)


def _rows(connection: Connection, person: str) -> list[Row[tuple[object, ...]]]:
    """The versions of the person's facts, oldest first."""
    statement = select(FACT).where(FACT.c.person == person).order_by(FACT.c.recorded_from)
    return list(connection.execute(statement))


def _write(
    connection: Connection,
    person: str,
    facts: Sequence[Fact],
    ended: Sequence[str],
    now: datetime,
    origin: str,
) -> Recorded:
    current = {row.id: row for row in _rows(connection, person) if row.recorded_to is None}
    payloads = {fact.id: to_json(fact.content) for fact in facts}
    new = {
        fact.id: fact
        for fact in facts
        if fact.id not in current or current[fact.id].payload != payloads[fact.id]
    }
    changed = [name for name in new if name in current]
    at = _next_instant(connection, person, now)
    gone = [*changed, *ended]
    if gone:
        _end(connection, person, gone, at, origin)
    if new:
        rows = [_row(person, fact, payloads[fact.id], at, origin) for fact in new.values()]
        connection.execute(insert(FACT), rows)
    if new or gone:
        move(connection, PERSON_COUNTER, [person])
    return Recorded(
        added=len(new) - len(changed),
        changed=len(changed),
        ended=len(ended),
        unchanged=len(payloads) - len(new),
    )


def _next_instant(connection: Connection, person: str, now: datetime) -> int:
    """Return `now`, or the first instant after everything recorded, whichever is later."""
    statement = select(func.max(FACT.c.recorded_from), func.max(FACT.c.recorded_to))
    latest = connection.execute(statement.where(FACT.c.person == person)).one()
    return max([micros(now), *(int(each) + 1 for each in latest if each is not None)])


def _end(connection: Connection, person: str, ids: Sequence[str], at: int, origin: str) -> None:
    connection.execute(
        update(FACT)
        .where(FACT.c.person == person, FACT.c.id.in_(ids), FACT.c.recorded_to.is_(None))
        .values(recorded_to=at, ended_by=origin)
    )


def _row(person: str, fact: Fact, payload: str, at: int, origin: str) -> dict[str, object]:
    valid_from, valid_to = _valid(fact.content)
    return {
        "person": person,
        "id": fact.id,
        "recorded_from": at,
        "kind": _NAMES[type(fact.content)],
        "payload": payload,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "origin": origin,
    }


def _valid(content: Content) -> tuple[int | None, int | None]:
    match content:
        case Relation() | Samtycke() | Lift():
            return micros_or_none(content.period.start), micros_or_none(content.period.end)
        case Sparr():
            return micros_or_none(content.set_at), None
    return None, None


def facts_of(
    connection: Connection, persons: Sequence[str], as_known_at: datetime | None = None
) -> Facts:
    """Return the facts under these keys, which are one person's; without organisations."""
    return known_of(connection, persons, as_known_at).facts


def known_of(
    connection: Connection, persons: Sequence[str], as_known_at: datetime | None = None
) -> Known:
    """Return what is known under these keys, and the counters, from one statement.

    The first key is the one that was asked about. Ids of blocks under the other keys are made
    distinct, so that a lift under one key never lifts a block under another.
    """
    joined = PERSON_COUNTER.outerjoin(
        FACT, and_(FACT.c.person == PERSON_COUNTER.c.person, known_at(FACT, as_known_at))
    )
    statement = (
        select(PERSON_COUNTER.c.person.label("key"), PERSON_COUNTER.c.counter, FACT)
        .select_from(joined)
        .where(PERSON_COUNTER.c.person.in_(persons))
    )
    rows = connection.execute(statement).all()
    return known_from(rows, persons, {row.key: row.counter for row in rows})


def known_from(rows: Sequence[Any], persons: Sequence[str], counters: Mapping[str, int]) -> Known:
    """Return what rows of facts say; the same fact may stand in several."""
    order = {key: number for number, key in enumerate(persons)}
    held = {(row.key, row.id): row for row in rows if row.id is not None}
    found = sorted(
        held.values(), key=lambda row: (order[row.key], row.kind, row.recorded_from, row.id)
    )
    return Known(tuple(_known(row, first=order[row.key] == 0) for row in found), counters)


def versions_of(connection: Connection, persons: Sequence[str]) -> list[FactVersion]:
    """Return every version that there has been of the facts under these keys, the oldest first.

    Each says what it said under its own key.
    """
    statement = (
        select(FACT.c.person.label("key"), FACT)
        .where(FACT.c.person.in_(persons))
        .order_by(FACT.c.recorded_from)
    )
    return [
        FactVersion(
            _known(row, first=True),
            None if row.recorded_to is None else at_micros(row.recorded_to),
            row.ended_by,
        )
        for row in connection.execute(statement)
    ]


def _known(row: Any, *, first: bool) -> KnownFact:  # noqa: ANN401  # as `known_from` has it
    content = from_json(KINDS[row.kind], row.payload)
    if not first and isinstance(content, Sparr):
        content = replace(content, id=f"{row.key}/{content.id}")
    elif not first and isinstance(content, Lift):
        content = replace(content, block=f"{row.key}/{content.block}")
    return KnownFact(row.key, row.id, content, row.origin, at_micros(row.recorded_from))


def _one_person(entries: Sequence[KnownFact]) -> Person:
    """The person as the first key knows them, with the strictest protection under any key."""
    known = [(each.id, each.content) for each in entries if isinstance(each.content, Person)]
    if not known:
        return Person()
    protections = {person.protected_identity for _, person in known}
    strictest = next(each for each in STRICTEST if each in protections)
    deceased = next((person.deceased for _, person in known if person.deceased is not None), None)
    said = (person for name, person in known if not name.startswith(DECLARED))
    return replace(next(said, Person()), protected_identity=strictest, deceased=deceased)


def counters_of(connection: Connection, persons: Collection[str]) -> dict[str, int]:
    """Return the counters of these keys; a key that nothing is known about has none."""
    statement = select(PERSON_COUNTER).where(PERSON_COUNTER.c.person.in_(persons))
    return {row.person: row.counter for row in connection.execute(statement)}


def linked(
    connection: Connection, persons: Collection[str], as_known_at: datetime | None = None
) -> list[str]:
    """Return every key of the person with these keys: those given first, then the others."""
    member = PERSON_LINK.alias("member")
    statement = (
        select(PERSON_LINK.c.person)
        .join(member, member.c.first == PERSON_LINK.c.first)
        .where(
            member.c.person.in_(persons),
            known_at(PERSON_LINK, as_known_at),
            known_at(member, as_known_at),
        )
        .distinct()
        .order_by(PERSON_LINK.c.person)
    )
    others = connection.execute(statement).scalars()
    return list(dict.fromkeys((*persons, *others)))
