"""Real answers of four contracts, in by the command line, out over FHIR for whom it is lawful.

Their owners are mostly missing and fall to the source's owner, whose own staff alone reads them;
ids that the samples invent stand for the same owner.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from sqlalchemy import text

from consent.facts import Capacity
from hub.application import application
from hub.auth.built_in import TokenRequest
from hub.running import now
from hub.serving import running
from hub.store.connect import Store
from tests.hub.cli.cli_runner import Shell
from tests.hub.ingest.documents import EMERGENCY, OTHER_REGION, REGION, WARD
from tests.worlds.asgi_client import AsgiClient
from tests.worlds.hub_world import Clock, World, stated

CONTRACTS = ("GetDiagnosis", "GetCareDocumentation", "GetMedicationHistory", "GetCarePlans")
SAMPLE_OWNERS = ("987", "566810", "SE2321000016-CG01")
OWN = TokenRequest("own-doctor", REGION, Capacity.VARDPERSONAL, WARD)
OTHER = TokenRequest("other-doctor", OTHER_REGION, Capacity.VARDPERSONAL, EMERGENCY)
TYPES = ("Condition", "DocumentReference", "MedicationRequest", "MedicationStatement", "CarePlan")
FROM = "2024-01-01"


def _staff(name: str, unit: str) -> dict[str, object]:
    assignment = {"id": f"{name}-A", "unit": unit, "as": "vardpersonal", "purposes": ["vard"]}
    return {"id": name, "name": "Invented", "assignments": [{**assignment, "from": FROM}]}


def _organisation(name: str, unit: str, user: str) -> dict[str, object]:
    return {
        "id": name,
        "name": f"Name of {name}",
        "kind": ["vardgivare"],
        "informs_from": FROM,
        "makes_available_from": FROM,
        "units": [{"id": unit, "name": f"Name of {unit}"}],
        "staff": [_staff(user, unit)],
    }


ORGANISATIONS = {
    "organisations": [
        _organisation(REGION, WARD, "own-doctor"),
        _organisation(OTHER_REGION, EMERGENCY, "other-doctor"),
    ]
}
SOURCES = {
    "sources": [
        {
            "id": "default",
            "adapter": "rivta",
            "owners": [REGION],
            "owner_of": [{"hsa": each, "owner": REGION} for each in SAMPLE_OWNERS],
            "fallback": {"owner": REGION, "unit": None},
        }
    ]
}


def _facts(system: str, value: str) -> dict[str, object]:
    patient = {"kind": "patient", "state": "current", "from": FROM}
    return {
        "person": {"identifier": {"system": system, "value": value}, "age": 50},
        "relations": [
            {"organisation": REGION, "unit": WARD, **patient},
            {"organisation": OTHER_REGION, "unit": EMERGENCY, **patient},
        ],
        "consents": [
            {"giver": "self", "organisation": OTHER_REGION, "answer": "yes", "from": FROM}
        ],
    }


@dataclass(frozen=True, slots=True)
class Row:
    """A resource behind the hub's back: whose, what, and whether others may have it."""

    person: str
    reference: str
    available: bool


@pytest.fixture
def taken(shell: Shell, shared: Path) -> Shell:
    """A store that the real samples have been taken into by the command line."""
    shell.run("db", "upgrade")
    files = (("organisations", ORGANISATIONS), ("sources", SOURCES))
    for what, written in files:
        ran = shell.run(what, "load", shell.write(f"{what}.yaml", yaml.safe_dump(written)))
        assert ran.status == 0, ran.err
    folders = sorted(
        folder
        for contract in CONTRACTS
        for folder in (shared / "rivta").rglob(f"samples/{contract}")
    )
    if len(folders) < len(CONTRACTS):
        pytest.skip("the samples of the contracts are not there")
    ran = shell.run("ingest", *folders, "--json")
    states = [each["state"] for each in ran.lines]
    assert ran.status == 1  # the samples hold faults and errors of sources
    assert "quarantined" not in states
    assert {each["contract"] for each in ran.lines if each["state"] == "stored"} == {
        "GetDiagnosis 2.0",
        "GetCareDocumentation 2.1",
        "GetCareDocumentation 3.0",
        "GetMedicationHistory 2.2",
        "GetCarePlans 2.0",
    }
    for number, (system, value) in enumerate(_identities(shell)):
        facts = shell.write(f"facts-{number}.yaml", yaml.safe_dump(_facts(system, value)))
        assert shell.run("facts", "load", facts).status == 0
    return shell


def _query(shell: Shell, statement: str) -> list[tuple[object, ...]]:
    store = Store(shell.environment["SAMVY_STORE"])
    with store.read() as connection:
        rows = [tuple(row) for row in connection.execute(text(statement))]
    store.close()
    return rows


def _identities(shell: Shell) -> list[tuple[str, str]]:
    return [(str(a), str(b)) for a, b in _query(shell, "SELECT system, value FROM identity")]


def _rows(shell: Shell) -> list[Row]:
    found = _query(
        shell,
        "SELECT person, type, id, availability, withdrawn FROM resource",
    )
    return [
        Row(str(person), f"{kind}/{number}", available != "none" and not withdrawn)
        for person, kind, number, available, withdrawn in found
        if kind in TYPES
    ]


@contextmanager
def _served(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name, value in shell.environment.items():
        monkeypatch.setenv(name, value)
    store = Store(shell.environment["SAMVY_STORE"], pool_size=8)
    with running(store, dev=True) as hub:
        http = AsgiClient(application(hub))
        yield World(hub, Clock(now()), http)
        http.close()
    store.close()


def _seen(world: World, asked: TokenRequest, person: str) -> set[str]:
    """Every resource of the types that the samples give, as the reader is served it."""
    wanted = stated(relevance=True, activeChoice="content")
    body = {"resourceType": "Parameters", "parameter": wanted}
    opened = world.post(asked, f"/fhir/Patient/{person}/$open", body)
    assert opened.status == 200, opened.body
    session = next(
        each["valueString"] for each in opened.json["parameter"] if each["name"] == "session"
    )
    seen: set[str] = set()
    for kind in TYPES:
        asked_for = {"patient": f"Patient/{person}", "_count": "500"}
        bundle = world.get(asked, f"/fhir/{kind}", asked_for, session=session)
        assert bundle.status == 200, bundle.body
        seen |= {f"{kind}/{number}" for number in bundle.ids}
    return seen


def test_samples_come_out_for_the_owners_staff_and_not_for_others(
    taken: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = _rows(taken)
    own_only = {row.reference for row in rows if not row.available}
    assert {reference.partition("/")[0] for reference in own_only} >= {"Condition", "CarePlan"}
    with _served(taken, monkeypatch) as world:
        for person in sorted({row.person for row in rows}):
            mine = {row.reference for row in rows if row.person == person}
            assert _seen(world, OWN, person) == mine
            others = _seen(world, OTHER, person)
            assert others == {r.reference for r in rows if r.person == person and r.available}
            assert not others & own_only


def test_taking_the_samples_in_again_changes_nothing(taken: Shell, shared: Path) -> None:
    """The samples reuse record ids, so that only the last of each can be unchanged."""
    before = _query(taken, "SELECT count(*) FROM source_part")
    contract = shared / "rivta" / "legacy"
    folders = sorted(contract.rglob("samples/GetCarePlans"))
    ran = taken.run("ingest", *folders, "--json")
    states = {each["state"] for each in ran.lines}
    assert states <= {"unchanged", "source_error", "rejected"}
    assert _query(taken, "SELECT count(*) FROM source_part") == before
