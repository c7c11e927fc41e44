import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fact_strategies import FACTS
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select, update

from consent.facts import (
    BlockKind,
    Facts,
    Giver,
    Lift,
    LiftGround,
    Person,
    ProtectedIdentity,
    Relation,
    RelationKind,
    RelationState,
    Samtycke,
    Sparr,
)
from consent.period import period
from hub.store.connect import Store
from hub.store.counter import lock
from hub.store.facts import (
    Fact,
    Recorded,
    counters_of,
    end_facts,
    facts_of,
    identified,
    known_of,
    linked,
    load_facts,
    record_facts,
)
from hub.store.identity import link_persons
from hub.store.schema.fact import FACT, IDENTITY, PERSON_COUNTER, PERSON_LINK
from hub.store.schema.metadata import METADATA
from hub.store.typed_json import UnreadableContentError, from_json, to_json

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BLOCK = Sparr("b1", BlockKind.OUTER, "RegionB", set_at=NOON)
CONSENT = Samtycke(Giver.SELF, "RegionA", answer=True, period=period(NOON, None))
RELATION = Relation("RegionA", RelationKind.PATIENT, RelationState.CURRENT)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url)
    METADATA.create_all(opened.engine, tables=[FACT, PERSON_COUNTER, IDENTITY, PERSON_LINK])
    yield opened
    opened.close()


def _load(store: Store, person: str, facts: Facts, at: datetime = NOON) -> Recorded:
    with store.write() as connection:
        return load_facts(connection, person, facts, at)


def _facts(store: Store, *persons: str, at: datetime | None = None) -> Facts:
    with store.read() as connection:
        return facts_of(connection, persons, at)


def _bags(facts: Facts) -> tuple[object, ...]:
    several = (facts.relations, facts.consents, facts.blocks, facts.lifts, facts.assessments)
    return facts.person, *(Counter(each) for each in several)


def test_any_facts_come_back_as_they_were(store: Store) -> None:
    persons = iter(f"p{number}" for number in range(10_000))

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
    @given(FACTS)
    def come_back(facts: Facts) -> None:
        person = next(persons)
        _load(store, person, facts)
        assert _bags(_facts(store, person)) == _bags(facts)
        again = _load(store, person, facts, NOON + MINUTE)
        assert (again.added, again.changed, again.ended) == (0, 0, 0)

    come_back()


@given(FACTS)
def test_contents_are_read_as_they_were_written(facts: Facts) -> None:
    for fact in identified(facts):
        assert from_json(type(fact.content), to_json(fact.content)) == fact.content


def test_what_was_known_then_can_be_asked_for(store: Store) -> None:
    _load(store, "p", Facts(blocks=(BLOCK,), consents=(CONSENT,)))
    changed = replace(BLOCK, unit="Medicine")
    _load(store, "p", Facts(blocks=(changed,)), NOON + 2 * MINUTE)
    assert _facts(store, "p", at=NOON - MINUTE) == Facts()
    assert _facts(store, "p", at=NOON).blocks == (BLOCK,)
    assert _facts(store, "p", at=NOON + MINUTE).consents == (CONSENT,)
    assert _facts(store, "p", at=NOON + 2 * MINUTE).blocks == (changed,)
    assert _facts(store, "p") == Facts(blocks=(changed,))


def test_the_counter_moves_with_every_change_and_only_then(store: Store) -> None:
    def counter() -> int:
        with store.read() as connection:
            known = known_of(connection, ["p"])
            assert known.counters == counters_of(connection, ["p"])
            return known.counters.get("p", 0)

    assert counter() == 0
    _load(store, "p", Facts(blocks=(BLOCK,)))
    assert counter() == 1
    assert _load(store, "p", Facts(blocks=(BLOCK,)), NOON + MINUTE).unchanged == 2
    assert counter() == 1
    _load(store, "p", Facts())
    assert counter() == 2
    with store.write() as connection:
        end_facts(connection, "p", ["none"], NOON, "api")
    assert counter() == 2


def test_a_change_that_is_undone_leaves_neither_fact_nor_counter(store: Store) -> None:
    def load_and_fail() -> None:
        with store.write() as connection:
            load_facts(connection, "p", Facts(blocks=(BLOCK,)), NOON)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        load_and_fail()
    with store.read() as connection:
        assert known_of(connection, ["p"]).entries == ()
        assert counters_of(connection, ["p"]) == {}


