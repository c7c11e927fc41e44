"""Leaving (DESIGN §4): what is nullified, has disappeared or is purged, by every path that reads.

Nullified or disappeared: the owner still reads every version, another organisation none. Purged:
nobody reads any, and every answer is as if it had never been.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from consent.facts import Giver, Samtycke
from hub.auth.built_in import TokenRequest
from hub.config.source import Source
from hub.ingest.delivery import Document, ingest_document
from hub.store.purge import Chosen, doomed, purge
from tests.hub.ingest.documents import Doc, diagnoses
from tests.worlds.hub_world import (
    EMERGENCY_DOCTOR,
    OTHER_REGION,
    REGION,
    SIGNE,
    WARD,
    WARD_DOCTOR,
    World,
    condition,
    documented,
    stated,
)
from tests.worlds.usual import CONSENT, facts

SOURCE = Source("region-journal", "rivta", (REGION,), complete=True)
LEAVES, STAYS = Doc("D-1", "Lämnar", person=SIGNE), Doc("D-2", "Stannar", person=SIGNE)
CHANGED = replace(LEAVES, text="Lämnar ändrad")
CONSENTS = (CONSENT, Samtycke(Giver.SELF, OTHER_REGION, answer=True))


def _take(world: World, *docs: Doc) -> None:
    world.clock.now = world.clock.now.replace(minute=(world.clock.now.minute + 1) % 60)
    document = Document("answer.xml", diagnoses(*docs), SOURCE, world.clock.now)
    receipts = list(ingest_document(world.store, world.hub.identity_key, document))
    assert all(not each.state.failed for each in receipts)


def _nullified(world: World, _number: str) -> None:
    _take(world, replace(CHANGED, nullified=True), STAYS)


def _disappeared(world: World, _number: str) -> None:
    _take(world, STAYS)


def _purged(world: World, number: str) -> None:
    with world.store.write() as connection:
        chosen = Chosen(resources=(("Condition", number),))
        found = doomed(connection, world.person(), chosen)
        purge(connection, world.hub.identity_key, found, "ivo", world.clock.now)


Leaving = Callable[[World, str], None]
ASKS = stated(relevance=True, activeChoice="content")


def _seen(world: World, reader: TokenRequest, number: str) -> dict[str, object]:
    """Return what each path gives of the resource: its status, or the versions and ids in it."""
    session = world.session(reader, *ASKS)
    person = f"Patient/{world.person()}"

    def ids(path: str, **parameters: str) -> list[str]:
        reply = world.get(reader, path, {"patient": person, **parameters}, session=session)
        assert reply.status == 200, reply.body
        entries = reply.json.get("entry", ())
        return sorted(
            f"{each['resource']['resourceType']}/{each['resource']['id']}" for each in entries
        )

    def status(path: str) -> int:
        return world.get(reader, path, session=session).status

    here = f"Condition/{number}"
    return {
        "read": status(f"/fhir/{here}"),
        "vread 1": status(f"/fhir/{here}/_history/1"),
        "vread 2": status(f"/fhir/{here}/_history/2"),
        "history": status(f"/fhir/{here}/_history"),
        "search": here in ids("/fhir/Condition"),
        "search by id": here in ids("/fhir/Condition", _id=number),
        "include": here in ids("/fhir/Provenance", _include="Provenance:target"),
        "revinclude": here in ids("/fhir/Condition", _revinclude="Provenance:target"),
        "has": here in ids("/fhir/Condition", **{"_has:Provenance:target:recorded": "gt2000"}),
        "chain": bool(ids("/fhir/Provenance", target=here)),
        "everything of the type": here in ids(f"/fhir/{person}/Condition"),
    }


@pytest.fixture
def filled(world: World) -> World:
    world.know(facts(consents=CONSENTS))
    _take(world, LEAVES, STAYS)
    _take(world, CHANGED, STAYS)
    return world


def _number(world: World) -> str:
    session = world.session(WARD_DOCTOR, *ASKS)
    person = f"Patient/{world.person()}"
    found = world.get(WARD_DOCTOR, "/fhir/Condition", {"patient": person}, session=session).json
    (number,) = [
        str(each["resource"]["id"])
        for each in found["entry"]
        if each["resource"]["code"]["coding"][0]["display"] == CHANGED.text
    ]
    return number


WHOLE = {
    name: 200 if name in {"read", "vread 1", "vread 2", "history"} else True
    for name in (
        *("read", "vread 1", "vread 2", "history", "search", "search by id", "include"),
        *("revinclude", "has", "chain", "everything of the type"),
    )
}
NOTHING = {name: 404 if seen == 200 else False for name, seen in WHOLE.items()}


@pytest.mark.parametrize("leaves", [_nullified, _disappeared, _purged], ids=lambda f: f.__name__)
def test_what_leaves_is_read_by_its_owner_alone_or_by_nobody(
    filled: World, leaves: Leaving
) -> None:
    number = _number(filled)
    for reader in (WARD_DOCTOR, EMERGENCY_DOCTOR):
        assert _seen(filled, reader, number) == WHOLE
    leaves(filled, number)
    assert _seen(filled, EMERGENCY_DOCTOR, number) == NOTHING
    assert _seen(filled, WARD_DOCTOR, number) == (NOTHING if leaves is _purged else WHOLE)


def test_what_is_purged_answers_as_what_never_was(filled: World) -> None:
    number = _number(filled)
    session = filled.session(WARD_DOCTOR, *ASKS)
    _purged(filled, number)
    for path in ("{}", "{}/_history/1", "{}/_history"):
        gone = filled.get(WARD_DOCTOR, f"/fhir/Condition/{path.format(number)}", session=session)
        never = filled.get(WARD_DOCTOR, f"/fhir/Condition/{path.format('a' * 32)}", session=session)
        assert (gone.status, gone.body) == (never.status, never.body)


def _provenance(number: str, *targets: str) -> dict[str, object]:
    return {
        "resourceType": "Provenance",
        "id": number,
        "target": [{"reference": f"Condition/{each}"} for each in targets],
        "recorded": "2026-03-10T11:00:00Z",
        "agent": [{"who": {"display": "Invented"}}],
    }


def test_a_vendors_provenance_goes_with_the_last_of_its_targets(small_world: World) -> None:
    person, item = small_world.person(), documented(REGION, WARD)
    small_world.hold(
        [
            *((condition(person, each), item) for each in ("c-1", "c-2")),
            (_provenance("p-1", "c-1"), item),
            (_provenance("p-2", "c-1", "c-2"), item),
        ]
    )
    _purged(small_world, "c-1")
    assert _ids(small_world) == ["c-2", "p-2"]
    _purged(small_world, "c-2")
    assert _ids(small_world) == []


def _ids(world: World) -> list[str]:
    with world.store.engine.connect() as connection:
        return sorted(connection.exec_driver_sql("SELECT id FROM resource").scalars())
