"""An act answers with what it changes; a mistaken block is taken away; the profiles are served."""

from dataclasses import replace
from typing import Any

import pytest

from hub.auth.built_in import TokenRequest
from hub.fhir.check import check
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    CLINIC,
    OFFICER,
    REGION,
    SIGNE_HERSELF,
    SURGEON,
    SURGERY,
    TALKS,
    THERAPIST,
    WARD,
    WARD_DOCTOR,
    World,
    condition,
    documented,
    stated,
)
from tests.worlds.usual import HIDDEN, OUTER, facts, fill

SIGNE_ACTING = replace(SIGNE_HERSELF, scope="patient/*.cruds")
WRITING = replace(THERAPIST, scope="user/*.cruds")
LOOK = stated(relevance=True, activeChoice="content")
UNTIL = {"name": "end", "valueDate": "2026-04-01"}


def _act(world: World, who: TokenRequest, name: str, *given: dict[str, Any]) -> Reply:
    body = {"resourceType": "Parameters", "parameter": list(given)}
    reply = world.post(who, f"/fhir/Patient/{world.person()}/${name}", body)
    assert reply.status == 200, reply.body
    return reply


def _parts(reply: Reply, name: str) -> list[dict[str, Any]]:
    return [
        {part["name"]: next(v for k, v in part.items() if k != "name") for part in each["part"]}
        for each in reply.json["parameter"]
        if each["name"] == name
    ]


def _id(reply: Reply) -> str:
    return str(reply.json["parameter"][0]["valueString"])


def test_the_person_learns_who_loses_and_gains_what(world: World) -> None:
    fill(world)
    block = _act(world, SIGNE_ACTING, "register-block", *stated(owner=CLINIC))
    assert _parts(block, "change") == [{"organisation": REGION, "before": 7, "after": 6}]
    lifted = _act(world, SIGNE_ACTING, "lift-block", *stated(block=_id(block)))
    assert _parts(lifted, "change") == [{"organisation": REGION, "before": 6, "after": 7}]
    (entry,) = world.get(SIGNE_HERSELF, f"/fhir/Patient/{world.person()}/$consents").json["entry"]
    name = entry["resource"]["identifier"][0]["value"]
    withdrawn = _act(world, SIGNE_ACTING, "withdraw-consent", *stated(consent=name))
    assert _parts(withdrawn, "change") == [{"organisation": REGION, "before": 7, "after": 3}]
    given = _act(world, SIGNE_ACTING, "register-consent", *stated(organisation=REGION), UNTIL)
    assert _parts(given, "change") == [{"organisation": REGION, "before": 3, "after": 7}]


def test_the_person_learns_which_openings_a_block_would_have_stopped(world: World) -> None:
    fill(world)
    session = world.session(WARD_DOCTOR, *LOOK)
    assert world.get(WARD_DOCTOR, "/fhir/Condition/clinic-1", session=session).status == 200
    assert world.get(WARD_DOCTOR, "/fhir/Condition/nurse-1", session=session).status == 200
    assert world.get(THERAPIST, "/fhir/Condition/clinic-1").status == 200
    reply = _act(world, SIGNE_ACTING, "register-block", *stated(owner=CLINIC))
    (opening,) = _parts(reply, "wouldHaveStopped")
    assert (opening["organisation"], opening["count"]) == (REGION, 1)


def test_an_inner_block_would_have_stopped_other_units_of_the_own_organisation(
    small_world: World,
) -> None:
    fill(small_world)
    session = small_world.session(SURGEON, *LOOK)
    for who, number, within in (
        (SURGEON, "ward-1", session),
        (SURGEON, "surgery-1", session),
        (WARD_DOCTOR, "ward-1", None),
    ):
        path = f"/fhir/Condition/{number}"
        assert small_world.get(who, path, session=within).status == 200
    of_the_ward = [*stated(owner=REGION, unit=WARD), {"name": "kind", "valueCode": "inner"}]
    reply = _act(small_world, SIGNE_ACTING, "register-block", *of_the_ward)
    (opening,) = _parts(reply, "wouldHaveStopped")
    assert (opening["unit"], opening["count"]) == (SURGERY, 1)


