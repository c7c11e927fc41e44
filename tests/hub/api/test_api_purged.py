"""What a vendor wrote and was purged does not come back by any path that writes (DESIGN §4).

The owner's own system is told that it is so; another organisation's writes as if it had never been.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from hub.store.identity import link_persons
from hub.store.purge import Chosen, doomed, purge
from hub.store.purged import readmit
from hub.store.schema.purged_record import PURGED_RECORD
from tests.hub.api.interacting import body_of, patch, put, stored
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    OLOF,
    OTHER_REGION,
    REGION_SYSTEM,
    Json,
    World,
    condition,
)

OTHER_SYSTEM = replace(REGION_SYSTEM, user="other-system", organisation=OTHER_REGION, unit=None)
MINE: Json = {"system": "urn:example:journal", "value": "J-1"}
NEW: Json = {"system": "urn:example:journal", "value": "J-2"}
CREATE = {"If-None-Exist": "identifier=urn:example:journal|J-1"}


def _purge(world: World, number: str, kind: str = "Condition") -> None:
    with world.store.write() as connection:
        found = doomed(connection, world.person(), Chosen(resources=((kind, number),)))
        purge(connection, world.hub.identity_key, found, "ivo", world.clock.now)


def _purged(world: World, said: str = "Hypertoni", **elements: object) -> str:
    number = stored(world, said, **elements)
    _purge(world, number)
    return number


def _bundle(kind: str, *entries: Json) -> Json:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def _entry(resource: Json, method: str = "POST", url: str = "Condition", **request: object) -> Json:
    return {"resource": resource, "request": {"method": method, "url": url, **request}}


def _by_update(world: World, sent: Json) -> Reply:
    """Another resource of the vendor's becomes the one that was purged."""
    other = stored(world, "Något annat")
    return world.send(REGION_SYSTEM, "PUT", f"/fhir/Condition/{other}", {**sent, "id": other})


def _by_patch(world: World, sent: Json) -> Reply:
    other = stored(world, "Något annat")
    steps = [{"op": "replace", "path": "/code", "value": sent["code"]}]
    if "identifier" in sent:
        steps.append({"op": "add", "path": "/identifier", "value": sent["identifier"]})
    return patch(world, other, *steps)


def _post(path: str, **headers: str) -> Callable[[World, Json], Reply]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda world, sent: world.post(REGION_SYSTEM, path, sent, headers=named)


def _matching(world: World, sent: Json) -> Reply:
    path = f"/fhir/Condition?patient={world.person()}&code:text=hyper"
    return world.send(REGION_SYSTEM, "PUT", path, sent)


def _transaction(*given: str) -> Callable[[World, Json], Reply]:
    def post(world: World, sent: Json) -> Reply:
        beside = _entry(body_of(world, "Bredvid"))
        return world.post(
            REGION_SYSTEM, "/fhir", _bundle("transaction", beside, _entry(sent, *given))
        )

    return post


def _criteria(world: World) -> str:
    return f"Condition?patient={world.person()}&code:text=hyper"


