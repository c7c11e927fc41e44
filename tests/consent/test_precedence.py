"""Which of several routes decides, and what an operation other than reading must not reveal.

Source: law.md §5.2: the rows are tried in order, and the first that settles an item decides it.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from consent.decide import decide
from consent.decision import Decision, Obligation, Outcome
from consent.facts import (
    Ability,
    ActiveChoice,
    Assessment,
    Availability,
    BlockKind,
    Capacity,
    Danger,
    Emergency,
    Facts,
    Giver,
    InfoType,
    Item,
    Kind,
    Lift,
    LiftGround,
    Operation,
    Organisation,
    Person,
    Purpose,
    Reader,
    Regime,
    Relation,
    RelationKind,
    RelationState,
    Request,
    Samtycke,
    Sparr,
    Target,
)
from consent.period import instant
from consent.search_term import SearchTerm
from consent.section import Opens
from consent.situation import Situation

AT = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
CARE, SERVICE = frozenset({Kind.VARDGIVARE}), frozenset({Kind.OMSORGSGIVARE})
READER = Reader("u", "A", Capacity.VARDPERSONAL, unit="Med")
OG_READER = Reader("u", "N", Capacity.OMSORGSPERSONAL)
PERSON = Reader("p", None, Capacity.INDIVIDUAL)
FACTS = Facts(
    organisations={
        "A": Organisation("A", CARE),
        "B": Organisation("B", CARE),
        "K": Organisation("K", CARE),
        "N": Organisation("N", SERVICE, part_of="K"),
        "M": Organisation("M", SERVICE, part_of="K"),
    },
    relations=(
        Relation("A", RelationKind.PATIENT, RelationState.CURRENT),
        Relation("K", RelationKind.PATIENT, RelationState.CURRENT),
        Relation("N", RelationKind.SERVICE, RelationState.ONGOING),
    ),
)
ITEM = Item("i", "B")
YES = Samtycke(Giver.SELF, "A", answer=True)
YES_OG = Samtycke(Giver.SELF, "N", answer=True)
UNABLE = Person(capacity=Ability.LASTING_LACK, lacking_since=instant(date(2026, 2, 1)))
EMERGENCY = Emergency(Danger.LIFE, False, False, True)  # as they stand in the law
OUTER = Sparr("b", BlockKind.OUTER, "B")
INNER = Sparr("b", BlockKind.INNER, "A", unit="Psyk")
U0, U1, I0, I1 = Opens.U0, Opens.U1, Opens.I0, Opens.I1


def decided(facts: Facts = FACTS, item: Item = ITEM, **request: object) -> Decision:
    made = Request(**({"reader": READER, "at": AT} | request))  # type: ignore[arg-type]
    return decide(Situation(facts, made), item)


@pytest.mark.parametrize(
    ("facts", "item", "request_", "by"),
    [
        (replace(FACTS, consents=(YES,), person=UNABLE), ITEM, {"necessary": True}, "SVOD 3:1"),
        (replace(FACTS, consents=(YES,)), ITEM, {"emergency": EMERGENCY}, "SVOD 3:1"),
        (
            replace(FACTS, person=Person(age=5, can_consent_self=False)),
            ITEM,
            {"emergency": EMERGENCY},
            "SVOD 3:1",
        ),
        (
            replace(FACTS, consents=(replace(YES_OG, period=YES.period),), person=UNABLE),
            Item("i", "M", regime=Regime.LSS),
            {"reader": OG_READER, "purpose": Purpose.INSATS},
            "SVOD 3:2",
        ),
    ],
    ids=["consent before incapacity", "consent before emergency", "child", "omsorgsgivare"],
)
def test_what_consent_opens_names_no_source_as_a_step_of_its_own(
    facts: Facts, item: Item, request_: dict[str, object], by: str
) -> None:
    decision = decided(facts, item, **request_)
    assert (decision.outcome, decision.basis) == (Outcome.PERMIT, (by,))
    assert decision.rungs == {U0}


def test_what_consent_does_not_open_may_still_be_reached_by_steps() -> None:
    facts = replace(FACTS, consents=(YES,), person=UNABLE)
    decision = decided(facts, relevance=False)
    assert (decision.outcome, decision.rungs) == (Outcome.METADATA, {U0, U1})


UNREACHABLE = [
    (replace(ITEM, regime=Regime.FMU), "SVOD 1:1"),
    (replace(ITEM, availability=Availability.NONE), "SVOD 2:4"),
    (replace(ITEM, informed=False), "SVOD 2:2"),
    (replace(ITEM, withdrawn=True), "SVOD 2:4"),
]


@pytest.mark.parametrize(
    ("item", "by"), UNREACHABLE, ids=["out of scope", "not available", "not informed", "withdrawn"]
)
def test_a_request_to_lift_says_nothing_of_what_is_out_of_reach(item: Item, by: str) -> None:
    asked = {
        "op": Operation.REQUEST_LIFT,
        "emergency": EMERGENCY,
        "target": Target("B", BlockKind.OUTER),
    }
    blocked = replace(FACTS, blocks=(OUTER,))
    assert decided(blocked, ITEM, **asked).outcome is Outcome.PERMIT
    decision = decided(blocked, item, **asked)
    assert (decision.outcome, by in decision.basis) == (Outcome.DENY, True)
    unblocked = decided(FACTS, item, **asked)
    assert (unblocked.outcome, unblocked.obligations) == (decision.outcome, decision.obligations)


@pytest.mark.parametrize("reachable", [True, False])
def test_a_search_across_persons_needs_the_register_of_blocks(*, reachable: bool) -> None:
    decision = decided(
        item=Item("i", "A", unit="Med"),
        op=Operation.SEARCH,
        purpose=Purpose.KVALITET,
        target=Target(across_persons=True, terms=frozenset({SearchTerm.HEALTH})),
        registers_reachable=reachable,
    )
    assert (decision.outcome is Outcome.PERMIT) == reachable


def _across(reader: Reader, owner: str = "A", *terms: SearchTerm, **more: Any) -> Decision:  # noqa: ANN401
    return decided(
        item=Item("i", owner, unit="Med", **more),
        op=Operation.SEARCH,
        reader=reader,
        target=Target(across_persons=True, terms=frozenset(terms or {SearchTerm.HEALTH})),
    )


def test_the_person_does_not_search_across_persons() -> None:
    decision = _across(PERSON)
    assert (decision.outcome, "PDL 2:8" in decision.basis) == (Outcome.DENY, True)


def test_a_system_searches_across_persons_in_its_own_health_care_documentation_alone() -> None:
    system = replace(READER, as_=Capacity.SYSTEM)
    own = _across(system)
    assert (own.outcome, own.basis) == (Outcome.PERMIT, ("PDL 2:8",))
    assert _across(system, "B").outcome is Outcome.DENY
    for term in SearchTerm:
        permitted = _across(system, "A", term).outcome is Outcome.PERMIT
        assert permitted == (term is SearchTerm.HEALTH), term
    social = _across(system, regime=Regime.SOL)
    assert (social.outcome, social.basis) == (Outcome.DENY, ("SoLPuL 7 a",))


def test_a_purpose_that_opens_nothing_does_not_show_that_a_unit_has_blocked() -> None:
    facts = replace(FACTS, blocks=(INNER,))
    item = Item("i", "A", unit="Psyk")
    assert decided(facts, item).rungs == {I0}
    for purpose in (Purpose.FORSKNING, Purpose.FORSAKRING, Purpose.INSATS):
        decision = decided(facts, item, purpose=purpose)
        assert (decision.outcome, decision.rungs) == (Outcome.DENY, frozenset())


def test_quality_work_too_takes_the_active_choice_in_stages() -> None:
    item = Item("i", "A", unit="Psyk")
    decision = decided(item=item, purpose=Purpose.KVALITET, active_choice=ActiveChoice.EXISTS)
    assert (decision.outcome, decision.rungs) == (Outcome.METADATA, {I0, I1})
    assert decided(item=item, purpose=Purpose.KVALITET).basis == ("PDL 2:4",)


@pytest.mark.parametrize(
    ("item", "purpose", "cited"),
    [
        (Item("i", "A", unit="Fmu", regime=Regime.FMU), Purpose.VARD, {"PDL 4:2", "FMU 13"}),
        (Item("i", "A", unit="Ort"), Purpose.FMU, {"PDL 4:2", "FMU 13"}),
        (ITEM, Purpose.FMU, {"FMU 13", "SVOD 3:1", "SVOD 3:7"}),
    ],
)
def test_the_wall_around_an_investigation_cites_both_of_its_acts(
    item: Item, purpose: Purpose, cited: set[str]
) -> None:
    decision = decided(replace(FACTS, consents=(YES,)), item, purpose=purpose)
    assert (decision.outcome, cited <= set(decision.basis)) == (Outcome.DENY, True)


def test_what_is_not_connected_rests_on_2_6_where_the_person_is_unable() -> None:
    closed = {**FACTS.organisations, "B": Organisation("B", CARE, connected=False)}
    facts = replace(FACTS, person=UNABLE, organisations=closed)
    assert {"SVOD 2:4", "SVOD 2:6"} <= set(decided(facts).basis)


def test_what_the_person_does_not_see_here_the_own_vardgivare_may_show() -> None:
    blocked = decided(replace(FACTS, blocks=(OUTER,)), reader=PERSON, purpose=Purpose.EGEN)
    assessed = decided(item=replace(ITEM, availability=Availability.GROUND_2_6), reader=PERSON)
    for decision in (blocked, assessed):
        assert decision.outcome is Outcome.DENY
        assert {"SVOD 4:2", "PDL 5:5"} <= set(decision.basis)


@pytest.mark.parametrize("as_", [Capacity.VARDPERSONAL, Capacity.GUARDIAN, Capacity.REPRESENTATIVE])
def test_nobody_lifts_for_the_person_but_the_officer(as_: Capacity) -> None:
    facts = replace(FACTS, blocks=(OUTER,))
    lift = {
        "op": Operation.LIFT,
        "emergency": EMERGENCY,
        "target": Target("B", BlockKind.OUTER),
    }
    decision = decided(facts, reader=Reader("u", "B", as_), **lift)
    assert decision.outcome is Outcome.DENY
    assert {"SVOD 2:3", "SVOD 3:5"} <= set(decision.basis)
    officer = Reader("o", "B", Capacity.OFFICER)
    assert decided(facts, reader=officer, **lift).basis == ("SVOD 3:5",)
    teaching = decided(facts, reader=officer, purpose=Purpose.UTBILDNING, **lift)
    assert (teaching.outcome, teaching.basis) == (Outcome.DENY, ("PDL 2:4", "SVOD 3:7"))


def test_reading_what_has_been_lifted_is_reviewed() -> None:
    lifts = (Lift("b", LiftGround.CONSENT, "A"),)
    facts = replace(FACTS, consents=(YES,), blocks=(OUTER,), lifts=lifts)
    by_consent = decided(facts)
    assert by_consent.outcome is Outcome.PERMIT
    assert Obligation.NOTIFY_LOG_REVIEW in by_consent.obligations
    assert Obligation.RECORD_ASSESSMENT not in by_consent.obligations
    without = replace(facts, lifts=(Lift("b", LiftGround.EMERGENCY, "A"),))
    assert Obligation.RECORD_ASSESSMENT in decided(without).obligations
    for_others = replace(facts, blocks=(), lifts=(Lift("b", LiftGround.CONSENT, "C"),))
    assert Obligation.NOTIFY_LOG_REVIEW not in decided(for_others).obligations


@pytest.mark.parametrize(
    ("part", "opens"),
    [
        ({"of_units": frozenset({"B1", "B3"})}, True),
        ({"of_units": frozenset({"B2"})}, False),
        ({"of_types": frozenset({InfoType.MEDICATION, InfoType.LAB})}, True),
        ({"of_types": frozenset({InfoType.NOTE})}, False),
        ({"of_units": frozenset({"B1"}), "of_types": frozenset({InfoType.NOTE})}, False),
    ],
)
@pytest.mark.parametrize("ground", LiftGround)
def test_a_lift_in_part_opens_that_part(
    ground: LiftGround, part: dict[str, frozenset[Any]], *, opens: bool
) -> None:
    item = replace(ITEM, unit="B1", info_type=InfoType.MEDICATION)
    facts = replace(FACTS, consents=(YES,), blocks=(OUTER,), lifts=(Lift("b", ground, **part),))
    assert (decided(facts, item).outcome is Outcome.PERMIT) is opens
    both = replace(facts, lifts=(*facts.lifts, Lift("b", LiftGround.CONSENT)))
    assert decided(both, item).outcome is Outcome.PERMIT
    nowhere = decided(facts, replace(item, unit=None)).outcome
    assert (nowhere is Outcome.PERMIT) is (opens and "of_units" not in part)


def test_two_authorities_of_one_kommun_ask_each_other() -> None:
    item = Item("i", "N", regime=Regime.LSS)
    own = Reader("u", "K", Capacity.VARDPERSONAL)
    manual = Obligation.REQUEST_MANUAL_DISCLOSURE
    assert manual in decided(item=item, reader=own).obligations
    assert manual not in decided(item=item).obligations
    branch = replace(READER, authority="Gren")
    assert manual in decided(item=item, reader=branch).obligations


def test_a_day_before_any_law_denies_and_does_not_fail() -> None:
    decision = decided(at=datetime(1990, 1, 1, tzinfo=UTC))
    assert (decision.outcome, decision.errors) == (Outcome.DENY, ())
    assert decision.law == date.min.isoformat()


MAKE = {"op": Operation.MAKE_AVAILABLE, "reader": Reader("s", "B", Capacity.SYSTEM)}
WILL = Assessment("B", clarified=True, reason_to_think_opposed=False)


@pytest.mark.parametrize(
    ("facts", "item", "by"),
    [
        (FACTS, ITEM, "SVOD 2:4"),
        (replace(FACTS, person=Person(age=4, can_consent_self=False)), ITEM, "SVOD 2:4"),
        (replace(FACTS, person=Person(capacity=Ability.TEMPORARILY_LACKING)), ITEM, "SVOD 2:4"),
        (replace(FACTS, person=UNABLE, assessments=(WILL,)), ITEM, "SVOD 2:6"),
        (replace(FACTS, blocks=(replace(OUTER, set_by=Giver.GUARDIAN),)), ITEM, "SVOD 2:4"),
    ],
)
def test_the_owner_makes_available(facts: Facts, item: Item, by: str) -> None:
    decision = decided(facts, item, **MAKE)
    assert (decision.outcome, decision.basis) == (Outcome.PERMIT, (by,))
    assert not decision.rungs


@pytest.mark.parametrize(
    ("facts", "item", "request_", "by"),
    [
        (FACTS, replace(ITEM, informed=False), {}, "SVOD 2:2"),
        (FACTS, replace(ITEM, regime=Regime.FMU), {}, "SVOD 1:1"),
        (FACTS, Item("i", "N", regime=Regime.LSS, per_person_file=False), {}, "SVOD 1:3"),
        (replace(FACTS, blocks=(OUTER,)), ITEM, {}, "SVOD 2:3"),
        (
            replace(FACTS, blocks=(OUTER,), lifts=(Lift("b", LiftGround.CONSENT),)),
            ITEM,
            {},
            "SVOD 2:3",
        ),
        (FACTS, ITEM, {"registers_reachable": False}, "SVOD 2:3"),
        (replace(FACTS, person=UNABLE), ITEM, {}, "SVOD 2:6"),
        (
            replace(FACTS, person=UNABLE, assessments=(replace(WILL, by="A"),)),
            ITEM,
            {},
            "SVOD 2:6",
        ),
        (
            replace(FACTS, person=UNABLE, assessments=(replace(WILL, clarified=False),)),
            ITEM,
            {},
            "SVOD 2:6",
        ),
        (FACTS, ITEM, {"reader": Reader("s", "A", Capacity.SYSTEM)}, "SVOD 2:4"),
        (FACTS, ITEM, {"reader": PERSON}, "SVOD 2:4"),
        (FACTS, ITEM, {"reader": Reader("g", "B", Capacity.GUARDIAN)}, "SVOD 2:4"),
    ],
)
def test_what_may_not_be_made_available_stays_as_it_is(
    facts: Facts, item: Item, request_: dict[str, object], by: str
) -> None:
    decision = decided(facts, item, **(MAKE | request_))
    assert (decision.outcome, by in decision.basis) == (Outcome.DENY, True)
