"""A vårdgivare is alerted outside the hub: durable, tried again, logged, and without a person."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from hub.audit.record import Action, Outcome
from hub.config.organisation import LiftDuty
from hub.lifting import hook
from hub.lifting.alerter import Alerter, Served
from hub.lifting.clock import LiftClock
from hub.store.directory import directory, load_organisations
from hub.store.lift_alerts import LEASE, PAUSES, AlertState, alerts, revive, take_alert
from tests.hub.lifting.alarm import Alarm, alarm_up
from tests.hub.lifting.asking import asked, blocked, granted, later, logged, on_duty, post
from tests.hub.web.visiting import Visitor
from tests.worlds.hub_world import (
    CLINIC,
    OFFICER,
    OTHER_REGION,
    REGION,
    SIGNE,
    UNCONSCIOUS,
    WARD_DOCTOR,
    World,
    stated,
)

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BASE = "https://hub.example.se"


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub's own threads do not run: each test says when time is looked at."""
    monkeypatch.setattr(LiftClock, "start", lambda _: None)
    monkeypatch.setattr(Alerter, "start", lambda _: None)


@pytest.fixture
def alarm() -> Iterator[Alarm]:
    with alarm_up() as found:
        yield found


def _alarmed(world: World, url: str | None, owner: str = CLINIC) -> None:
    """Give an owner an address, as the organisations file would."""
    with world.store.write() as connection:
        known = directory(connection)
        staff = tuple(each for (whose, _), each in known.staff.items() if whose == owner)
        entry = replace(known.entries[owner], staff=staff, lift_alert=url)
        load_organisations(connection, [entry], world.clock.now)


def _alerter(world: World, *, dev: bool = True) -> Alerter:
    return Alerter(world.store, world.hub.log, world.clock, Served(BASE, dev))


def _sent(world: World, by: timedelta = timedelta(0), alerter: Alerter | None = None) -> int:
    """Let time pass, and send all that is due; return how much that was."""
    world.clock.forward(by)
    one, done = alerter or _alerter(world), 0
    while one.work_once():
        done += 1
    return done


def _unsent(world: World) -> list[tuple[str, int, AlertState]]:
    with world.store.read() as connection:
        return [(each.kind.value, each.attempts, each.state) for each in alerts(connection)]


def test_each_step_of_a_request_alerts_its_owner(world: World, alarm: Alarm) -> None:
    blocked(world)
    on_duty(world, (LiftDuty((OFFICER.user,), 5),))
    _alarmed(world, alarm.url)
    number = asked(world)
    assert _sent(world) == 1
    assert later(world, 5 * MINUTE) == 1
    assert _sent(world) == 1
    assert later(world, 24 * HOUR) == 1
    assert _sent(world) == 2
    kinds = [(each["kind"], each["level"]) for each in alarm.told]
    assert kinds[:2] == [("asked", 0), ("escalated", 1)]
    assert sorted(kinds[2:]) == [("lapsed", 1), ("told", 0)]
    assert {each["url"] for each in alarm.told} == {f"{BASE}/granskning/havningar"}
    assert len({each["id"] for each in alarm.told}) == 4
    assert _unsent(world) == []
    written = logged(world, "lift/alerted")
    assert {(each.action, each.organisation, each.person) for each in written} == {
        (Action.ADMINISTER, CLINIC, None)
    }
    assert f"lift/alerted asked Task/{number} try 1" in {each.query for each in written}


def test_nothing_of_whom_it_is_about_leaves(world: World, alarm: Alarm) -> None:
    blocked(world)
    _alarmed(world, alarm.url)
    number = asked(world)
    granted(world, number)
    _sent(world)
    hidden = {SIGNE, SIGNE[2:], world.person(), number, "larm", WARD_DOCTOR.user, REGION, CLINIC}
    said = " ".join(alarm.raw).replace(alarm.url.partition("/samvy")[2], "")
    assert [each for each in hidden if each in said.replace("/samvy/s3cr3t", "")] == []
    assert set(alarm.told[0]) == {"id", "kind", "level", "text", "url"}


