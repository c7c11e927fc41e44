"""What the person reads in their own log: who, which unit, when, what, from whom and why."""

from datetime import UTC, datetime

import pytest

from consent.facts import Capacity, Purpose
from consent.law import SECTIONS
from consent.section import READING, Opens
from hub.audit.record import Action, Outcome, Rung
from hub.audit.words import DONE, PURPOSES, TOLD, WHO, WHY, Names, in_words
from tests.hub.audit.audit_log import access_record

NAMES = Names(
    {"SE2329999990-0001": "Region Ekskog", "SE2329999991-0001": "Region Granskog"},
    {"SE2329999990-1001": "Medicinkliniken"},
)
NOON = datetime(2026, 7, 1, 10, 30, tzinfo=UTC)


def said(**more: object) -> str:
    usual: dict[str, object] = {"capacity": "vardpersonal", "recorded": NOON}
    return in_words(access_record(1, **{**usual, **more}), NAMES)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (
            {"grounds": ("PDL 4:1", "SVOD 3:1")},
            (
                "Vårdpersonal vid Medicinkliniken, Region Ekskog läste den 1 juli 2026 kl. 12.30:"
                " en uppgift från Region Granskog, för att delta i din vård inom samma vårdgivare"
                " (PDL 4:1), och med ditt samtycke, eller för att du är barn och vården behövde"
                " uppgifterna (SVOD 3:1)."
            ),
        ),
        (
            {"outcome": Outcome.DENY, "shown": (), "grounds": (), "purpose": "kvalitet"},
            (
                "Vårdpersonal vid Medicinkliniken, Region Ekskog läste den 1 juli 2026 kl. 12.30,"
                " med syftet kvalitetsuppföljning. Åtkomsten nekades."
            ),
        ),
        (
            {
                "action": Action.RUNG,
                "shown": (),
                "grounds": ("SVOD 3:5",),
                "rungs": (Rung("B1", ("SE2329999991-0001",)),),
            },
            (
                "Vårdpersonal vid Medicinkliniken, Region Ekskog fick veta vilka vårdgivare som"
                " har spärrade uppgifter om dig den 1 juli 2026 kl. 12.30,"
                " i en nödsituation (SVOD 3:5)."
            ),
        ),
        (
            {
                "action": Action.ADMINISTER,
                "shown": (),
                "grounds": (),
                "purpose": None,
                "capacity": "auditor",
                "query": "review record-7 justified none",
            },
            (
                "En logggranskare vid Medicinkliniken, Region Ekskog granskade en åtkomst till dina"
                " uppgifter och skrev ned sin bedömning den 1 juli 2026 kl. 12.30."
            ),
        ),
        (
            {
                "action": Action.EXPORT,
                "shown": (),
                "grounds": (),
                "purpose": None,
                "capacity": None,
                "user": "os:root",
                "organisation": None,
                "unit": None,
                "query": "audit export person",
            },
            "Den som driver navet lämnade ut uppgifter den 1 juli 2026 kl. 12.30.",
        ),
    ],
)
def test_an_access_is_told_so_that_it_can_be_judged(more: dict[str, object], expected: str) -> None:
    assert said(**more) == expected


def test_a_reason_stands_beside_its_own_section() -> None:
    """A section without words of its own must not lend its name to another's reason."""
    assert said(grounds=("SVOD 2:4", "SVOD 3:1")).endswith("behövde uppgifterna (SVOD 3:1).")


def test_everything_that_is_logged_has_its_words() -> None:
    opening = {
        each.citation
        for each in SECTIONS
        for step in each.steps
        if step.opens is Opens.CONTENT and step.of == READING
    }
    assert opening - WHY.keys() <= set()
    assert set(DONE) == set(Action)
    assert TOLD.keys() == {each.value for each in Opens} - {Opens.CONTENT.value}
    assert PURPOSES.keys() | {Purpose.EGEN.value} == {each.value for each in Purpose}
    assert WHO.keys() >= {each.value for each in Capacity} - {Capacity.OTHER.value}
