from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from consent.facts import Capacity, Kind, Purpose, Regime
from consent.period import period
from hub.config.organisation import Assignment, OrganisationEntry, StaffMember, Unit
from hub.config.source import OwnerRule, Source
from hub.store.connect import Store
from hub.store.directory import (
    Directory,
    Loaded,
    directory,
    directory_counter,
    is_kept,
    load_organisations,
    load_sources,
)
from hub.store.schema.metadata import METADATA
from hub.store.schema.organisation import ORGANISATION, ORGANISATION_COUNTER, SOURCE, STAFF

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NURSE = StaffMember(
    "N1",
    "Ada Ek",
    (
        Assignment(
            "a1",
            Capacity.VARDPERSONAL,
            unit="Medicine",
            purposes=frozenset({Purpose.VARD, Purpose.KVALITET}),
            period=period(NOON, None),
        ),
    ),
)
REGION = OrganisationEntry(
    "RegionA",
    "Region A",
    frozenset({Kind.VARDGIVARE}),
    informs_from=NOON,
    units=(Unit("Medicine", "Medicinkliniken", ("stroke",)),),
    staff=(NURSE, StaffMember("N2")),
)
BOARD = OrganisationEntry("NamndK", "Nämnden", frozenset({Kind.OMSORGSGIVARE}), part_of="KommunK")
KOMMUN = OrganisationEntry("KommunK", "Kommun K", frozenset({Kind.VARDGIVARE}))


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url)
    METADATA.create_all(opened.engine, tables=[ORGANISATION, STAFF, SOURCE, ORGANISATION_COUNTER])
    yield opened
    opened.close()


def _load(store: Store, *entries: OrganisationEntry, at: datetime = NOON) -> Loaded:
    with store.write() as connection:
        return load_organisations(connection, entries, at)


def _read(store: Store, at: datetime | None = None) -> Directory:
    with store.read() as connection:
        return directory(connection, at)


def test_what_was_loaded_is_read(store: Store) -> None:
    assert _load(store, REGION, BOARD) == Loaded(added=("RegionA", "NamndK"))
    found = _read(store)
    assert found.entries["RegionA"] == replace(REGION, staff=())
    assert found.assignments("RegionA", "N1") == NURSE.assignments
    assert found.assignments("RegionA", "N3") == ()
    assert found.organisations["NamndK"].part_of == "KommunK"
    assert found.unit_names == {"Medicine": "Medicinkliniken"}
    assert found.organisation_names["NamndK"] == "Nämnden"
    assert found.availability("RegionA").informs_from == NOON
    assert found.availability("Nobody").makes_available_from is None


def test_the_same_file_again_changes_nothing(store: Store) -> None:
    _load(store, REGION, BOARD)
    before = _read(store)
    assert _load(store, REGION, BOARD, at=NOON + HOUR) == Loaded(unchanged=("RegionA", "NamndK"))
    assert _read(store) == before


def test_only_what_changed_is_recorded_and_the_rest_is_kept(store: Store) -> None:
    _load(store, REGION, BOARD)
    closed = replace(BOARD, connected=False)
    assert _load(store, closed, at=NOON + HOUR) == Loaded(changed=("NamndK",))
    assert not _read(store).organisations["NamndK"].connected
    assert _read(store, NOON).organisations["NamndK"].connected
    assert "RegionA" in _read(store).organisations
    with store.read() as connection:
        assert len(connection.execute(ORGANISATION.select()).all()) == 3


def test_staff_that_a_file_leaves_out_has_no_assignment(store: Store) -> None:
    _load(store, REGION)
    assert _load(store, replace(REGION, staff=()), at=NOON + HOUR).changed == ("RegionA",)
    assert _read(store).staff == {}
    assert _read(store, NOON + HOUR / 2).assignments("RegionA", "N1") == NURSE.assignments
    _load(store, REGION, at=NOON + 2 * HOUR)
    assert _read(store).assignments("RegionA", "N1") == NURSE.assignments


def test_counters_move_for_what_changed_and_what_it_is_part_of(store: Store) -> None:
    _load(store, REGION, BOARD, KOMMUN)
    before = _read(store).counters
    _load(store, replace(BOARD, name="Socialnämnden"), at=NOON + HOUR)
    after = _read(store).counters
    moved = {name for name in after if after[name] != before[name]}
    assert moved == {"NamndK", "KommunK"}


def test_the_kept_directory_is_never_older_than_the_counter(store: Store) -> None:
    _load(store, REGION)
    assert _read(store) is _read(store)
    _load(store, replace(REGION, name="Done"))
    assert _read(store).entries["RegionA"].name == "Done"
    with store.read() as connection:
        assert directory_counter(connection) == _read(store).counter == 2


def test_nothing_is_kept_from_a_write_that_was_undone(store: Store, store_url: str) -> None:
    def load_and_fail() -> None:
        with store.write() as connection:
            load_organisations(connection, [replace(REGION, name="Undone")], NOON)
            assert directory(connection).entries["RegionA"].name == "Undone"
            raise InterruptedError

    _load(store, REGION)
    with pytest.raises(InterruptedError):
        load_and_fail()
    another_process = Store(store_url)
    _load(another_process, replace(REGION, name="Done"))
    another_process.close()
    assert _read(store).entries["RegionA"].name == "Done"


def test_a_write_uses_the_kept_directory_until_it_changes_it(store: Store) -> None:
    _load(store, REGION)
    kept = _read(store)
    with store.write() as connection:
        assert directory(connection) is kept
        assert is_kept(store.engine, directory(connection))
        load_organisations(connection, [BOARD], NOON + HOUR)
        own = directory(connection)
        assert set(own.organisations) == {"RegionA", "NamndK"}
        assert not is_kept(store.engine, own)
    assert set(_read(store).organisations) == {"RegionA", "NamndK"}


def test_a_snapshot_that_is_older_than_the_kept_directory_is_served_its_own(store: Store) -> None:
    _load(store, REGION)
    with store.read() as connection:
        assert directory(connection).entries["RegionA"].name == "Region A"
        _load(store, replace(REGION, name="New"))
        assert _read(store).entries["RegionA"].name == "New"
        assert directory(connection).entries["RegionA"].name == "Region A"
    assert _read(store).entries["RegionA"].name == "New"


def test_sources_have_history_too(store: Store) -> None:
    source = Source("s1", "rivta", ("RegionA",), (OwnerRule("X", "RegionA", Regime.HSL),))
    with store.write() as connection:
        assert load_sources(connection, [source], NOON).added == ("s1",)
        assert load_sources(connection, [source], NOON).unchanged == ("s1",)
        changed = replace(source, client="c1")
        assert load_sources(connection, [changed], NOON - HOUR).changed == ("s1",)
    assert _read(store).sources["s1"] == changed
    assert _read(store).sources["s1"].owner_for("X", "HSL") == "RegionA"
    assert _read(store, NOON).sources["s1"] == source
