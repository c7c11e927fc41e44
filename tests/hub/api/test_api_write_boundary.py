"""The write boundary as a vendor meets it: every fault is a 4xx that names it, and nothing is kept.

Source: DESIGN §5, §7; FHIR R4 http.html#create, validation.html. What is wrong is made from R4's
definitions (tests/hub/fhir/written_wrong.py); here it goes through the served hub.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from hub.api.own_documents import CREATED
from hub.fhir.check_shape import shape
from hub.fhir.definitions import table
from hub.fhir.json_codec import encode
from tests.hub.api.write_boundary import BIG, nothing_stored, refused
from tests.hub.fhir.filled import filled
from tests.hub.fhir.invariant_oracle import compared_at, evaluated, inside
from tests.hub.fhir.written_wrong import SEEDS, Covered, broken, valid
from tests.worlds.asgi_client import FHIR
from tests.worlds.hub_world import REGION_SYSTEM, World, condition


def test_the_valid_is_taken(written_world: World) -> None:
    """What the faults are planted in is taken, so that it is they that are refused."""
    for name in sorted(CREATED):
        first, *_, last = valid(name, written_world.person())
        for each in (first, last):
            reply = written_world.post(REGION_SYSTEM, f"/fhir/{name}", encode(each))
            assert reply.status == 201, (name, reply.body)


@pytest.mark.parametrize("name", sorted(CREATED))
def test_every_kind_of_fault_is_refused_with_its_place(written_world: World, name: str) -> None:
    """Each kind once for every type; tests/hub/fhir/test_written_wrong.py has each element."""
    covered: Covered = set()
    seen: set[str] = set()
    wrong = {}
    with nothing_stored(written_world):
        for each in broken(name, written_world.person(), covered):
            kind = each.what.partition(" ")[2]
            if kind in seen:
                continue
            seen.add(kind)
            reply = written_world.post(REGION_SYSTEM, f"/fhir/{name}", encode(each.resource))
            fault = refused(reply)
            places = [] if fault else [i.get("expression", [""])[0] for i in reply.json["issue"]]
            near = (each.at, each.at.rpartition(".")[0])
            if fault or not any(p.startswith(near[0]) or p == near[1] for p in places):
                wrong[each.what] = fault or places
    assert wrong == {}
    assert len(seen) > 40


DEEP = '{"extension":[' * 40 + '{"url":"http://x.example/a","valueCode":"a"}' + "]}" * 40
FORMS = {
    "a decimal of a million digits": '"x":0.' + BIG,
    "a number of a million digits": '"x":' + BIG,
    "an exponent of a million digits": '"x":1e' + BIG,
    "an exponent beyond floats": '"x":1e400',
    "a very small number": '"x":1e-400',
    "a hexadecimal number": '"x":0x10',
    "a number with a leading zero": '"x":01',
    "a number with a plus": '"x":+1',
    "a number that ends in a point": '"x":1.',
    "not a number": '"x":NaN',
    "infinity": '"x":-Infinity',
    "the same key twice": '"code":{"text":"a"},"code":{"text":"b"}',
    "the same key twice, escaped": '"code":{"text":"a"},"\\u0063ode":{"text":"b"}',
    "the same key twice, inside": '"code":{"text":"a","text":"a"}',
    "resourceType twice": '"resourceType":"Condition"',
    "NUL in a value": '"code":{"text":"a\\u0000b"}',
    "NUL in a key": '"co\\u0000de":{"text":"a"}',
    "a control character": '"code":{"text":"a\\u0007b"}',
    "a control character as it is": '"code":{"text":"a\x07b"}',
    "a line feed as it is": '"code":{"text":"a\nb"}',
    "half a surrogate pair": '"code":{"text":"\\ud83d"}',
    "the other half": '"code":{"text":"\\ude00"}',
    "halves the wrong way round": '"code":{"text":"\\ude00\\ud83d"}',
    "half a pair in a key": '"\\ud83d":1',
    "an escape that is none": '"code":{"text":"\\x41"}',
    "a comment": '"code":{"text":"a"}/* x */',
    "a comma too many": '"code":{"text":"a"},',
    "single quotes": "'code':{}",
    "an element that does not exist": '"code":{"text":"a"},"colour":"red"',
    "an element with a prototype's name": '"__proto__":{"a":1}',
    "deep extensions": '"extension":[' + DEEP + "]",
    "very deep lists": '"x":' + "[" * 10**5 + "]" * 10**5,
    "a long text": '"code":{"text":"' + "a" * (1024 * 1024 + 1) + '"}',
    "a long id": '"id":"' + "a" * 65 + '"',
    "an id with a slash": '"id":"a/b"',
    "an id that is a number": '"id":1',
    "an empty id": '"id":""',
    "a contained resource without an id": '"contained":[{"resourceType":"Patient"}]',
    "a contained resource that nothing names":
        '"contained":[{"resourceType":"Patient","id":"a"}]',
    "contained resources with one id":
        '"asserter":{"reference":"#a"},"contained":[{"resourceType":"Practitioner","id":"a"},'
        '{"resourceType":"Practitioner","id":"a"}]',
    "contained inside contained":
        '"asserter":{"reference":"#a"},"contained":[{"resourceType":"Practitioner","id":"a",'
        '"contained":[{"resourceType":"Organization","id":"b","name":"x"}]}]',
    "a contained resource with a version":
        '"asserter":{"reference":"#a"},"contained":[{"resourceType":"Practitioner","id":"a",'
        '"meta":{"versionId":"1"}}]',
    "a reference to a contained resource that is not there": '"asserter":{"reference":"#a"}',
    "a reference to a contained resource of another type":
        '"asserter":{"reference":"#a"},"contained":[{"resourceType":"Medication","id":"a"}]',
    "a reference to no type of R4": '"asserter":{"reference":"Doctor/1"}',
    "a reference to another type": '"asserter":{"reference":"Organization/1"}',
    "a reference by urn:uuid outside a transaction":
        '"asserter":{"reference":"urn:uuid:6d8a4d0b-1111-4c11-8888-0123456789ab"}',
    "a reference by search outside a transaction":
        '"asserter":{"reference":"Practitioner?identifier=a|b"}',
    "a script in the narrative":
        '"text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">'
        '<script>a</script></div>"}',
    "an entity in the narrative":
        '"text":{"status":"generated","div":"<!DOCTYPE a [<!ENTITY b \\"c\\">]><div '
        'xmlns=\\"http://www.w3.org/1999/xhtml\\">&b;</div>"}',
}  # fmt: skip
"""What a Condition that is right apart from it holds."""


def _bodies(written_world: World, more: str) -> Iterator[tuple[str, str, str, bytes]]:
    """The same fault by each way of writing: method, path, media type, body."""
    person = written_world.person()
    subject = f'"subject":{{"reference":"Patient/{person}"}}'
    resource = f'{{"resourceType":"Condition",{subject},{more}}}'
    yield "POST", "/fhir/Condition", FHIR, resource.encode()
    yield "PUT", f"/fhir/Condition?code=x&patient={person}", FHIR, resource.encode()
    for kind in ("transaction", "batch"):
        entry = f'{{"resource":{resource},"request":{{"method":"POST","url":"Condition"}}}}'
        bundle = f'{{"resourceType":"Bundle","type":"{kind}","entry":[{entry}]}}'
        yield kind, "/fhir", FHIR, bundle.encode()


@pytest.mark.parametrize("what", FORMS)
def test_every_hostile_form_is_refused_by_every_way_in(written_world: World, what: str) -> None:
    with nothing_stored(written_world):
        for method, path, media_type, body in _bodies(written_world, FORMS[what]):
            sent = method if method in ("POST", "PUT") else "POST"
            reply = written_world.send(REGION_SYSTEM, sent, path, body, content_type=media_type)
            if method == "batch" and reply.status == 200:  # the fault is its entry's alone
                (entry,) = reply.json["entry"]
                assert entry["response"]["status"][:1] == "4", (what, entry)
                assert entry["response"]["outcome"]["issue"][0]["severity"] == "error"
            else:
                assert refused(reply) is None, (method, what, reply.body[:300])


def test_a_circle_of_contained_resources_is_read_once(written_world: World) -> None:
    """R4 allows it (dom-3 counts any reference): it is kept, found and never gone round in."""
    observed = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    contained = [
        {**observed, "id": one, "focus": [{"reference": f"#{other}"}]}
        for one, other in ("ab", "ba")
    ]
    sent = condition(written_world.person(), "x", "cirkel", contained=contained)
    made = written_world.post(REGION_SYSTEM, "/fhir/Condition", sent)
    assert made.status == 201
    found = written_world.get(
        REGION_SYSTEM,
        "/fhir/Condition",
        {"patient": written_world.person(), "code:text": "cirkel", "_include:iterate": "*"},
    )
    assert found.ids == [made.json["id"]]


def test_a_resource_stays_the_type_that_its_url_names(written_world: World) -> None:
    other = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    with nothing_stored(written_world):
        for method, path in (("POST", "/fhir/Condition"), ("PUT", "/fhir/Condition/ward-1")):
            reply = written_world.send(REGION_SYSTEM, method, path, other)
            assert refused(reply) is None
            assert reply.json["issue"][0]["expression"] == ["resourceType"]


def _broken_invariants(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The first resource of a type that breaks each invariant, as another program judges it."""
    told = set()
    for seed in range(SEEDS):
        resource = filled(name, seed, share=0.1 + 0.015 * seed)
        for at, value in inside(resource, shape(name)):
            for key in compared_at(at):
                row = table("invariants")[key]
                if key in told or row["severity"] != "error":
                    continue
                if evaluated(at, row["expression"], value, resource) == [False]:
                    told.add(key)
                    yield key, resource


@pytest.mark.parametrize("name", sorted(CREATED))
def test_every_broken_invariant_is_refused(written_world: World, name: str) -> None:
    wrong = {}
    with nothing_stored(written_world):
        for key, resource in _broken_invariants(name):
            reply = written_world.post(REGION_SYSTEM, f"/fhir/{name}", encode(resource))
            fault = refused(reply)
            if fault or not all("expression" in each for each in reply.json["issue"]):
                wrong[key] = fault or reply.json["issue"]
    assert wrong == {}
