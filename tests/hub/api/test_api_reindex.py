"""The search index made anew is the one that writing made, and the hub finds by it."""

from typing import Any

from sqlalchemy import delete, insert, select

from hub.ingest.judge import EVERY_MASK
from hub.store.connect import Store
from hub.store.reindex import reindex
from hub.store.schema.search_index import INDEX_TABLES
from tests.worlds.hub_world import OLOF, REGION, REGION_SYSTEM, WARD, World, condition, documented
from tests.worlds.usual import fill


def _rows(store: Store) -> dict[str, list[Any]]:
    with store.read() as connection:
        return {
            kind: sorted(
                tuple(row)[:3] + tuple(row)[4:] for row in connection.execute(select(each))
            )
            for kind, each in INDEX_TABLES.items()
        }


def test_the_index_made_anew_is_the_one_that_writing_made(world: World) -> None:
    fill(world)
    shielded = documented(REGION, WARD, masks=EVERY_MASK)
    address = {"contained": [{"resourceType": "Location", "id": "l", "name": "Hemlig gata"}]}
    world.hold([(condition(world.person(), "masked", **address), shielded)])
    sent = world.post(REGION_SYSTEM, "/fhir/Condition", condition(world.person(), "x"))
    assert world.send(REGION_SYSTEM, "DELETE", f"/fhir/Condition/{sent.json['id']}").status == 204
    before = _rows(world.store)
    assert sum(map(len, before.values())) > 20
    token = INDEX_TABLES["token"]
    with world.store.write() as connection:
        connection.execute(delete(INDEX_TABLES["reference"]))
        stray = {"person": world.person(OLOF), "type": "Condition", "id": "no", "position": 0}
        connection.execute(insert(token), [{**stray, "param": "code", "code": "stray"}])
    given = {"patient": world.person(), "subject:missing": "false"}
    assert world.get(REGION_SYSTEM, "/fhir/Condition", given).json["total"] == 0
    assert sum(reindex(world.store)) == 10
    assert _rows(world.store) == before
    assert world.get(REGION_SYSTEM, "/fhir/Condition", given).json["total"] == 4
