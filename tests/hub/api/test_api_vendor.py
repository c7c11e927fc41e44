"""What a vendor's system writes: whole, as it was sent, its own organisation's, or not at all."""

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from consent.facts import Ability, Assessment, Person
from hub.api.interaction import own_change
from hub.store.facts import load_facts
from hub.store.identity import link_persons
from hub.store.schema.resource import RESOURCE, RESOURCE_VERSION
from hub.store.schema.search_index import INDEX_TABLES
from hub.store.writing import put
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    CLINIC,
    HOME_HELPER,
    KOMMUN,
    NURSE,
    OLOF,
    REGION,
    REGION_SYSTEM,
    SIGNE_HERSELF,
    WARD,
    WARD_DOCTOR,
    Json,
    World,
    condition,
    protected,
    stated,
)
from tests.worlds.usual import facts, fill

ENCOUNTER = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"
AS_SENT = """{
  "resourceType": "Observation", "id": "mine", "meta": {"versionId": "7", "tag": [{"code": "t"}]},
  "status": "final", "code": {"text": "Vikt åäö \\u2603"},
  "subject": {"reference": "Patient/%s"},
  "effectiveDateTime": "2026-03-09T07:30:00.1200+01:00",
  "valueQuantity": {"value": 1.50, "unit": "kg"},
  "referenceRange": [{"low": {"value": 0.0}, "high": {"value": 1e2}, "text": "a/b \\"c\\""}]
}"""


def _observation(person: str) -> bytes:
    return (AS_SENT % person).encode()


def _encounter(person: str, **elements: object) -> Json:
    return {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": f"Patient/{person}"},
        **elements,
    }


def _entry(resource: Json, **request: object) -> Json:
    given = {"method": "POST", "url": resource.get("resourceType"), **request}
    return {"resource": resource, "request": given}


def _bundle(*entries: object) -> Json:
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}


def _rows(world: World) -> dict[str, int]:
    with world.store.read() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (RESOURCE, RESOURCE_VERSION, *INDEX_TABLES.values())
        }


def _row(world: World, number: str) -> Any:  # noqa: ANN401 -- a row
    with world.store.read() as connection:
        return connection.execute(select(RESOURCE).where(RESOURCE.c.id == number)).one()


def _path(location: str) -> str:
    return location.removeprefix("http://hub.test")


def test_every_value_is_kept_as_it_was_sent(world: World) -> None:
    sent = _observation(world.person())
    reply = world.post(REGION_SYSTEM, "/fhir/Observation", sent)
    assert reply.status == 201
    read = world.get(REGION_SYSTEM, _path(reply.headers["location"]))
    assert read.status == 200
    for written in (b'"value":1.50', b'"value":0.0', b'"value":1e2', b"07:30:00.1200+01:00"):
        assert written in reply.body
    assert read.body == reply.body
    assert read.headers["etag"] == reply.headers["etag"] == 'W/"1"'
    assert read.headers["last-modified"] == reply.headers["last-modified"]
    kept, given = read.json, json.loads(sent)
    assert kept.pop("id") != given.pop("id")
    assert kept.pop("meta")["tag"] == given.pop("meta")["tag"]
    assert kept == given


def test_the_location_is_found_by_reading_and_by_searching(world: World) -> None:
    person = world.person()
    reply = world.post(REGION_SYSTEM, "/fhir/Condition", condition(person, "x", "Hypertoni"))
    number = reply.json["id"]
    location = _path(reply.headers["location"])
    assert location == f"/fhir/Condition/{number}/_history/1"
    for path in (location, f"/fhir/Condition/{number}"):
        assert world.get(REGION_SYSTEM, path).status == 200
    parameters = {"patient": person, "code:text": "hyper"}
    assert world.get(REGION_SYSTEM, "/fhir/Condition", parameters).ids == [number]
    assert world.get(REGION_SYSTEM, f"/fhir/Condition/{number}/_history/2").status == 404


def test_minimal_is_without_a_body(world: World) -> None:
    headers = {"Prefer": "return=minimal"}
    sent = condition(world.person(), "x")
    reply = world.post(REGION_SYSTEM, "/fhir/Condition", sent, headers=headers)
    assert (reply.status, reply.body) == (201, b"")
    assert world.get(REGION_SYSTEM, _path(reply.headers["location"])).status == 200


