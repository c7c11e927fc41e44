"""Who may take away a block that was registered by mistake."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from consent.facts import Capacity, Facts, Reader, Request
from consent.mistake import Registered, may_void
from consent.situation import DEFAULTS, Situation, Switch

AT = datetime(2026, 3, 10, 9, tzinfo=UTC)
NURSE = Reader("nurse", "A", Capacity.VARDPERSONAL)
OFFICER = replace(NURSE, user="officer", as_=Capacity.OFFICER)
ITS_OWN = Registered("nurse", AT - timedelta(hours=23))


def _may(reader: Reader, registered: Registered, *, switched: bool = True) -> bool:
    switches = {**DEFAULTS, Switch.MISTAKES_ARE_VOIDED: switched}
    return may_void(Situation(Facts(), Request(reader, AT), switches), registered)


@pytest.mark.parametrize(
    ("reader", "registered", "may"),
    [
        (NURSE, ITS_OWN, True),
        (NURSE, replace(ITS_OWN, at=AT - timedelta(hours=24)), False),
        (NURSE, replace(ITS_OWN, by="another"), False),
        (NURSE, replace(ITS_OWN, by=None), False),
        (OFFICER, replace(ITS_OWN, at=AT - timedelta(days=400)), True),
        (OFFICER, replace(ITS_OWN, by=None), False),
        (replace(OFFICER, strong_auth=False), ITS_OWN, False),
        (replace(OFFICER, assignment_valid=False), ITS_OWN, False),
        (replace(NURSE, as_=Capacity.INDIVIDUAL), ITS_OWN, False),
    ],
)
def test_who_may(reader: Reader, registered: Registered, may: bool) -> None:  # noqa: FBT001  # a case
    assert _may(reader, registered) is may


def test_nobody_may_where_the_question_is_answered_otherwise() -> None:
    assert _may(OFFICER, ITS_OWN)
    assert not _may(OFFICER, ITS_OWN, switched=False)
