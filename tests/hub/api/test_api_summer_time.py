"""The clock is changed: days of 23 and 25 hours, an hour that is missing and one that comes twice.

On 2026-03-29 02.00 becomes 03.00 (01:00 UTC); on 2026-10-25 03.00 becomes 02.00 (01:00 UTC). A last
day counts in full, in Swedish time; an instant is an instant.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from consent.facts import BlockKind, Sparr
from consent.period import Period, period
from hub.auth.built_in import TokenRequest
from hub.config.organisations_file import read_organisations
from hub.lifting.clock import LiftClock
from hub.local_clock import days_later
from hub.scenario.facts_file import read_facts
from hub.store.directory import load_organisations
from hub.web.swedish import when
from mappings.personal_identity import PERSONNUMMER
from tests.hub.api.consenting import SIGNE_ACTING, block
from tests.hub.lifting.asking import asked, post, told
from tests.hub.web.visiting import Visitor, text_of
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    CLINIC,
    OFFICER,
    ORGANISATIONS,
    REGION,
    REGION_SYSTEM,
    SIGNE,
    TALKS,
    THERAPIST,
    UNCONSCIOUS,
    WARD,
    WARD_DOCTOR,
    Json,
    World,
    condition,
    documented,
    stated,
)
from tests.worlds.usual import OUTER, RELATIONS, facts, fill

LOOK = stated(relevance=True, activeChoice="content")
SECOND = timedelta(seconds=1)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
OVER = {
    SPRING: datetime(2026, 3, 29, 22, tzinfo=UTC),
    AUTUMN: datetime(2026, 10, 25, 23, tzinfo=UTC),
}
"""When the days are over: midnight is summer time in March, and winter time in October."""
OWN, CLINICS = "/fhir/Condition/ward-1", "/fhir/Condition/clinic-1"


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LiftClock, "start", lambda _: None)


def at(world: World, moment: datetime) -> None:
    world.clock.now = moment
    world.tokens.clear()


def sees(world: World, path: str = CLINICS) -> bool:
    world.tokens.clear()
    session = world.session(WARD_DOCTOR, *LOOK)
    reply = world.get(WARD_DOCTOR, path, session=session)
    assert reply.status in (200, 404), reply.body
    return reply.status == 200


def _consent(world: World, last: date) -> None:
    world.know(facts(consents=()))
    given = [*stated(organisation=REGION), {"name": "end", "valueDate": last.isoformat()}]
    reply = post(world, f"Patient/{world.person()}/$register-consent", given, SIGNE_ACTING)
    assert reply.status == 200, reply.body


def _relation(world: World, last: date) -> None:
    world.know(facts(relations=tuple(e for e in RELATIONS if e.organisation != REGION)))
    given = stated(state="current", evidence="contact", source="besök")
    given.append({"name": "end", "valueDate": last.isoformat()})
    reply = post(world, f"Patient/{world.person()}/$register-relation", given, REGION_SYSTEM)
    assert reply.status == 200, reply.body


ENDS: dict[str, Callable[[World, date], None]] = {"consent": _consent, "relation": _relation}


@pytest.mark.parametrize("last", [SPRING, AUTUMN], ids=["spring", "autumn"])
@pytest.mark.parametrize("what", ENDS)
def test_the_last_day_counts_in_full(small_world: World, what: str, last: date) -> None:
    at(small_world, OVER[last] - timedelta(days=2))
    fill(small_world)
    ENDS[what](small_world, last)
    for before in (timedelta(hours=24), timedelta(hours=22, minutes=59), SECOND):
        at(small_world, OVER[last] - before)
        assert sees(small_world), before
    at(small_world, OVER[last])
    assert not sees(small_world)


@pytest.mark.parametrize("last", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_an_assignments_last_day_counts_in_full(
    small_world: World, tmp_path: Path, last: date
) -> None:
    file = tmp_path / "organisations.yaml"
    file.write_text(
        f"""
organisations:
  - id: {REGION}
    name: Region
    kind: [vardgivare]
    units: [{{id: {WARD}, name: Avdelning}}]
    staff:
      - id: {WARD_DOCTOR.user}
        assignments:
          - {{id: A, as: vardpersonal, unit: {WARD}, purposes: [vard], to: {last}}}