def test_the_owner_is_the_tokens_and_never_the_bodys(world: World) -> None:
    sent = condition(
        world.person(),
        "x",
        recorder={"identifier": {"system": "urn:oid:1.2.752.129.2.1.4.1", "value": CLINIC}},
        meta={"source": f"urn:samvy:source:{CLINIC}"},
    )
    number = world.post(REGION_SYSTEM, "/fhir/Condition", sent).json["id"]
    row = _row(world, number)
    assert (row.owner, row.unit) == (REGION, WARD)
    assert CLINIC not in row.source


@pytest.mark.parametrize("reader", [WARD_DOCTOR, HOME_HELPER, SIGNE_HERSELF], ids=lambda r: r.user)
def test_nobody_but_a_system_writes(small_world: World, reader: Any) -> None:  # noqa: ANN401
    wide = replace(reader, scope="user/*.cruds patient/*.cruds system/*.cruds")
    person = small_world.person()
    sent = condition(person, "x")
    for path, body in (
        ("/fhir/Condition", sent),
        ("/fhir", _bundle(_entry(sent))),
        ("/fhir", _bundle()),
    ):
        reply = small_world.post(wide, path, body)
        assert (reply.status, reply.codes) == (403, ["not-a-system"])
    assert set(_rows(small_world).values()) == {0}


def test_a_document_is_made_available_as_its_owner_declares(world: World) -> None:
    """With a unit to others; without one to the owner's own staff only (DESIGN §4)."""
    fill(world)
    sent = condition(world.person(), "x")
    shared = world.post(REGION_SYSTEM, "/fhir/Condition", sent).json["id"]
    unplaced = replace(REGION_SYSTEM, unit=None)
    own = world.post(unplaced, "/fhir/Condition", sent).json["id"]
    world.know(facts(consents=(replace(facts().consents[0], organisation=KOMMUN),)))
    nurse = world.session(NURSE, *stated(relevance=True, activeChoice="content"))
    doctor = world.session(WARD_DOCTOR, *stated(relevance=True, activeChoice="content"))
    assert world.get(NURSE, f"/fhir/Condition/{shared}", session=nurse).status == 200
    assert world.get(NURSE, f"/fhir/Condition/{own}", session=nurse).status == 404
    assert world.get(WARD_DOCTOR, f"/fhir/Condition/{own}", session=doctor).status == 200


def test_labels_that_narrow_are_heeded(world: World) -> None:
    fill(world)
    person = world.person()
    label = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "NOPATIENT"}
    mistaken = {"coding": [{"system": MISTAKEN, "code": "entered-in-error"}]}
    kept = {
        "secret": condition(person, "x", meta={"security": [label]}),
        "mistake": condition(person, "x", verificationStatus=mistaken),
        "plain": condition(person, "x"),
    }
    ids = {
        name: world.post(REGION_SYSTEM, "/fhir/Condition", sent).json["id"]
        for name, sent in kept.items()
    }
    seen = {
        name: world.get(SIGNE_HERSELF, f"/fhir/Condition/{number}").status
        for name, number in ids.items()
    }
    assert seen == {"secret": 404, "mistake": 404, "plain": 200}


MISTAKEN = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def test_what_is_written_about_a_protected_person_is_masked_at_once(world: World) -> None:
    fill(world)
    world.know(protected(facts()))
    person = world.person()
    contained = {
        "resourceType": "Patient",
        "id": "p",
        "address": [{"city": "zqxort"}],
        "telecom": [{"system": "phone", "value": "zqxtelefon"}],
    }
    sent = condition(person, "x", contained=[contained], asserter={"reference": "#p"})
    for path, body in (("/fhir/Condition", sent), ("/fhir", _bundle(_entry(sent)))):
        reply = world.post(REGION_SYSTEM, path, body)
        assert reply.status in (200, 201), reply.body
    parameters = {"patient": person, "_sort": "-_lastUpdated"}
    reply = world.get(WARD_DOCTOR, "/fhir/Condition", parameters)
    assert reply.json["total"] == 4
    assert b"zqx" not in reply.body


