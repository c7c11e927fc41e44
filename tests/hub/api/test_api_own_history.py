"""The history of what an organisation's own systems write, when its unit or its openness changes.

Source: DESIGN §4, P1; docs/decisions/0029-versions-of-other-facts.md; FHIR R4 http.html#history.
"""

import pytest
from sqlalchemy import and_, select

from consent.facts import Capacity
from hub.auth.built_in import TokenRequest
from hub.store.earlier_facts import shown_versions
from hub.store.schema.resource import RESOURCE, RESOURCE_VERSION
from tests.hub.api.interacting import body_of, stored
from tests.worlds.hub_world import (
    CLINIC,
    REGION,
    REGION_SYSTEM,
    SURGEON,
    SURGERY,
    WARD_DOCTOR,
    Json,
    World,
)

OF_SURGERY = TokenRequest("region-integration", REGION, Capacity.SYSTEM, SURGERY)
HIDDEN: Json = {
    "security": [
        {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "NOPATIENT"}
    ]
}


def _history(world: World, asked: TokenRequest, number: str) -> list[str]:
    """Return the texts of the versions that a reader is shown, the newest first."""
    path = f"/fhir/Condition/{number}/_history"
    reply = world.get(asked, path)
    shown = [each["resource"] for each in reply.json["entry"]]
    for each in range(1, 4):
        found = world.get(asked, f"{path}/{each}").status == 200
        assert found == (str(each) in {one["meta"]["versionId"] for one in shown})
    return [each["code"]["text"] for each in shown]


@pytest.mark.parametrize(
    ("later", "reader", "meta"),
    [(OF_SURGERY, SURGEON, {}), (REGION_SYSTEM, WARD_DOCTOR, {"meta": HIDDEN})],
    ids=["unit", "open"],
)
def test_its_own_systems_read_every_version_and_others_those_of_the_same_facts(
    written_world: World, later: TokenRequest, reader: TokenRequest, meta: Json
) -> None:
    world = written_world
    number = stored(world, "Först", **meta)
    path = f"/fhir/Condition/{number}"
    for text in ("Sedan", "Sist"):
        assert world.send(later, "PUT", path, body_of(world, text, number)).status == 200
    assert _history(world, REGION_SYSTEM, number) == ["Sist", "Sedan", "Först"]
    assert _history(world, reader, number) == ["Sist", "Sedan"]
    page = world.get(REGION_SYSTEM, f"{path}/_history", {"_count": "2"}).json
    following = next(each["url"] for each in page["link"] if each["relation"] == "next")
    rest = world.get(REGION_SYSTEM, following[following.index("/fhir") :]).json
    assert [each["resource"]["code"]["text"] for each in rest["entry"]] == ["Först"]
    assert _left(world, number, REGION) == [1, 2, 3]
    assert _left(world, number, CLINIC) == _left(world, number, None) == [2, 3]


def _left(world: World, number: str, own: str | None) -> list[int]:
    row, version = RESOURCE.c, RESOURCE_VERSION.c
    same = and_(*(row[each] == version[each] for each in ("person", "type", "id")))
    statement = (
        select(version.version)
        .select_from(RESOURCE.join(RESOURCE_VERSION, same))
        .where(row.id == number, shown_versions(own))
        .order_by(version.version)
    )
    with world.hub.store.read() as connection:
        return list(connection.execute(statement).scalars())
