"""The trail and the words of a decision: what was tried, what it came to, and the fact that did."""

from dataclasses import replace
from datetime import UTC, date, datetime

from consent.condition import fact
from consent.decide import decide
from consent.explain import explain, for_the_reader
from consent.facts import (
    Ability,
    Capacity,
    Facts,
    Giver,
    Item,
    Kind,
    Operation,
    Organisation,
    Person,
    Purpose,
    Reader,
    Relation,
    RelationKind,
    RelationState,
    Request,
    Samtycke,
)
from consent.section import Opens, Section, gate
from consent.situation import DEFAULTS, Situation, Switch
from consent.trail import Finding, Verdict, trail

CARE = frozenset({Kind.VARDGIVARE})
AT = datetime(2026, 3, 10, 9, tzinfo=UTC)
READER = Reader("u", "Ett", Capacity.VARDPERSONAL, unit="Medicin")
FACTS = Facts(
    organisations={"Ett": Organisation("Ett", CARE), "Tva": Organisation("Tva", CARE)},
    relations=(Relation("Ett", RelationKind.PATIENT, RelationState.CURRENT),),
    consents=(Samtycke(Giver.SELF, "Ett", answer=True),),
)
ITEM = Item("i", "Tva")


def situation(facts: Facts = FACTS, **request: object) -> Situation:
    return Situation(facts, Request(reader=READER, at=AT, **request))  # type: ignore[arg-type]


def finding(made: Situation, section: str, text: str, item: Item = ITEM) -> Finding:
    (found,) = [
        each
        for tried in trail(made, item)
        if tried.section == section
        for each in tried.findings
        if text in each.text
    ]
    return found


def test_the_trail_says_what_the_decision_does() -> None:
    for made in (situation(), situation(purpose=Purpose.KVALITET), situation(relevance=False)):
        decision = decide(made, ITEM)
        opened = {
            tried.section
            for tried in trail(made, ITEM)
            if tried.held and tried.does == "opens content"
        }
        assert (decision.outcome == "permit") == bool(opened)


def test_a_condition_names_the_fact_that_made_it_true() -> None:
    found = finding(situation(), "SVOD 3:1", "has consented")
    assert found.verdict is Verdict.TRUE
    assert "facts.consents[0].answer: yes" in found.because


def test_a_condition_names_the_fact_that_made_it_false() -> None:
    without = replace(FACTS, consents=())
    found = finding(situation(without), "SVOD 3:1", "has consented")
    assert found.verdict is Verdict.FALSE
    assert "facts.consents: 0" in found.because
    far = finding(situation(), "SVOD 2:2", "informed", replace(ITEM, informed=False))
    assert (far.verdict, far.because) == (Verdict.FALSE, ("item.informed: no",))


def test_what_cannot_be_known_is_unknown_and_denies() -> None:
    silent = situation(replace(FACTS, consents=()), registers_reachable=False)
    assert finding(silent, "SVOD 3:1", "has consented").verdict is Verdict.UNKNOWN
    unlisted = replace(ITEM, owner="Ingen")
    facts = replace(FACTS, organisations={})
    assert finding(situation(facts), "SVOD 2:1", "capacity", unlisted).verdict is Verdict.UNKNOWN
    assert decide(situation(facts), unlisted).outcome == "deny"
    unable = replace(FACTS, person=Person(capacity=Ability.LASTING_LACK))
    assert finding(situation(unable), "SVOD 3:1", "has consented").verdict is Verdict.UNKNOWN


def test_the_person_and_the_reader_get_a_sentence_each() -> None:
    made = situation()
    words = explain(made, ITEM, decide(made, ITEM))
    assert words.person.startswith("Vårdpersonal hos Ett får läsa uppgiften (SVOD 3:1: ")
    assert words.reader == "Du får läsa uppgiften."
    made = situation(replace(FACTS, consents=()))
    words = explain(made, ITEM, decide(made, ITEM))
    assert words.reader == "Det finns ospärrade uppgifter hos andra."
    assert [step.obligation.value for step in words.next] == ["ASK_CONSENT"]


def test_the_readers_sentence_about_what_is_hidden_is_that_about_nothing() -> None:
    hidden = situation(purpose=Purpose.KVALITET)
    decision = decide(hidden, ITEM)
    words = explain(hidden, ITEM, decision).reader
    assert words == for_the_reader(Operation.READ, decision.outcome, frozenset())
    assert words == "Det finns inget att visa."
    assert (
        "spärr" not in for_the_reader(Operation.READ, decision.outcome, {Opens.U0}).split(";")[1:]
    )


def test_a_guardian_sees_a_young_child_where_the_switch_says_so() -> None:
    guardian = replace(READER, as_=Capacity.GUARDIAN, organisation=None, unit=None)
    own = replace(situation(purpose=Purpose.EGEN).request, reader=guardian)
    on = {**DEFAULTS, Switch.GUARDIAN_SEES_CHILD: True}
    for age, switches, outcome in (
        (6, DEFAULTS, "deny"),
        (6, on, "permit"),
        (12, on, "permit"),
        (13, on, "deny"),
    ):
        facts = replace(FACTS, person=Person(age=age, can_consent_self=False))
        assert decide(Situation(facts, own, switches), ITEM).outcome == outcome


def test_a_rule_that_raises_is_unknown_in_the_trail_and_the_person_is_told_so() -> None:
    def raises(_: Situation) -> bool:
        raise RuntimeError("a fault")

    broken = fact("broken", "a rule with a fault", raises)
    section = Section("X 1:1", "a gate", "en grind", (gate(broken),), date(2023, 1, 1))
    made = situation()
    (tried,) = trail(made, ITEM, (section,))
    assert (tried.held, tried.findings[0].verdict) == (False, Verdict.UNKNOWN)
    assert tried.findings[0].because == ("RuntimeError",)
    decision = decide(made, ITEM, (section,))
    assert decision.errors == ("X 1:1: RuntimeError",)
    assert explain(made, ITEM, decision, (section,)).person.endswith("inte gick att pröva.")
    nothing = explain(made, ITEM, decide(made, ITEM, ()), ())
    assert nothing.person == "Vårdpersonal hos Ett får inte läsa uppgiften."
