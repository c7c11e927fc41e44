"""A history that is asked for what changed since: nothing is an answer, of what is there alone.

Source: FHIR R4 http.html#history; DESIGN P3.
"""

import pytest

from tests.hub.api.interacting import put, stored
from tests.worlds.hub_world import REGION_SYSTEM, WARD_DOCTOR, World
from tests.worlds.usual import HIDDEN, fill


@pytest.mark.parametrize("asked", [{"_since": "2027"}, {"_at": "2020"}])
def test_nothing_since_then_is_an_empty_history(world: World, asked: dict[str, str]) -> None:
    fill(world)
    number = stored(world)
    put(world, number, "Gikt")
    reply = world.get(REGION_SYSTEM, f"/fhir/Condition/{number}/_history", asked)
    assert (reply.status, reply.json["total"], reply.json.get("entry")) == (200, 0, None)
    whole = world.get(REGION_SYSTEM, f"/fhir/Condition/{number}/_history", {"_since": "2020"})
    assert whole.json["total"] == 2
    hidden, nothing = (
        world.get(WARD_DOCTOR, f"/fhir/Condition/{each}/_history", asked)
        for each in ("gone-1", "nothing-here")
    )
    assert hidden.status == nothing.status == 404
    assert hidden.body == nothing.body
    assert HIDDEN.encode() not in hidden.body
