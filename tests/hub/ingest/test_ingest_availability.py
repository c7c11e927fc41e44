"""What a record is to the law: owner, unit, availability, and what restamps them (SVOD 2 kap.)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from consent.facts import Ability, Assessment, Person
from hub.config.source import OwnerRule
from hub.ingest.restamp import restamp_person
from hub.store.facts import facts_of, load_facts
from tests.hub.ingest.desk import (
    CASE_WORKER,
    FALLING_BACK,
    HERSELF,
    JOURNAL,
    KNOWN,
    NOON,
    OTHER,
    OWN,
    SOCIAL,
    Desk,
    organisation,
)
from tests.hub.ingest.documents import (
    KOMMUN,
    NAMND,
    OFFICE,
    REGION,
    SIGNE,
    WARD,
    Doc,
    Served,
    diagnoses,
    export,
)

DAY = timedelta(days=1)


def _columns(desk: Desk) -> tuple[str, datetime | None, bool]:
    (row,) = desk.resources()
    since = row.available_since
    at = None if since is None else datetime.fromtimestamp(since, UTC)
    return row.availability, at, bool(row.informed)


def test_the_headers_facts_become_the_rows_columns(desk: Desk) -> None:
    desk.taken(diagnoses(Doc(time="20260119", approved="false")))
    (row,) = desk.resources()
    assert (row.owner, row.unit, row.regime, row.info_type) == (REGION, WARD, "HSL", "diagnosis")
    day = datetime(2026, 1, 18, 23, tzinfo=UTC)
    assert (row.date_from, row.date_to) == (day.timestamp(), (day + DAY).timestamp())
    assert row.secret_from_person
    assert not row.withdrawn


def test_what_is_not_approved_for_the_patient_is_kept_from_her_alone(desk: Desk) -> None:
    desk.taken(diagnoses(Doc("D-1", "Open"), Doc("D-2", "Kept back", approved="false")))
    assert desk.texts(HERSELF) == ["Open"]
    assert desk.texts(OWN) == desk.texts(OTHER) == ["Kept back", "Open"]


def test_an_owner_is_told_by_the_id_and_the_act(desk: Desk) -> None:
    source = replace(
        SOCIAL,
        owner_of=(
            OwnerRule(OFFICE, NAMND, None),
            OwnerRule("LOCAL-7", KOMMUN, None),
        ),
        owners=(NAMND, KOMMUN),
    )
    desk.take(export(Served()), source)
    assert {row.owner for row in desk.resources()} == {NAMND}
    assert desk.read(CASE_WORKER)
    by_act = replace(
        JOURNAL,
        id="by-act",
        owners=(REGION, KOMMUN),
        owner_of=(OwnerRule("LOCAL-7", REGION, None), OwnerRule("LOCAL-7", KOMMUN, "HSL")),
    )
    desk.taken(diagnoses(Doc(owner="LOCAL-7")), by_act)
    assert [row.owner for row in desk.resources() if row.source == "by-act"] == [KOMMUN]


@pytest.mark.parametrize(
    "doc", [Doc(owner=None), Doc(unit=None), Doc(unit="?"), Doc(owner="?", unit=None)]
)
def test_without_owner_or_unit_it_is_for_the_owners_own_staff(desk: Desk, doc: Doc) -> None:
    receipt = desk.taken(diagnoses(doc), FALLING_BACK)
    assert [n.code for n in receipt.issues if n.severity == "information"] == ["own-staff-only"]
    assert _columns(desk) == ("none", None, False)
    assert desk.read(OTHER) == []
    desk.load(organisation(REGION, units=[WARD], informs_from=NOON - DAY))
    assert _columns(desk) == ("none", None, False)
    if doc.unit == WARD:
        assert len(desk.read(OWN)) == 1


def test_content_is_available_from_when_it_came(desk: Desk) -> None:
    desk.taken(diagnoses(Doc()))
    assert _columns(desk) == ("2:4", desk.now, True)
    assert len(desk.read(OTHER)) == 1


def test_content_becomes_available_when_the_owner_says(desk: Desk) -> None:
    later = NOON + 30 * DAY
    desk.load(organisation(REGION, units=[WARD], makes_available_from=later))
    desk.taken(diagnoses(Doc()))
    assert _columns(desk) == ("2:4", later, True)
    assert desk.read(OTHER) == []
    assert len(desk.read(OWN)) == 1
    desk.now = later + DAY
    assert len(desk.read(OTHER)) == 1


def test_an_owner_that_makes_nothing_available_keeps_it_to_itself(desk: Desk) -> None:
    desk.load(organisation(REGION, units=[WARD], makes_available_from=None))
    desk.taken(diagnoses(Doc()))
    received = desk.now
    assert _columns(desk)[0] == "none"
    assert desk.read(OTHER) == []
    desk.load(organisation(REGION, units=[WARD]))
    assert _columns(desk) == ("2:4", received, True)
    assert len(desk.read(OTHER)) == 1
    desk.load(organisation(REGION, units=[WARD], makes_available_from=None))
    assert desk.read(OTHER) == []


def test_who_was_not_informed_is_protected_until_the_owner_informs(desk: Desk) -> None:
    desk.taken(diagnoses(Doc()))
    desk.load(organisation(REGION, units=[WARD], informs_from=None))
    assert desk.read(OTHER) == []
    desk.load(organisation(REGION, units=[WARD], informs_from=NOON + DAY))
    assert desk.read(OTHER) == []
    desk.load(organisation(REGION, units=[WARD]))
    assert len(desk.read(OTHER)) == 1


def test_a_date_that_is_corrected_leaves_no_trace(desk: Desk) -> None:
    desk.taken(diagnoses(Doc()))
    before = desk.resources()
    desk.load(organisation(REGION, units=[WARD], makes_available_from=NOON + 400 * DAY))
    assert desk.read(OTHER) == []
    desk.load(organisation(REGION, units=[WARD]))
    assert desk.resources() == before


def test_a_file_moves_no_other_owners_rows(desk: Desk) -> None:
    desk.taken(diagnoses(Doc()))
    before = desk.resources()
    desk.load(organisation(KOMMUN, informs_from=None, makes_available_from=None))
    assert desk.resources() == before


def test_a_file_that_changed_nothing_for_it_makes_no_new_version(desk: Desk) -> None:
    desk.taken(diagnoses(Doc()))
    desk.load(organisation(REGION, units=[WARD], informs_from=NOON + 30 * DAY))
    desk.now += 60 * DAY
    versions = desk.count("resource_version")
    assert desk.taken(diagnoses(Doc())).state.value == "unchanged"
    assert desk.count("resource_version") == versions
    assert desk.read(OTHER) == []


UNABLE = replace(
    KNOWN,
    person=Person(capacity=Ability.LASTING_LACK, lacking_since=NOON - 100 * DAY),
)
ASSESSED = replace(
    UNABLE, assessments=(Assessment(REGION, clarified=True, reason_to_think_opposed=False),)
)


def _learn(desk: Desk, facts: object) -> None:
    """Load facts as the command does."""
    desk.now += DAY
    with desk.store.write() as connection:
        person = desk.person(SIGNE)
        load_facts(connection, person, facts, desk.now)  # type: ignore[arg-type]
        restamp_person(connection, [person], facts_of(connection, [person]))


def test_for_a_person_who_cannot_take_a_stand_it_rests_on_the_owners_assessment(
    desk: Desk,
) -> None:
    _learn(desk, UNABLE)
    desk.taken(diagnoses(Doc()))
    assert _columns(desk)[0] == "2:4"
    _learn(desk, ASSESSED)
    assert _columns(desk)[0] == "2:6"
    before = desk.count("resource_version")
    desk.taken(diagnoses(Doc()))
    assert desk.count("resource_version") == before
    desk.load(organisation(REGION, units=[WARD], offers_own_access=False))
    assert _columns(desk)[0] == "2:6"
    opposed = Assessment(REGION, clarified=True, reason_to_think_opposed=True)
    _learn(desk, replace(ASSESSED, assessments=(opposed,)))
    assert _columns(desk)[0] == "2:4"


def test_anothers_assessment_is_no_ground(desk: Desk) -> None:
    theirs = Assessment(KOMMUN, clarified=True, reason_to_think_opposed=False)
    _learn(desk, replace(UNABLE, assessments=(theirs,)))
    desk.taken(diagnoses(Doc()))
    assert _columns(desk)[0] == "2:4"
