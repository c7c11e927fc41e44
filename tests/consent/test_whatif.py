"""A decision made again: under another law, a draft, and with what is known now (P8)."""

from dataclasses import replace
from datetime import UTC, datetime

from consent.decision import Outcome
from consent.facts import (
    BlockKind,
    Capacity,
    Facts,
    Giver,
    Item,
    Kind,
    Organisation,
    Reader,
    Regime,
    Relation,
    RelationKind,
    RelationState,
    Request,
    Samtycke,
    Sparr,
)
from consent.law import named
from consent.section import Opens
from consent.situation import Situation
from consent.whatif import whatif

AT = datetime(2026, 3, 10, 9, tzinfo=UTC)
CARE = frozenset({Kind.VARDGIVARE})
READER = Reader("u", "A", Capacity.VARDPERSONAL, unit="Med")
FACTS = Facts(
    organisations={
        "A": Organisation("A", CARE),
        "B": Organisation("B", CARE),
        "N": Organisation("N", frozenset({Kind.OMSORGSGIVARE})),
    },
    relations=(Relation("A", RelationKind.PATIENT, RelationState.CURRENT),),
    consents=(Samtycke(Giver.SELF, "A", answer=True),),
)
OTHERS = Item("i", "B")


def _situation(facts: Facts = FACTS) -> Situation:
    return Situation(facts, Request(READER, AT))


def test_the_draft_shows_no_restriction_and_leaves_the_rest() -> None:
    blocks = (
        Sparr("o", BlockKind.OUTER, "B"),
        Sparr("i", BlockKind.INNER, "A", unit="Psyk"),
    )
    situation = _situation(replace(FACTS, blocks=blocks))
    items = [OTHERS, Item("j", "A", unit="Psyk"), Item("k", "A", unit="Med")]
    law = named("2026-03-10", situation.day)
    changes = whatif(situation, items, law, other_law=named("ehds", situation.day))
    assert [each.item for each in changes] == ["i", "j"]
    outer, inner = changes
    assert (outer.before.rungs, outer.after.rungs) == ({Opens.B0}, frozenset())
    assert (inner.before.rungs, inner.after.rungs) == ({Opens.I0}, frozenset())
    assert all(each.after.outcome is Outcome.DENY for each in changes)
    assert (outer.by, inner.by) == (("SVOD 2:5",), ("PDL 4:4",))


def test_the_change_of_socialtjanstlag_says_which_clause_it_was() -> None:
    situation = _situation()
    old = Item("i", "N", regime=Regime.SOL, service="SoL2001 5:5")
    before = named("2025-06-30", situation.day)
    (change,) = whatif(
        situation, [old, OTHERS], before, other_law=named("2025-07-01", situation.day)
    )
    assert (change.item, change.before.outcome) == ("i", Outcome.PERMIT)
    assert (change.no_longer, change.newly) == (("SVOD 3:1",), ("SVOD 1:1",))
    assert change.by == ("SVOD 1:1",)


def test_the_facts_as_they_are_known_now_decide_otherwise() -> None:
    known_now = _situation(replace(FACTS, blocks=(Sparr("o", BlockKind.OUTER, "B"),)))
    law = named("2026-03-10", known_now.day)
    (change,) = whatif(_situation(), [OTHERS], law, otherwise=known_now)
    assert change.before.outcome is Outcome.PERMIT
    assert "SVOD 2:3" in change.newly
    assert "SVOD 2:3" in change.by
    assert whatif(_situation(), [OTHERS], law, otherwise=_situation()) == []
