"""Reading sessions: bound to token and person, short, judged anew; what `$open` takes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from consent.facts import Ability, Assessment, Person
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    CLINIC,
    KOMMUN,
    OLOF,
    REGION,
    SURGEON,
    WARD_DOCTOR,
    Json,
    Opened,
    World,
    stated,
)
from tests.worlds.usual import facts, fill

LOOK = stated(relevance=True, activeChoice="content")


def _search(world: World, session: str | None, number: str | None = None) -> Reply:
    person = world.person() if number is None else world.person(number)
    return world.get(WARD_DOCTOR, "/fhir/Condition", {"patient": person}, session=session)


def test_a_session_gives_what_was_stated_and_nothing_without_it(world: World) -> None:
    fill(world)
    assert _search(world, None).json["total"] == 2
    assert _search(world, world.session(WARD_DOCTOR, *LOOK)).json["total"] == 7


def test_a_session_is_its_tokens_own(world: World) -> None:
    fill(world)
    session = world.session(WARD_DOCTOR, *LOOK)
    parameters = {"patient": world.person()}
    for reader in (SURGEON, replace(WARD_DOCTOR, minutes=59)):
        reply = world.get(reader, "/fhir/Condition", parameters, session=session)
        assert (reply.status, reply.codes) == (403, ["session-not-live"])


def test_a_session_is_about_its_person_only(world: World) -> None:
    """On every path: what was stated about one person opens nothing about another."""
    fill(world)
    world.know(facts(), OLOF)
    session = world.session(WARD_DOCTOR, *LOOK)
    own = "session-of-another-person"
    assert _search(world, session, OLOF).codes == [own]
    other = world.person(OLOF)
    assert world.get(WARD_DOCTOR, f"/fhir/Patient/{other}", session=session).codes == [own]
    form = {"identifier": f"http://electronichealth.se/identifier/personnummer|{OLOF}"}
    found = world.form(WARD_DOCTOR, "/fhir/Patient/_search", form, session)
    assert found.codes == [own]
    assert world.get(WARD_DOCTOR, "/fhir/Condition/other-1").status == 200
    assert world.get(WARD_DOCTOR, "/fhir/Condition/other-1", session=session).status == 404


def test_a_session_ends_after_an_hour(world: World) -> None:
    fill(world)
    long = replace(WARD_DOCTOR, minutes=600)
    session = world.session(long, *LOOK)
    parameters = {"patient": world.person()}
    world.clock.forward(timedelta(minutes=59))
    assert world.get(long, "/fhir/Condition", parameters, session=session).status == 200
    world.clock.forward(timedelta(minutes=1))
    reply = world.get(long, "/fhir/Condition", parameters, session=session)
    assert (reply.status, reply.codes) == (403, ["session-not-live"])


@pytest.mark.parametrize(
    "written", ["qqq", "å" * 20, "' OR 1=1 --", "a" * 4000, "a, b", "\t", "%00", "../../etc"]
)
def test_a_session_that_nobody_opened_is_refused_alike(standing_world: World, written: str) -> None:
    reply = _search(standing_world, written)
    assert (reply.status, reply.codes) == (403, ["session-not-live"])
    assert written.encode() not in reply.body


def test_pages_belong_to_the_token_and_the_session_that_made_them(world: World) -> None:
    fill(world)
    session = world.session(WARD_DOCTOR, *LOOK)
    parameters = {"patient": world.person(), "_count": "1"}
    first = world.get(WARD_DOCTOR, "/fhir/Condition", parameters, session=session)
    following = str(first.link("next"))
    assert world.get(WARD_DOCTOR, following, session=session).status == 200
    assert world.get(WARD_DOCTOR, following).codes == ["page-expired"]
    unbound = str(world.get(WARD_DOCTOR, "/fhir/Condition", parameters).link("next"))
    for reader in (SURGEON, replace(WARD_DOCTOR, minutes=59)):
        assert world.get(reader, unbound).codes == ["page-expired"]
    assert world.get(WARD_DOCTOR, unbound).status == 200
    world.clock.forward(timedelta(minutes=30))
    assert world.get(WARD_DOCTOR, following, session=session).status == 410


UNABLE = facts(
    person=Person(capacity=Ability.LASTING_LACK),
    consents=(),
    assessments=(Assessment(REGION, clarified=True, reason_to_think_opposed=False),),
)
NECESSARY: dict[str, Any] = {"relevance": True, "necessary": True}


def test_organisations_are_chosen_among_those_that_were_named(world: World) -> None:
    """SVOD 3:3: first where, as one logged answer; then content from those that were chosen."""
    fill(world)
    world.know(UNABLE)
    guess = world.open(WARD_DOCTOR, *stated(**NECESSARY, organisation=[CLINIC]))
    assert (guess.status, guess.codes) == (422, ["organisation-not-named"])
    first = Opened.of(world.open(WARD_DOCTOR, *stated(**NECESSARY)))
    assert first.shows == {"U0", "U1"}
    assert {CLINIC, KOMMUN} <= set(first.names["U1"])
    assert _search(world, first.session).ids == ["ward-1", "ward-2"]
    chosen = Opened.of(world.open(WARD_DOCTOR, *stated(**NECESSARY, organisation=[CLINIC])))
    assert set(_search(world, chosen.session).ids) == {"ward-1", "ward-2", "clinic-1"}
    assert "SVOD 3:3" in chosen.basis
    assert {"RECORD_ASSESSMENT", "NOTIFY_LOG_REVIEW"} <= chosen.obligations
    other = world.open(WARD_DOCTOR, *stated(**NECESSARY, organisation=[CLINIC]), number=OLOF)
    assert other.codes == ["organisation-not-named"]
    somebody = world.open(SURGEON, *stated(**NECESSARY, organisation=[CLINIC]))
    assert somebody.codes == ["organisation-not-named"]


WRONG: dict[str, tuple[list[Any], list[str]]] = {
    "unknown": ([{"name": "bypass", "valueBoolean": True}], ["[0]"]),
    "unknown twice": ([{"name": "a"}, {"name": "b"}], ["[0]", "[1]"]),
    "no name": ([{"valueBoolean": True}, 7, None], ["[0]", "[1]", "[2]"]),
    "code": ([{"name": "purpose", "valueCode": "nyfikenhet"}], ["[0]"]),
    "type": ([{"name": "relevance", "valueString": "true"}], ["[0]"]),
    "twice": (
        [{"name": "relevance", "valueBoolean": True}, {"name": "relevance", "valueBoolean": False}],
        ["[1]"],
    ),
    "inside": (
        stated(emergency={"danger": "boredom", "haste": True}),
        ["[0].part[0]", "[0].part[1]"],
    ),
    "no parts": ([{"name": "emergency", "valueBoolean": True}], ["[0]"]),
    "empty reason": ([{"name": "reason", "valueString": "  "}], ["[0]"]),
    "long reason": ([{"name": "reason", "valueString": "x" * 1001}], ["[0]"]),
    "no reason": (stated(takesPart=True), [""]),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_not_understood_is_named_by_its_place(standing_world: World, what: str) -> None:
    parameters, places = WRONG[what]
    reply = standing_world.open(WARD_DOCTOR, *parameters)
    assert reply.status == 422
    found = [each["expression"][0] for each in reply.json["issue"]]
    assert found == [f"Parameters.parameter{place}" for place in places]


BODIES: dict[str, Json] = {
    "another resource": {"resourceType": "Condition"},
    "no list": {"resourceType": "Parameters", "parameter": {"name": "relevance"}},
}


@pytest.mark.parametrize("what", BODIES)
def test_open_takes_parameters_and_nothing_else(standing_world: World, what: str) -> None:
    path = f"/fhir/Patient/{standing_world.person()}/$open"
    assert standing_world.post(WARD_DOCTOR, path, BODIES[what]).status == 422


def test_no_value_of_the_request_is_in_an_error(standing_world: World) -> None:
    secret = "191212121212"
    for parameter in (
        {"name": secret, "valueString": secret},
        {"name": "purpose", "valueCode": secret},
        {"name": "organisation", "valueString": secret},
        {"name": "reason", "valueInteger": int(secret)},
    ):
        reply = standing_world.open(WARD_DOCTOR, parameter)
        assert reply.status == 422
        assert secret.encode() not in reply.body


def test_the_answer_has_a_receipt_and_an_end(standing_world: World) -> None:
    given = standing_world.open(WARD_DOCTOR).json["parameter"]
    values = {each["name"]: each for each in given}
    assert values["expires"]["valueInstant"] == "2026-03-10T12:00:00+00:00"
    assert len(values["receipt"]["valueString"]) == 36
