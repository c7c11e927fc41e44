"""$meta-add and $meta-delete: labels of a vendor's own resource, as a new version.

Source: FHIR R4 resource-operation-meta-add.html, -meta-delete.html.
"""

from typing import Any

import pytest

from tests.hub.api.interacting import stored
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import REGION_SYSTEM, SIGNE_HERSELF, WARD_DOCTOR, World
from tests.worlds.usual import fill

PROFILE = "http://x.example/profile"
DEMO = {"system": "urn:tags", "code": "demo", "display": "Demo"}
SECRET = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "code": "NOPATIENT",
}


def _send(world: World, name: str, number: str, meta: Any, reader: Any = REGION_SYSTEM) -> Reply:  # noqa: ANN401
    body = {"resourceType": "Parameters", "parameter": [{"name": "meta", "valueMeta": meta}]}
    return world.post(reader, f"/fhir/Condition/{number}/{name}", body)


def _meta(world: World, number: str) -> dict[str, Any]:
    found = world.get(REGION_SYSTEM, f"/fhir/Condition/{number}").json["meta"]
    return {name: value for name, value in found.items() if name != "lastUpdated"}


def test_labels_are_added_once_and_taken_away(world: World) -> None:
    fill(world)
    number = stored(world)
    added = _send(world, "$meta-add", number, {"profile": [PROFILE], "tag": [DEMO]})
    assert added.status == 200, added.body
    shown = added.json["parameter"][0]
    assert shown["name"] == "return"
    assert shown["valueMeta"]["tag"] == [DEMO]
    wanted = {"versionId": "2", "profile": [PROFILE], "tag": [DEMO]}
    assert _meta(world, number) == wanted
    # the same label under another display is the same label; nothing is new, nor is the version
    again = _send(world, "$meta-add", number, {"tag": [{**DEMO, "display": "D"}]})
    assert (again.status, _meta(world, number)) == (200, wanted)
    gone = {"tag": [{"system": "urn:tags", "code": "demo"}], "profile": ["http://not.there"]}
    assert _send(world, "$meta-delete", number, gone).status == 200
    assert _meta(world, number) == {"versionId": "3", "profile": [PROFILE]}
    found = world.get(WARD_DOCTOR, "/fhir/Condition", {"patient": world.person(), "_tag": "demo"})
    assert found.ids == []


def test_a_label_that_hides_from_the_person_hides(world: World) -> None:
    fill(world)
    number = stored(world)
    path = f"/fhir/Condition/{number}"
    assert world.get(SIGNE_HERSELF, path).status == 200
    assert _send(world, "$meta-add", number, {"security": [SECRET]}).status == 200
    assert world.get(SIGNE_HERSELF, path).status == 404
    assert _send(world, "$meta-delete", number, {"security": [SECRET]}).status == 200
    assert world.get(SIGNE_HERSELF, path).status == 200


REFUSED = [
    ({"parameter": []}, 400),
    ({}, 400),
    ({"parameter": [{"name": "meta"}]}, 400),
    ({"parameter": [{"name": "meta", "valueMeta": []}]}, 400),
    ({"parameter": [{"name": "meta", "valueMeta": {"tag": [DEMO]}}] * 2}, 400),
    ({"parameter": [{"name": "meta", "valueMeta": {"tag": DEMO}}]}, 422),
    ({"parameter": [{"name": "meta", "valueMeta": {"tag": ["demo"]}}]}, 422),
    ({"parameter": [{"name": "meta", "valueMeta": {"profile": [[PROFILE]]}}]}, 422),
    ({"parameter": [{"name": "meta", "valueMeta": {"profile": ["not a uri"]}}]}, 422),
]


@pytest.mark.parametrize(("sent", "status"), REFUSED, ids=range(len(REFUSED)))
@pytest.mark.parametrize("name", ["$meta-add"])
def test_what_is_no_meta_is_refused(
    written_world: World, sent: dict[str, Any], status: int, name: str
) -> None:
    number = stored(written_world)
    path = f"/fhir/Condition/{number}/{name}"
    reply = written_world.post(REGION_SYSTEM, path, {"resourceType": "Parameters", **sent})
    assert (reply.status, reply.json["resourceType"]) == (status, "OperationOutcome")
    assert _meta(written_world, number) == {"versionId": "1"}


def test_nobody_labels_what_is_anothers_or_hidden(written_world: World) -> None:
    meta = {"tag": [DEMO]}
    hidden, missing, theirs = (
        _send(written_world, "$meta-add", number, meta) for number in ("gone-1", "none", "ward-1")
    )
    assert hidden.body == missing.body
    assert hidden.status == 405
    assert (theirs.status, theirs.codes) == (403, ["from-a-source"])
    assert _send(written_world, "$meta-add", "ward-1", meta, WARD_DOCTOR).status == 403
    assert written_world.get(REGION_SYSTEM, "/fhir/Condition/ward-1/$meta-add").status == 405
