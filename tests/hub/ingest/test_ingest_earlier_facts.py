"""Versions that another owner or unit gave, or that were kept from the person, are shown to nobody.

Source: DESIGN §4, P1; docs/decisions/0029-versions-of-other-facts.md.
"""

from dataclasses import replace

import pytest
from sqlalchemy import true

from consent.facts import ActiveChoice, Purpose, Reader, Request
from consent.scope import scope
from consent.situation import Situation
from hub.config.source import Source
from hub.store.directory import directory, load_sources
from hub.store.facts import facts_of
from hub.store.reading import Found, Key, at_versions, versions
from tests.hub.ingest.desk import HERSELF, OTHER, OWN, Desk
from tests.hub.ingest.documents import EMERGENCY, OTHER_REGION, REGION, Doc, diagnoses
from tests.hub.ingest.test_ingest_together import _given

BOTH = Source("both", "rivta", (REGION, OTHER_REGION))
FIRST = Doc(text="Som det var")


def _history(desk: Desk, reader: Reader) -> list[Found]:
    """Return every version of the diagnosis that a reader is shown, the newest first."""
    person = [desk.person()]
    with desk.store.read() as connection:
        purpose = Purpose.EGEN if reader is HERSELF else Purpose.VARD
        request = Request(
            replace(reader, takes_part=True),
            desk.now,
            purpose=purpose,
            active_choice=ActiveChoice.CONTENT,
        )
        known = directory(connection).organisations
        facts = replace(facts_of(connection, person), organisations=known)
        allowed = scope(Situation(facts, request))
        listed = versions(connection, allowed, person, true(), limit=9, own=reader.organisation)
        # what is asked for by its number is found where it is listed, and nowhere else
        every = [Key(each.type, each.id, n) for each in listed for n in range(1, each.version + 1)]
        own = reader.organisation  # of what a source delivers that shows no more
        found = at_versions(connection, allowed, person, every, history=True, own=own)
    shown = {(each.type, each.id, each.version): each for each in found}
    assert shown.keys() == {(each.type, each.id, each.version) for each in listed}
    return [shown[each.type, each.id, each.version] for each in listed if each.type == "Condition"]


def _numbers(desk: Desk, reader: Reader) -> list[int]:
    return [each.version for each in _history(desk, reader)]


def test_what_was_kept_from_the_person_stays_so_when_a_later_version_is_approved(
    desk: Desk,
) -> None:
    desk.know()
    desk.taken(diagnoses(replace(FIRST, approved="false")))
    assert _numbers(desk, HERSELF) == []
    desk.taken(diagnoses(Doc()))
    assert _numbers(desk, HERSELF) == [2]
    assert b"Som det var" not in b"".join(each.body for each in _history(desk, HERSELF))


@pytest.mark.parametrize(
    "later",
    [
        replace(FIRST, unit="SE2329999990-1002"),
        replace(FIRST, owner=OTHER_REGION, unit=EMERGENCY),
    ],
)
def test_another_unit_or_owner_sets_earlier_versions_aside(desk: Desk, later: Doc) -> None:
    desk.know()
    with desk.store.write() as connection:
        load_sources(connection, [BOTH], desk.now)
    for doc in (FIRST, replace(FIRST, text="Ändrad"), later, replace(later, text="Till sist")):
        desk.taken(diagnoses(doc), BOTH)
    reader = OTHER if later.owner == OTHER_REGION else OWN
    assert _numbers(desk, reader) == [4, 3]
    versions = desk.rows("resource_version", "type = 'Condition' ORDER BY version")
    assert [bool(each.set_aside) for each in versions] == [True, True, False, False]


def test_a_unit_that_was_missing_is_not_offered_afterwards(desk: Desk) -> None:
    desk.know()
    desk.taken(diagnoses(replace(FIRST, unit=None)))
    assert _numbers(desk, OTHER) == []
    desk.taken(diagnoses(Doc()))
    assert _numbers(desk, OTHER) == [2]


def test_a_change_of_text_time_or_what_is_kept_back_keeps_the_history_for_its_owner(
    desk: Desk,
) -> None:
    desk.know()
    for doc in (
        FIRST,
        replace(FIRST, text="Ändrad", time="20260120080000"),
        Doc(approved="false", nullified=True),
    ):
        desk.taken(diagnoses(doc))
    assert _numbers(desk, OWN) == [3, 2, 1]
    assert _numbers(desk, OTHER) == []


def test_several_versions_in_one_transaction_are_set_aside_by_the_last_change(desk: Desk) -> None:
    desk.know()
    documents = [
        diagnoses(FIRST),
        diagnoses(replace(FIRST, approved="false")),
        diagnoses(replace(FIRST, text="Ändrad")),
        diagnoses(replace(FIRST, text="Till sist")),
    ]
    list(_given(desk, *documents))
    assert _numbers(desk, HERSELF) == [4, 3]
