"""$everything narrowed: by the date of the care, by when it changed, by type, and in pages.

Source: FHIR R4 patient-operation-everything.html. What has no date is never left out by one.
"""

from datetime import UTC, datetime, timedelta

import pytest

from consent.period import Period
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import REGION, SURGERY, WARD, WARD_DOCTOR, World, condition, documented
from tests.worlds.usual import HIDDEN, facts


def _at(*days: str) -> Period:
    start, end = (datetime.fromisoformat(f"{each}T00:00:00+01:00").astimezone(UTC) for each in days)
    return Period(start, end)


DATED = {
    "january": _at("2024-01-10", "2024-01-11"),
    "february": _at("2024-02-10", "2024-02-11"),
    "winter": _at("2023-12-01", "2024-03-01"),
    "since-february": Period(_at("2024-02-01", "2024-02-02").start, None),
    "until-january": Period(None, _at("2024-01-31", "2024-02-01").end),
    "undated": Period(),
}


@pytest.fixture
def filled(world: World) -> World:
    person = world.person()
    world.know(facts())
    world.hold(
        (condition(person, name), documented(REGION, WARD, date=date))
        for name, date in DATED.items()
    )
    gone = {"withdrawn": True, "date": DATED["january"]}
    world.hold([(condition(person, "gone", HIDDEN), documented(REGION, SURGERY, **gone))])
    world.clock.forward(timedelta(minutes=5))
    later = {
        "resourceType": "Encounter",
        "id": "visit",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": f"Patient/{person}"},
    }
    world.hold([(later, documented(REGION, WARD, date=DATED["february"]))])
    return world


def _asked(world: World, *given: tuple[str, str]) -> Reply:
    reply = world.get(WARD_DOCTOR, f"/fhir/Patient/{world.person()}/$everything", given)
    assert reply.status == 200, reply.body
    assert HIDDEN not in reply.body.decode()
    return reply


def _ids(world: World, *given: tuple[str, str]) -> set[str]:
    """The ids of what is documented; Consents are another test's (test_api_consent_in_record)."""
    reply = _asked(world, *given)
    assert reply.json["total"] == len(reply.ids)
    return {each for each in reply.ids if "." not in each} - {world.person()}


ALL = {*DATED, "visit"}
NARROWED = [
    ((), ALL),
    ((("start", "2024-02-01"),), ALL - {"january", "until-january"}),
    ((("end", "2024-01-31"),), ALL - {"february", "since-february", "visit"}),
    ((("start", "2024-01-05"), ("end", "2024-01-20")), {"january", "winter", "until-january",
                                                        "undated"}),
    ((("start", "2024-02"), ("end", "2024-02")), ALL - {"january", "until-january"}),
    ((("start", "2025"),), {"since-february", "undated"}),
    ((("end", "2022"),), {"until-january", "undated"}),
    ((("start", "2024-02-10T12:00:00+01:00"), ("end", "2024-02-10T13:00:00+01:00")),
     ALL - {"january", "until-january"}),
    ((("_type", "Encounter"),), {"visit"}),
    ((("_type", "Encounter,Goal"),), {"visit"}),
    ((("_type", "Condition"), ("start", "2024-02-01"), ("end", "2024-02-29")),
     {"february", "winter", "since-february", "undated"}),
    ((("_since", "2026-03-10T11:01:00Z"),), {"visit"}),
    ((("_since", "2026-03-10T11:00:00Z"),), ALL),
    ((("_since", "2026-03-10T11:01:00Z"), ("end", "2024-01-31")), set()),
]  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), NARROWED, ids=range(len(NARROWED)))
def test_what_is_asked_for_is_what_comes(
    filled: World, given: tuple[tuple[str, str], ...], expected: set[str]
) -> None:
    assert _ids(filled, *given) == expected


def test_pages_hold_each_once_and_keep_what_was_asked(filled: World) -> None:
    for given, expected in NARROWED[1:5]:
        reply = _asked(filled, *given, ("_count", "1"))
        ids = reply.ids
        consents = [each for each in ids if "." in each]
        assert reply.json["total"] == len(expected) + 1 + len(consents)
        while following := reply.link("next"):
            reply = filled.get(WARD_DOCTOR, following)
            assert "total" not in reply.json
            ids += reply.ids
        assert sorted(e for e in ids if "." not in e) == sorted({*expected, filled.person()})


@pytest.mark.parametrize(
    ("name", "value"),
    [("start", "yesterday"), ("end", "2024-13"), ("_since", "x"), ("_type", "Nothing"),
     ("_count", "many"), ("_count", "-1"), ("start", ""), ("colour", "red")],
)  # fmt: skip
def test_what_cannot_be_understood_is_refused(filled: World, name: str, value: str) -> None:
    path = f"/fhir/Patient/{filled.person()}/$everything"
    assert filled.get(WARD_DOCTOR, path, [(name, value)]).status == 400
