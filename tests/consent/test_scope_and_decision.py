"""A decision, a scope and a scope applied to many items say the same, of every operation."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.decide import decide
from consent.decision import Outcome
from consent.facts import (
    Ability,
    BlockKind,
    Capacity,
    Danger,
    Emergency,
    Facts,
    Giver,
    Item,
    Kind,
    Operation,
    Organisation,
    Person,
    Reader,
    Relation,
    RelationKind,
    RelationState,
    Request,
    Samtycke,
    Sparr,
    Target,
)
from consent.law import DRAFTS, in_force, named, next_change, version
from consent.period import STOCKHOLM, Period
from consent.predicate import Column, Predicate
from consent.scope import scope
from consent.search_term import SearchTerm
from consent.sieve import sieve
from consent.situation import DEFAULTS, Situation, Switch
from tests.worlds.strategies import OWNERS, RECORDS, SITUATIONS

TARGETS = st.builds(
    Target,
    owner=st.none() | OWNERS,
    kind=st.sampled_from(list(BlockKind)),
    across_persons=st.booleans(),
    terms=st.sampled_from([frozenset[SearchTerm](), *(frozenset({each}) for each in SearchTerm)]),
)
SWITCHES = st.fixed_dictionaries({each: st.booleans() for each in Switch})
CAPACITIES = st.none() | st.sampled_from(list(Capacity))


@settings(max_examples=600)
@given(
    situation=SITUATIONS,
    record=RECORDS,
    op=st.sampled_from(list(Operation)),
    target=TARGETS,
    as_=CAPACITIES,
    switches=SWITCHES,
)
def test_the_scope_says_what_the_decision_does_of_every_operation(  # a world
    situation: Situation,
    record: list[Item],
    op: Operation,
    target: Target,
    as_: Capacity | None,
    switches: dict[Switch, bool],
) -> None:
    reader = situation.request.reader
    asked = replace(
        situation.request,
        op=op,
        target=target,
        reader=reader if as_ is None else replace(reader, as_=as_),
    )
    made = Situation(situation.facts, asked, switches)
    covered = scope(made)
    for item in record:
        decision = decide(made, item)
        assert not decision.errors
        assert (covered.ground(item) is not None) == (decision.outcome is Outcome.PERMIT)
        if op in (Operation.READ, Operation.LIST):
            assert covered.shows(item) == decision.rungs
        else:
            assert not decision.rungs
            assert decision.outcome is not Outcome.METADATA


@settings(max_examples=200)
@given(situation=SITUATIONS, record=RECORDS)
def test_a_sieve_says_what_the_scope_does_of_each_item(
    situation: Situation, record: list[Item]
) -> None:
    covered = scope(situation)
    assert sieve(covered, record) == [
        (covered.ground(each), covered.shows(each)) for each in record
    ]


def test_a_sieve_tells_items_apart_by_where_their_dates_fall() -> None:
    """A block of a period: the day before, its first and last instant, the day after, no date."""
    start, end = _at(2026, 1, 1, 0), _at(2026, 2, 1, 0)
    block = Sparr("b", BlockKind.OUTER, "B", information=Period(start, end))
    facts = Facts(
        organisations={name: Organisation(name, frozenset({Kind.VARDGIVARE})) for name in "AB"},
        relations=(Relation("A", RelationKind.PATIENT, RelationState.CURRENT),),
        consents=(Samtycke(Giver.SELF, "A", answer=True),),
        blocks=(block,),
    )
    reader = Reader("u", "A", Capacity.VARDPERSONAL)
    covered = scope(Situation(facts, Request(reader, _at(2026, 3, 10, 10))))
    day, second = timedelta(days=1), timedelta(seconds=1)
    spans = [
        Period(start - day, start),
        Period(start, start + second),
        Period(end - second, end),
        Period(end, end + day),
        Period(),
    ]
    items = [Item(str(number), "B", date=span) for number, span in enumerate(spans)]
    permitted = [ground is not None for ground, _ in sieve(covered, items)]
    assert permitted == [True, False, False, True, False]


class _Noting:
    """An item that notes what is read of it."""

    def __init__(self, item: Item) -> None:
        self.item, self.read = item, set[str]()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # as the item's
        self.read.add(name)
        return getattr(self.item, name)


@given(situation=SITUATIONS, record=RECORDS)
def test_a_decision_reads_nothing_of_an_item_that_a_scope_cannot_express(
    situation: Situation, record: list[Item]
) -> None:
    columns = {each.value for each in Column} | {"date"}
    for item in record:
        noting = _Noting(item)
        decision = decide(situation, cast("Item", noting))
        assert not decision.errors
        assert noting.read <= columns | {"masks"}


def _at(year: int, month: int, day: int, hour: int) -> datetime:
    return datetime(year, month, day, hour, tzinfo=STOCKHOLM).astimezone(UTC)


def test_a_scope_ends_where_the_law_changes() -> None:
    """No cached scope outlives the law that it was made under (P4, P8)."""
    reader = Reader("u", "A", Capacity.VARDPERSONAL)
    before = Situation(Facts(), Request(reader, _at(2025, 6, 30, 23)))
    assert scope(before).valid_until == _at(2025, 7, 1, 0)
    after = Situation(Facts(), Request(reader, _at(2025, 7, 1, 0)))
    assert scope(after).valid_until is None
    assert next_change(after.day) is None


def test_a_decision_names_the_law_it_was_made_under() -> None:
    reader = Reader("u", "A", Capacity.VARDPERSONAL)
    situation = Situation(Facts(), Request(reader, _at(2026, 3, 10, 10)), DEFAULTS)
    item = Item("i", "B")
    assert decide(situation, item).law == "2025-07-01"
    assert decide(situation, item, named("2025-06-30", situation.day)).law == "2023-01-01"
    for draft in DRAFTS:
        assert decide(situation, item, named(draft, situation.day)).law == "draft"
        assert scope(situation, named(draft, situation.day)).law == "draft"
    assert version(in_force(situation.day)) == "2025-07-01"


def test_a_kind_of_predicate_has_to_answer() -> None:
    with pytest.raises(NotImplementedError):
        Predicate().holds(Item("i", "B"))


def test_a_decision_cites_in_the_order_of_the_law_in_every_process() -> None:
    """Two processes must not write one decision in two ways: sets of text have no order."""
    unable = Person(capacity=Ability.LASTING_LACK)
    facts = Facts(
        organisations={name: Organisation(name, frozenset({Kind.VARDGIVARE})) for name in "AB"},
        person=unable,
        relations=(Relation("A", RelationKind.PATIENT, RelationState.CURRENT),),
    )
    reader = Reader("u", "A", Capacity.VARDPERSONAL)
    emergency = Emergency(Danger.LIFE, consent_obtainable=False)
    asked = Request(reader, _at(2026, 3, 10, 10), emergency=emergency)
    basis = decide(Situation(facts, asked), Item("i", "B")).basis
    assert basis == ("SVOD 2:4", "SVOD 3:3", "SVOD 3:6", "SVOD 3:1", "SVOD 3:7")
