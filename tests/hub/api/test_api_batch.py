"""Conditional requests, batch, transaction and representations, as vendors know them."""

import base64
import json
from typing import Any

import pytest

from tests.hub.api.interacting import (
    JSON_PATCH,
    NOTES,
    OTHER,
    XML,
    body_of,
    fhirpath,
    named,
    put,
    stored,
)
from tests.hub.api.test_api_refused import logged
from tests.worlds.asgi_client import FHIR, Reply
from tests.worlds.hub_world import (
    CLINIC,
    OLOF,
    REGION,
    REGION_SYSTEM,
    WARD_DOCTOR,
    Json,
    World,
    condition,
    documented,
)
from tests.worlds.usual import fill

DIV = '<div xmlns="http://www.w3.org/1999/xhtml">text</div>'


IDENTIFIED: Json = {"identifier": [{"system": "urn:x", "value": "17"}]}


def test_a_create_that_was_made_before_is_not_made_again(world: World) -> None:
    fill(world)
    sent = body_of(world, "Astma", **IDENTIFIED)
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
    sent = body_of(world, "Astma", **IDENTIFIED)
    assert world.post(REGION_SYSTEM, "/fhir/Condition", sent, headers=given).status == 201


def test_a_conditional_update_updates_creates_or_refuses(world: World) -> None:
    path = "/fhir/Condition?identifier=urn:x|17"
    sent = body_of(world, "Astma", **IDENTIFIED)
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
    stored(world, "Astma", **IDENTIFIED)
    assert world.send(REGION_SYSTEM, "PUT", path, sent).status == 412


