"""P6: the same part twice changes nothing, and what changes at the source changes here."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from hub.ingest.receipt import State
from hub.store.schema.resource import RESOURCE
from tests.hub.ingest.desk import (
    ALL_SOCIAL,
    CASE_WORKER,
    COMPLETE,
    HOUR,
    OTHER,
    OWN,
    SOCIAL,
    Desk,
)
from tests.hub.ingest.documents import (
    AINA,
    NOT_REACHED,
    SIGNE,
    Doc,
    Served,
    diagnoses,
    export,
    notes_2,
    notes_3,
)

FIRST, SECOND = Doc("D-1", "Hypertoni"), Doc("D-2", "Hjärtsvikt")
CHANGED = replace(FIRST, text="Primär hypertoni")


def _shape(receipt: object) -> dict[str, object]:
    return {**receipt.as_json(), "state": None}


def test_the_same_part_twice_changes_nothing(desk: Desk) -> None:
    first = desk.taken(diagnoses(FIRST, SECOND))
    before = desk.whole()
    again = desk.taken(diagnoses(FIRST, SECOND))
    assert (first.state, again.state) == (State.STORED, State.UNCHANGED)
    assert _shape(again) == _shape(first)
    assert desk.whole() == before


def test_the_same_export_twice_changes_nothing(desk: Desk) -> None:
    content = export(Served(notes=("a", "b")), Served(AINA, protected=True))
    first = desk.take(content, SOCIAL)
    before = desk.whole()
    again = desk.take(content, SOCIAL)
    assert [each.state for each in first] == [State.STORED, State.STORED]
    assert [each.state for each in again] == [State.UNCHANGED, State.UNCHANGED]
    assert [_shape(each) for each in again] == [_shape(each) for each in first]
    assert desk.whole() == before


def test_the_same_records_in_other_bytes_make_no_new_versions(desk: Desk) -> None:
    desk.taken(diagnoses(FIRST))
    before = desk.rows("resource_version")
    again = desk.taken(diagnoses(FIRST).replace(b"\n", b"\n\n"))
    assert again.state is State.UNCHANGED
    assert desk.rows("resource_version") == before
    assert desk.count("source_part") == 2


def test_a_changed_record_is_a_new_version_and_the_others_stay(desk: Desk) -> None:
    ids = [each[1] for each in desk.taken(diagnoses(FIRST, SECOND)).resources]
    changed = desk.taken(diagnoses(CHANGED, SECOND))
    assert changed.state is State.REPLACED
    assert [each[1] for each in changed.resources] == ids
    assert {row.id: row.version for row in desk.resources()} == {ids[0]: 2, ids[1]: 1}
    assert desk.texts(OTHER) == ["Hjärtsvikt", "Primär hypertoni"]
    back = desk.taken(diagnoses(FIRST, SECOND))
    assert back.state is State.REPLACED
    assert {row.id: row.version for row in desk.resources()} == {ids[0]: 3, ids[1]: 1}


def test_what_a_record_no_longer_gives_is_withdrawn(desk: Desk) -> None:
    opinion = (
        "<d:dissentintOpinion><d:opinionId><d:root>OP-1</d:root></d:opinionId>"
        "<d:authorTime>20260119</d:authorTime><d:opinion>Nej.</d:opinion></d:dissentintOpinion>"
    )
    with_opinion = desk.taken(notes_2(replace(FIRST, extra=opinion)))
    assert len(with_opinion.resources) == 2
    without = desk.taken(notes_2(FIRST))
    assert without.state is State.REPLACED
    assert desk.withdrawn() == {with_opinion.resources[1][1]}
    assert len(desk.read(OWN)) == 2
    assert len(desk.read(OTHER)) == 1
    assert desk.taken(notes_2(FIRST)).state is State.UNCHANGED


def test_records_of_two_kinds_with_one_id_leave_each_other_alone(desk: Desk) -> None:
    diagnosis = desk.taken(diagnoses(FIRST))
    note = desk.taken(notes_2(FIRST))
    assert (diagnosis.state, note.state) == (State.STORED, State.STORED)
    assert desk.withdrawn() == set()
    assert len(desk.rows("resource", "type = 'Provenance'")) == 2


def test_a_nullified_record_is_for_its_owner_alone(desk: Desk) -> None:
    desk.taken(diagnoses(FIRST))
    assert len(desk.read(OTHER)) == 1
    nullified = desk.taken(diagnoses(replace(FIRST, nullified=True)))
    assert nullified.state is State.REPLACED
    assert desk.read(OTHER) == []
    (kept,) = desk.read(OWN)
    assert b"entered-in-error" in kept.body


class TestAbsence:
    """Absence is disappearance in a complete delivery that says nothing else of itself."""

    def test_is_nothing_in_a_delivery_that_need_not_be_complete(self, desk: Desk) -> None:
        desk.taken(diagnoses(FIRST, SECOND))
        assert desk.taken(diagnoses(FIRST)).state is State.UNCHANGED
        assert len(desk.read(OTHER)) == 2

    def test_is_disappearance_in_a_complete_one(self, desk: Desk) -> None:
        desk.taken(diagnoses(FIRST, SECOND), COMPLETE)
        assert desk.taken(diagnoses(FIRST), COMPLETE).state is State.REPLACED
        assert desk.texts(OTHER) == ["Hypertoni"]
        assert desk.texts(OWN) == ["Hjärtsvikt", "Hypertoni"]
        assert desk.taken(diagnoses(FIRST), COMPLETE).state is State.UNCHANGED

    def test_ends_when_the_record_comes_back(self, desk: Desk) -> None:
        desk.taken(diagnoses(FIRST, SECOND), COMPLETE)
        desk.taken(diagnoses(FIRST), COMPLETE)
        assert desk.taken(diagnoses(FIRST, SECOND), COMPLETE).state is State.REPLACED
        assert desk.texts(OTHER) == ["Hjärtsvikt", "Hypertoni"]

    @pytest.mark.parametrize("how", [{"has_more": True}, {"head": NOT_REACHED}])
    def test_is_nothing_where_the_delivery_says_it_lacks_something(
        self, desk: Desk, how: dict[str, object]
    ) -> None:
        desk.taken(diagnoses(FIRST, SECOND), COMPLETE)
        partial = desk.taken(diagnoses(FIRST, **how), COMPLETE)
        assert partial.state is State.UNCHANGED
        assert {"has-more", "not-reached"} & {note.code for note in partial.issues}
        assert len(desk.read(OTHER)) == 2

    def test_is_nothing_for_other_contracts_sources_and_persons(self, desk: Desk) -> None:
        desk.taken(notes_2(FIRST), COMPLETE)
        desk.taken(diagnoses(replace(SECOND, person=AINA)), COMPLETE)
        desk.taken(diagnoses(SECOND))
        desk.taken(diagnoses(FIRST), COMPLETE)
        assert desk.withdrawn() == set()

    def test_of_a_person_in_a_whole_export_takes_all_that_it_held_of_them(self, desk: Desk) -> None:
        desk.take(export(Served(), Served(AINA)), SOCIAL)
        desk.take(export(Served(), Served(AINA)), ALL_SOCIAL)
        assert {each.state for each in desk.take(export(Served(AINA)), SOCIAL)} == {State.UNCHANGED}
        *_, last = desk.take(export(Served(AINA)), ALL_SOCIAL)
        assert (last.state, last.part) == (State.REPLACED, None)
        assert [note.code for note in last.issues] == ["disappeared"]
        gone = {(row.person, row.source) for row in desk.resources() if row.withdrawn}
        assert gone == {(desk.person(SIGNE), "all-social")}

    def test_is_not_judged_where_a_person_cannot_be_told(self, desk: Desk) -> None:
        desk.take(export(Served(), Served(AINA)), ALL_SOCIAL)
        desk.take(export(Served(AINA), Served(None)), ALL_SOCIAL)
        assert desk.withdrawn() == set()

    def test_of_everything_in_scope_is_disappearance_too(self, desk: Desk) -> None:
        desk.take(export(Served(), Served(AINA)), ALL_SOCIAL)
        desk.take(export(Served(area="EKONOMISKT_BISTAND"), Served(AINA)), ALL_SOCIAL)
        assert {row.person for row in desk.resources() if row.withdrawn} == {desk.person(SIGNE)}


class TestContracts:
    """rivta.md §7.7: of one record in two versions of a contract the newer version's is kept."""

    def test_the_newer_contract_takes_the_older_ones_place(self, desk: Desk) -> None:
        old = desk.taken(notes_2(FIRST))
        new = desk.taken(notes_3(CHANGED))
        assert (new.state, new.resources) == (State.REPLACED, old.resources)
        assert {row.contract for row in desk.resources()} == {"GetCareDocumentation 3.0"}

    def test_the_older_contract_leaves_the_newer_ones_record(self, desk: Desk) -> None:
        desk.taken(notes_3(FIRST))
        before = desk.rows("resource")
        old = desk.taken(notes_2(CHANGED, SECOND))
        assert old.state is State.STORED
        assert [
            (n.severity, n.place[-1:] != "") for n in old.issues if n.code == "newer-contract"
        ] == [("information", True)]
        assert len(old.resources) == 1
        assert [row for row in desk.rows("resource") if row in before] == before
        again = desk.taken(notes_2(CHANGED, SECOND))
        assert (again.state, _shape(again)) == (State.UNCHANGED, _shape(old))

    def test_what_the_older_contract_says_is_nullified_is_withdrawn(self, desk: Desk) -> None:
        desk.taken(notes_3(FIRST))
        desk.taken(notes_2(replace(FIRST, nullified=True)))
        assert desk.read(OTHER) == []
        assert len(desk.read(OWN)) == 1

    def test_an_older_contract_does_not_bring_back_what_a_newer_nullified(self, desk: Desk) -> None:
        content = notes_3(FIRST).replace(
            b"</d:header>", b"<d:nullified>true</d:nullified></d:header>"
        )
        desk.taken(content)
        desk.taken(notes_2(FIRST))
        assert desk.read(OTHER) == []


