"""patch: JSON Patch and FHIRPath Patch, as vendors know them."""

import json
from typing import Any

import pytest

from tests.hub.api.interacting import JSON_PATCH, NOTES, fhirpath, patch, stored
from tests.worlds.hub_world import (
    REGION_SYSTEM,
    Json,
    World,
    protected,
)
from tests.worlds.usual import facts, fill

STEPS: dict[str, tuple[list[Json], int, str | None]] = {
    "replace": ([{"op": "replace", "path": "/code/text", "value": "Gikt"}], 200, "Gikt"),
    "test and replace": (
        [
            {"op": "test", "path": "/code/text", "value": "Hypertoni"},
            {"op": "replace", "path": "/code/text", "value": "Gikt"},
        ],
        200,
        "Gikt",
    ),
    "a test that fails": (
        [
            {"op": "test", "path": "/code/text", "value": "x"},
            {"op": "replace", "path": "/code/text", "value": "Gikt"},
        ],
        422,
        None,
    ),
    "a path that leads nowhere": ([{"op": "remove", "path": "/nothing/here"}], 422, None),
    "an unknown step": ([{"op": "explode", "path": "/code"}], 400, None),
    "a step that is none": (["x"], 400, None),  # type: ignore[list-item]
    "another id": ([{"op": "replace", "path": "/id", "value": "x"}], 422, None),
    "another type": ([{"op": "replace", "path": "/resourceType", "value": "Goal"}], 422, None),
    "no resource": ([{"op": "replace", "path": "", "value": []}], 422, None),
    "what FHIR does not have": ([{"op": "add", "path": "/colour", "value": "red"}], 422, None),
    "a prototype": ([{"op": "add", "path": "/__proto__/x", "value": 1}], 422, None),
    "too many": ([{"op": "test", "path": "/id", "value": "x"}] * 501, 400, None),
}


@pytest.mark.parametrize("what", STEPS)
def test_a_json_patch_is_carried_out_whole_or_not_at_all(small_world: World, what: str) -> None:
    steps, status, text = STEPS[what]
    number = stored(small_world)
    reply = patch(small_world, number, *steps)
    assert reply.status == status, reply.body
    kept = small_world.get(REGION_SYSTEM, f"/fhir/Condition/{number}")
    assert kept.json["code"]["text"] == (text or "Hypertoni")
    assert kept.headers["etag"] == ('W/"2"' if text else 'W/"1"')


def test_a_patch_keeps_the_digits_of_numbers(world: World) -> None:
    body = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "Vikt"},
        "subject": {"reference": f"Patient/{world.person()}"},
    }
    sent = json.dumps(body)[:-1] + ',"valueQuantity":{"value":1.50}}'
    number = world.post(REGION_SYSTEM, "/fhir/Observation", sent.encode()).json["id"]
    step = b'[{"op":"add","path":"/referenceRange","value":[{"high":{"value":2.00}}]}]'
    path = f"/fhir/Observation/{number}"
    reply = world.send(REGION_SYSTEM, "PATCH", path, step, content_type=JSON_PATCH)
    assert reply.status == 200
    assert b'"value":1.50' in reply.body
    assert b'"value":2.00' in reply.body