""",
        encoding="utf-8",
    )
    fill(small_world)
    region = next(each for each in read_organisations(file) if each.id == REGION)
    usual = next(each for each in ORGANISATIONS if each.id == REGION)
    with small_world.store.write() as connection:
        load_organisations(connection, [replace(usual, staff=region.staff)], small_world.clock.now)
    at(small_world, OVER[last] - SECOND)
    assert small_world.get(WARD_DOCTOR, OWN).status == 200
    at(small_world, OVER[last])
    assert small_world.get(WARD_DOCTOR, OWN).status == 403


def test_a_session_lasts_an_hour_also_when_the_hour_comes_twice(small_world: World) -> None:
    fill(small_world)
    opened = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02.30 summer time
    at(small_world, opened)
    session = small_world.session(WARD_DOCTOR, *LOOK)
    small_world.clock.now = opened + timedelta(minutes=59)  # 02.29 winter time
    assert small_world.get(WARD_DOCTOR, CLINICS, session=session).status == 200
    at(small_world, opened + timedelta(hours=1))
    reply = small_world.get(WARD_DOCTOR, CLINICS, session=session)
    assert (reply.status, reply.codes) == (403, ["session-not-live"])


def lift(world: World, until: str, *, who: object = OFFICER) -> Reply:
    given: list[Json] = [
        *stated(block=OUTER.id, organisation=REGION, reason="ringde", emergency=UNCONSCIOUS),
        {"name": "ground", "valueCode": "emergency"},
        {"name": "until", "valueInstant": until},
    ]
    return post(world, f"Patient/{world.person()}/$lift-block-temporarily", given, who)


def _blocked(world: World, moment: datetime) -> None:
    at(world, moment)
    fill(world)
    world.know(facts(blocks=(OUTER,)))


@pytest.mark.parametrize(
    ("until", "ends", "said"),
    [
        ("2026-10-25T02:30:00+02:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "sommartid"),
        ("2026-10-25T02:30:00+01:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "vintertid"),
    ],
)
def test_a_lift_ends_at_its_own_half_past_two(
    small_world: World, until: str, ends: datetime, said: str
) -> None:
    _blocked(small_world, datetime(2026, 10, 24, 20, tzinfo=UTC))
    assert lift(small_world, until).status == 200
    assert f"2026-10-25 kl. 02.30 {said}." in told(small_world)[0]
    at(small_world, ends - SECOND)
    assert sees(small_world)
    at(small_world, ends)
    assert not sees(small_world)


def test_outside_the_doubled_hour_no_time_is_explained() -> None:
    assert when(datetime(2026, 10, 24, 23, 59, 59, tzinfo=UTC)) == "2026-10-25 01:59:59"
    assert when(datetime(2026, 10, 25, 0, tzinfo=UTC)) == "2026-10-25 02:00:00 sommartid"
    assert when(datetime(2026, 10, 25, 1, 59, 59, tzinfo=UTC)) == "2026-10-25 02:59:59 vintertid"
    assert when(datetime(2026, 10, 25, 2, tzinfo=UTC)) == "2026-10-25 03:00:00"
    assert when(datetime(2026, 3, 29, 1, tzinfo=UTC)) == "2026-03-29 03:00:00"


SEVEN = [
    # now, the latest that is taken: the same time of day, and 168 hours where those are later
    ("2026-10-20T10:00:00+02:00", "2026-10-27T10:00:00+01:00"),
    ("2026-10-26T10:00:00+01:00", "2026-11-02T10:00:00+01:00"),
    ("2026-03-25T10:00:00+01:00", "2026-04-01T11:00:00+02:00"),
    ("2026-03-22T02:30:00+01:00", "2026-03-29T03:30:00+02:00"),
    ("2026-10-18T02:30:00+02:00", "2026-10-25T02:30:00+01:00"),
]


@pytest.mark.parametrize(("now", "latest"), SEVEN)
def test_a_lift_lasts_at_most_seven_days_whatever_their_hours(
    small_world: World, now: str, latest: str
) -> None:
    moment, last = datetime.fromisoformat(now), datetime.fromisoformat(latest)
    _blocked(small_world, moment.astimezone(UTC))
    assert days_later(moment, timedelta(days=7)) == last
    over = (last + SECOND).astimezone(UTC).isoformat()
    assert lift(small_world, over).status == 422
    number = asked(small_world)
    path = f"Task/{number}/$answer-lift-request"
    for until, status in ((over, 422), (latest, 200)):
        said: list[Json] = [
            {"name": "decision", "valueCode": "grant"},
            {"name": "until", "valueInstant": until},
            *stated(reason="prövat"),
        ]
        assert post(small_world, path, said, OFFICER).status == status, until
    assert lift(small_world, latest).status == 200


@pytest.mark.parametrize("last", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_a_block_covers_its_last_day_of_information_in_full(small_world: World, last: date) -> None:
    at(small_world, OVER[last] - timedelta(days=1))
    fill(small_world)
    person, over = small_world.person(), OVER[last]
    small_world.hold(
        [
            (condition(person, name), documented(CLINIC, TALKS, date=Period(start, start + SECOND)))
            for name, start in (("late", over - SECOND), ("after", over))
        ]
    )
    day = {"name": "informationTo", "valueDate": last.isoformat()}
    given = [*stated(owner=CLINIC), day]
    reply = post(small_world, f"Patient/{person}/$register-block", given, SIGNE_ACTING)
    assert reply.status == 200, reply.body
    assert not sees(small_world, "/fhir/Condition/late")
    assert sees(small_world, "/fhir/Condition/after")


def test_what_a_file_says_of_the_doubled_hour_opens_no_more_than_it_must(tmp_path: Path) -> None:
    """P5: it may be either of the two; what opens is the shorter, what closes the longer."""
    file = tmp_path / "facts.yaml"
    file.write_text(
        f"""
