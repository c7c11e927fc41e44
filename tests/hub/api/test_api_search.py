"""search-type as an EHR vendor uses it: chains, includes, orders, totals, compartments, POST.

Source: FHIR R4 search.html. The record holds what is visible and what is not on both ends of every
reference.
"""

from dataclasses import replace
from typing import Any

import pytest

from consent.facts import InfoType
from tests.worlds.hub_world import (
    OTHER_REGION,
    REGION,
    SIGNE,
    WARD,
    WARD_DOCTOR,
    World,
    condition,
    documented,
)
from tests.worlds.usual import HIDDEN, facts

SEEN = documented(REGION, WARD)
GONE = documented(OTHER_REGION, "SE2329999980-1002", withdrawn=True)


def _encounter(person: str, number: str, status: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "resourceType": "Encounter",
        "id": number,
        "status": status,
        "class": {"code": "AMB"},
        "subject": {"reference": f"Patient/{person}"},
        **more,
    }


def _at(number: str) -> dict[str, Any]:
    return {"encounter": {"reference": f"Encounter/{number}"}}


@pytest.fixture
def filled(world: World) -> World:
    person = world.person()
    part = {"partOf": {"reference": "Encounter/e-whole"}}
    world.know(facts())
    world.hold(
        [
            (_encounter(person, "e-seen", "finished", **part), SEEN),
            (_encounter(person, "e-whole", "planned"), SEEN),
            (_encounter(person, "e-gone", "finished"), GONE),
            (condition(person, "c1", "Astma", **_at("e-seen"), recordedDate="2024-02-01"), SEEN),
            (condition(person, "c2", "Brock", **_at("e-gone"), recordedDate="2024-01-01"), SEEN),
            (condition(person, "c3", "Sorg", recordedDate="2024-03-01"), SEEN),
            (condition(person, "c4", HIDDEN, **_at("e-whole")), GONE),
            (
                {"resourceType": "Patient", "id": "p1", "name": [{"family": "Ek"}]},
                documented(REGION, WARD, info_type=InfoType.DEMOGRAPHICS),
            ),
        ]
    )
    return world


def _found(reply: Any, mode: str = "match") -> list[str]:  # noqa: ANN401
    assert reply.status == 200, reply.body
    assert HIDDEN not in reply.body.decode()
    entries = reply.json.get("entry", [])
    return [each["resource"]["id"] for each in entries if each["search"]["mode"] == mode]


def _get(world: World, kind: str, *given: tuple[str, str]) -> Any:  # noqa: ANN401
    return world.get(WARD_DOCTOR, f"/fhir/{kind}", [("patient", world.person()), *given])


FOUND = [
    ("Condition", ("encounter.status", "finished"), "c1"),
    ("Condition", ("encounter:Encounter.status", "finished"), "c1"),
    ("Condition", ("encounter.part-of.status", "planned"), "c1"),
    ("Condition", ("encounter:missing", "true"), "c3"),
    ("Condition", ("subject:Patient.family", "ek"), "c1 c2 c3"),
    ("Condition", ("subject:Patient.family", "al"), ""),
    ("Encounter", ("_has:Condition:encounter:code:text", "astma"), "e-seen"),
    ("Encounter", ("_has:Condition:encounter:code:text", HIDDEN[:6]), ""),
    ("Encounter", ("_has:Encounter:part-of:_has:Condition:encounter:code:text", "as"), "e-whole"),
]


@pytest.mark.parametrize(("kind", "asked", "expected"), FOUND, ids=range(len(FOUND)))
def test_chains_and_has_see_what_the_reader_sees(
    filled: World, kind: str, asked: tuple[str, str], expected: str
) -> None:
    assert _found(_get(filled, kind, asked, ("_sort", "_id"))) == expected.split()


def test_orders_and_pages(filled: World) -> None:
    asked = (("_sort", "-recorded-date"), ("_count", "2"))
    reply = _get(filled, "Condition", *asked)
    assert _found(reply) == ["c3", "c1"]
    assert reply.json["total"] == 3
    following = filled.get(WARD_DOCTOR, reply.link("next"))
    assert _found(following) == ["c2"]