def test_a_file_neither_ends_nor_brings_back_what_was_done_over_the_api(store: Store) -> None:
    filed = Facts(consents=(CONSENT,))
    _load(store, "p", filed)
    (fact,) = (each for each in identified(filed) if each.content == CONSENT)
    withdrawn = replace(CONSENT, withdrawn_at=NOON + MINUTE)
    own = Sparr("own", BlockKind.OUTER, "RegionB")
    with store.write() as connection:
        record_facts(
            connection, "p", [Fact(fact.id, withdrawn), Fact("own", own)], NOON + MINUTE, "api"
        )
    assert _load(store, "p", filed, NOON + 2 * MINUTE).kept == 1
    assert _facts(store, "p") == Facts(consents=(withdrawn,), blocks=(own,))
    with store.write() as connection:
        assert end_facts(connection, "p", [fact.id], NOON + 3 * MINUTE, "api").ended == 1
    assert _load(store, "p", filed, NOON + 4 * MINUTE).kept == 1
    assert _facts(store, "p") == Facts(blocks=(own,))


def test_history_stays_in_order_when_a_clock_goes_back(store: Store) -> None:
    _load(store, "p", Facts(blocks=(BLOCK,)))
    _load(store, "p", Facts(), NOON - MINUTE)
    _load(store, "p", Facts(blocks=(BLOCK,)), NOON - 2 * MINUTE)
    with store.read() as connection:
        rows = connection.execute(
            select(FACT).where(FACT.c.kind == "sparr").order_by(FACT.c.recorded_from)
        ).all()
    assert [row.recorded_to is None for row in rows] == [False, True]
    assert rows[0].recorded_from < rows[0].recorded_to < rows[1].recorded_from


def test_one_persons_facts_are_not_anothers(store: Store) -> None:
    _load(store, "p", Facts(blocks=(BLOCK,)))
    assert _facts(store, "q") == Facts()
    assert _facts(store, "q", "p").blocks[0].owner == "RegionB"


def test_facts_under_linked_keys_apply_to_both_and_lifts_only_to_their_own_block(
    store: Store,
) -> None:
    lift = Lift("b1", LiftGround.CONSENT)
    hidden = Person(protected_identity=ProtectedIdentity.FINGERAD)
    _load(store, "p", Facts(Facts().organisations, Person(age=84), blocks=(BLOCK,), lifts=(lift,)))
    _load(store, "q", Facts(person=hidden, blocks=(replace(BLOCK, owner="RegionC"),)))
    with store.write() as connection:
        assert link_persons(connection, "p", "q", NOON)
    with store.read() as connection:
        assert linked(connection, ["q"]) == ["q", "p"]
    found = _facts(store, "p", "q")
    assert {each.owner for each in found.blocks} == {"RegionB", "RegionC"}
    lifted = {each.block for each in found.lifts}
    assert [each.owner for each in found.blocks if each.id in lifted] == ["RegionB"]
    assert found.person.age == 84
    assert found.person.protected_identity is ProtectedIdentity.FINGERAD


def test_content_that_cannot_be_read_is_an_error_and_names_no_value(store: Store) -> None:
    _load(store, "p", Facts(blocks=(BLOCK,)))
    with store.write() as connection:
        connection.execute(update(FACT).values(payload='{"id":"secret","newer":1}'))
    with pytest.raises(UnreadableContentError) as caught:
        _facts(store, "p")
    assert "secret" not in str(caught.value)


def test_writers_about_one_person_queue_and_none_is_lost(store: Store) -> None:
    _load(store, "p", Facts())

    def write(unit: str, at: datetime) -> None:
        with store.write() as connection:
            fact = Fact("r", replace(RELATION, unit=unit))
            record_facts(connection, "p", [fact], at, "api")

    with store.write() as connection:
        lock(connection, PERSON_COUNTER, ["p"])
        second = threading.Thread(target=write, args=("second", NOON + MINUTE))
        second.start()
        second.join(timeout=0.5)
        assert second.is_alive()
        fact = Fact("r", replace(RELATION, unit="first"))
        record_facts(connection, "p", [fact], NOON, "api")
    second.join()
    assert [each.unit for each in _facts(store, "p").relations] == ["second"]
    with store.read() as connection:
        assert counters_of(connection, ["p"]) == {"p": 3}
