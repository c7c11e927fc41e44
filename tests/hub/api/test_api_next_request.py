"""P4: what was acknowledged before a request arrived is part of its answer, in every process."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from consent.facts import BlockKind, Facts, Person, Sparr
from consent.period import STOCKHOLM, Period
from hub.api import access as access_module
from hub.api.assumed import Assumed
from hub.store.connect import Store
from hub.store.directory import load_organisations
from hub.store.facts import load_facts
from hub.store.identity import link_persons
from hub.store.schema.audit import audit_record
from hub.store.scope_cache import Made
from mappings.personal_identity import PERSONNUMMER
from tests.worlds.hub_world import (
    CLINIC,
    HOME_HELPER,
    NOON,
    OLOF,
    ORGANISATIONS,
    REGION,
    SIGNE,
    SIGNE_HERSELF,
    WARD_DOCTOR,
    World,
    key_files,
    stated,
)
from tests.worlds.usual import CONSENT, INNER, OUTER, RELATIONS, facts, fill, patient_of, served_by

LOOK = stated(relevance=True, activeChoice="content")
OWN = ["surgery-1", "ward-1", "ward-2"]
ALL = ["clinic-1", "help-1", "nurse-1", "service-1", *OWN]
UNBLOCKED = ["help-1", "nurse-1", "service-1", *OWN]
LOADS_FACTS = "import sys; from hub.cli.main import run; sys.argv[0] = 'samvy'; run()"


def _seen(world: World, session: str | None, count: str = "50") -> list[str]:
    parameters = {"patient": world.person(), "_count": count, "_sort": "_id"}
    reply = world.get(WARD_DOCTOR, "/fhir/Condition", parameters, session=session)
    assert reply.status == 200
    return reply.ids


def _elsewhere(world: World, url: str, known: Facts) -> None:
    """Make facts known from a connection of another engine, as another process has it."""
    other = Store(url, pool_size=1)
    with other.write() as connection:
        load_facts(connection, world.person(), known, world.clock.now)
    other.close()


CHANGES: dict[str, tuple[Facts, list[str]]] = {
    "an outer block": (facts(blocks=(OUTER,)), UNBLOCKED),
    "an inner block": (facts(blocks=(INNER,)), [each for each in ALL if each != "surgery-1"]),
    "a withdrawn consent": (
        facts(consents=(replace(CONSENT, withdrawn_at=NOON - timedelta(seconds=1)),)),
        OWN,
    ),
    "a consent that is no longer there": (facts(consents=()), OWN),
    "an ended relation": (
        facts(relations=(patient_of(REGION, Period(None, NOON)), *RELATIONS[1:])),
        [],
    ),
    "a death": (facts(person=Person(deceased=NOON - timedelta(hours=1))), OWN),
}


def test_a_change_from_elsewhere_is_felt_in_the_next_request(world: World, store_url: str) -> None:
    fill(world)
    for what, (known, expected) in CHANGES.items():
        world.know(facts())
        session = world.session(WARD_DOCTOR, *LOOK)
        assert _seen(world, session) == ALL
        parameters = {"patient": world.person(), "_count": "1", "_sort": "_id"}
        first = world.get(WARD_DOCTOR, "/fhir/Condition", parameters, session=session)
        _elsewhere(world, store_url, known)
        assert _seen(world, session) == expected, what
        for number in ALL:
            reply = world.get(WARD_DOCTOR, f"/fhir/Condition/{number}", session=session)
            assert reply.status == (200 if number in expected else 404), (what, number)
        following, rest = first.link("next"), []
        while following:
            page = world.get(WARD_DOCTOR, following, session=session)
            rest += page.ids
            following = page.link("next")
        assert rest == [each for each in expected if each != "clinic-1"], what


def test_the_individual_too_loses_what_is_blocked(world: World, store_url: str) -> None:
    fill(world)
    parameters = {"patient": world.person()}
    before = world.get(SIGNE_HERSELF, "/fhir/Condition", parameters)
    assert "clinic-1" in before.ids
    _elsewhere(world, store_url, facts(blocks=(OUTER,)))
    after = world.get(SIGNE_HERSELF, "/fhir/Condition", parameters)
    assert set(before.ids) - set(after.ids) == {"clinic-1"}


def test_a_scope_that_is_kept_too_long_is_noticed(
    small_world: World, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault, planted: a scope is kept whatever the counters say."""
    fill(small_world)
    session = small_world.session(WARD_DOCTOR, *LOOK)

    monkeypatch.setattr(Made, "stands", lambda *_: True)
    assert _seen(small_world, session) == ALL
    _elsewhere(small_world, sqlite_url, facts(blocks=(OUTER,)))
    assert _seen(small_world, session) == ALL