PATHS: dict[str, Callable[[World, Json], Reply]] = {
    "create": _post("/fhir/Condition"),
    "conditional create": _post("/fhir/Condition", If_None_Exist="code:text=hyper"),
    "update": _by_update,
    "patch": _by_patch,
    "conditional update": _matching,
    "transaction": _transaction(),
    "transaction with a conditional update": lambda world, sent: _transaction(
        "PUT", _criteria(world)
    )(world, sent),
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("known_by", ["identifier", "content"])
def test_what_was_purged_is_not_written_again(world: World, path: str, known_by: str) -> None:
    elements = {"identifier": [MINE]} if known_by == "identifier" else {}
    _purged(world, **elements)
    sent = body_of(world, "Hypertoni", **elements)
    if known_by == "identifier" and path != "patch":
        sent["note"] = [{"text": "ändrad sedan dess"}]  # the same record, as it is now
    before = _count(world)
    reply = PATHS[path](world, sent)
    assert (reply.status, reply.codes) == (422, ["kept-away"]), reply.body
    made = 1 if path in ("update", "patch") else 0  # the other resource that it was to become
    assert _count(world) == before + made


def _count(world: World) -> int:
    return len(world.get(REGION_SYSTEM, "/fhir/Condition", {"patient": world.person()}).ids)


def test_a_batch_says_it_of_its_entry_alone(world: World) -> None:
    _purged(world)
    bundle = _bundle(
        "batch", _entry(body_of(world, "Hypertoni")), _entry(body_of(world, "Bredvid"))
    )
    reply = world.post(REGION_SYSTEM, "/fhir", bundle)
    statuses = [each["response"]["status"][:3] for each in reply.json["entry"]]
    assert statuses == ["422", "201"]


def test_a_transaction_says_which_entries(world: World) -> None:
    _purged(world)
    reply = _transaction()(world, body_of(world, "Hypertoni"))
    assert [each["expression"] for each in reply.json["issue"]] == [["Bundle.entry[1]"]]


def test_a_transaction_that_is_sent_again_has_new_ids_and_is_known(world: World) -> None:
    encounter: Json = {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": f"Patient/{world.person()}"},
    }
    name = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"
    sent = _bundle(
        "transaction",
        {"fullUrl": name, **_entry(encounter, url="Encounter")},
        _entry(body_of(world, "Hypertoni", encounter={"reference": name})),
    )
    first = world.post(REGION_SYSTEM, "/fhir", sent)
    assert first.status == 200
    _purge(world, first.json["entry"][1]["response"]["location"].split("/")[1])
    again = world.post(REGION_SYSTEM, "/fhir", sent)
    assert (again.status, again.codes) == (422, ["kept-away"])


def test_an_earlier_version_is_remembered_too(world: World) -> None:
    number = stored(world, "Tidigare", identifier=[MINE])
    put(world, number, "Senare")
    _purge(world, number)
    for sent in (body_of(world, "Senare"), body_of(world, "Annat", identifier=[MINE])):
        assert world.post(REGION_SYSTEM, "/fhir/Condition", sent).codes == ["kept-away"]


def test_its_id_is_answered_as_one_that_never_was(world: World) -> None:
    number = _purged(world)
    never = "a2" * 16
    replies = [put(world, each, "Hypertoni") for each in (number, never)]
    assert {reply.status for reply in replies} == {405}
    first, second = (reply.body for reply in replies)
    assert first == second


def test_another_record_is_written(world: World) -> None:
    _purged(world, identifier=[MINE])
    for sent in (
        body_of(world, "Hypertoni", identifier=[NEW]),  # its identifier says that it is another
        body_of(world, "Diabetes"),
        {**condition(world.person(OLOF), "x"), "identifier": [MINE]},
    ):
        reply = world.post(REGION_SYSTEM, "/fhir/Condition", sent)
        assert reply.status == 201, reply.body


def test_what_stands_is_changed_though_its_twin_was_purged(world: World) -> None:
    twin = stored(world, identifier=[MINE])
    _purged(world, identifier=[MINE])
    sent = body_of(world, "Hypertoni, ändrad", twin, identifier=[MINE])
    assert world.send(REGION_SYSTEM, "PUT", f"/fhir/Condition/{twin}", sent).status == 200
    labelled = world.post(
        REGION_SYSTEM,
        f"/fhir/Condition/{twin}/$meta-add",
        {
            "resourceType": "Parameters",
            "parameter": [{"name": "meta", "valueMeta": {"tag": [{"code": "t"}]}}],
        },
    )
    assert labelled.status == 200


def test_nothing_is_revealed_to_another_organisation(world: World) -> None:
    """Byte for byte as where nothing was purged, but for the id that a new resource gets."""
    sent = body_of(world, "Hypertoni", identifier=[MINE])
    answers = []
    for hidden in (False, True):
        if hidden:
            _purged(world, identifier=[MINE])
        reply = world.post(OTHER_SYSTEM, "/fhir/Condition", sent)
        again = world.post(OTHER_SYSTEM, "/fhir/Condition", sent, headers=CREATE)
        number = str(reply.json["id"])
        world.send(OTHER_SYSTEM, "DELETE", f"/fhir/Condition/{number}")
        answers.append(
            [
                (each.status, each.body.replace(number.encode(), b""), sorted(each.headers))
                for each in (reply, again)
            ]
        )
    assert answers[0] == answers[1]
    assert answers[0][0][0] == 201


def test_the_refusal_says_neither_when_nor_why_nor_what(world: World) -> None:
    number = _purged(world, identifier=[MINE])
    reply = world.post(REGION_SYSTEM, "/fhir/Condition", body_of(world, "Nytt", identifier=[MINE]))
    (issue,) = reply.json["issue"]
    assert set(issue) == {"severity", "code", "details"}
    assert (issue["code"], issue["details"]["coding"][0]["code"]) == ("business-rule", "kept-away")
    for told in (number, "ivo", "J-1", "2026", world.person()):
        assert told not in issue["details"]["text"]


def test_it_stays_away_under_another_number_of_the_same_person(world: World) -> None:
    _purged(world)
    with world.store.write() as connection:
        link_persons(connection, world.person(), world.person(OLOF), world.clock.now)
    reply = world.post(
        REGION_SYSTEM, "/fhir/Condition", condition(world.person(OLOF), "x", "Hypertoni")
    )
    assert reply.codes == ["kept-away"]


def test_nothing_of_what_it_said_is_remembered(world: World) -> None:
    _purged(world, "Unikfynd", identifier=[MINE])
    with world.store.read() as connection:
        rows = connection.execute(select(PURGED_RECORD)).all()
    assert len(rows) == 2
    assert all(row.source == "api" and len(row.record) == 64 for row in rows)
    assert "J-1" not in str(rows)


def test_readmitted_it_is_written_again(world: World) -> None:
    _purged(world)
    with world.store.write() as connection:
        readmit(connection, [world.person()], "api")
    reply = world.post(REGION_SYSTEM, "/fhir/Condition", body_of(world, "Hypertoni"))
    assert reply.status == 201