def test_an_assessment_is_the_ground_for_somebody_unable(world: World) -> None:
    """SVOD 2:6: what is made available after the ability was lost rests on an assessment."""
    unable = Person(capacity=Ability.LASTING_LACK)
    assessed = (Assessment(REGION, clarified=True, reason_to_think_opposed=False),)
    grounds = {}
    for name, known in (("not", facts(person=unable)), ("yes", facts(person=unable))):
        world.know(replace(known, assessments=assessed if name == "yes" else ()))
        sent = condition(world.person(), "x")
        number = world.post(REGION_SYSTEM, "/fhir/Condition", sent).json["id"]
        grounds[name] = _row(world, number).availability
    assert grounds == {"not": "2:4", "yes": "2:6"}


def test_any_date_that_fhir_has_can_be_written(small_world: World) -> None:
    for written in ("9999-12-31", "0001-01-01", "0001", "9999", "2026-03"):
        sent = condition(small_world.person(), "x", recordedDate=written)
        assert small_world.post(REGION_SYSTEM, "/fhir/Condition", sent).status == 201, written


SUBJECTS: dict[str, object] = {
    "none": None,
    "a group": {"reference": "Group/x"},
    "a number": {"reference": "Patient/191212121212"},
    "an identifier": {"identifier": {"system": "urn:x", "value": "y"}},
    "a version": {"reference": "Patient/aaaabbbbccccddddeeeeffffgggghhhh/_history/1"},
    "a fragment": {"reference": "Patient/aaaabbbbccccddddeeeeffffgggghhhh#" + "x" * 100},
    "another server's": {"reference": "https://x.example/fhir/Patient/1"},
    "a search": {"reference": "Patient?identifier=x"},
    "an id of another form": {"reference": "Patient/1"},
}


def test_a_document_names_one_person_of_the_hub(small_world: World) -> None:
    for what, subject in SUBJECTS.items():
        sent = {"resourceType": "Condition", "subject": subject}
        if subject is None:
            del sent["subject"]
        reply = small_world.post(REGION_SYSTEM, "/fhir/Condition", sent)
        assert reply.status == 422, what
    assert set(_rows(small_world).values()) == {0}


def _transaction(world: World, *entries: object) -> Reply:
    return world.post(REGION_SYSTEM, "/fhir", _bundle(*entries))


def test_a_transaction_resolves_its_own_references(world: World) -> None:
    person = world.person()
    first = {"fullUrl": ENCOUNTER, **_entry(_encounter(person))}
    second = _entry(condition(person, "x", encounter={"reference": ENCOUNTER}))
    reply = _transaction(world, second, first)
    assert reply.status == 200
    places = [each["response"]["location"] for each in reply.json["entry"]]
    assert [place.split("/")[0] for place in places] == ["Condition", "Encounter"]
    assert {each["response"]["status"] for each in reply.json["entry"]} == {"201 Created"}
    kept = world.get(REGION_SYSTEM, f"/fhir/{places[0]}")
    encounter = "/".join(places[1].split("/")[:2])
    assert kept.json["encounter"]["reference"] == encounter
    assert world.get(REGION_SYSTEM, f"/fhir/{encounter}").status == 200
    found = world.get(REGION_SYSTEM, "/fhir/Condition", {"patient": person, "encounter": encounter})
    assert found.json["total"] == 1


def test_a_transaction_keeps_every_value_as_it_was_sent(world: World) -> None:
    entry = b'{"resource":%s,"request":{"method":"POST","url":"Observation"}}' % _observation(
        world.person()
    )
    bundle = b'{"resourceType":"Bundle","type":"transaction","entry":[%s]}' % entry
    reply = world.post(REGION_SYSTEM, "/fhir", bundle)
    kept = world.get(REGION_SYSTEM, f"/fhir/{reply.json['entry'][0]['response']['location']}")
    for written in (b'"value":1.50', b'"value":0.0', b'"value":1e2', b"07:30:00.1200+01:00"):
        assert written in kept.body


def test_a_transaction_may_be_about_several_persons(world: World) -> None:
    fill(world)
    entries = [_entry(condition(world.person(each), "x")) for each in (OLOF, OLOF)]
    mine = _entry(condition(world.person(), "x"))
    reply = _transaction(world, entries[0], mine, entries[1])
    assert reply.status == 200
    owners = [
        _row(world, each["response"]["location"].split("/")[1]).person
        for each in reply.json["entry"]
    ]
    assert owners == [world.person(OLOF), world.person(), world.person(OLOF)]


