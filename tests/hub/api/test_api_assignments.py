"""Assignments, units and contractors as they change: felt in the next request, and remembered (P4).

Every change is loaded by another engine, as another process has it; four served processes under
load end and give back an assignment in tests/next_request.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from consent.facts import Capacity, Purpose
from consent.period import Period
from hub.auth.built_in import TokenRequest
from hub.config.organisation import Assignment, OrganisationEntry, StaffMember, Unit
from hub.store.connect import Store
from hub.store.directory import directory, load_organisations
from tests.hub.api.test_api_refused import logged
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    CASE_WORKER,
    EMERGENCY,
    EMERGENCY_DOCTOR,
    FIRM,
    FROM,
    HOME_HELPER,
    NOON,
    ORGANISATIONS,
    OTHER_REGION,
    REGION,
    SURGERY,
    WARD,
    WARD_DOCTOR,
    World,
    stated,
)
from tests.worlds.usual import fill

HOUR = timedelta(hours=1)
OWN = "/fhir/Condition/ward-1"
USER = WARD_DOCTOR.user
LOOK = stated(relevance=True, activeChoice="content")


def _assignment(name: str, start: object, end: object, unit: str = WARD) -> Assignment:
    return Assignment(
        name,
        Capacity.VARDPERSONAL,
        unit,
        purposes=frozenset({Purpose.VARD}),
        period=Period(start, end),  # type: ignore[arg-type]  # each an instant or none
    )


def _held(*assignments: Assignment) -> list[OrganisationEntry]:
    """The region with these as its ward doctor's assignments."""
    region = next(each for each in ORGANISATIONS if each.id == REGION)
    others = tuple(each for each in region.staff if each.id != USER)
    return [replace(region, staff=(*others, StaffMember(USER, None, assignments)))]


def _load(world: World, entries: Sequence[OrganisationEntry]) -> None:
    other = Store(str(world.store.engine.url.render_as_string(hide_password=False)), pool_size=1)
    with other.write() as connection:
        load_organisations(connection, entries, world.clock.now)
    other.close()


def _read(world: World, who: TokenRequest = WARD_DOCTOR) -> int:
    reply = world.get(who, OWN)
    if reply.status == 403:
        assert reply.codes == ["no-assignment-in-force"]
        assert logged(world)[-1]["refusal"] == "no-assignment-in-force"
    return reply.status


def test_an_assignment_that_ended_has_not_begun_or_is_gone(world: World) -> None:
    fill(world)
    long = replace(WARD_DOCTOR, minutes=600)
    for assignments, status in (
        ([_assignment("a", FROM, None)], 200),
        ([_assignment("a", FROM, NOON)], 403),
        ([_assignment("a", FROM, NOON + HOUR)], 200),
        ([_assignment("a", NOON + HOUR, None)], 403),
        ([], 403),
        ([_assignment("a", NOON, None)], 200),
        ([_assignment("a", FROM, None, SURGERY)], 403),
    ):
        _load(world, _held(*assignments))
        assert _read(world, long) == status, assignments


def test_the_clock_ends_and_begins_it_without_anything_being_written(world: World) -> None:
    fill(world)
    long = replace(WARD_DOCTOR, minutes=600)
    _load(
        world,
        _held(
            _assignment("first", FROM, NOON + HOUR),
            _assignment("second", NOON + 2 * HOUR, NOON + 3 * HOUR),
        ),
    )
    session = world.session(long, *LOOK)
    for after, status in ((0, 200), (1, 403), (2, 200), (3, 403)):
        world.clock.now = NOON + after * HOUR
        assert _read(world, long) == status, after
        if after < 2:  # while the session itself lives
            assert world.get(long, OWN, session=session).status == status
    world.clock.now = NOON + HOUR - timedelta(microseconds=1)
    assert _read(world, long) == 200


