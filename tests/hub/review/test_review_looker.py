"""The worklist fills by itself: one process at a time, another when that one is gone."""

import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.review import looker as of_looker
from hub.review import looking
from hub.review.looker import COMMITS, Looker
from hub.review.looking import LEASE, waiting
from hub.review.sample import AHEAD
from hub.store.schema.review import REVIEW_ITEM, REVIEW_PROGRESS, REVIEW_SAMPLE
from tests.hub.web.visiting import access, fill_log
from tests.next_request.served import processes
from tests.worlds.hub_world import OLOF, World, opened_world

KEY = "5a" * 32
RECORDS = 300
SECONDS = 60
TICK = timedelta(microseconds=1)


@pytest.fixture
def logged(store_url: str, tmp_path: Path) -> Iterator[World]:
    with opened_world(store_url, tmp_path, key=KEY) as world:
        fill_log(world)
        unexplained = {"flags": ("no-relation",), "person": world.person(OLOF)}
        world.hub.log.append_all(
            [access(world, n, **unexplained) for n in range(1000, 1000 + RECORDS)]
        )
        world.hub.sequencer.sequence_now()
        yield world


def _left(world: World) -> int:
    with world.store.read() as connection:
        return waiting(connection)


def _items(world: World) -> set[str]:
    with world.store.read() as connection:
        return set(connection.execute(select(REVIEW_ITEM.c.record)).scalars())


def test_one_process_has_the_log_in_hand_until_it_is_silent(logged: World) -> None:
    first, second = Looker(logged.hub, at_a_time=50), Looker(logged.hub, at_a_time=50)
    before = _left(logged)
    assert first.work_once()
    assert not second.work_once()
    assert _left(logged) <= before - 50 + AHEAD + 1  # it logged what it committed to
    here = _left(logged)
    assert first.work_once()
    assert _left(logged) < here
    logged.clock.forward(LEASE.lasts + TICK)
    here = _left(logged)
    assert second.work_once()
    assert not first.work_once()
    assert _left(logged) < here


def test_one_that_is_stopped_leaves_the_log_at_once(logged: World) -> None:
    first, second = Looker(logged.hub), Looker(logged.hub)
    assert first.work_once()
    first.stop()
    assert second.work_once()


def test_whoever_starts_goes_on_where_another_stopped(logged: World) -> None:
    while Looker(logged.hub, at_a_time=70).work_once():
        logged.clock.forward(LEASE.lasts + TICK)
    assert {f"record-{n}" for n in range(1000, 1000 + RECORDS)} <= _items(logged)


def test_samples_are_committed_to_also_when_nobody_visits(logged: World) -> None:
    looker = Looker(logged.hub)

    def periods() -> set[str]:
        with logged.store.read() as connection:
            return set(connection.execute(select(REVIEW_SAMPLE.c.period)).scalars())

    looker.work_once()
    assert len(periods()) == AHEAD + 1
    logged.clock.forward(timedelta(days=31))
    logged.hub.sequencer.sequence_now()
    looker.work_once()
    assert "2026-07" in periods()
    assert timedelta(days=31) > COMMITS


def test_an_access_that_cannot_be_tried_is_looked_at_and_stops_no_other(
    logged: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried = looking.reasons

    def broken(evidence: looking.Gatherer) -> object:
        if evidence.record.id == "record-1003":  # type: ignore[attr-defined]
            raise KeyError("194203172384")
        return tried(evidence)  # type: ignore[arg-type]

    monkeypatch.setattr(looking, "reasons", broken)
    with caplog.at_level(logging.ERROR):
        while Looker(logged.hub).work_once():
            logged.clock.forward(LEASE.lasts + TICK)
    assert "KeyError" in caplog.text
    assert "194203172384" not in caplog.text
    with logged.store.read() as connection:
        rows = connection.execute(select(REVIEW_ITEM.c.record, REVIEW_ITEM.c.reasons)).all()
    found = {row.record: row.reasons for row in rows}
    assert found["record-1003"] == "not-tried"
    assert len(found) >= RECORDS


def test_a_store_that_is_away_for_a_while_ends_nothing(
    logged: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looker, stepped, tries = Looker(logged.hub, looks=0.01), of_looker.look, []

    def away(*given: object, **named: object) -> object:
        tries.append(given)
        if len(tries) == 1:
            raise OSError("secret text")
        if len(tries) == 3:
            looker.stop()
        return stepped(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(of_looker, "look", away)
    looker.run()
    assert len(tries) == 3
    assert "OSError" in caplog.text
    assert "secret" not in caplog.text


def test_processes_that_serve_fill_the_worklist_without_a_visit(
    logged: World, store_url: str, tmp_path: Path
) -> None:
    with processes(2, store_url, tmp_path):
        until = time.monotonic() + SECONDS
        while _left(logged) and time.monotonic() < until:
            time.sleep(0.1)
        assert _left(logged) == 0
        with logged.store.read() as connection:
            periods = connection.execute(select(REVIEW_SAMPLE.c.period)).scalars().all()
    assert {f"record-{n}" for n in range(1000, 1000 + RECORDS)} <= _items(logged)
    assert len(periods) == AHEAD + 1
    with logged.store.read() as connection:
        assert connection.execute(select(REVIEW_PROGRESS.c.taken_by)).scalar_one() is None