def test_a_conditional_delete_and_patch_name_one(world: World) -> None:
    path = f"/fhir/Condition?identifier=urn:x|17&patient={world.person()}"
    step = [{"op": "replace", "path": "/code/text", "value": "Gikt"}]
    for method, body in (("DELETE", None), ("PATCH", step)):
        assert world.send(REGION_SYSTEM, method, path, body, content_type=JSON_PATCH).status == 404
    number = stored(world, "Astma", **IDENTIFIED)
    patched = world.send(REGION_SYSTEM, "PATCH", path, step, content_type=JSON_PATCH)
    assert (patched.status, patched.json["code"]["text"]) == (200, "Gikt")
    stored(world, "Astma", **IDENTIFIED)
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
    number = stored(world)
    patch = base64.b64encode(b'[{"op":"replace","path":"/code/text","value":"Gikt"}]').decode()
    binary = {"resourceType": "Binary", "contentType": JSON_PATCH, "data": patch}
    reply = _bundle(
        world,
        "batch",
        _entry("GET", f"Condition/{number}"),
        _entry("GET", "Condition/none"),
        _entry("POST", "Condition", body_of(world, "Astma")),
        _entry("POST", "Condition", {"resourceType": "Condition"}),
        _entry("PATCH", f"Condition/{number}", binary),
        _entry("GET", f"Condition?patient={world.person()}"),
        _entry("PUT", f"Condition/{number}", body_of(world, "x", number), ifMatch='W/"1"'),
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


def test_what_is_no_request_is_refused_in_its_place(world: World) -> None:
    """And logged; the others are carried out (http.html#brules). A transaction does nothing."""
    number = stored(world)
    bad = (
        _entry("FOO", f"Condition/{number}"),
        {"resource": {"resourceType": "Condition"}},
        _entry("POST", "Condition"),
        _entry("GET", f"https://x.example/fhir/Condition/{number}"),
        "nothing",
    )
    good = _entry("GET", f"Condition/{number}")
    before = len(logged(world))
    reply = _bundle(world, "batch", *bad, good)
    assert reply.status == 200, reply.body
    entries = reply.json["entry"]
    assert [each["response"]["status"] for each in entries] == ["422"] * 5 + ["200 OK"]
    first = entries[3]["response"]["outcome"]["issue"][0]
    assert first["expression"] == ["Bundle.entry[3]"]
    made = logged(world)[before:]
    assert [each.get("refusal") for each in made] == ["unprocessable"] * len(bad) + [None]
    assert _bundle(world, "transaction", *bad, good).status == 422


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
    changed, removed, patched = (stored(world, text) for text in ("A", "B", "C"))
    existing = stored(world, "D", **IDENTIFIED)
    full = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"
    encounter = {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": f"Patient/{world.person()}"},
        "reasonReference": [{"reference": "Condition?identifier=urn:x|17"}],
    }
    operation = fhirpath({"type": "replace", "path": "Condition.code.text", "value": "C2"})
    reply = _bundle(
        world,
        "transaction",
        _entry("GET", f"Condition?patient={world.person()}"),
        _entry("PUT", f"Condition/{changed}",
               {**body_of(world, "A2", changed), "encounter": {"reference": full}}),
        _entry("DELETE", f"Condition/{removed}"),
        _entry("PATCH", f"Condition/{patched}", operation),
        {"fullUrl": full, **_entry("POST", "Encounter", encounter)},
        _entry("POST", "Condition", body_of(world, "E", **IDENTIFIED),
               ifNoneExist="identifier=urn:x|17"),
        _entry("PUT", "Condition?identifier=urn:x|18", body_of(world, "F")),
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
    number = stored(world, "A")
    wrong = {
        "stale": _entry(
            "PUT", f"Condition/{number}", body_of(world, "A2", number), ifMatch='W/"7"'
        ),
        "missing": _entry("DELETE", "Condition/none"),
        "twice": _entry("PUT", f"Condition/{number}", body_of(world, "A2", number)),
        "hidden": _entry("DELETE", "Condition/ward-1"),
        "no match": _entry("DELETE", f"Condition?identifier=urn:x|1&patient={world.person()}"),
    }[what]
    right = _entry("PUT", f"Condition/{number}", body_of(world, "A3", number))
    new = _entry("POST", "Condition", body_of(world, "Zett"))
    reply = _bundle(world, "transaction", new, right, wrong)
    assert reply.status in (403, 404, 405, 412, 422), reply.body
    assert reply.json["issue"][0]["expression"][0].startswith("Bundle.entry[2]")
    assert world.get(REGION_SYSTEM, f"/fhir/Condition/{number}").headers["etag"] == 'W/"1"'
    asked = named(world, **{"code:text": "zett"})
    assert world.get(REGION_SYSTEM, "/fhir/Condition", asked).json["total"] == 0


def test_a_patient_is_referred_to_by_number(world: World) -> None:
    """A conditional reference stands in the body, and finds the hub's Patient of any number."""
    system = "http://electronichealth.se/identifier/personnummer"
    sent = {**body_of(world, "A"), "subject": {"reference": f"Patient?identifier={system}|{OLOF}"}}
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
    sent = body_of(small_world, "A")
    reply = small_world.post(REGION_SYSTEM, "/fhir/Condition", sent, headers=headers)
    assert (reply.status, reply.json["resourceType"]) == (201, kind)
    number = reply.headers["location"].split("/")[-3]
    assert put(small_world, number, "B", Prefer=prefer).json["resourceType"] == kind
    assert put(small_world, number, "C", Prefer="return=minimal").body == b""


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
        found = world.get(REGION_SYSTEM, "/fhir/Observation", named(world, _format=asked))
        assert found.body.startswith(b"<?xml"), asked
        assert b"<Bundle" in found.body
    wrong = world.send(REGION_SYSTEM, "POST", "/fhir/Observation", b"<a/>", content_type=XML)
    assert wrong.status == 400
    none = world.get(REGION_SYSTEM, "/fhir/Observation/none", headers={"Accept": XML})
    assert (none.status, b"<OperationOutcome" in none.body) == (404, True)
    bad = world.get(REGION_SYSTEM, "/fhir/metadata", {"_format": "xml"})
    assert b"<CapabilityStatement" in bad.body


def test_what_cannot_be_written_is_refused_before_anything_is_done(world: World) -> None:
    sent = body_of(world, "A")
    for given in ({"Accept": "text/turtle"}, {"Accept": "application/fhir+json;q=0"}):
        reply = world.post(REGION_SYSTEM, "/fhir/Condition", sent, headers=given)
        assert (reply.status, reply.codes) == (406, ["not-acceptable"])
    assert world.get(REGION_SYSTEM, "/fhir/Condition", named(world)).json["total"] == 0
    assert world.get(REGION_SYSTEM, "/fhir/Condition", named(world, _format="ttl")).status == 406
    mixed = {"Accept": "text/html, application/xml;q=0.8, application/fhir+json;q=0.9"}
    reply = world.get(REGION_SYSTEM, "/fhir/Condition", named(world), headers=mixed)
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
    number = stored(
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
    some = world.get(REGION_SYSTEM, "/fhir/Condition", named(world, _elements="code,note"))
    (entry,) = some.json["entry"]
    assert set(entry["resource"]) == {"resourceType", "id", "meta", "code", "note", "subject"}
    for wrong in ({"_summary": "much"}, {"_pretty": "yes"}):
        assert world.get(REGION_SYSTEM, path, wrong).status == 400
