"""Operations as a vendor calls them, and the definitions that describe them.

Source: FHIR R4 operations.html.
"""

import json
from dataclasses import replace
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from hub.api.operation.operate import ON_INSTANCE, ON_TYPE
from hub.api.operation.operation_table import OPERATIONS
from hub.fhir.check import check
from tests.worlds.hub_world import (
    OTHER_REGION,
    REGION,
    REGION_SYSTEM,
    WARD,
    WARD_DOCTOR,
    Json,
    World,
    condition,
    documented,
)
from tests.worlds.usual import HIDDEN, facts

SEEN = documented(REGION, WARD)
GONE = documented(OTHER_REGION, "SE2329999980-1002", withdrawn=True)


def _observation(person: str, number: str, code: str, date: str, **more: object) -> Json:
    return {
        "resourceType": "Observation",
        "id": number,
        "status": "final",
        "code": {"coding": [{"system": "urn:x", "code": code}]},
        "subject": {"reference": f"Patient/{person}"},
        "effectiveDateTime": date,
        **more,
    }


@pytest.fixture
def filled(world: World) -> World:
    person = world.person()
    world.know(facts())
    world.hold(
        [
            (condition(person, "c1", "Astma <svår>", recordedDate="2024-02-01"), SEEN),
            (condition(person, "c2", "Brock"), SEEN),
            (condition(person, "c3", HIDDEN), GONE),
            (
                condition(
                    person,
                    "c4",
                    "Fel person",
                    verificationStatus={
                        "coding": [
                            {
                                "system": "http://terminology.hl7.org/CodeSystem/"
                                "condition-ver-status",
                                "code": "entered-in-error",
                            }
                        ]
                    },
                ),
                SEEN,
            ),
            (_observation(person, "o1", "hb", "2024-01-01"), SEEN),
            (_observation(person, "o2", "hb", "2024-03-01", valueString=str(120)), SEEN),
            (_observation(person, "o3", "crp", "2023-01-01"), SEEN),
            (_observation(person, "o4", "hb", "2025-01-01", valueString=HIDDEN), GONE),
        ]
    )
    return world


def _ids(bundle: Json) -> list[str]:
    return [each["resource"]["id"] for each in bundle.get("entry", [])]


def _everything(world: World, **given: str) -> Any:  # noqa: ANN401 -- a reply's JSON
    reply = world.get(WARD_DOCTOR, f"/fhir/Patient/{world.person()}/$everything", given)
    assert reply.status == 200, reply.body
    return reply.json


def test_everything_is_the_person_and_what_the_reader_may_see(filled: World) -> None:
    bundle = _everything(filled)
    person, consent, *documents = _ids(bundle)
    assert (person, documents) == (filled.person(), ["c1", "c2", "c4", "o1", "o2", "o3"])
    assert consent.startswith(f"{person}.")  # the consent by which the reader sees others' data
    assert bundle["total"] == 8
    assert HIDDEN not in json.dumps(bundle)
    body = {
        "resourceType": "Parameters",
        "parameter": [{"name": "_type", "valueCode": "Observation"}],
    }
    path = f"/fhir/Patient/{filled.person()}/$everything"
    posted = filled.post(WARD_DOCTOR, path, body)
    assert _ids(posted.json) == [filled.person(), "o1", "o2", "o3"]
    assert posted.json["entry"] == _everything(filled, _type="Observation")["entry"]


def test_everything_comes_in_pages_of_one_snapshot(filled: World) -> None:
    bundle = _everything(filled, _count="2")
    found, following = _ids(bundle), bundle["link"][-1]["url"].removeprefix("http://hub.test")
    person = filled.person()
    filled.hold([(condition(person, "c5", "Senare"), SEEN)])
    while following:
        reply = filled.get(WARD_DOCTOR, following)
        found += _ids(reply.json)
        following = reply.link("next")
    assert found[0] == person
    assert found[2:] == ["c1", "c2", "c4", "o1", "o2", "o3"]


def test_everything_by_time(filled: World) -> None:
    assert _ids(_everything(filled, _since="2030-01-01T00:00:00Z")) == [filled.person()]
    assert len(_ids(_everything(filled, _since="2020-01-01T00:00:00Z"))) == 8
    assert len(_ids(_everything(filled, start="2024-01-01", end="2024-12-31"))) == 7


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"colour": "red"}, "unknown-parameter"),
        ({"_type": "Nobody"}, "unknown-type"),
        ({"_since": "yesterday"}, "parameters"),
        ({"_count": "-1"}, "parameters"),
    ],
)
def test_what_everything_does_not_take(filled: World, given: dict[str, str], code: str) -> None:
    path = f"/fhir/Patient/{filled.person()}/$everything"
    reply = filled.get(WARD_DOCTOR, path, given)
    assert (reply.status, reply.codes) == (400, [code])


def test_the_last_of_each_kind(filled: World) -> None:
    asked = {"patient": filled.person()}
    reply = filled.get(WARD_DOCTOR, "/fhir/Observation/$lastn", asked)
    assert _ids(reply.json) == ["o2", "o3"]
    two = filled.get(WARD_DOCTOR, "/fhir/Observation/$lastn", {**asked, "max": "2", "code": "hb"})
    assert _ids(two.json) == ["o2", "o1"]
    broad = filled.get(WARD_DOCTOR, "/fhir/Observation/$lastn")
    assert (broad.status, broad.codes) == (403, ["too-broad"])


