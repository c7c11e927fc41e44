"""P3: pairs of worlds that a reader must not be able to tell apart, and every request in both.

The law itself makes the pair. A world is drawn at random; the lesser one is what remains when every
document, every fact and every other person's record has been taken out that changes nothing of what
the law shows this reader, whatever the reader states. Whatever then differs between the answers of
the two is a leak.
"""

import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

from sqlalchemy import Connection, event

from consent.facts import Capacity, Facts, InfoType, Item, Purpose, Reader, Request
from consent.obligations import obligations
from consent.predicate import TRUE
from consent.relation import patient_is_current, service_is_given_or_investigated
from consent.scope import scope
from consent.section import Opens
from consent.situation import Situation
from hub.api.open_parameters import read_stated
from hub.api.session import Stated
from hub.auth.built_in import TokenRequest
from mappings.personal_identity import PERSONNUMMER
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    NOON,
    ORGANISATIONS,
    REGION_SYSTEM,
    UNCONSCIOUS,
    Json,
    Opened,
    World,
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
GIVEN_BY_NAME = re.compile(r"_page=[\w-]{32}")
RECEIPT = re.compile(r'"receipt","valueString":"[0-9a-f-]{36}"')
TIMELESS = frozenset({"x-request-id", "date", "content-length"})


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
    def hidden(self) -> tuple[Row, ...]:
        """The documents that only the one world has."""
        return tuple(
            row
            for row in (*self.more.rows, *self.more.others)
            if row not in (*self.less.rows, *self.less.others)
        )


def lesser(reader: TokenRequest, more: Record) -> Record:
    """Return the record without all that the law lets the reader learn nothing of."""
    shown = _everything_shown(reader, more)
    less = more
    for smaller in _without_one(more):
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