def _wrong(person: str) -> dict[str, list[object]]:
    sound = _entry(condition(person, "x"))
    url = {"fullUrl": ENCOUNTER}
    return {
        "an unknown element": [sound, _entry(condition(person, "x", colour="red"))],
        "a missing element": [sound, _entry({**_encounter(person), "status": None})],
        "a wrong code": [sound, _entry(_encounter(person, status="over"))],
        "nobody's": [sound, _entry({"resourceType": "Condition"})],
        "an unresolved reference": [
            sound,
            _entry(condition(person, "x", encounter={"reference": ENCOUNTER})),
        ],
        "a reference that resolves to another type": [
            {**url, **sound},
            _entry(condition(person, "x", encounter={"reference": ENCOUNTER})),
        ],
        "two of the same name": [{**url, **sound}, {**url, **sound}],
        "a name that is a reference": [{"fullUrl": f"Patient/{person}", **sound}],
        "a name that is no text": [{"fullUrl": 7, **sound}],
        "an update of another": [sound, _entry(condition(person, "x"), method="PUT", url="Goal/x")],
        "a deletion with a resource": [sound, _entry(condition(person, "x"), method="DELETE")],
        "another url": [sound, _entry(condition(person, "x"), url="Observation")],
        "a condition that is no text": [sound, _entry(condition(person, "x"), ifNoneExist=7)],
        "a patient": [sound, _entry({"resourceType": "Patient"})],
        "a consent": [sound, _entry({"resourceType": "Consent"})],
        "an audit event": [sound, _entry({"resourceType": "AuditEvent"})],
        "a type that is a list": [sound, _entry({"resourceType": ["Condition"]})],
        "no type": [sound, _entry({})],
        "no resource": [sound, {"request": {"method": "POST", "url": "Condition"}}],
        "not an entry": [sound, 7],
        "too many": [sound] * 1001,
    }


def test_one_wrong_entry_and_nothing_is_written(world: World) -> None:
    for name, entries in _wrong(world.person()).items():
        reply = _transaction(world, *entries)
        assert reply.status == 422, (name, reply.body[:300])
        places = [str(each.get("expression", [""])[0]) for each in reply.json["issue"]]
        assert all(place.startswith("Bundle.entry") for place in places), (name, places)
        assert set(_rows(world).values()) == {0}, name


def test_every_faulty_entry_is_named(small_world: World) -> None:
    wrong = _entry(condition(small_world.person(), "x", colour="red"))
    sound = _entry(condition(small_world.person(), "x"))
    reply = _transaction(small_world, wrong, sound, wrong)
    places = [each["expression"][0] for each in reply.json["issue"]]
    assert [place[:15] for place in places] == ["Bundle.entry[0]", "Bundle.entry[2]"]


def test_a_store_that_fails_half_way_keeps_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two persons the second one's part fails: the first one's is not kept either."""
    calls: list[Any] = []

    def fail_at_the_second(*given: Any) -> Any:  # noqa: ANN401
        calls.append(given)
        if len(calls) > 1:
            raise MemoryError
        return put(*given)

    monkeypatch.setattr(own_change, "put", fail_at_the_second)
    entries = [_entry(condition(world.person(each), "x")) for each in (OLOF, "194203172384")]
    reply = _transaction(world, *entries)
    assert reply.status == 500
    assert set(_rows(world).values()) == {0}


def test_bundles_that_ask_for_nothing_are_refused(small_world: World) -> None:
    for kind in ("collection", "document", "history", None):
        bundle = {"resourceType": "Bundle", "type": kind}
        assert small_world.post(REGION_SYSTEM, "/fhir", bundle).status == 422
    assert small_world.post(REGION_SYSTEM, "/fhir", condition("p", "x")).status == 400


def test_what_is_written_about_a_linked_person_is_found_under_either_name(world: World) -> None:
    with world.store.write() as connection:
        link_persons(connection, world.person(), world.person(OLOF), world.clock.now)
        load_facts(connection, world.person(), facts(), world.clock.now)
    sent = [condition(world.person(each), "x") for each in ("194203172384", OLOF)]
    ids = {world.post(REGION_SYSTEM, "/fhir/Condition", each).json["id"] for each in sent}
    for number in ("194203172384", OLOF):
        parameters = {"patient": world.person(number)}
        found = world.get(REGION_SYSTEM, "/fhir/Condition", parameters)
        assert set(found.ids) == ids, number
    assert world.look_up(REGION_SYSTEM, OLOF).ids == [world.person()]