def test_what_was_closed_already_a_block_would_not_have_stopped(small_world: World) -> None:
    fill(small_world)
    session = small_world.session(WARD_DOCTOR, *LOOK)
    path = "/fhir/Condition/clinic-1"
    assert small_world.get(WARD_DOCTOR, path, session=session).status == 200
    first = _act(small_world, SIGNE_ACTING, "register-block", *stated(owner=CLINIC))
    assert len(_parts(first, "wouldHaveStopped")) == 1
    second = _act(small_world, SIGNE_ACTING, "register-block", *stated(owner=CLINIC))
    assert _parts(second, "wouldHaveStopped") == []


def test_what_is_hidden_from_the_person_is_not_counted(world: World) -> None:
    fill(world)
    secret = documented(CLINIC, TALKS, secret_from_person=True)
    world.hold([(condition(world.person(), "secret-1", HIDDEN), secret)])
    reply = _act(world, SIGNE_ACTING, "register-block", *stated(owner=CLINIC))
    assert _parts(reply, "change") == [{"organisation": REGION, "before": 7, "after": 6}]


def test_staff_learn_of_their_own_reading_alone(world: World) -> None:
    fill(world)
    session = world.session(WARD_DOCTOR, *LOOK)
    assert world.get(WARD_DOCTOR, "/fhir/Condition/clinic-1", session=session).status == 200
    reply = _act(world, WRITING, "register-block")
    assert _parts(reply, "change") == [{"organisation": CLINIC, "before": 1, "after": 1}]
    assert _parts(reply, "wouldHaveStopped") == []


def test_a_mistaken_block_is_voided_and_the_person_told(world: World) -> None:
    fill(world)
    name = _id(_act(world, WRITING, "register-block"))
    path = f"/fhir/Patient/{world.person()}/$void-block"
    given = stated(block=name, reason="fel person")
    body = {"resourceType": "Parameters", "parameter": given}
    assert world.post(replace(WARD_DOCTOR, scope="user/*.cruds"), path, body).status == 404
    assert world.post(WRITING, path, body).status == 200
    told = world.get(SIGNE_HERSELF, f"/fhir/Patient/{world.person()}/$notices").json["entry"]
    assert "av misstag" in told[0]["resource"]["payload"][0]["contentString"]
    session = world.session(WARD_DOCTOR, *LOOK)
    assert world.get(WARD_DOCTOR, "/fhir/Condition/clinic-1", session=session).status == 200


@pytest.mark.parametrize("who", [WRITING, OFFICER], ids=["staff", "the officer"])
def test_what_the_person_blocked_nobody_voids(small_world: World, who: TokenRequest) -> None:
    fill(small_world)
    name = _id(_act(small_world, SIGNE_ACTING, "register-block", *stated(owner=CLINIC)))
    body = {"resourceType": "Parameters", "parameter": stated(block=name, reason="fel")}
    reply = small_world.post(who, f"/fhir/Patient/{small_world.person()}/$void-block", body)
    assert (reply.status, reply.codes) == (403, ["not-to-void"])


def test_only_the_officer_voids_what_a_file_says(small_world: World) -> None:
    fill(small_world)
    small_world.know(facts(blocks=(OUTER,)))
    body = {"resourceType": "Parameters", "parameter": stated(block=OUTER.id, reason="fel")}
    path = f"/fhir/Patient/{small_world.person()}/$void-block"
    assert small_world.post(WRITING, path, body).codes == ["not-to-void"]
    assert small_world.post(OFFICER, path, body).status == 200


def test_the_profiles_are_served(standing_world: World) -> None:
    found = standing_world.get(WARD_DOCTOR, "/fhir/StructureDefinition").json
    ids = {each["resource"]["id"] for each in found["entry"]}
    assert ids == {
        *("samtycke", "yttre-sparr", "inre-sparr", "lift-request"),
        *("care-process", "status-reason"),
    }
    for each in found["entry"]:
        assert [e for e in check(each["resource"]) if e.severity == "error"] == []
    one = standing_world.get(WARD_DOCTOR, "/fhir/StructureDefinition/yttre-sparr").json
    assert one["type"] == "Consent"
    assert one["derivation"] == "constraint"
    assert standing_world.get(WARD_DOCTOR, "/fhir/StructureDefinition/none").status == 404