def _without_one(record: Record) -> Iterator[Any]:
    for row in record.rows:
        yield lambda r, row=row: replace(r, rows=tuple(x for x in r.rows if x is not row))
    for row in record.others:
        yield lambda r, row=row: replace(r, others=tuple(x for x in r.others if x is not row))
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
        )
        for each in _statements(reader, record)
    ]


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


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, without what is random by design, and how many statements it took."""

    asked: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str
    statements: int


class Player:
    """Asks everything that there is to ask in one world, and remembers the answers."""

    def __init__(self, world: World, case: Case, number: str, other: str) -> None:
        self.world = world
        self.case = case
        self.number = number
        self.other = other
        self.person = world.person(number)
        self.answers: list[Answer] = []
        self._names: dict[str, str] = {}
        self._statements = 0

    def fill(self, record: Record) -> None:
        self.world.hold(_with_subject(record.rows, self.person), self.number)
        other = self.world.person(self.other)
        self.world.hold(_with_subject(record.others, other), self.other)
        self.world.know(record.facts, self.number)

    def play(self) -> list[Answer]:
        """Return every answer, in the same order in every world."""
        with self._counting():
            self._look_up()
            self._read_everything(None)
            self._search(None)
            for values in self.case.openings:
                self._open(values)
            self._mistakes()
            self._write()
        return self.answers

    def _ask(self, what: str, reply: Reply) -> Reply:
        headers = tuple(
            sorted(
                (name, self._plain(value))
                for name, value in reply.headers.items()
                if name not in TIMELESS
            )
        )
        body = self._plain(reply.body.decode())
        self.answers.append(Answer(what, reply.status, headers, body, self._statements))
        self._statements = 0
        return reply

    def _plain(self, text: str) -> str:
        for name, standing in self._names.items():
            text = text.replace(name, standing)
        text = GIVEN_BY_NAME.sub("_page=<page>", text)
        return RECEIPT.sub('"receipt","valueString":"<receipt>"', text)

    def _get(self, path: str, *given: tuple[str, str], session: str | None = None) -> Reply:
        reply = self.world.get(self.case.reader, path, given, session=session)
        return self._ask(f"GET {path} {given} {bool(session)}", reply)

    def _look_up(self) -> None:
        for number in (self.number, self.other):
            self._ask("look up", self.world.look_up(self.case.reader, number))
        self._get(f"/fhir/Patient/{self.person}")
        unknown = {"identifier": f"{PERSONNUMMER}|195501072393"}
        self._ask("unknown", self.world.form(REGION_SYSTEM, "/fhir/Patient/_search", unknown))

    def _read_everything(self, session: str | None) -> None:
        every = [row.key for row in (*self.case.more.rows, *self.case.more.others)]
        for key in (*every, "Condition/nothing-here"):
            self._get(f"/fhir/{key}", session=session)
        self._get(f"/fhir/{every[0]}/_history/1", session=session)

    def _search(self, session: str | None) -> None:
        for kind in ("Condition", "Observation", "DocumentReference", "Patient"):
            self._get(f"/fhir/{kind}", ("patient", self.person), session=session)
        for kind, given in self.case.searches:
            patient = ("patient", f"Patient/{self.person}")
            self._all_pages(f"/fhir/{kind}", (patient, *given), session)

    def _all_pages(self, path: str, given: Iterable[tuple[str, str]], session: str | None) -> None:
        reply = self._get(path, *given, session=session)
        following = reply.link("next") if reply.status == 200 else None
        while following:
            reply = self.world.get(self.case.reader, following, session=session)
            self._ask(f"next of {path}", reply)
            following = reply.link("next")

    def _open(self, values: Values) -> None:
        opened = self._opened(values)
        self._read_everything(opened.session)
        self._search(opened.session)
        named = opened.names.get("U1", ())
        if named:
            chosen = self._opened({**values, "organisation": list(named)})
            self._search(chosen.session)
        self._refused({**values, "organisation": ["SE5599999988-0001"]})

    def _opened(self, values: Values) -> Opened:
        reply = self.world.open(self.case.reader, *stated(**values), number=self.number)
        opened = Opened.of(reply)
        self._names[opened.session] = f"<session {len(self._names)}>"
        self._ask(f"$open {values}", reply)
        return opened

    def _refused(self, values: Values) -> None:
        reply = self.world.open(self.case.reader, *stated(**values), number=self.number)
        if reply.status == 200:
            self._names[Opened.of(reply).session] = f"<session {len(self._names)}>"
        self._ask("$open with an organisation by guess", reply)

    def _mistakes(self) -> None:
        patient = ("patient", self.person)
        for given in (
            (patient, ("date", "yesterday")),
            (patient, ("_sort", "code")),
            (patient, ("_count", "none")),
            (patient, ("no-such-parameter", "1")),
            (patient, ("subject", "Patient/another")),
            (("code", "x"),),
        ):
            self._get("/fhir/Condition", *given)
        self._get("/fhir", ("_page", "nothing.1"))
        reply = self.world.get(self.case.reader, "/fhir/Condition", session="nothing")
        self._ask("no such session", reply)

    def _write(self) -> None:
        """Create what refers to documents that only one of the worlds has."""
        targets = [row.key for row in self.case.hidden[:2]]
        for target in (*targets, "Condition/nothing-here"):
            reply = self.world.post(REGION_SYSTEM, "/fhir/Condition", self._referring(target))
            self._created(reply)
            self._ask("create", reply)
        entries = [
            {"resource": self._referring(each), "request": {"method": "POST", "url": "Condition"}}
            for each in (*targets, "Condition/nothing-here")
        ]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        reply = self.world.post(REGION_SYSTEM, "/fhir", bundle)
        for entry in reply.json.get("entry", []):
            self._names[entry["response"]["location"].split("/")[1]] = "<id>"
        self._ask("transaction", reply)

    def _created(self, reply: Reply) -> None:
        if reply.status == 201:
            self._names[reply.json["id"]] = f"<id {len(self._names)}>"

    def _referring(self, target: str) -> Json:
        return {
            "resourceType": "Condition",
            "subject": {"reference": f"Patient/{self.person}"},
            "evidence": [{"detail": [{"reference": target}]}],
        }

    @contextmanager
    def _counting(self) -> Iterator[None]:
        """Count what the requests' own threads execute; the log's and the sequencer's not."""

        def count(connection: Connection, *_rest: object) -> None:
            del connection
            if not threading.current_thread().name.startswith("audit-"):
                self._statements += 1

        event.listen(self.world.store.engine, "before_cursor_execute", count)
        try:
            yield
        finally:
            event.remove(self.world.store.engine, "before_cursor_execute", count)


def _with_subject(rows: Iterable[Row], person: str) -> list[tuple[Mapping[str, Any], Item]]:
    found: list[tuple[Mapping[str, Any], Item]] = []
    for row in rows:
        subject = {"subject": {"reference": f"Patient/{person}"}}
        demographic = row.item.info_type is InfoType.DEMOGRAPHICS
        found.append(({**row.resource, **({} if demographic else subject)}, row.item))
    return found


def differences(
    first: Sequence[Answer], second: Sequence[Answer]
) -> list[tuple[Answer | None, Answer | None]]:
    """Return the answers that tell the two worlds apart; None where only one had another page."""
    return [(one, two) for one, two in zip_longest(first, second) if one != two]