def test_a_copy_bomb_is_refused(small_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.fhir.json_patch.MAX_BYTES", 20_000)
    number = stored(small_world)
    start = {"op": "add", "path": "/note", "value": [{"text": "x" * 1000}]}
    copies = [{"op": "copy", "from": "/note", "path": f"/note/{0}/extension"} for _ in range(40)]
    assert patch(small_world, number, start, *copies).status == 413


CODE = {"valueCodeableConcept": {"text": "B"}}
FHIRPATH: dict[str, tuple[Json, Any, Any]] = {
    "replace": (
        {"type": "replace", "path": "Condition.code.text", "value": "Gikt"},
        lambda c: c["code"]["text"],
        "Gikt",
    ),
    "add": (
        {"type": "add", "path": "Condition", "name": "bodySite", "value": CODE},
        lambda c: c["bodySite"],
        [{"text": "B"}],
    ),
    "add to a list that is there": (
        {
            "type": "add",
            "path": "Condition",
            "name": "note",
            "value": {"valueAnnotation": {"text": "fyra"}},
        },
        lambda c: [each["text"] for each in c["note"]],
        ["ett", "två", "tre", "fyra"],
    ),
    "add what is made of parts": (
        {
            "type": "add",
            "path": "Condition",
            "name": "stage",
            "value": {"part": [{"name": "summary", "valueCodeableConcept": {"text": "II"}}]},
        },
        lambda c: c["stage"],
        [{"summary": {"text": "II"}}],
    ),
    "insert": (
        {
            "type": "insert",
            "path": "Condition.note",
            "index": 1,
            "value": {"valueAnnotation": {"text": "ny"}},
        },
        lambda c: [each["text"] for each in c["note"]],
        ["ett", "ny", "två", "tre"],
    ),
    "delete": (
        {"type": "delete", "path": "Condition.note[1]"},
        lambda c: [each["text"] for each in c["note"]],
        ["ett", "tre"],
    ),
    "delete by a condition": (
        {"type": "delete", "path": "Condition.note.where(text = 'tre')"},
        lambda c: [each["text"] for each in c["note"]],
        ["ett", "två"],
    ),
    "delete what is not there": (
        {"type": "delete", "path": "Condition.abatement"},
        lambda c: c["code"]["text"],
        "Hypertoni",
    ),
    "delete the last of an object": (
        {"type": "delete", "path": "Condition.severity.text"},
        lambda c: "severity" in c,
        False,
    ),
    "move": (
        {"type": "move", "path": "Condition.note", "source": 2, "destination": 0},
        lambda c: [each["text"] for each in c["note"]],
        ["tre", "ett", "två"],
    ),
    "the first, the last": (
        {"type": "replace", "path": "Condition.note.last().text", "value": "sist"},
        lambda c: c["note"][-1]["text"],
        "sist",
    ),
    "a choice by its stem": (
        {"type": "replace", "path": "Condition.onset", "value": "barndom"},
        lambda c: c["onsetString"],
        "barndom",
    ),
}


@pytest.mark.parametrize("what", FHIRPATH)
def test_a_fhirpath_patch_changes_the_place_it_names(small_world: World, what: str) -> None:
    operation, look, expected = FHIRPATH[what]
    number = stored(small_world, note=NOTES, severity={"text": "x"}, onsetString="ung")
    path = f"/fhir/Condition/{number}"
    reply = small_world.send(REGION_SYSTEM, "PATCH", path, fhirpath(operation))
    assert reply.status == 200, reply.body
    assert look(reply.json) == expected


@pytest.mark.parametrize(
    ("operation", "status"),
    [
        ({"type": "replace", "path": "Condition.nothing", "value": "x"}, 422),
        ({"type": "replace", "path": "Condition.note.text", "value": "x"}, 422),
        ({"type": "replace", "path": "Condition", "value": "x"}, 422),
        ({"type": "delete", "path": "Condition.note"}, 422),
        ({"type": "move", "path": "Condition.note", "source": 9, "destination": 0}, 422),
        ({"type": "insert", "path": "Condition.note", "index": 9, "value": "x"}, 422),
        ({"type": "insert", "path": "Condition.code", "index": 0, "value": "x"}, 422),
        ({"type": "add", "path": "Condition", "name": "code", "value": "x"}, 422),
        ({"type": "add", "path": "Condition", "name": "colour", "value": "x"}, 422),
        ({"type": "replace", "path": "Condition.id", "value": "x"}, 422),
        ({"type": "burn", "path": "Condition.id"}, 400),
        ({"type": "replace", "path": "Condition.code"}, 400),
        ({"type": "delete", "path": "Condition.note.where(1 > 2)"}, 400),
        ({"type": "delete", "path": "Condition.code.resolve()"}, 400),
        ({"type": "delete", "path": "a" * 2000}, 400),
    ],
)
def test_a_fhirpath_patch_that_cannot_be_carried_out_says_so(
    small_world: World, operation: Json, status: int
) -> None:
    number = stored(small_world, note=NOTES)
    path = f"/fhir/Condition/{number}"
    reply = small_world.send(REGION_SYSTEM, "PATCH", path, fhirpath(operation))
    assert reply.status == status, reply.body
    assert small_world.get(REGION_SYSTEM, path).headers["etag"] == 'W/"1"'


def test_a_masked_resource_is_not_patched_into_a_loss(world: World) -> None:
    fill(world)
    world.know(protected(facts()))
    number = stored(world)
    reply = patch(world, number, {"op": "replace", "path": "/code/text", "value": "Gikt"})
    assert (reply.status, reply.codes) == (409, ["protected-identity"])