def test_since_when_content_is_available_does_not_move_with_deliveries(desk: Desk) -> None:
    desk.taken(diagnoses(FIRST))
    (before,) = desk.resources()
    desk.now += 24 * HOUR
    desk.taken(diagnoses(CHANGED))
    (after,) = desk.resources()
    assert (after.version, after.available_since) == (2, before.available_since)


def test_content_that_loses_its_unit_is_no_longer_available_and_stays_so(desk: Desk) -> None:
    desk.taken(diagnoses(FIRST))
    desk.taken(diagnoses(replace(FIRST, unit=None)))
    (row,) = desk.resources()
    assert (row.availability, row.available_since, row.informed) == ("none", None, False)
    desk.taken(diagnoses(FIRST))
    (row,) = desk.resources()
    assert (row.availability, row.available_since is None) == ("2:4", False)


def test_a_record_that_is_not_the_sources_is_kept_from_changing_anything(desk: Desk) -> None:
    """What is written behind the hub's back comes to rights with the next delivery."""
    desk.taken(diagnoses(FIRST))
    with desk.store.write() as connection:
        connection.execute(update(RESOURCE).values(content_hash=b""))
    assert desk.taken(diagnoses(FIRST)).state is State.REPLACED


def test_social_care_reads_its_own(desk: Desk) -> None:
    desk.take(export(Served(notes=("a", "b"))), SOCIAL)
    kinds = [each.type for each in desk.read(CASE_WORKER)]
    assert kinds.count("DocumentReference") == 2
