"""Which accesses are looked at and why, each rule tried on both sides of its edge."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from consent.facts import Facts, Relation, RelationKind, RelationState
from consent.period import STOCKHOLM, Period
from hub.audit.record import AccessRecord, Action, Outcome
from hub.config.organisation import StaffMember
from hub.review.evidence import Evidence, words
from hub.review.signals import (
    BY_HAND,
    MANY_PERSONS,
    NOT_TRIED,
    SAMPLE,
    SIGNALS,
    TITLES,
    reasons,
)

NOON = datetime(2026, 3, 10, 12, tzinfo=STOCKHOLM)
RECORD = AccessRecord(
    id="r",
    recorded=NOON,
    action=Action.READ,
    outcome=Outcome.PERMIT,
    user="u",
    organisation="o",
    unit="w",
    capacity="vardpersonal",
    person="p",
    grounds=("PDL 4:1",),
)


def related(state: RelationState = RelationState.CURRENT, **fields: object) -> Facts:
    relation = Relation("o", RelationKind.PATIENT, state)
    return Facts(relations=(replace(relation, **fields),))  # type: ignore[arg-type]


def staff(name: str | None = None, address: str | None = None) -> StaffMember:
    return StaffMember("u", name, address=address)


def record(**fields: object) -> AccessRecord:
    return replace(RECORD, **fields)  # type: ignore[arg-type]  # a test's own fields


ENDED = Period(None, NOON)
STANDS = Period(NOON, NOON + timedelta(seconds=1))
CASES = {
    "explained": (Evidence(RECORD, related()), ()),
    "flagged": (Evidence(record(flags=("no-relation",))), ("no-relation",)),
    "claimed": (Evidence(record(flags=("relation-claimed",))), ("no-relation",)),
    "evidence came later": (Evidence(record(flags=("no-relation",)), related()), ()),
    "another unit's relation": (
        Evidence(record(flags=("no-relation",)), related(unit="elsewhere")),
        ("no-relation",),
    ),
    "ended that instant": (Evidence(RECORD, related(period=ENDED)), ("ended-relation",)),
    "stands that instant": (Evidence(RECORD, related(period=STANDS)), ()),
    "former": (Evidence(RECORD, related(RelationState.FORMER)), ("ended-relation",)),
    "surname": (
        Evidence(RECORD, related(), staff("Åsa von Ek-Ström"), frozenset({"ek ström"})),
        ("same-surname",),
    ),
    "first name": (Evidence(RECORD, related(), staff("Ek Berg"), frozenset({"ek"})), ()),
    "end of a name": (Evidence(RECORD, related(), staff("Åsa Storek"), frozenset({"ek"})), ()),
    "address": (
        Evidence(
            RECORD,
            related(),
            staff(address="Storgatan 1, 123 45"),
            addresses=frozenset({"storgatan 1 123 45"}),
        ),
        ("same-address",),
    ),
    "colleague": (Evidence(RECORD, related(), colleague=True), ("colleague",)),
    "as many as usual": (Evidence(RECORD, related(), looked_up=MANY_PERSONS), ()),
    "one more": (Evidence(RECORD, related(), looked_up=MANY_PERSONS + 1), ("mass-lookups",)),
    "night alone": (Evidence(record(recorded=NOON.replace(hour=23)), related()), ()),
    "night and no relation": (
        Evidence(record(recorded=NOON.replace(hour=5), flags=("no-relation",))),
        ("no-relation", "night"),
    ),
    "morning": (
        Evidence(record(recorded=NOON.replace(hour=6), flags=("no-relation",))),
        ("no-relation",),
    ),
    "emergency": (Evidence(record(grounds=("SVOD 3:6",)), related()), ("emergency",)),
    "emergency of a block": (Evidence(record(grounds=("SVOD 3:5",)), related()), ("emergency",)),
    "incapacity": (Evidence(record(grounds=("SVOD 3:3",)), related()), ("incapacity",)),
    "incapacity in care": (Evidence(record(grounds=("SVOD 3:4",)), related()), ("incapacity",)),
    "lift": (Evidence(record(action=Action.LIFT), related()), ("lift",)),
    "through a lift": (Evidence(record(grounds=("PDL 4:5",)), related()), ("lift",)),
    "rule": (Evidence(record(flags=("rule-error",)), related()), ("rule-error",)),
}


@pytest.mark.parametrize("name", CASES)
def test_a_rule_holds_when_it_says_so(name: str) -> None:
    evidence, expected = CASES[name]
    assert tuple(each.code for each in reasons(evidence)) == expected


def test_every_rule_is_tried() -> None:
    tried = {code for _, expected in CASES.values() for code in expected}
    assert tried | {NOT_TRIED.code} == {each.code for each in SIGNALS}
    assert all(each.guidance and each.title for each in SIGNALS)
    assert set(TITLES) == {each.code for each in SIGNALS} | {SAMPLE, BY_HAND.code}


def test_names_are_compared_by_letters_and_digits() -> None:
    assert words("  Storg. 1\u00a0A,\n123 45 ") == "storg 1 a 123 45"
    assert words("ÅSA") == "åsa"