person:
  identifier: {{system: "{PERSONNUMMER}", value: "{SIGNE}"}}
consents:
  - {{giver: self, organisation: {REGION}, answer: true, from: 2026-10-25T02:30:00, to: 2027-01-01}}
  - {{giver: self, organisation: {REGION}, answer: true, to: 2026-10-25T02:30:00}}
relations:
  - {{organisation: {REGION}, kind: patient, from: 2026-10-25T02:30:00}}
blocks:
  - id: b
    kind: outer
    owner: {CLINIC}
    info_from: 2026-10-25T02:30:00
    info_to: 2026-10-25T02:40:00
lifts:
  - {{block: b, ground: consent, from: 2026-10-25T02:30:00, to: 2026-10-25T03:30:00}}
""",
        encoding="utf-8",
    )
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    known = read_facts(file, date(2026, 3, 10)).facts
    assert known.consents[0].period.start == second
    assert known.consents[1].period.end == first
    assert known.relations[0].period.start == second
    assert known.lifts[0].period.start == second
    ten = timedelta(minutes=10)
    assert known.blocks[0].information == Period(first, second + ten)


def test_the_missing_hour_is_read_as_one_instant() -> None:
    missing = datetime(2026, 3, 29, 2, 30)  # noqa: DTZ001  # as it is written in a file
    assert period(missing, missing).start == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_the_page_says_the_swedish_day_that_a_block_was_set(small_world: World) -> None:
    at(small_world, datetime(2026, 3, 29, 10, tzinfo=UTC))
    fill(small_world)
    after_midnight = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
    blocks = tuple(
        Sparr(f"b{each}", BlockKind.OUTER, CLINIC, set_at=after_midnight) for each in range(2)
    )
    small_world.know(facts(blocks=blocks))
    number = asked(small_world)
    officer = Visitor(small_world)
    officer.log_in(OFFICER)
    text = text_of(officer.get(f"/granskning/havningar/{number}"))
    assert text.count("satt 2026-03-29") == 2


@pytest.mark.parametrize(
    ("operation", "who", "given"),
    [
        ("register-block", SIGNE_ACTING, {"informationFrom": "0001-01-01"}),
        ("register-block", SIGNE_ACTING, {"informationTo": "9999-12-31"}),
        ("register-relation", REGION_SYSTEM, {"end": "9999-12-31"}),
        ("register-consent", SIGNE_ACTING, {"end": "9999-12-31"}),
        ("register-assessment", THERAPIST, {"since": "0001-01-01"}),
    ],
)
def test_a_day_that_no_calendar_holds_in_every_zone_is_refused_where_it_stands(
    small_world: World, operation: str, who: TokenRequest, given: dict[str, str]
) -> None:
    fill(small_world)
    usual: dict[str, list[Json]] = {
        "register-block": stated(owner=CLINIC),
        "register-relation": stated(state="current", evidence="contact", source="besök"),
        "register-consent": stated(organisation=REGION),
        "register-assessment": [
            {"name": "kind", "valueCode": "capacity"},
            {"name": "ability", "valueCode": "lasting_lack"},
            *stated(reason="bedömt"),
        ],
    }
    days = [{"name": name, "valueDate": value} for name, value in given.items()]
    path = f"Patient/{small_world.person()}/${operation}"
    reply = post(small_world, path, [*usual[operation], *days], who)
    assert reply.status == 422, reply.body
    assert "leave it out for no bound" in reply.body.decode()


@pytest.mark.parametrize(
    "period",
    [
        {"end": "9999-12-31T23:59:59Z"},
        {"start": "0001-01-01T00:00:00+14:00"},
        {"end": "9999-12-31"},
    ],
)
def test_a_consent_of_such_a_time_is_refused_too(
    small_world: World, period: dict[str, str]
) -> None:
    fill(small_world)
    resource = block(small_world, dataPeriod=period)
    reply = small_world.post(SIGNE_ACTING, "/fhir/Consent", resource)
    assert reply.status == 422, reply.body
    assert "leave it out for no bound" in reply.body.decode()