def test_a_scope_is_kept_while_nothing_changes(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(small_world)
    session = small_world.session(WARD_DOCTOR, *LOOK)
    assert _seen(small_world, session) == ALL
    monkeypatch.setattr(access_module, "scope", None)  # making one would raise
    assert _seen(small_world, session) == ALL


def test_a_block_that_another_process_has_loaded_is_felt(
    world: World, store_url: str, tmp_path: Path
) -> None:
    fill(world)
    session = world.session(WARD_DOCTOR, *LOOK)
    assert _seen(world, session) == ALL
    file = tmp_path / "facts.yaml"
    file.write_text(
        f"""person:
  identifier: {{system: "{PERSONNUMMER}", value: "{SIGNE}"}}
relations:
  - {{organisation: {REGION}, kind: patient, state: current, from: 2025-01-01}}
consents:
  - {{giver: self, organisation: {REGION}, answer: "yes", from: 2025-01-01}}
blocks:
  - {{id: b, kind: outer, owner: {CLINIC}, set_at: 2025-11-06T14:30, set_by: self}}
""",
        encoding="utf-8",
    )
    command = [sys.executable, "-c", LOADS_FACTS, "facts", "load", str(file), "--store", store_url]
    environment = {**os.environ, **key_files(tmp_path)}
    subprocess.run(command, check=True, env=environment, cwd=Path(__file__).parents[3])
    assert _seen(world, session) == UNBLOCKED


def _without_assignment(entry: str, user: str, change: Callable[[Period], Period | None]) -> object:
    """The organisations, with the assignment of one of the staff changed or taken away."""
    changed = []
    for each in ORGANISATIONS:
        staff = []
        for member in each.staff:
            assignments = member.assignments
            if each.id == entry and member.id == user:
                assignments = tuple(
                    replace(one, period=period)
                    for one in assignments
                    if (period := change(one.period)) is not None
                )
            staff.append(replace(member, assignments=assignments))
        changed.append(replace(each, staff=tuple(staff)))
    return changed


@pytest.mark.parametrize("ended", ["ended", "gone"])
def test_an_ended_assignment_is_felt_in_the_next_request(
    world: World, store_url: str, ended: str
) -> None:
    fill(world)
    session = world.session(WARD_DOCTOR, *LOOK)
    assert _seen(world, session) == ALL
    other = Store(store_url, pool_size=1)
    entries = _without_assignment(
        REGION,
        WARD_DOCTOR.user,
        lambda period: replace(period, end=NOON) if ended == "ended" else None,
    )
    with other.write() as connection:
        load_organisations(connection, entries, NOON)  # type: ignore[arg-type]
    other.close()
    refused = world.get(WARD_DOCTOR, "/fhir/Condition/ward-1", session=session)
    assert (refused.status, refused.codes) == (403, ["no-assignment-in-force"])
    nothing = world.get(WARD_DOCTOR, "/fhir/Condition/not-there")
    assert (nothing.status, nothing.codes) == (403, ["no-assignment-in-force"])


def test_a_directory_that_is_taken_for_granted_and_never_asked_for_is_noticed(
    small_world: World, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault, planted: a reading request goes on with the directory that was read last."""
    fill(small_world)
    assert small_world.get(WARD_DOCTOR, "/fhir/Condition/ward-1").status == 200

    def borne_out(assumed: Assumed, _counter: int) -> None:
        assumed.borne_out = True

    monkeypatch.setattr(Assumed, "bear_out", borne_out)
    other = Store(sqlite_url, pool_size=1)
    with other.write() as connection:
        load_organisations(
            connection,
            _without_assignment(REGION, WARD_DOCTOR.user, lambda _: None),  # type: ignore[arg-type]
            NOON,
        )
    other.close()
    assert small_world.get(WARD_DOCTOR, "/fhir/Condition/ward-1").status == 200


def test_what_a_search_by_a_kept_scope_is_refused_for_is_logged_with_its_person(
    world: World,
) -> None:
    fill(world)
    session = world.session(WARD_DOCTOR, *LOOK)
    assert _seen(world, session) == ALL
    asked = {"patient": world.person(), "recorded-date": "not-a-date"}
    assert world.get(WARD_DOCTOR, "/fhir/Condition", asked, session=session).status == 400
    with world.store.read() as connection:
        latest = select(audit_record.c.person).order_by(audit_record.c.recorded.desc()).limit(1)
        assert connection.execute(latest).scalar_one() == world.person()


def _logged(world: World) -> int:
    with world.store.read() as connection:
        return connection.execute(select(func.count()).select_from(audit_record)).scalar_one()


def test_nothing_is_logged_of_a_request_that_begins_again(world: World, store_url: str) -> None:
    fill(world)
    session = world.session(WARD_DOCTOR, *LOOK)
    before = _logged(world)
    for ask in (
        lambda: world.get(WARD_DOCTOR, "/fhir/Condition/ward-1", session=session),
        lambda: world.get(WARD_DOCTOR, "/fhir/Condition/not-there", session=session),
        lambda: world.get(WARD_DOCTOR, "/fhir/Condition", {"patient": world.person()}),
        lambda: world.get(WARD_DOCTOR, "/fhir/Condition", {"nothing": "x"}),
    ):
        other = Store(store_url, pool_size=1)
        entries = [replace(each, name=f"{each.name} {before}") for each in ORGANISATIONS]
        with other.write() as connection:
            load_organisations(connection, entries, NOON)
        other.close()
        ask()
        before += 1
        assert _logged(world) == before


def test_an_identity_that_another_process_links_is_felt_in_the_next_request(
    world: World, store_url: str
) -> None:
    fill(world)
    session = world.session(WARD_DOCTOR, *LOOK)
    assert _seen(world, session) == _seen(world, session) == ALL
    other = Store(store_url, pool_size=1)
    former = world.person(OLOF)
    with other.write() as connection:
        load_facts(connection, former, facts(blocks=(OUTER,)), world.clock.now)
        link_persons(connection, world.person(), former, world.clock.now)
    other.close()
    assert "clinic-1" not in _seen(world, session)


def test_an_organisation_that_has_left_is_felt_in_the_next_request(
    world: World, store_url: str
) -> None:
    fill(world)
    session = world.session(WARD_DOCTOR, *LOOK)
    other = Store(store_url, pool_size=1)
    entries = [replace(each, connected=each.id != CLINIC) for each in ORGANISATIONS]
    with other.write() as connection:
        load_organisations(connection, entries, NOON)
    other.close()
    assert _seen(world, session) == UNBLOCKED


def test_a_period_has_ended_after_midnight(world: World) -> None:
    """A relation and a consent to the end of today; both days are Swedish ones."""
    fill(world)
    midnight = datetime(2026, 3, 11, tzinfo=STOCKHOLM)
    today = Period(None, midnight)
    world.know(
        facts(
            relations=(patient_of(REGION), *RELATIONS[1:]),
            consents=(replace(CONSENT, period=today),),
        )
    )
    world.clock.now = midnight - timedelta(minutes=20)
    session = world.session(WARD_DOCTOR, *LOOK)
    world.clock.now = midnight - timedelta(microseconds=1)
    assert _seen(world, session) == ALL
    world.clock.now = midnight
    assert _seen(world, session) == OWN


def test_a_service_has_ended_after_midnight(world: World) -> None:
    fill(world)
    midnight = datetime(2026, 3, 11, tzinfo=STOCKHOLM)
    world.know(facts(relations=(served_by("SE5599999999-0001", Period(None, midnight)),)))
    world.clock.now = midnight - timedelta(minutes=5)
    assert world.get(HOME_HELPER, "/fhir/Condition/help-1").status == 200
    world.clock.now = midnight
    assert world.get(HOME_HELPER, "/fhir/Condition/help-1").status == 404


def test_a_block_that_is_set_later_today_stands_from_then(world: World) -> None:
    fill(world)
    later = NOON + timedelta(minutes=10)
    world.know(facts(blocks=(Sparr("b", BlockKind.OUTER, CLINIC, set_at=later),)))
    session = world.session(WARD_DOCTOR, *LOOK)
    assert "clinic-1" in _seen(world, session)
    world.clock.now = later
    assert "clinic-1" not in _seen(world, session)
