"""An absolute reference to the hub is the relative one, in what is stored and in what is asked.

Source: FHIR R4 references.html, search.html#reference. Kept relative, it goes on meaning the same
when the hub is known by another name.
"""

import pytest

from hub.fhir.json_codec import decode
from tests.hub.api.interacting import XML, named, stored
from tests.worlds.hub_world import REGION_SYSTEM, Json, World

ROOT, KNOWN_AS, ELSEWHERE = (
    "http://hub.test/fhir",
    "http://127.0.0.1:8000/fhir",
    "https://x.example/fhir",
)


def _referring(world: World, target: str, subject: str = "Patient/") -> Json:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "x"},
        "subject": {"reference": f"{subject}{world.person()}"},
        "focus": [{"reference": target}],
    }


def _written(world: World, body: Json) -> Json:
    reply = world.post(REGION_SYSTEM, "/fhir/Observation", body)
    assert reply.status == 201, reply.body
    found: Json = world.get(REGION_SYSTEM, f"/fhir/Observation/{reply.json['id']}").json
    return found


def _ids(world: World, kind: str, **parameters: str) -> list[str]:
    asked = {name.replace("__", ":"): value for name, value in parameters.items()}
    reply = world.get(REGION_SYSTEM, f"/fhir/{kind}", named(world, **asked))
    assert reply.status == 200, reply.body
    return [each["resource"]["id"] for each in reply.json.get("entry", ())]


@pytest.mark.parametrize("root", [ROOT, KNOWN_AS])
def test_it_is_kept_relative_and_found_by_every_form(world: World, root: str) -> None:
    target = f"Condition/{stored(world)}"
    found = _written(world, _referring(world, f"{root}/{target}", f"{root}/Patient/"))
    assert found["focus"] == [{"reference": target}]
    assert found["subject"] == {"reference": f"Patient/{world.person()}"}
    this, number = [found["id"]], target.partition("/")[2]
    for form in (target, number, f"{ROOT}/{target}", f"{KNOWN_AS}/{target}"):
        assert _ids(world, "Observation", focus=form) == this, form
    assert _ids(world, "Observation", focus=f"{ELSEWHERE}/{target}") == []
    assert (
        _ids(
            world, "Observation", **{"focus:Condition.subject": f"{root}/Patient/{world.person()}"}
        )
        == this
    )
    assert _ids(
        world, "Condition", **{"_has:Observation:focus:subject": f"{root}/Patient/{world.person()}"}
    ) == [number]
    assert _ids(world, "Observation", _include="Observation:focus") == [*this, number]
    assert _ids(world, "Observation", patient=f"{root}/Patient/{world.person()}") == this


def test_a_version_and_another_server_are_kept_as_they_were_sent(world: World) -> None:
    for sent, kept in (
        (f"{ROOT}/Condition/c1/_history/2", "Condition/c1/_history/2"),
        (f"{ELSEWHERE}/Condition/c1", f"{ELSEWHERE}/Condition/c1"),
        (f"{ROOT}x/Condition/c1", f"{ROOT}x/Condition/c1"),
        (f"{ROOT}/metadata", f"{ROOT}/metadata"),
    ):
        assert _written(world, _referring(world, sent))["focus"] == [{"reference": kept}]


def test_in_xml_in_an_update_and_in_a_transaction(world: World) -> None:
    target = f"Condition/{stored(world)}"
    body = _referring(world, f"{ROOT}/{target}")
    entry = {"resource": body, "request": {"method": "POST", "url": "Observation"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    reply = world.post(REGION_SYSTEM, "/fhir", bundle)
    path = "/fhir/" + reply.json["entry"][0]["response"]["location"].partition("/_history")[0]
    found = world.get(REGION_SYSTEM, path)
    assert found.json["focus"] == [{"reference": target}]
    changed = {**body, "id": found.json["id"], "status": "amended"}
    assert world.send(REGION_SYSTEM, "PUT", path, changed).json["focus"] == [{"reference": target}]
    as_xml = world.get(REGION_SYSTEM, path, headers={"Accept": XML}).body
    sent = as_xml.replace(f'"{target}"'.encode(), f'"{ROOT}/{target}"'.encode())
    reply = world.send(REGION_SYSTEM, "PUT", path, sent, content_type=XML)
    assert decode(reply.body)["focus"] == [{"reference": target}]


def test_a_person_of_another_server_is_nobody_of_ours(world: World) -> None:
    body = _referring(world, "Condition/c1", f"{ELSEWHERE}/Patient/")
    assert world.post(REGION_SYSTEM, "/fhir/Observation", body).status == 422
    asked = {"patient": f"{ELSEWHERE}/Patient/{world.person()}"}
    assert world.get(REGION_SYSTEM, "/fhir/Observation", asked).status == 403