def test_a_summary_is_a_document_of_what_the_reader_may_see(filled: World) -> None:
    path = f"/fhir/Patient/{filled.person()}/$summary"
    reply = filled.get(WARD_DOCTOR, path)
    document = reply.json
    assert [each for each in check(document) if each.severity == "error"] == []
    get_fhir_model_class("Bundle").model_validate(document)
    composition = document["entry"][0]["resource"]
    by_code = {each["code"]["coding"][0]["code"]: each for each in composition["section"]}
    problems, medicines = by_code["11450-4"], by_code["10160-0"]
    assert [each["reference"].rpartition("/")[2] for each in problems["entry"]] == ["c1", "c2"]
    assert "Astma &lt;svår&gt;" in problems["text"]["div"]
    assert "emptyReason" in medicines
    assert HIDDEN not in reply.body.decode()
    urls = {each["fullUrl"] for each in document["entry"]}
    named = {e["reference"] for s in composition["section"] for e in s.get("entry", [])}
    assert named < urls
    assert filled.get(WARD_DOCTOR, path).body == reply.body


def test_meta_is_a_read(filled: World) -> None:
    found = filled.get(WARD_DOCTOR, "/fhir/Condition/c1/$meta").json
    assert found["parameter"][0]["valueMeta"]["versionId"] == "1"
    hidden = filled.get(WARD_DOCTOR, "/fhir/Condition/c3/$meta")
    assert hidden.status == 404
    assert hidden.body == filled.get(WARD_DOCTOR, "/fhir/Condition/nothing/$meta").body


def test_validate_names_every_fault_and_stores_nothing(filled: World) -> None:
    person = filled.person()
    good = condition(person, "x1")
    sound = filled.post(REGION_SYSTEM, "/fhir/Condition/$validate", good)
    assert (sound.status, sound.codes) == (200, ["valid"])
    bad = {**good, "colour": "red", "subject": None}
    wrapped = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "resource", "resource": bad},
            {"name": "mode", "valueCode": "update"},
            {"name": "profile", "valueUri": "http://x.example/profile"},
        ],
    }
    faults = filled.post(REGION_SYSTEM, "/fhir/Condition/x2/$validate", wrapped)
    assert faults.status == 200
    assert {"unknown-element", "not-an-object", "id", "unknown-profile"} <= set(faults.codes)
    assert filled.get(REGION_SYSTEM, "/fhir/Condition/x1").status == 404
    stored = filled.get(WARD_DOCTOR, "/fhir/Condition/c1/$validate")
    assert (stored.status, stored.codes) == (200, ["valid"])
    assert filled.get(WARD_DOCTOR, "/fhir/Condition/c3/$validate").status == 404
    other = filled.post(REGION_SYSTEM, "/fhir/Observation/$validate", good)
    assert other.codes == ["type"]
    assert filled.get(REGION_SYSTEM, "/fhir/Condition/$validate").codes == ["no-resource"]
    empty = filled.post(REGION_SYSTEM, "/fhir/Condition/$validate", b"{")
    assert empty.status == 400


def test_each_operation_is_defined_carried_out_and_claimed(small_world: World) -> None:
    assert {*ON_INSTANCE, *ON_TYPE} == set(OPERATIONS)
    for each in OPERATIONS:
        assert each.on_instance == (each in ON_INSTANCE)
        assert each.on_type == (each in ON_TYPE)
    listed = small_world.get(WARD_DOCTOR, "/fhir/OperationDefinition").json
    for entry in listed["entry"]:
        resource = entry["resource"]
        get_fhir_model_class("OperationDefinition").model_validate(resource)
        path = f"/fhir/OperationDefinition/{resource['id']}"
        assert small_world.get(WARD_DOCTOR, path).json == resource
    statement = small_world.http.send("GET", "/fhir/metadata").json
    claimed = {
        (claim["type"], operation["definition"])
        for claim in statement["rest"][0]["resource"]
        for operation in claim.get("operation", [])
    }
    assert claimed == {(name, each.url) for each in OPERATIONS for name in each.types}
    one = small_world.get(WARD_DOCTOR, "/fhir/OperationDefinition", {"code": "lastn"}).json
    assert [each["resource"]["code"] for each in one["entry"]] == ["lastn"]
    assert small_world.get(WARD_DOCTOR, "/fhir/OperationDefinition/none").status == 404


def test_an_operation_needs_the_scope_and_the_right_method(filled: World) -> None:

    narrow = replace(WARD_DOCTOR, scope="user/Condition.rs")
    path = f"/fhir/Patient/{filled.person()}/$everything"
    assert filled.get(narrow, path).codes == ["insufficient-scope"]
    some = replace(WARD_DOCTOR, scope="user/Patient.r user/Condition.r")
    assert _ids(filled.get(some, path).json) == [filled.person(), "c1", "c2", "c4"]
    assert filled.get(WARD_DOCTOR, "/fhir/Condition/c1/$nothing").status in (404, 405)
    reply = filled.http.send("DELETE", path, filled.headers(WARD_DOCTOR))
    assert reply.status == 405
