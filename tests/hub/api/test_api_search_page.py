"""R4's search page, item by item, for what is about the request and not about single values.

Source: FHIR R4 search.html. What single values find is tests/hub/store/test_search_oracle.py.
"""

import pytest

from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import REGION, WARD, WARD_DOCTOR, World, condition, documented
from tests.worlds.usual import facts

ROOT = "http://hub.test/fhir"


@pytest.fixture
def filled(small_world: World) -> World:
    person = small_world.person()
    small_world.know(facts())
    encounter = {
        "resourceType": "Encounter",
        "id": "e",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": f"Patient/{person}"},
    }
    at = {"encounter": {"reference": "Encounter/e"}}
    codes = ({"coding": [{"system": "urn:s", "code": "a,b"}]}, {"coding": [{"code": "a"}]})
    held = [
        (condition(person, "c1", "Astma", **at, recordedDate="2024-02-01"), "a"),
        ({**condition(person, "c2"), "code": codes[0], "recordedDate": "2024-01-01"}, "b"),
        ({**condition(person, "c3"), "code": codes[1], "recordedDate": "2024-01-01"}, "c"),
        (encounter, "d"),
    ]
    small_world.hold([(each, documented(REGION, WARD)) for each, _ in held])
    return small_world


def _search(world: World, *given: tuple[str, str], prefer: str = "") -> Reply:
    asked = [("patient", world.person()), *given]
    return world.get(WARD_DOCTOR, "/fhir/Condition", asked, headers={"Prefer": prefer})


FOUND = [
    ((("encounter", "Encounter/e"),), "c1"),
    ((("encounter", "e"),), "c1"),
    ((("encounter:Encounter", "e"),), "c1"),
    ((("encounter", f"{ROOT}/Encounter/e"),), "c1"),
    ((("encounter", f"Encounter/x,{ROOT}/Encounter/e"),), "c1"),
    ((("encounter", "https://other.example/fhir/Encounter/e"),), ""),
    ((("code", "a\\,b"),), "c2"),
    ((("code", "urn:s|a\\,b"),), "c2"),
    ((("code", "a,b"),), "c3"),
    ((("code", "|a"),), "c3"),
    ((("code", "urn:s|"),), "c2"),
    ((("code", "a"), ("code", "a\\,b")), ""),
    ((("recorded-date", "ge2024"), ("recorded-date", "lt2024-02")), "c2 c3"),
    ((("recorded-date", "2024-01,2024-02"), ("_sort", "-recorded-date,-_id")), "c1 c3 c2"),
    ((("_id", "c1,c3"), ("_sort", "-_id")), "c3 c1"),
    ((("_sort", "recorded-date,-_id"),), "c3 c2 c1"),
]


@pytest.mark.parametrize(("asked", "expected"), FOUND, ids=range(len(FOUND)))
def test_every_form_of_asking_finds_the_same(
    filled: World, asked: tuple[tuple[str, str], ...], expected: str
) -> None:
    sort = () if any(name == "_sort" for name, _ in asked) else (("_sort", "_id"),)
    reply = _search(filled, *asked, *sort)
    assert reply.ids == expected.split()
    assert reply.json["total"] == len(expected.split())


NOT_BUILT = ["_text", "_content", "_filter", "_query", "near"]


@pytest.mark.parametrize("name", NOT_BUILT)
def test_what_is_not_built_is_refused_and_not_passed_over(filled: World, name: str) -> None:
    for prefer in ("", "handling=lenient", "handling=strict"):
        reply = _search(filled, (name, "x"), prefer=prefer)
        assert (reply.status, reply.codes) == (400, ["not-built"])
        assert reply.json["issue"][0]["expression"] == [f"http.{name}"]


UNKNOWN = ("colour", "code.text", "_has:Observation:colour:code", "_include", "_score",
           "_sort:asc", "_elements:exclude")  # fmt: skip


def test_what_nobody_knows_is_an_error_only_where_handling_is_strict(filled: World) -> None:
    for name in UNKNOWN:
        asked = (name, "Condition:colour" if name == "_include" else "x")
        assert _search(filled, asked, prefer="handling=strict").status == 400
        reply = _search(filled, asked)
        assert reply.status == 200
        (note,) = [each for each in reply.json["entry"] if each["search"]["mode"] == "outcome"]
        assert note["resource"]["issue"][0]["severity"] == "warning"
        assert name.partition("=")[0] not in (reply.link("self") or "")


REFUSED = [
    ("code:exact", "a"),
    ("code:missing", "maybe"),
    ("recorded-date", "igår"),
    ("recorded-date", "xx2024"),
    ("recorded-date:not", "2024"),
    ("encounter:Practitioner", "Encounter/e"),
    ("_sort", "colour"),
    ("_sort", "code:text"),
    ("_count", "-1"),
    ("_count", "many"),
    ("_total", "perhaps"),
    ("_summary", "some"),
    ("_id:missing", "maybe"),
    ("_lastUpdated", "soon"),
    ("code", ""),
    ("code", "a,,b"),
]


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_what_cannot_be_understood_says_what_can(filled: World, name: str, value: str) -> None:
    reply = _search(filled, (name, value))
    assert reply.status == 400
    assert len(reply.json["issue"][0]["details"]["text"]) > 10


def test_a_search_is_the_same_by_get_by_post_and_in_a_compartment(filled: World) -> None:
    asked = {"code": "a", "_format": "xml"}
    person = filled.person()
    by_post = filled.form(WARD_DOCTOR, "/fhir/Condition/_search", {"patient": person, **asked})
    bodies = {
        _search(filled, *asked.items()).body.replace(b"patient=" + person.encode(), b""),
        by_post.body,
    }
    assert all(b'<id value="c3"/>' in each for each in bodies)
    compartment = filled.get(WARD_DOCTOR, f"/fhir/Patient/{person}/Condition", asked)
    assert b'<id value="c3"/>' in compartment.body
    batch = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": f"Condition?patient={person}&code=a"}}],
    }
    (entry,) = filled.post(WARD_DOCTOR, "/fhir", batch).json["entry"]
    assert [each["resource"]["id"] for each in entry["resource"]["entry"]] == ["c3"]
