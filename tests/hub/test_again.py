"""A past access decided again: facts as known then or now, the law then, now or in draft (P8)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from consent.decision import Outcome
from consent.facts import BlockKind, Capacity, Sparr
from consent.law import in_force, named
from hub.again import decide_again
from hub.audit.record import AccessRecord, record_from
from hub.store.schema.audit import audit_record
from hub.store.schema.resource import RESOURCE, RESOURCE_VERSION
from tests.hub.cli.cli_runner import Shell
from tests.worlds.hub_world import (
    EMERGENCY_DOCTOR,
    OTHER_REGION,
    REGION,
    WARD_DOCTOR,
    World,
    opened_world,
    stated,
)
from tests.worlds.usual import CONSENT, facts, fill

LATER = datetime(2027, 3, 10, 11, tzinfo=UTC)
BLOCK = Sparr("late", BlockKind.OUTER, REGION)


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    with opened_world(store_url, tmp_path) as opened:
        fill(opened)
        yield opened


def _read_elsewhere(world: World) -> AccessRecord:
    """A doctor of another region reads the region's documents by consent; the log's record."""
    world.know(facts(consents=(replace(CONSENT, organisation=OTHER_REGION),)))
    session = world.session(EMERGENCY_DOCTOR, *stated(relevance=True, reason="x"))
    reply = world.get(
        EMERGENCY_DOCTOR, "/fhir/Condition", {"patient": world.person()}, session=session
    )
    assert reply.json["total"]
    with world.store.read() as connection:
        rows = connection.execute(select(audit_record.c.payload)).scalars()
        found = [record_from(bytes(each)) for each in rows]
    return max((each for each in found if each.shown), key=lambda each: each.recorded)


def _block_later(world: World) -> None:
    world.clock.now = LATER
    world.know(facts(consents=(replace(CONSENT, organisation=OTHER_REGION),), blocks=(BLOCK,)))


def test_what_was_shown_is_permitted_again_by_what_was_known_then(world: World) -> None:
    record = _read_elsewhere(world)
    _block_later(world)
    with world.store.read() as connection:
        then = list(decide_again(connection, record, known_at=record.recorded))
        now = list(decide_again(connection, record))
    assert len(then) == len(now) == sum(len(each.references) for each in record.shown)
    assert {each.decision and each.decision.outcome for each in then} == {Outcome.PERMIT}
    denied = [each for each in now if each.decision and each.decision.outcome is not Outcome.PERMIT]
    assert REGION in {each.owner for each in record.shown}
    assert 0 < len(denied) < len(now)
    assert all(each.decision and "SVOD 2:3" in each.decision.basis for each in denied)


def test_the_law_of_another_day_decides_otherwise(world: World) -> None:
    record = _read_elsewhere(world)
    with world.store.read() as connection:
        (before, *_) = decide_again(connection, record, law=in_force(date(2022, 12, 31)))
        (draft, *_) = decide_again(connection, record, law=named("ehds", record.recorded.date()))
    assert before.decision is not None
    assert before.decision.outcome is Outcome.DENY
    assert draft.decision is not None
    assert draft.decision.law == "draft"


def test_what_is_no_longer_held_is_said_to_be_so(world: World) -> None:
    record = _read_elsewhere(world)
    with world.store.write() as connection:
        connection.execute(delete(RESOURCE_VERSION))
        connection.execute(delete(RESOURCE))
        again = list(decide_again(connection, record))
    assert again
    assert all(each.decision is None for each in again)


def test_a_record_about_nobody_decides_nothing(world: World) -> None:
    record = replace(_read_elsewhere(world), person=None)
    with world.store.read() as connection:
        assert list(decide_again(connection, record)) == []


def test_an_assignment_that_was_not_there_denies(world: World) -> None:
    record = replace(_read_elsewhere(world), assignment="another")
    assert record.capacity == Capacity.VARDPERSONAL
    with world.store.read() as connection:
        again = list(decide_again(connection, record))
    assert {each.decision and each.decision.basis[0] for each in again} == {"PDL 4:2"}


def test_the_command_says_what_would_not_be_shown(sqlite_store_url: str, tmp_path: Path) -> None:
    with opened_world(sqlite_store_url, tmp_path) as world:
        fill(world)
        record = _read_elsewhere(world)
        _block_later(world)
    shell = Shell(tmp_path, {})
    then = shell.run("law", "again", record.id, "--json", "--store", sqlite_store_url)
    assert (then.status, {each["outcome"] for each in then.lines}) == (0, {"permit"})
    now = shell.run("law", "again", record.id, "--facts", "now", "--store", sqlite_store_url)
    assert now.status == 1
    assert "deny" in now.out or "metadata" in now.out
    draft = shell.run(
        "law", "again", record.id, "--law", "ehds", "--json", "--store", sqlite_store_url
    )
    assert {each["law"] for each in draft.lines} == {"draft"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["none"], "no such record"),
        (["none", "--facts", "soon"], "--facts is then or now"),
    ],
)
def test_the_command_says_what_is_wrong(
    words: list[str], told: str, sqlite_store_url: str, tmp_path: Path
) -> None:
    ran = Shell(tmp_path, {}).run("law", "again", *words, "--store", sqlite_store_url)
    assert ran.status == 2
    assert told in ran.err


def test_a_doctor_reads_what_was_never_the_same(world: World) -> None:
    """A reading without a session states nothing, and is decided so."""
    world.know(facts())
    world.get(WARD_DOCTOR, "/fhir/Condition", {"patient": world.person()})
    with world.store.read() as connection:
        rows = connection.execute(select(audit_record.c.payload)).scalars()
        record = max(
            (each for each in map(record_from, map(bytes, rows)) if each.shown),
            key=lambda each: each.recorded,
        )
        again = list(decide_again(connection, record, known_at=record.recorded))
    assert record.session is None
    assert {each.decision and each.decision.outcome for each in again} == {Outcome.PERMIT}