def test_what_does_not_arrive_is_tried_again_and_at_last_given_up(
    world: World, alarm: Alarm, caplog: pytest.LogCaptureFixture
) -> None:
    blocked(world)
    _alarmed(world, alarm.url)
    until = world.clock.now + 3 * HOUR
    given = [
        *stated(block="outer", organisation=REGION, reason="ringde", emergency=UNCONSCIOUS),
        {"name": "ground", "valueCode": "emergency"},
        {"name": "until", "valueInstant": until.isoformat()},
    ]
    path = f"Patient/{world.person()}/$lift-block-temporarily"
    assert post(world, path, given, OFFICER).status == 200
    alarm.status = 503
    assert _sent(world) == 1
    for number, pause in enumerate(PAUSES, 1):
        assert _unsent(world) == [("told", number, AlertState.WAITING)]
        assert _sent(world, pause - timedelta(seconds=1)) == 0
        assert _sent(world, timedelta(seconds=1)) == 1
    assert _unsent(world) == [("told", len(PAUSES) + 1, AlertState.GIVEN_UP)]
    assert _sent(world, 24 * HOUR) == 0
    failed = logged(world, "lift/alert-failed")
    assert {each.outcome for each in failed} == {Outcome.ERROR}
    assert len(failed) == len(PAUSES) + 1 == len(logged(world, "lift/alerted"))
    assert sum("given up" in str(each.query) for each in failed) == 1
    everything = " ".join([*(str(each.query) for each in failed), caplog.text])
    assert "the answer was 503" in everything
    assert "s3cr3t" not in everything
    with world.store.write() as connection:
        assert revive(connection, world.clock.now) == 1
    alarm.status = 200
    assert _sent(world) == 1
    assert _unsent(world) == []


def test_what_has_been_answered_meanwhile_is_not_alerted_to(
    small_world: World, alarm: Alarm
) -> None:
    blocked(small_world)
    _alarmed(small_world, alarm.url)
    alarm.status = 500
    number = asked(small_world)
    _sent(small_world)
    granted(small_world, number)
    alarm.status = 200
    _sent(small_world, MINUTE)
    assert [each["kind"] for each in alarm.told] == ["asked", "told"]
    assert _unsent(small_world) == []


def test_without_an_address_nothing_is_kept_and_one_taken_away_is_not_called(
    small_world: World, alarm: Alarm
) -> None:
    blocked(small_world)
    _alarmed(small_world, alarm.url, OTHER_REGION)  # somebody else's
    asked(small_world)
    assert _unsent(small_world) == []
    _alarmed(small_world, alarm.url)
    later(small_world, 15 * MINUTE)
    assert [kind for kind, _, _ in _unsent(small_world)] == ["escalated"]
    _alarmed(small_world, None)
    _sent(small_world)
    assert (alarm.told, _unsent(small_world)) == ([], [])


def test_another_process_takes_over_what_one_died_with(world: World, alarm: Alarm) -> None:
    blocked(world)
    _alarmed(world, alarm.url)
    asked(world)
    assert take_alert(world.store, "one that dies", world.clock.now) is not None
    assert _sent(world, LEASE.lasts) == 0, "it may be at work still"
    assert _sent(world, timedelta(seconds=1)) == 1
    assert len(alarm.told) == 1


def test_an_alarm_is_called_over_https_without_dev_and_never_where_it_points(
    small_world: World, alarm: Alarm
) -> None:
    blocked(small_world)
    _alarmed(small_world, alarm.url)
    asked(small_world)
    _sent(small_world, alerter=_alerter(small_world, dev=False))
    assert alarm.told == []
    alarm.status, alarm.location = 307, alarm.url
    _sent(small_world, MINUTE)
    assert len(alarm.told) == 1
    assert [attempts for _, attempts, _ in _unsent(small_world)] == [2]


def test_the_officers_page_says_that_alerts_do_not_arrive(small_world: World, alarm: Alarm) -> None:
    blocked(small_world)
    _alarmed(small_world, alarm.url)
    asked(small_world)
    officer = Visitor(small_world)
    officer.log_in(OFFICER)
    page = officer.get("/granskning/havningar").body.decode()
    assert "Väntar på svar" in page
    assert "har inte nått fram" not in page
    alarm.status = 404
    _sent(small_world)
    page = officer.get("/granskning/havningar").body.decode()
    assert "1 larm har inte nått fram" in page
    assert "s3cr3t" not in page


def test_an_alarm_that_is_slow_keeps_nobody_waiting(
    small_world: World, alarm: Alarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hook, "SECONDS", 0.5)
    blocked(small_world)
    _alarmed(small_world, alarm.url)
    asked(small_world)
    alarm.drips = True
    begun = time.monotonic()
    _sent(small_world)
    assert time.monotonic() - begun < 20
    assert [attempts for _, attempts, _ in _unsent(small_world)] == [1]
