"""Own answers: reach, life, and which of several counts (SVOD 3:1, 3:2, 3:6)."""

from datetime import UTC, date, datetime

import pytest

from consent.facts import Ability, Capacity, Facts, Giver, Person, Reader, Request, Samtycke
from consent.period import instant, period
from consent.samtycke import answer
from consent.situation import Situation

AT = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


def _yes(**changes: object) -> Samtycke:
    return Samtycke(**({"giver": Giver.SELF, "organisation": "A", "answer": True} | changes))


def _no(**changes: object) -> Samtycke:
    return _yes(answer=False, **changes)


def _answer(*given: Samtycke, person: Person | None = None, at: datetime = AT) -> bool | None:
    reader = Reader("u1", "A", Capacity.VARDPERSONAL, unit="Medicine")
    facts = Facts(person=person or Person(), consents=given)
    return answer(Situation(facts, Request(reader, at)))


JANUARY, MARCH = date(2026, 1, 1), date(2026, 3, 1)
LACKING = Person(capacity=Ability.LASTING_LACK, lacking_since=instant(date(2026, 2, 1)))
UNKNOWN = Person(capacity=Ability.LASTING_LACK)
UNCONSCIOUS = Person(capacity=Ability.TEMPORARILY_LACKING)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((), None),
        ((_yes(),), True),
        ((_no(),), False),
        ((_yes(giver=Giver.GUARDIAN),), None),
        ((_yes(giver=Giver.GOD_MAN),), None),
        ((_yes(organisation="B"),), None),
        ((_yes(unit="Surgery"),), None),
        ((_yes(unit="Medicine"),), True),
        ((_yes(user="u2"),), None),
        ((_yes(as_=Capacity.OMSORGSPERSONAL),), None),
        ((_yes(period=period(None, date(2026, 3, 9))),), None),
        ((_yes(period=period(None, date(2026, 3, 10))),), True),
        ((_yes(period=period(date(2026, 3, 11), None)),), None),
        ((_yes(withdrawn_at=AT),), None),
        ((_yes(period=period(JANUARY, None)), _no(period=period(MARCH, None))), False),
        ((_no(period=period(JANUARY, None)), _yes(period=period(MARCH, None))), True),
        ((_yes(period=period(MARCH, None)), _no(period=period(MARCH, None))), False),
        ((_no(), _yes(period=period(JANUARY, None))), True),
    ],
)
def test_an_answer_to_an_able_person(given: tuple[Samtycke, ...], *, expected: bool | None) -> None:
    assert _answer(*given) is expected


@pytest.mark.parametrize(
    ("person", "given", "expected"),
    [
        (LACKING, _yes(period=period(JANUARY, None)), True),
        (LACKING, _yes(period=period(date(2026, 2, 1), None)), None),
        (LACKING, _no(period=period(MARCH, None)), None),
        (UNKNOWN, _yes(period=period(JANUARY, None)), None),
        (UNKNOWN, _no(period=period(JANUARY, None)), False),
        (UNCONSCIOUS, _yes(period=period(JANUARY, None)), True),
    ],
)
def test_an_answer_from_somebody_who_lost_the_ability(
    person: Person, given: Samtycke, *, expected: bool | None
) -> None:
    assert _answer(given, person=person) is expected


def test_a_consent_ends_at_midnight_in_sweden_also_in_summer() -> None:
    until_june = _yes(period=period(None, date(2026, 6, 30)))
    assert _answer(until_june, at=datetime(2026, 6, 30, 21, 59, 59, tzinfo=UTC)) is True
    assert _answer(until_june, at=datetime(2026, 6, 30, 22, 0, tzinfo=UTC)) is None
