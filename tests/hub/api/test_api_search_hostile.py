"""Searches that nobody would write: every one is answered or refused, and none is an accident."""

import random

import pytest

from hub.api.capabilities import SEARCHED
from hub.fhir.search_parameters import parameters
from tests.worlds.hub_world import WARD_DOCTOR, World
from tests.worlds.usual import HIDDEN, fill

NAMES = [
    "_include", "_revinclude", "_sort", "_count", "_total", "_summary", "_has", "_has:Condition",
    "_has:Condition:encounter", "_has:Condition:encounter:code", "_id", "_lastUpdated", "_profile",
    "_has:Observation:focus:_has:List:item:code", "_security", "_text", "_list",
]  # fmt: skip
MODIFIERS = [
    "", "", ":missing", ":not", ":text", ":exact", ":contains", ":identifier", ":of-type", ":above",
    ":below", ":Patient", ":Encounter", ":iterate", ":", ":in", "::", ".", ".code", "........",
    ":Patient.name", ":Encounter._has:Condition:encounter:code",
]  # fmt: skip
VALUES = [
    "x", "", "|", "a|b|c", "$", "a$b", "5", "gt5", "5|http://unitsofmeasure.org|g", "1e400", "2024",
    "9999-12-31", "0001", "true", "Patient/x", "http://x/y", "\\", "\\,", ",", "-1", "é" * 300, "%",
    "_", "*", "a:b:c", "Patient:x", "x.y", "::", "..", "\U0010ffff", "99999999999999999999",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_no_search_is_an_accident(world: World, seed: int) -> None:
    fill(world)
    chance = random.Random(seed)  # noqa: S311  # nosec B311 -- the same each time
    accidents = []
    for _ in range(40):
        kind = chance.choice(SEARCHED)
        known = [*NAMES, *parameters(kind)]
        asked = [
            (chance.choice(known) + chance.choice(MODIFIERS), chance.choice(VALUES))
            for _ in range(chance.randint(1, 3))
        ]
        given = [("patient", world.person()), *asked]
        reply = world.get(WARD_DOCTOR, f"/fhir/{kind}", given)
        if reply.status not in (200, 400, 403) or HIDDEN in reply.body.decode():
            accidents.append((kind, asked, reply.status))
    assert accidents == []
