"""Pages of a search are what the records say, read one by one: none left out, none twice, in order.

Many kinds of access and many records of one instant, so that a page is the newest of more keys than
it has room for.
"""

import json
import random
from collections.abc import Iterable
from datetime import timedelta

import pytest
from audit_log import NOON, Log, access_record

from hub.audit.mandate import Mandate
from hub.audit.record import AccessRecord, Action, Outcome, Rung, Shown, payload_of
from hub.audit.search import Wanted, search
from hub.audit.term import Term, terms_of
from hub.store.instant import micros

ORGANISATIONS, USERS, PERSONS = ("org-1", "org-2", "org-3"), ("u1", "u2", "u3"), ("p1", "p2")
GROUNDS, PURPOSES, FLAGS = ("PDL 4:1", "SVOD 3:1", "SVOD 3:6"), ("vard", "kvalitet"), ("f1", "f2")
ONE = Mandate(organisations=frozenset({"org-1"}))
ALL = Mandate(organisations=frozenset(ORGANISATIONS))
HERSELF = Mandate(persons=frozenset({"p1"}))
PAGE = 3


def _made(drawn: random.Random, number: int) -> AccessRecord:
    def some(values: Iterable[str], most: int = 2) -> tuple[str, ...]:
        return tuple(drawn.sample(list(values), drawn.randint(0, most)))

    return access_record(
        number,
        recorded=NOON + timedelta(seconds=drawn.randrange(12)),
        action=drawn.choice((Action.READ, Action.SEARCH, Action.CREATE)),
        outcome=drawn.choice(tuple(Outcome)),
        user=drawn.choice(USERS),
        organisation=drawn.choice(ORGANISATIONS),
        unit=drawn.choice(("w1", "w2", None)),
        person=drawn.choice((*PERSONS, None)),
        purpose=drawn.choice((*PURPOSES, None)),
        shown=tuple(Shown(each, None, ("Condition/c",)) for each in some(ORGANISATIONS)),
        rungs=(Rung("U1", some(ORGANISATIONS)),),
        grounds=some(GROUNDS),
        flags=some(FLAGS, 1),
    )


def _asked(drawn: random.Random) -> Wanted:
    values: dict[Term, tuple[str, ...]] = {
        Term.OWNER: ORGANISATIONS,
        Term.CONCERNS: ORGANISATIONS,
        Term.USER: USERS,
        Term.UNIT: ("w1", "w2"),
        Term.PERSON: PERSONS,
        Term.GROUND: GROUNDS,
        Term.PURPOSE: PURPOSES,
        Term.FLAG: FLAGS,
    }
    terms = drawn.sample(list(values), drawn.choice((0, 1, 1, 2, 3)))
    outcomes = drawn.choice((frozenset(), {Outcome.DENY}, {Outcome.PERMIT, Outcome.PARTIAL}))
    start, end = (micros(NOON + timedelta(seconds=n)) for n in (3, 9))
    return Wanted(
        tuple((t, tuple(drawn.sample(values[t], drawn.randint(1, 2)))) for t in terms),
        actions=drawn.choice((frozenset(), frozenset({Action.READ}))),
        outcomes=frozenset(outcomes),
        start=drawn.choice((None, start)),
        end=drawn.choice((None, end)),
    )


def _of(records: list[AccessRecord], mandate: Mandate, wanted: Wanted) -> set[str]:
    """What the search should find, asked of each record as each of its readers may read it."""
    found = set()
    for record in records:
        readers = mandate.persons or mandate.organisations
        seen = (Mandate(frozenset({r}), frozenset({r}) & mandate.persons) for r in readers)
        for reader in (each for each in seen if each.covers(record)):
            payload = json.loads(payload_of(record))
            (name,) = reader.persons or reader.organisations
            has = terms_of(payload, name)
            if (
                all(has.get(term, frozenset()) & {*values} for term, values in wanted.terms)
                and (not wanted.actions or record.action in wanted.actions)
                and (not wanted.outcomes or record.outcome in wanted.outcomes)
                and (wanted.start is None or micros(record.recorded) >= wanted.start)
                and (wanted.end is None or micros(record.recorded) < wanted.end)
            ):
                found.add(record.id)
    return found


@pytest.fixture
def filled(log: Log) -> tuple[Log, list[AccessRecord]]:
    drawn = random.Random(20261130)  # noqa: S311  # invented data
    records = [_made(drawn, number) for number in range(150)]
    log.writer().append_all(records)
    log.sequence()
    return log, records


def test_pages_are_what_the_records_say(filled: tuple[Log, list[AccessRecord]]) -> None:
    log, records = filled
    drawn, numbers = random.Random(7), 0  # noqa: S311
    with log.store.read() as connection:
        for _ in range(40):
            wanted, mandate = _asked(drawn), drawn.choice((ONE, ALL, HERSELF))
            expected, found, after = _of(records, mandate, wanted), [], None
            while True:
                page, after = search(connection, mandate, wanted, count=PAGE, after=after)
                found += page
                if after is None:
                    break
            order = [(each.record.recorded, each.leaf_index) for each in found]
            assert order == sorted(order, reverse=True), wanted
            assert [each.record.id for each in found] == sorted(
                {each.record.id for each in found}, key=[e.record.id for e in found].index
            )
            assert {each.record.id for each in found} == expected, (wanted, mandate)
            numbers += len(found)
    assert numbers > 300
