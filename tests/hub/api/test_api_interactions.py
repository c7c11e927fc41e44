"""vread, history, update, patch, delete, conditional requests and batch, as vendors know them."""

import base64
import json
from typing import Any

import pytest

from tests.worlds.asgi_client import FHIR, Reply
from tests.worlds.hub_world import (
    CLINIC,
    NURSE,
    OLOF,
    REGION,
    REGION_SYSTEM,
    SURGERY,
    WARD_DOCTOR,
    Json,
    World,
    condition,
    documented,
    protected,
    stated,
)
from tests.worlds.usual import facts, fill

JSON_PATCH = "application/json-patch+json"
XML = "application/fhir+xml"
OTHER = "a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2"


def _made(world: World, said: str = "Hypertoni", **elements: object) -> str:
    """A resource of the region's own system; its id."""
    reply = world.post(REGION_SYSTEM, "/fhir/Condition", _body(world, said, **elements))
    assert reply.status == 201, reply.body
    return str(reply.json["id"])


def _body(world: World, said: str, number: str | None = None, **elements: object) -> Json:
    body = {**condition(world.person(), number or "x", said), **elements}
    if number is None:
        del body["id"]
    return body


def _put(world: World, number: str, text: str, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    path = f"/fhir/Condition/{number}"
    return world.send(REGION_SYSTEM, "PUT", path, _body(world, text, number), headers=named)


def _patch(world: World, number: str, *steps: Json, **headers: str) -> Reply:
    path = f"/fhir/Condition/{number}"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return world.send(
        REGION_SYSTEM, "PATCH", path, list(steps), content_type=JSON_PATCH, headers=named
    )


def test_an_update_makes_a_version_and_the_old_one_is_there(world: World) -> None:
    number = _made(world, "Hypertoni")
    world.clock.now = world.clock.now.replace(hour=12)
    reply = _put(world, number, "Astma")
    assert (reply.status, reply.headers["etag"]) == (200, 'W/"2"')
    assert reply.headers["location"].endswith(f"/Condition/{number}/_history/2")
    path = f"/fhir/Condition/{number}"
    texts = [
        world.get(REGION_SYSTEM, f"{path}/_history/{each}").json["code"]["text"] for each in (1, 2)
    ]
    assert texts == ["Hypertoni", "Astma"]
    assert world.get(REGION_SYSTEM, path).json["code"]["text"] == "Astma"
    assert world.get(REGION_SYSTEM, f"{path}/_history/3").status == 404
    history = world.get(REGION_SYSTEM, f"{path}/_history").json
    assert (history["type"], history["total"]) == ("history", 2)
    assert [each["request"]["method"] for each in history["entry"]] == ["PUT", "POST"]
    assert [each["response"]["etag"] for each in history["entry"]] == ['W/"2"', 'W/"1"']
    found = world.get(REGION_SYSTEM, "/fhir/Condition", _named(world, code="x"))
    assert found.json["total"] == 0
    asked = _named(world, **{"code:text": "astma"})
    assert world.get(REGION_SYSTEM, "/fhir/Condition", asked).ids == [number]


def _named(world: World, **parameters: str) -> dict[str, str]:
    return {"patient": world.person(), **parameters}


def test_the_same_again_makes_no_version(world: World) -> None:
    number = _made(world, "Hypertoni")
    assert _put(world, number, "Hypertoni").headers["etag"] == 'W/"1"'


def test_an_update_is_for_the_version_that_was_read(world: World) -> None:
    number = _made(world)
    assert _put(world, number, "Astma", if_match='W/"1"').status == 200
    reply = _put(world, number, "Gikt", if_match='W/"1"')
    assert (reply.status, reply.codes) == (412, ["version-conflict"])
    assert _put(world, number, "Gikt", if_match='"2"').status == 200
    assert _put(world, number, "Gikt", if_match="2").status == 400
    assert _put(world, number, "Gikt", if_none_match="*").status == 412
    reply = world.send(
        REGION_SYSTEM, "DELETE", f"/fhir/Condition/{number}", headers={"If-Match": 'W/"1"'}
    )
    assert reply.status == 412
    step = {"op": "replace", "path": "/code/text", "value": "Astma"}
    assert _patch(world, number, step, if_match='W/"1"').status == 412


def test_ids_are_the_hubs(world: World) -> None:
    """No update-as-create; the body's id and the URL's are one."""
    reply = _put(world, OTHER, "Astma")
    assert (reply.status, reply.codes) == (405, ["no-update-as-create"])
    number = _made(world)
    path = f"/fhir/Condition/{number}"
    for body in (_body(world, "Astma"), _body(world, "Astma", OTHER)):
        assert world.send(REGION_SYSTEM, "PUT", path, body).status == 400
    another = {**_body(world, "Astma", number), "resourceType": "Goal"}
    assert world.send(REGION_SYSTEM, "PUT", path, another).status == 400


def test_what_is_hidden_is_as_if_it_were_not_there(world: World) -> None:
    """What others hold, and what nobody does: one answer to every kind of write."""
    fill(world)
    world.hold([(condition(world.person(), "talk", "zqx"), documented(CLINIC, None))])
    answers = {}
    for number in ("talk", "none"):
        path = f"/fhir/Condition/{number}"
        step = [{"op": "remove", "path": "/code"}]
        answers[number] = [
            _plain(reply, number)
            for reply in (
                _put(world, number, "Astma"),
                world.send(REGION_SYSTEM, "PATCH", path, step, content_type=JSON_PATCH),
                world.send(REGION_SYSTEM, "DELETE", path),
                world.get(REGION_SYSTEM, f"{path}/_history"),
                world.get(REGION_SYSTEM, f"{path}/_history/1"),
                world.send(
                    REGION_SYSTEM,
                    "PUT",
                    path,
                    _body(world, "A", number),
                    headers={"If-Match": 'W/"1"'},
                ),
            )
        ]
    assert answers["talk"] == answers["none"]
    assert {status for status, _ in answers["talk"]} == {404, 405}


def _plain(reply: Reply, number: str) -> tuple[int, bytes]:
    return reply.status, reply.body.replace(number.encode(), b"")


def test_what_came_from_a_source_is_changed_there(world: World) -> None:
    fill(world)
    path = "/fhir/Condition/ward-1"
    replies = [
        _put(world, "ward-1", "Astma"),
        world.send(REGION_SYSTEM, "DELETE", path),
        _patch(world, "ward-1", {"op": "remove", "path": "/code"}),
    ]
    assert [(each.status, each.codes) for each in replies] == [(403, ["from-a-source"])] * 3
    assert world.get(REGION_SYSTEM, path).json["code"]["text"] == "Hypertoni"


def test_a_resource_stays_about_the_same_person(world: World) -> None:
    fill(world)
    number = _made(world)
    body = {
        **_body(world, "Astma", number),
        "subject": {"reference": f"Patient/{world.person(OLOF)}"},
    }
    reply = world.send(REGION_SYSTEM, "PUT", f"/fhir/Condition/{number}", body)
    assert (reply.status, reply.codes) == (422, ["another-person"])


def test_a_deletion_leaves_a_history(world: World) -> None:
    number = _made(world)
    path = f"/fhir/Condition/{number}"
    reply = world.send(REGION_SYSTEM, "DELETE", path)
    assert (reply.status, reply.body, reply.headers["etag"]) == (204, b"", 'W/"2"')
    gone = world.get(REGION_SYSTEM, path)
    assert (gone.status, gone.codes, gone.headers["etag"]) == (410, ["deleted"], 'W/"2"')
    assert world.get(REGION_SYSTEM, f"{path}/_history/1").status == 200
    assert world.get(REGION_SYSTEM, f"{path}/_history/2").status == 410
    history = world.get(REGION_SYSTEM, f"{path}/_history").json
    assert [each["request"]["method"] for each in history["entry"]] == ["DELETE", "POST"]
    assert "resource" not in history["entry"][0]
    for kind in ("Condition", "Condition/_history"):
        total = world.get(REGION_SYSTEM, f"/fhir/{kind}", _named(world)).json["total"]
        assert total == (0 if kind == "Condition" else 2)
    assert world.send(REGION_SYSTEM, "DELETE", path).status == 204
    assert _patch(world, number, {"op": "remove", "path": "/code"}).status == 410


def test_what_was_deleted_is_gone_alike_for_who_never_saw_it(world: World) -> None:
    fill(world)
    number = _made(world)
    before = world.get(NURSE, f"/fhir/Condition/{number}")
    world.send(REGION_SYSTEM, "DELETE", f"/fhir/Condition/{number}")
    after = world.get(NURSE, f"/fhir/Condition/{number}")
    assert (before.status, after.status) == (404, 404)
    assert before.body == after.body
    doctor = world.session(WARD_DOCTOR, *stated(relevance=True, activeChoice="content"))
    assert world.get(WARD_DOCTOR, f"/fhir/Condition/{number}", session=doctor).status == 410


def test_an_update_brings_back_what_was_deleted(world: World) -> None:
    number = _made(world)
    world.send(REGION_SYSTEM, "DELETE", f"/fhir/Condition/{number}")
    assert _put(world, number, "Astma").headers["etag"] == 'W/"3"'
    assert world.get(REGION_SYSTEM, "/fhir/Condition", _named(world)).ids == [number]


def test_a_page_that_was_found_before_a_deletion_leaves_it_out(world: World) -> None:
    numbers = [_made(world, f"Text {each}") for each in range(3)]
    first = world.get(REGION_SYSTEM, "/fhir/Condition", _named(world, _count="1"))
    world.send(REGION_SYSTEM, "DELETE", f"/fhir/Condition/{numbers[0]}")
    pages = []
    following = first.link("next")
    while following:
        page = world.get(REGION_SYSTEM, following)
        pages += page.ids
        following = page.link("next")
    assert numbers[0] not in [*pages] or first.ids == [numbers[0]]


def test_a_block_hides_every_version_at_once(world: World) -> None:
    fill(world)
    number = _made(world)
    _put(world, number, "Astma")
    doctor = world.session(WARD_DOCTOR, *stated(relevance=True, activeChoice="content"))
    path = f"/fhir/Condition/{number}"
    assert world.get(WARD_DOCTOR, f"{path}/_history/1", session=doctor).status == 200
    world.hold([(condition(world.person(), "surgery-9", "zqx"), documented(REGION, SURGERY))])
    plain = world.get(WARD_DOCTOR, "/fhir/Condition/_history", _named(world))
    assert "surgery-9" not in plain.body.decode()
    assert plain.json["total"] == len(plain.json["entry"])


def test_history_is_paged_and_narrowed_by_time(world: World) -> None:
    number = _made(world, "Version 1")
    times = []
    for each in range(2, 6):
        world.clock.now = world.clock.now.replace(minute=10 + each)
        times.append(world.clock.now)
        _put(world, number, f"Version {each}")
    path = f"/fhir/Condition/{number}/_history"
    first = world.get(REGION_SYSTEM, path, {"_count": "2"})
    assert first.json["total"] == 5
    second = world.get(REGION_SYSTEM, str(first.link("next")))
    third = world.get(REGION_SYSTEM, str(second.link("next")))
    versions = [
        each["resource"]["meta"]["versionId"]
        for page in (first, second, third)
        for each in page.json["entry"]
    ]
    assert versions == ["5", "4", "3", "2", "1"]
    assert (second.json["type"], third.link("next")) == ("history", None)
    since = {"_since": times[2].isoformat()}
    assert world.get(REGION_SYSTEM, path, since).json["total"] == 2
    at = {"_at": times[1].isoformat()}
    (only,) = world.get(REGION_SYSTEM, path, at).json["entry"]
    assert only["resource"]["code"]["text"] == "Version 3"
    for wrong in ({"_since": "igår"}, {"_at": "x"}, {"_count": "-1"}):
        assert world.get(REGION_SYSTEM, path, wrong).status == 400
    whole = world.get(REGION_SYSTEM, "/fhir/_history", _named(world))
    assert whole.json["total"] == 5
    assert world.get(REGION_SYSTEM, "/fhir/_history").codes == ["too-broad"]


def test_a_reader_that_has_the_version_is_told_so(world: World) -> None:
    number = _made(world)
    path = f"/fhir/Condition/{number}"
    read = world.get(REGION_SYSTEM, path)
    for given in ({"If-None-Match": 'W/"1"'}, {"If-Modified-Since": read.headers["last-modified"]}):
        same = world.get(REGION_SYSTEM, path, headers=given)
        assert (same.status, same.body, same.headers["etag"]) == (304, b"", 'W/"1"')
    for given in (
        {"If-None-Match": 'W/"2"'},
        {"If-Modified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"},
        {"If-Modified-Since": "igår"},
    ):
        assert world.get(REGION_SYSTEM, path, headers=given).status == 200
    assert world.get(REGION_SYSTEM, path, headers={"If-None-Match": "x"}).status == 400
    hidden = world.get(NURSE, path, headers={"If-None-Match": 'W/"1"'})
    assert hidden.status == 404


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
    number = _made(small_world)
    reply = _patch(small_world, number, *steps)
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
    number = _made(small_world)
    start = {"op": "add", "path": "/note", "value": [{"text": "x" * 1000}]}
    copies = [{"op": "copy", "from": "/note", "path": f"/note/{0}/extension"} for _ in range(40)]
    assert _patch(small_world, number, start, *copies).status == 413


def _fhirpath(*operations: Json) -> Json:
    parts = [
        {
            "name": "operation",
            "part": [
                {"name": name, **(value if isinstance(value, dict) else {_typed(value): value})}
                for name, value in each.items()
            ],
        }
        for each in operations
    ]
    return {"resourceType": "Parameters", "parameter": parts}


def _typed(value: object) -> str:
    return "valueInteger" if isinstance(value, int) else "valueString"


CODE = {"valueCodeableConcept": {"text": "B"}}
NOTES: list[Json] = [{"text": "ett"}, {"text": "två"}, {"text": "tre"}]
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
    number = _made(small_world, note=NOTES, severity={"text": "x"}, onsetString="ung")
    path = f"/fhir/Condition/{number}"
    reply = small_world.send(REGION_SYSTEM, "PATCH", path, _fhirpath(operation))
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
    number = _made(small_world, note=NOTES)
    path = f"/fhir/Condition/{number}"
    reply = small_world.send(REGION_SYSTEM, "PATCH", path, _fhirpath(operation))
    assert reply.status == status, reply.body
    assert small_world.get(REGION_SYSTEM, path).headers["etag"] == 'W/"1"'


def test_a_masked_resource_is_not_patched_into_a_loss(world: World) -> None:
    fill(world)
    world.know(protected(facts()))
    number = _made(world)
    reply = _patch(world, number, {"op": "replace", "path": "/code/text", "value": "Gikt"})
    assert (reply.status, reply.codes) == (409, ["protected-identity"])


IDENTIFIED: Json = {"identifier": [{"system": "urn:x", "value": "17"}]}


def test_a_create_that_was_made_before_is_not_made_again(world: World) -> None:
    fill(world)
    sent = _body(world, "Astma", **IDENTIFIED)
    given = {"If-None-Exist": "identifier=urn:x|17"}
    first = world.post(REGION_SYSTEM, "/fhir/Condition", sent, headers=given)
    again = world.post(REGION_SYSTEM, "/fhir/Condition", sent, headers=given)
    assert (first.status, again.status) == (201, 200)
    assert first.json["id"] == again.json["id"]
    world.post(REGION_SYSTEM, "/fhir/Condition", sent)
    several = world.post(REGION_SYSTEM, "/fhir/Condition", sent, headers=given)
    assert (several.status, several.codes) == (412, ["several-match"])
    for wrong in ("colour=red", "", "_include=Condition:subject"):
        reply = world.post(REGION_SYSTEM, "/fhir/Condition", sent, headers={"If-None-Exist": wrong})
        assert reply.status == 400, wrong


def test_criteria_find_nothing_of_anybody_elses(world: World) -> None:
    """A resource of another organisation, or from a source, is no match."""
    fill(world)
    others = condition(world.person(), "theirs", "Astma", **IDENTIFIED)
    ours = condition(world.person(), "ours", "Astma", **IDENTIFIED)
    world.hold([(others, documented(CLINIC, None)), (ours, documented(REGION, None))])
    given = {"If-None-Exist": "identifier=urn:x|17"}
    sent = _body(world, "Astma", **IDENTIFIED)
    assert world.post(REGION_SYSTEM, "/fhir/Condition", sent, headers=given).status == 201


def test_a_conditional_update_updates_creates_or_refuses(world: World) -> None:
    path = "/fhir/Condition?identifier=urn:x|17"
    sent = _body(world, "Astma", **IDENTIFIED)
    first = world.send(REGION_SYSTEM, "PUT", path, sent)
    second = world.send(REGION_SYSTEM, "PUT", path, {**sent, "code": {"text": "Gikt"}})
    assert (first.status, second.status) == (201, 200)
    assert first.json["id"] == second.json["id"]
    assert second.headers["etag"] == 'W/"2"'
    wrong = world.send(REGION_SYSTEM, "PUT", path, {**sent, "id": OTHER})
    none = world.send(
        REGION_SYSTEM, "PUT", "/fhir/Condition?identifier=urn:x|18", {**sent, "id": OTHER}
    )
    assert (wrong.status, none.status) == (400, 400)
    _made(world, "Astma", **IDENTIFIED)
    assert world.send(REGION_SYSTEM, "PUT", path, sent).status == 412


def test_a_conditional_delete_and_patch_name_one(world: World) -> None:
    path = f"/fhir/Condition?identifier=urn:x|17&patient={world.person()}"
    step = [{"op": "replace", "path": "/code/text", "value": "Gikt"}]
    for method, body in (("DELETE", None), ("PATCH", step)):
        assert world.send(REGION_SYSTEM, method, path, body, content_type=JSON_PATCH).status == 404
    number = _made(world, "Astma", **IDENTIFIED)
    patched = world.send(REGION_SYSTEM, "PATCH", path, step, content_type=JSON_PATCH)
    assert (patched.status, patched.json["code"]["text"]) == (200, "Gikt")
    _made(world, "Astma", **IDENTIFIED)
    assert world.send(REGION_SYSTEM, "DELETE", path).status == 412
    world.send(REGION_SYSTEM, "DELETE", f"/fhir/Condition/{number}")
    assert world.send(REGION_SYSTEM, "DELETE", path).status == 204
    everybody = "/fhir/Condition?identifier=urn:x|17"
    assert world.send(REGION_SYSTEM, "DELETE", everybody).codes == ["too-broad"]


def _entry(method: str, url: str, resource: object = None, **request: object) -> Json:
    entry: Json = {"request": {"method": method, "url": url, **request}}
    return entry if resource is None else {**entry, "resource": resource}


def _bundle(world: World, kind: str, *entries: object, asked: Any = REGION_SYSTEM) -> Reply:  # noqa: ANN401
    body = {"resourceType": "Bundle", "type": kind, "entry": list(entries)}
    return world.post(asked, "/fhir", body)


def test_a_batch_answers_each_request_by_itself(world: World) -> None:
    number = _made(world)
    patch = base64.b64encode(b'[{"op":"replace","path":"/code/text","value":"Gikt"}]').decode()
    binary = {"resourceType": "Binary", "contentType": JSON_PATCH, "data": patch}
    reply = _bundle(
        world,
        "batch",
        _entry("GET", f"Condition/{number}"),
        _entry("GET", "Condition/none"),
        _entry("POST", "Condition", _body(world, "Astma")),
        _entry("POST", "Condition", {"resourceType": "Condition"}),
        _entry("PATCH", f"Condition/{number}", binary),
        _entry("GET", f"Condition?patient={world.person()}"),
        _entry("PUT", f"Condition/{number}", _body(world, "x", number), ifMatch='W/"1"'),
        _entry("DELETE", f"Condition/{number}"),
        _entry("GET", f"Condition/{number}", ifNoneMatch='W/"1"'),
        _entry("POST", "Bundle", {"resourceType": "Bundle"}),
    )
    assert reply.status == 200
    assert reply.json["type"] == "batch-response"
    statuses = [each["response"]["status"].split()[0] for each in reply.json["entry"]]
    assert statuses == ["200", "404", "201", "422", "200", "200", "412", "204", "410", "404"]
    entries = reply.json["entry"]
    assert entries[0]["resource"]["id"] == number
    assert entries[1]["response"]["outcome"]["issue"][0]["code"] == "not-found"
    assert entries[2]["response"]["location"].startswith("Condition/")
    assert entries[5]["resource"]["total"] == 2


def test_a_reader_may_send_a_batch(world: World) -> None:
    fill(world)
    reply = _bundle(
        world, "batch", _entry("GET", "Condition/ward-1"), _entry("GET", "Condition/gone-1"),
        asked=WARD_DOCTOR,
    )  # fmt: skip
    assert [each["response"]["status"] for each in reply.json["entry"]] == ["200 OK", "404"]


def test_a_person_number_stands_in_no_entrys_url(world: World) -> None:
    reply = _bundle(world, "batch", _entry("GET", f"Condition?patient.identifier={OLOF}"))
    assert (reply.status, reply.codes) == (400, ["person-number-in-url"])


def test_a_transaction_does_all_kinds_of_changes_at_once(world: World) -> None:
    changed, removed, patched = (_made(world, text) for text in ("A", "B", "C"))
    existing = _made(world, "D", **IDENTIFIED)
    full = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"
    encounter = {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": f"Patient/{world.person()}"},
        "reasonReference": [{"reference": "Condition?identifier=urn:x|17"}],
    }
    operation = _fhirpath({"type": "replace", "path": "Condition.code.text", "value": "C2"})
    reply = _bundle(
        world,
        "transaction",
        _entry("GET", f"Condition?patient={world.person()}"),
        _entry("PUT", f"Condition/{changed}",
               {**_body(world, "A2", changed), "encounter": {"reference": full}}),
        _entry("DELETE", f"Condition/{removed}"),
        _entry("PATCH", f"Condition/{patched}", operation),
        {"fullUrl": full, **_entry("POST", "Encounter", encounter)},
        _entry("POST", "Condition", _body(world, "E", **IDENTIFIED),
               ifNoneExist="identifier=urn:x|17"),
        _entry("PUT", "Condition?identifier=urn:x|18", _body(world, "F")),
    )  # fmt: skip
    assert reply.status == 200, reply.body
    statuses = [each["response"]["status"] for each in reply.json["entry"]]
    assert statuses == [
        "200 OK", "200 OK", "204 No Content", "200 OK", "201 Created", "200 OK", "201 Created"
    ]  # fmt: skip
    places = [each["response"].get("location", "") for each in reply.json["entry"]]
    made = "/".join(places[4].split("/")[:2])
    kept = world.get(REGION_SYSTEM, f"/fhir/Condition/{changed}").json
    assert (kept["code"]["text"], kept["encounter"]["reference"]) == ("A2", made)
    reason = world.get(REGION_SYSTEM, f"/fhir/{made}").json["reasonReference"]
    assert reason == [{"reference": f"Condition/{existing}"}]
    assert world.get(REGION_SYSTEM, f"/fhir/Condition/{removed}").status == 410
    assert world.get(REGION_SYSTEM, f"/fhir/Condition/{patched}").json["code"]["text"] == "C2"
    assert places[5] == f"Condition/{existing}/_history/1"
    texts = sorted(
        each["resource"]["code"]["text"] for each in reply.json["entry"][0]["resource"]["entry"]
    )
    assert texts == ["A2", "C2", "D", "F"]


@pytest.mark.parametrize("what", ["stale", "missing", "twice", "hidden", "no match"])
def test_one_change_that_cannot_be_made_and_none_is(world: World, what: str) -> None:
    fill(world)
    number = _made(world, "A")
    wrong = {
        "stale": _entry("PUT", f"Condition/{number}", _body(world, "A2", number), ifMatch='W/"7"'),
        "missing": _entry("DELETE", "Condition/none"),
        "twice": _entry("PUT", f"Condition/{number}", _body(world, "A2", number)),
        "hidden": _entry("DELETE", "Condition/ward-1"),
        "no match": _entry("DELETE", f"Condition?identifier=urn:x|1&patient={world.person()}"),
    }[what]
    right = _entry("PUT", f"Condition/{number}", _body(world, "A3", number))
    new = _entry("POST", "Condition", _body(world, "Zett"))
    reply = _bundle(world, "transaction", new, right, wrong)
    assert reply.status in (403, 404, 405, 412, 422), reply.body
    assert reply.json["issue"][0]["expression"][0].startswith("Bundle.entry[2]")
    assert world.get(REGION_SYSTEM, f"/fhir/Condition/{number}").headers["etag"] == 'W/"1"'
    asked = _named(world, **{"code:text": "zett"})
    assert world.get(REGION_SYSTEM, "/fhir/Condition", asked).json["total"] == 0


def test_a_patient_is_referred_to_by_number(world: World) -> None:
    """A conditional reference stands in the body, and finds the hub's Patient of any number."""
    system = "http://electronichealth.se/identifier/personnummer"
    sent = {**_body(world, "A"), "subject": {"reference": f"Patient?identifier={system}|{OLOF}"}}
    reply = _bundle(world, "transaction", _entry("POST", "Condition", sent))
    assert reply.status == 200, reply.body
    kept = world.get(REGION_SYSTEM, f"/fhir/{reply.json['entry'][0]['response']['location']}")
    assert kept.json["subject"]["reference"] == f"Patient/{world.person(OLOF)}"
    for criteria in ("identifier=x", "name=Olof", f"identifier={system}|1", ""):
        sent["subject"] = {"reference": f"Patient?{criteria}"}
        assert _bundle(world, "transaction", _entry("POST", "Condition", sent)).status == 422


@pytest.mark.parametrize(
    ("prefer", "kind"),
    [("return=representation", "Condition"), ("return=OperationOutcome", "OperationOutcome")],
)
def test_prefer_says_what_comes_back(small_world: World, prefer: str, kind: str) -> None:
    headers = {"Prefer": prefer}
    sent = _body(small_world, "A")
    reply = small_world.post(REGION_SYSTEM, "/fhir/Condition", sent, headers=headers)
    assert (reply.status, reply.json["resourceType"]) == (201, kind)
    number = reply.headers["location"].split("/")[-3]
    assert _put(small_world, number, "B", Prefer=prefer).json["resourceType"] == kind
    assert _put(small_world, number, "C", Prefer="return=minimal").body == b""


def test_xml_in_and_out(world: World) -> None:
    xml = (
        '<Observation xmlns="http://hl7.org/fhir"><status value="final"/><code>'
        f'<text value="Vikt"/></code><subject><reference value="Patient/{world.person()}"/>'
        '</subject><valueQuantity><value value="1.50"/></valueQuantity></Observation>'
    )
    made = world.send(
        REGION_SYSTEM, "POST", "/fhir/Observation", xml.encode(), content_type=XML,
        headers={"Accept": XML},
    )  # fmt: skip
    assert made.status == 201
    assert made.headers["content-type"].startswith(XML)
    assert b'<value value="1.50"/>' in made.body
    number = made.headers["location"].split("/")[-3]
    plain = world.get(REGION_SYSTEM, f"/fhir/Observation/{number}")
    assert b'"value":1.50' in plain.body
    for asked in ("xml", XML, "application/xml", "text/xml"):
        found = world.get(REGION_SYSTEM, "/fhir/Observation", _named(world, _format=asked))
        assert found.body.startswith(b"<?xml"), asked
        assert b"<Bundle" in found.body
    wrong = world.send(REGION_SYSTEM, "POST", "/fhir/Observation", b"<a/>", content_type=XML)
    assert wrong.status == 400
    none = world.get(REGION_SYSTEM, "/fhir/Observation/none", headers={"Accept": XML})
    assert (none.status, b"<OperationOutcome" in none.body) == (404, True)
    bad = world.get(REGION_SYSTEM, "/fhir/metadata", {"_format": "xml"})
    assert b"<CapabilityStatement" in bad.body


def test_what_cannot_be_written_is_refused_before_anything_is_done(world: World) -> None:
    sent = _body(world, "A")
    for given in ({"Accept": "text/turtle"}, {"Accept": "application/fhir+json;q=0"}):
        reply = world.post(REGION_SYSTEM, "/fhir/Condition", sent, headers=given)
        assert (reply.status, reply.codes) == (406, ["not-acceptable"])
    assert world.get(REGION_SYSTEM, "/fhir/Condition", _named(world)).json["total"] == 0
    assert world.get(REGION_SYSTEM, "/fhir/Condition", _named(world, _format="ttl")).status == 406
    mixed = {"Accept": "text/html, application/xml;q=0.8, application/fhir+json;q=0.9"}
    reply = world.get(REGION_SYSTEM, "/fhir/Condition", _named(world), headers=mixed)
    assert reply.headers["content-type"].startswith(FHIR)


def test_json_for_people_keeps_its_numbers(world: World) -> None:
    body = json.dumps(
        {
            "resourceType": "Observation",
            "status": "final",
            "code": {"text": "Vikt"},
            "subject": {"reference": f"Patient/{world.person()}"},
        }
    )
    sent = (body[:-1] + ',"valueQuantity":{"value":1.50}}').encode()
    number = world.post(REGION_SYSTEM, "/fhir/Observation", sent).json["id"]
    reply = world.get(REGION_SYSTEM, f"/fhir/Observation/{number}", {"_pretty": "true"})
    assert b'\n  "status": "final"' in reply.body
    assert b'"value": 1.50' in reply.body


def test_a_part_is_marked_as_one(world: World) -> None:
    number = _made(
        world, "A", note=NOTES, text={"status": "generated", "div": DIV}, recordedDate="2026-01-01"
    )
    path = f"/fhir/Condition/{number}"
    parts = {
        "true": {"code", "subject", "recordedDate"},
        "text": {"text", "subject"},
        "data": {"code", "subject", "note", "recordedDate"},
    }
    for kind, expected in parts.items():
        found = world.get(REGION_SYSTEM, path, {"_summary": kind}).json
        assert set(found) - {"resourceType", "id", "meta"} == expected, kind
        assert found["meta"]["tag"][-1]["code"] == "SUBSETTED"
    whole = world.get(REGION_SYSTEM, path, {"_summary": "false"})
    assert "tag" not in whole.json["meta"]
    some = world.get(REGION_SYSTEM, "/fhir/Condition", _named(world, _elements="code,note"))
    (entry,) = some.json["entry"]
    assert set(entry["resource"]) == {"resourceType", "id", "meta", "code", "note", "subject"}
    for wrong in ({"_summary": "much"}, {"_pretty": "yes"}):
        assert world.get(REGION_SYSTEM, path, wrong).status == 400


DIV = '<div xmlns="http://www.w3.org/1999/xhtml">text</div>'
