"""P3: pairs of worlds that a reader must not be able to tell apart, and every request in both.

The law itself makes the pair. A world is drawn at random; the lesser one is what remains when every
document, every fact and every other person's record has been taken out that changes nothing of what
the law shows this reader, whatever the reader states. Whatever then differs between the answers of
the two is a leak.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from consent.facts import Capacity, Facts, Item, Purpose, Reader, Request
from consent.obligations import obligations
from consent.predicate import TRUE
from consent.relation import patient_is_current, service_is_given_or_investigated
from consent.scope import scope
from consent.section import Opens
from consent.situation import Situation
from hub.api.opening.open_parameters import read_stated
from hub.auth.built_in import TokenRequest
from hub.stated import Stated
from tests.worlds.hub_world import (
    NOON,
    ORGANISATIONS,
    UNCONSCIOUS,
    stated,
)

Values = Mapping[str, object]
OPENINGS: tuple[Values, ...] = (
    {"relevance": True, "activeChoice": "content"},
    {"relevance": True, "activeChoice": "exists"},
    {"relevance": True, "necessary": True, "activeChoice": "content", "emergency": UNCONSCIOUS},
    {"relevance": True, "takesPart": True, "reason": "jour", "activeChoice": "content"},
    {"relevance": True, "necessary": True},
)
FACTS = {each.id: each.as_fact() for each in ORGANISATIONS}
PURPOSES = {
    staff.id: frozenset(staff.assignments[0].purposes)
    for each in ORGANISATIONS
    for staff in each.staff
}
DEFAULT_PURPOSE = {
    Capacity.VARDPERSONAL: Purpose.VARD,
    Capacity.OMSORGSPERSONAL: Purpose.INSATS,
    Capacity.INDIVIDUAL: Purpose.EGEN,
}


@dataclass(frozen=True, slots=True)
class Row:
    """A document: its resource without subject, and the item that it is to the law."""

    resource: Mapping[str, Any]
    item: Item

    @property
    def key(self) -> str:
        return f"{self.resource['resourceType']}/{self.resource['id']}"


@dataclass(frozen=True, slots=True)
class Record:
    """What one world holds: facts and documents of the person who is asked about and of another."""

    facts: Facts
    rows: tuple[Row, ...]
    others: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """Two worlds for one reader, and what the reader asks."""

    reader: TokenRequest
    more: Record
    less: Record
    openings: tuple[Values, ...]
    searches: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]

    @property
    def counted(self) -> bool:
        """Whether statements are compared: no document may change their number.

        A fact may, such as a block that brings a rung into play which nothing then shows.
        """
        return self.more.facts == self.less.facts

    @property
    def hidden(self) -> tuple[Row, ...]:
        """The documents that only the one world has."""
        return tuple(
            row
            for row in (*self.more.rows, *self.more.others)
            if row not in (*self.less.rows, *self.less.others)
        )


def lesser(reader: TokenRequest, more: Record, *, of_facts: bool = False) -> Record:
    """Return the record without all that the law lets the reader learn nothing of.

    With `of_facts` facts go too, such as a block that covers nothing.
    """
    shown = _everything_shown(reader, more)
    less = more
    for smaller in (*_without_a_row(more), *(_without_a_fact(more) if of_facts else ())):
        candidate = smaller(less)
        if _everything_shown(reader, candidate) == shown:
            less = candidate
    return less


def never_shown(reader: TokenRequest, record: Record) -> list[Row]:
    """Return the documents whose content the reader gets under no statement at all."""
    shown: set[str] = set()
    for each in _statements(reader, record):
        shown |= set(_shown(reader, record.facts, record.rows, each)[0])
        shown |= set(_shown(reader, Facts(), record.others, each)[0])
    return [row for row in (*record.rows, *record.others) if row.key not in shown]


def _without_a_row(record: Record) -> Iterator[Any]:
    for row in record.rows:
        yield lambda r, row=row: replace(r, rows=tuple(x for x in r.rows if x is not row))
    for row in record.others:
        yield lambda r, row=row: replace(r, others=tuple(x for x in r.others if x is not row))


def _without_a_fact(record: Record) -> Iterator[Any]:
    for name in ("relations", "consents", "blocks", "lifts", "assessments"):
        for fact in getattr(record.facts, name):
            yield lambda r, name=name, fact=fact: replace(
                r,
                facts=replace(
                    r.facts, **{name: tuple(x for x in getattr(r.facts, name) if x is not fact)}
                ),
            )


def _everything_shown(reader: TokenRequest, record: Record) -> list[Any]:
    return [
        (
            _shown(reader, record.facts, record.rows, each),
            _shown(reader, Facts(), record.others, each),
            _concerning(reader, record.facts, each),
        )
        for each in _statements(reader, record)
    ]


def _concerning(reader: TokenRequest, facts: Facts, stated_: Stated) -> tuple[Any, ...]:
    """The answers, blocks, lifts and assessments that the reader may know of (docs/consents.md)."""
    acting = _situation(reader, facts, stated_).request.reader
    if acting.as_ is Capacity.INDIVIDUAL:
        return facts.consents, facts.blocks, facts.lifts, facts.assessments, facts.person
    staff = acting.as_ in (Capacity.VARDPERSONAL, Capacity.OMSORGSPERSONAL)
    if not (staff and acting.takes_part and acting.assignment_valid):
        return ()
    own = acting.organisation
    return (
        tuple(each for each in facts.consents if each.organisation == own),
        tuple(each for each in facts.blocks if each.owner == own),
        tuple(each for each in facts.assessments if each.by == own),
        tuple(each for each in facts.relations if each.organisation == own),
        facts.person,
    )


def _statements(reader: TokenRequest, record: Record) -> list[Stated]:
    """Whatever the reader may state: nothing, each opening, and the choice of all that U1 named."""
    found = [Stated()]
    for values in OPENINGS:
        one = read_stated({"resourceType": "Parameters", "parameter": stated(**values)})
        named = {
            name
            for rung, name in _shown(reader, record.facts, record.rows, one)[2]
            if rung is Opens.U1
        }
        found += [one, replace(one, organisations=frozenset(named))]
    return found


def _shown(
    reader: TokenRequest, facts: Facts, rows: Sequence[Row], stated_: Stated
) -> tuple[Any, ...]:
    """All that the law shows: documents, grounds, rungs with names, what closes, obligations."""
    situation = _situation(reader, facts, stated_)
    made = scope(situation)
    grounds = {row.key: made.ground(row.item) for row in rows}
    permitted = tuple(key for key, ground in grounds.items() if ground is not None)
    cited = frozenset(ground for ground in grounds.values() if ground is not None)
    rungs = frozenset((rung, _named(rung, r.item)) for r in rows for rung in made.shows(r.item))
    opened = {rung for rung, _ in rungs}
    by = frozenset((each.opens, each.ground) for each in made.rungs if each.opens in opened)
    closing = frozenset(e.ground for e in made.clauses if not e.permits and e.when == TRUE)
    content = {Opens.CONTENT} if cited else set[Opens]()
    owed = obligations(situation, opened | content, cited | {ground for _, ground in by})
    return permitted, cited, rungs, by, closing, owed


def _named(rung: Opens, item: Item) -> str | None:
    if rung in (Opens.U1, Opens.B1):
        return item.owner
    return (item.unit or item.owner) if rung is Opens.I1 else None


def _situation(asked: TokenRequest, facts: Facts, stated_: Stated) -> Situation:
    """The situation that a token and a statement make, from the law's own definitions."""
    purpose = stated_.purpose or asked.purpose or DEFAULT_PURPOSE.get(asked.as_, Purpose.VARD)
    reader = Reader(
        user=asked.user,
        organisation=None if asked.as_ is Capacity.INDIVIDUAL else asked.organisation,
        as_=asked.as_,
        unit=asked.unit,
        assignment_valid=asked.user not in PURPOSES or purpose in PURPOSES[asked.user],
        takes_part=False,
    )
    request = Request(
        reader=reader,
        at=NOON,
        purpose=purpose,
        patient_requested=stated_.patient_requested,
        relevance=stated_.relevance,
        active_choice=stated_.active_choice,
        necessary=stated_.necessary,
        emergency=stated_.emergency,
        chosen=stated_.organisations,
    )
    known = replace(facts, organisations=FACTS)
    alone = Situation(known, request)
    evidence = {
        Capacity.VARDPERSONAL: patient_is_current,
        Capacity.OMSORGSPERSONAL: service_is_given_or_investigated,
    }.get(asked.as_)
    part = evidence is None or alone.of(evidence) == TRUE or stated_.takes_part
    return Situation(known, replace(request, reader=replace(reader, takes_part=part)))