def test_of_several_that_overlap_one_in_force_is_enough_but_a_named_one_has_to_be_it(
    world: World,
) -> None:
    fill(world)
    _load(
        world,
        _held(
            _assignment("ended", FROM, NOON),
            _assignment("runs", FROM, NOON + HOUR),
            _assignment("overlaps", NOON - HOUR, None),
            _assignment("elsewhere", FROM, None, SURGERY),
        ),
    )
    assert _read(world) == 200
    assert logged(world)[-1]["assignment"] in ("runs", "overlaps")
    for name, status in (("ended", 403), ("runs", 200), ("overlaps", 200), ("elsewhere", 403)):
        assert _read(world, replace(WARD_DOCTOR, commission=name)) == status, name
    # without a unit the one that is named says where it is
    nowhere = replace(WARD_DOCTOR, unit=None, commission="elsewhere")
    world.get(nowhere, OWN)
    assert logged(world)[-1]["unit"] == SURGERY


def test_an_assignment_that_is_opened_again_counts_again_and_its_past_is_kept(
    world: World,
) -> None:
    fill(world)
    _load(world, _held(_assignment("a", FROM, None)))
    token = replace(WARD_DOCTOR, minutes=600)
    assert _read(world, token) == 200
    world.clock.forward(HOUR)
    _load(world, _held(_assignment("a", FROM, NOON + HOUR)))
    assert _read(world, token) == 403
    world.clock.forward(HOUR)
    _load(world, _held(_assignment("a", NOON + 2 * HOUR, None)))
    assert _read(world, token) == 200
    with world.store.read() as connection:
        known = [
            directory(connection, NOON + after).assignments(REGION, USER)[0].period
            for after in (HOUR / 2, 1.5 * HOUR, 2.5 * HOUR)
        ]
    assert known == [
        Period(FROM, None),
        Period(FROM, NOON + HOUR),
        Period(NOON + 2 * HOUR, None),
    ]


def test_a_unit_that_moves_takes_its_staff_along_and_not_what_was_documented(
    world: World,
) -> None:
    """Whose a document is does not change with who runs the unit that wrote it."""
    fill(world)
    moved_doctor = TokenRequest(USER, OTHER_REGION, Capacity.VARDPERSONAL, WARD)
    before = _conditions(world, EMERGENCY_DOCTOR).ids
    assert "ward-1" in _conditions(world, WARD_DOCTOR).ids
    assert "ward-1" not in before
    region, other = (
        next(each for each in ORGANISATIONS if each.id == name) for name in (REGION, OTHER_REGION)
    )
    staff = tuple(each for each in region.staff if each.id == USER)
    _load(
        world,
        [
            replace(
                region,
                units=tuple(each for each in region.units if each.id != WARD),
                staff=tuple(each for each in region.staff if each.id != USER),
            ),
            replace(other, units=(*other.units, Unit(WARD, "Ward")), staff=(*other.staff, *staff)),
        ],
    )
    assert _read(world) == 403
    assert _conditions(world, moved_doctor).ids == before
    assert logged(world)[-1]["organisation"] == OTHER_REGION
    assert EMERGENCY in {each.id for each in other.units}


def test_a_contractor_that_has_left_gives_nothing_and_gets_nothing(world: World) -> None:
    fill(world)
    sessions = {
        who.user: world.session(who, *LOOK) for who in (WARD_DOCTOR, CASE_WORKER, HOME_HELPER)
    }

    def seen(who: TokenRequest) -> list[str]:
        return _conditions(world, who, sessions[who.user]).ids

    assert "help-1" in seen(WARD_DOCTOR)
    own = seen(HOME_HELPER)
    assert "help-1" in own
    firm = next(each for each in ORGANISATIONS if each.id == FIRM)
    _load(world, [replace(firm, connected=False)])
    assert "help-1" not in seen(WARD_DOCTOR)
    # its staff read what the firm itself has documented, and nothing of others'
    assert seen(HOME_HELPER) == ["help-1"]
    _load(world, [replace(firm, staff=())])
    reply = _conditions(world, HOME_HELPER, sessions[HOME_HELPER.user])
    assert (reply.status, reply.codes) == (403, ["no-assignment-in-force"])


def _conditions(world: World, who: TokenRequest, session: str | None = None) -> Reply:
    parameters = {"patient": world.person(), "_sort": "_id"}
    return world.get(who, "/fhir/Condition", parameters, session=session)