def test_includes_bring_what_the_reader_sees(filled: World) -> None:
    forward = _get(filled, "Condition", ("_include", "Condition:encounter"))
    assert _found(forward, "include") == ["e-seen"]
    onward = _get(
        filled,
        "Condition",
        ("_include", "Condition:encounter"),
        ("_include:iterate", "Encounter:part-of"),
    )
    assert _found(onward, "include") == ["e-seen", "e-whole"]
    back = _get(filled, "Encounter", ("_revinclude", "Condition:encounter"))
    assert sorted(_found(back, "include")) == ["c1"]
    every = _get(filled, "Condition", ("_include", "*"), ("_revinclude", "*"))
    assert sorted(_found(every, "include")) == sorted(["e-seen", filled.person()])
    whom = _get(filled, "Condition", ("_include", "Condition:subject:Patient"))
    patient = whom.json["entry"][-1]["resource"]
    assert (patient["id"], patient["name"][0]["family"]) == (filled.person(), "Ek")


def test_a_later_page_brings_its_own(filled: World) -> None:
    asked = (("_sort", "-_id"), ("_count", "1"), ("_include", "Condition:encounter"))
    reply = _get(filled, "Condition", *asked)
    seen = [_found(reply, "include")]
    while reply.link("next"):
        reply = filled.get(WARD_DOCTOR, reply.link("next"))
        seen.append(_found(reply, "include"))
    assert seen == [[], [], ["e-seen"]]


def test_totals(filled: World) -> None:
    for asked in (("_count", "0"), ("_summary", "count")):
        reply = _get(filled, "Condition", asked)
        assert reply.json["total"] == 3
        assert "entry" not in reply.json
        assert reply.link("next") is None
    assert "total" not in _get(filled, "Condition", ("_total", "none")).json
    assert _get(filled, "Condition", ("_total", "accurate")).json["total"] == 3
    assert _get(filled, "Condition", ("_total", "some")).status == 400


def test_the_link_to_itself_leaves_out_what_is_not_known(filled: World) -> None:
    reply = _get(filled, "Condition", ("colour", "red"), ("code:text", "astma,sorg"))
    url = f"/fhir/Condition?patient={filled.person()}&code:text=astma,sorg"
    assert reply.link("self").endswith(url)
    assert reply.json["entry"][-1]["search"]["mode"] == "outcome"


def test_the_compartment_of_the_person(filled: World) -> None:
    path = f"/fhir/Patient/{filled.person()}/Condition"
    assert sorted(_found(filled.get(WARD_DOCTOR, path))) == ["c1", "c2", "c3"]
    asked = [("code:text", "astma")]
    assert _found(filled.get(WARD_DOCTOR, path, asked)) == ["c1"]
    assert filled.get(WARD_DOCTOR, path, [("patient", "somebody-else")]).status == 403


def test_a_search_by_post_may_name_the_person_by_number(filled: World) -> None:
    for name in ("patient.identifier", "subject:Patient.identifier", "patient:identifier"):
        given = {name: SIGNE, "code:text": "astma"}
        reply = filled.form(WARD_DOCTOR, "/fhir/Condition/_search", given)
        assert _found(reply) == ["c1"]
        assert SIGNE not in reply.body.decode()
    assert filled.get(WARD_DOCTOR, "/fhir/Condition", [("patient.identifier", SIGNE)]).status == 400
    reply = filled.form(WARD_DOCTOR, "/fhir/Condition/_search", {"patient.identifier": "x"})
    assert (reply.status, reply.codes) == (403, ["too-broad"])


def test_a_scope_bounds_what_is_looked_through_and_brought(filled: World) -> None:
    narrow = replace(WARD_DOCTOR, scope="user/Condition.rs")
    person = ("patient", filled.person())
    for asked in (("encounter.status", "finished"), ("encounter:Encounter.status", "finished")):
        assert _found(filled.get(narrow, "/fhir/Condition", [person, asked])) == []
    brought = filled.get(narrow, "/fhir/Condition", [person, ("_include", "*")])
    assert _found(brought, "include") == []
