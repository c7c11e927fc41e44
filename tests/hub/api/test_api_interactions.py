"""vread, history, update, delete and conditional read, as vendors know them."""

from tests.hub.api.interacting import JSON_PATCH, OTHER, body_of, named, patch, plain, put, stored
from tests.worlds.hub_world import (
    CLINIC,
    NURSE,
    OLOF,
    REGION,
    REGION_SYSTEM,
    SURGERY,
    WARD_DOCTOR,
    World,
    condition,
    documented,
    stated,
)
from tests.worlds.usual import fill


def test_an_update_makes_a_version_and_the_old_one_is_there(world: World) -> None:
    number = stored(world, "Hypertoni")
    world.clock.now = world.clock.now.replace(hour=12)
    reply = put(world, number, "Astma")
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
    found = world.get(REGION_SYSTEM, "/fhir/Condition", named(world, code="x"))
    assert found.json["total"] == 0
    asked = named(world, **{"code:text": "astma"})
    assert world.get(REGION_SYSTEM, "/fhir/Condition", asked).ids == [number]


def test_the_same_again_makes_no_version(world: World) -> None:
    number = stored(world, "Hypertoni")
    assert put(world, number, "Hypertoni").headers["etag"] == 'W/"1"'


def test_an_update_is_for_the_version_that_was_read(world: World) -> None:
    number = stored(world)
    assert put(world, number, "Astma", if_match='W/"1"').status == 200
    reply = put(world, number, "Gikt", if_match='W/"1"')
    assert (reply.status, reply.codes) == (412, ["version-conflict"])
    assert put(world, number, "Gikt", if_match='"2"').status == 200
    assert put(world, number, "Gikt", if_match="2").status == 400
    assert put(world, number, "Gikt", if_none_match="*").status == 412
    reply = world.send(
        REGION_SYSTEM, "DELETE", f"/fhir/Condition/{number}", headers={"If-Match": 'W/"1"'}
    )
    assert reply.status == 412
    step = {"op": "replace", "path": "/code/text", "value": "Astma"}
    assert patch(world, number, step, if_match='W/"1"').status == 412


def test_ids_are_the_hubs(world: World) -> None:
    """No update-as-create; the body's id and the URL's are one."""
    reply = put(world, OTHER, "Astma")
    assert (reply.status, reply.codes) == (405, ["no-update-as-create"])
    number = stored(world)
    path = f"/fhir/Condition/{number}"
    for body in (body_of(world, "Astma"), body_of(world, "Astma", OTHER)):
        assert world.send(REGION_SYSTEM, "PUT", path, body).status == 400
    another = {**body_of(world, "Astma", number), "resourceType": "Goal"}
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
            plain(reply, number)
            for reply in (
                put(world, number, "Astma"),
                world.send(REGION_SYSTEM, "PATCH", path, step, content_type=JSON_PATCH),
                world.send(REGION_SYSTEM, "DELETE", path),
                world.get(REGION_SYSTEM, f"{path}/_history"),
                world.get(REGION_SYSTEM, f"{path}/_history/1"),
                world.send(
                    REGION_SYSTEM,
                    "PUT",
                    path,
                    body_of(world, "A", number),
                    headers={"If-Match": 'W/"1"'},
                ),
            )
        ]
    assert answers["talk"] == answers["none"]
    assert {status for status, _ in answers["talk"]} == {404, 405}


def test_what_came_from_a_source_is_changed_there(world: World) -> None:
    fill(world)
    path = "/fhir/Condition/ward-1"
    replies = [
        put(world, "ward-1", "Astma"),
        world.send(REGION_SYSTEM, "DELETE", path),
        patch(world, "ward-1", {"op": "remove", "path": "/code"}),
    ]
    assert [(each.status, each.codes) for each in replies] == [(403, ["from-a-source"])] * 3
    assert world.get(REGION_SYSTEM, path).json["code"]["text"] == "Hypertoni"


def test_a_resource_stays_about_the_same_person(world: World) -> None:
    fill(world)
    number = stored(world)
    body = {
        **body_of(world, "Astma", number),
        "subject": {"reference": f"Patient/{world.person(OLOF)}"},
    }
    reply = world.send(REGION_SYSTEM, "PUT", f"/fhir/Condition/{number}", body)
    assert (reply.status, reply.codes) == (422, ["another-person"])


def test_a_deletion_leaves_a_history(world: World) -> None:
    number = stored(world)
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
        total = world.get(REGION_SYSTEM, f"/fhir/{kind}", named(world)).json["total"]
        assert total == (0 if kind == "Condition" else 2)
    assert world.send(REGION_SYSTEM, "DELETE", path).status == 204
    assert patch(world, number, {"op": "remove", "path": "/code"}).status == 410


def test_what_was_deleted_is_gone_alike_for_who_never_saw_it(world: World) -> None:
    fill(world)
    number = stored(world)
    before = world.get(NURSE, f"/fhir/Condition/{number}")
    world.send(REGION_SYSTEM, "DELETE", f"/fhir/Condition/{number}")
    after = world.get(NURSE, f"/fhir/Condition/{number}")
    assert (before.status, after.status) == (404, 404)
    assert before.body == after.body
    doctor = world.session(WARD_DOCTOR, *stated(relevance=True, activeChoice="content"))
    assert world.get(WARD_DOCTOR, f"/fhir/Condition/{number}", session=doctor).status == 410


def test_an_update_brings_back_what_was_deleted(world: World) -> None:
    number = stored(world)
    world.send(REGION_SYSTEM, "DELETE", f"/fhir/Condition/{number}")
    assert put(world, number, "Astma").headers["etag"] == 'W/"3"'
    assert world.get(REGION_SYSTEM, "/fhir/Condition", named(world)).ids == [number]


def test_a_page_that_was_found_before_a_deletion_leaves_it_out(world: World) -> None:
    numbers = [stored(world, f"Text {each}") for each in range(3)]
    first = world.get(REGION_SYSTEM, "/fhir/Condition", named(world, _count="1"))
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
    number = stored(world)
    put(world, number, "Astma")
    doctor = world.session(WARD_DOCTOR, *stated(relevance=True, activeChoice="content"))
    path = f"/fhir/Condition/{number}"
    assert world.get(WARD_DOCTOR, f"{path}/_history/1", session=doctor).status == 200
    world.hold([(condition(world.person(), "surgery-9", "zqx"), documented(REGION, SURGERY))])
    plain = world.get(WARD_DOCTOR, "/fhir/Condition/_history", named(world))
    assert "surgery-9" not in plain.body.decode()
    assert plain.json["total"] == len(plain.json["entry"])


def test_history_is_paged_and_narrowed_by_time(world: World) -> None:
    number = stored(world, "Version 1")
    times = []
    for each in range(2, 6):
        world.clock.now = world.clock.now.replace(minute=10 + each)
        times.append(world.clock.now)
        put(world, number, f"Version {each}")
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
    whole = world.get(REGION_SYSTEM, "/fhir/_history", named(world))
    assert whole.json["total"] == 5
    assert world.get(WARD_DOCTOR, "/fhir/_history").codes == ["too-broad"]


def test_a_reader_that_has_the_version_is_told_so(world: World) -> None:
    number = stored(world)
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
