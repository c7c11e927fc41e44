"""Everything that the adapters make of every sample, judged by a validator that others wrote.

@medplum/core knows R4's profiles, their cardinalities and invariants; it shares no code and no
table with hub.fhir.check or fhir.resources. It needs node and the packages of tests/node. Each
record's Provenance is judged too.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.document import AccessHeader, Record, Unreadable
from consent.facts import Item, Regime
from hub.fhir.json_codec import encode
from hub.ingest.adapters import ADAPTERS
from hub.ingest.identifiers import keyed
from hub.ingest.provenance import provenance
from mappings import tables
from mappings.engine import Context
from mappings.source_profile import SourceProfile, load

TESTS = Path(__file__).parents[2]
NODE = TESTS / "node"
SHARED = TESTS.parents[1] / "shared"
ADAPTERS_TESTS = TESTS / "adapters"
PACKAGE = NODE / "node_modules" / "@medplum" / "core"
RECORDED = "2026-03-10T11:00:00.000Z"

OURS = (
    ("xml_export", "granvik.xml"),
    ("xml_export", "ljunga.xml"),
    ("json_export", "asby.json"),
    ("json_export", "dalvik.json"),
)
PUBLISHED = (
    ("xml_export", "a_lifecare_like_sol.xml", "lifecare_like"),
    ("json_export", "b_treserva_like_sol_lss.json", "treserva_like"),
    ("delimited", "c1_khsl1_personmanad.csv", "khsl"),
    ("delimited", "c2_khsl2_kva.csv", "khsl"),
    ("delimited", "c3_sol1_pagaende.csv", "sol_register"),
    ("delimited", "c4_sol2_handelser.csv", "sol_register"),
    ("delimited", "c5_lss_1oktober.csv", "lss"),
)

Made = tuple[str, dict[str, Any]]


def _rivta() -> Iterator[Path]:
    yield from sorted((ADAPTERS_TESTS / "rivta" / "messages").glob("*.xml"))
    yield from sorted((SHARED / "rivta").rglob("*.xml"))
    yield from sorted((SHARED / "sol_samples").glob("e*.xml"))


def _exports() -> Iterator[tuple[str, Path, SourceProfile]]:
    for adapter, name in OURS:
        folder = ADAPTERS_TESTS / adapter
        yield adapter, folder / name, load(f"{Path(name).stem}.yaml", folder)
    for adapter, name, profile in PUBLISHED:
        if (path := SHARED / "sol_samples" / name).is_file():
            yield adapter, path, load(profile)


def _made() -> Iterator[Made]:
    for path in _rivta():
        yield from _of("rivta", path, None)
    for adapter, path, profile in _exports():
        yield from _of(adapter, path, profile)


def _of(adapter: str, path: Path, profile: SourceProfile | None) -> Iterator[Made]:
    try:
        delivery = ADAPTERS[adapter].adapter.read(path.read_bytes(), path.name, profile)
        for part in delivery.parts():
            if part.person is None or part.refused:
                continue
            for record in part.records:
                for resource in _resources(record, delivery.contract):
                    yield path.name, resource
    except Unreadable:
        return


def _resources(record: Record, contract: str | None) -> list[dict[str, Any]]:
    header = record.header

    def mint(*names: str) -> str:
        return keyed(b"key", header.source_system, record.table, header.record_id, *names)

    context = Context(
        patient="Patient/p1",
        mint=mint,
        identifier_system="urn:samvy:source:test",
        source="urn:samvy:source:test",
        owner=header.owner,
        unit=header.unit,
        not_for_patient=header.not_for_patient,
        nullified=header.nullified,
        facts={"received": datetime(2026, 3, 10, tzinfo=UTC)},
    )
    made = tables.load(record.table).map(record.body(), context).resources
    targets = [(str(each["resourceType"]), str(each["id"])) for each in made]
    return [*made, _origin(header, record, contract, targets)] if made else []


def _origin(
    header: AccessHeader, record: Record, contract: str | None, targets: list[tuple[str, str]]
) -> dict[str, Any]:
    item = Item("", header.owner or "nobody", unit=header.unit, regime=Regime(header.regime))
    number = keyed(b"key", "Provenance", header.record_id)
    return provenance(
        number,
        targets,
        header,
        item,
        source="test",
        contract=contract,
        path=record.path,
        recorded=RECORDED,
    )


def _judge(resources: list[dict[str, Any]]) -> dict[int, list[str]]:
    node = shutil.which("node")
    if node is None or not PACKAGE.is_dir():
        pytest.skip("node, or the packages of tests/node, are not here: npm ci in tests/node")
    done = subprocess.run(  # our own script
        [node, "validate.mjs"],
        cwd=NODE,
        input=b"\n".join(encode(each) for each in resources),
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    assert told["judged"] == len(resources)
    return {int(number): faults for number, faults in told["faults"].items()}


def test_what_the_adapters_make_of_every_sample_is_valid_r4() -> None:
    made = list(_made())
    assert {each["resourceType"] for _, each in made} >= {"DocumentReference", "Observation"}
    faults = _judge([each for _, each in made])
    told = [
        f"{made[number][0]}: {made[number][1]['resourceType']}{fault}"
        for number, found in faults.items()
        for fault in found
    ]
    assert told == []


def test_the_validator_finds_what_is_wrong() -> None:
    right = {
        "resourceType": "Condition",
        "id": "c1",
        "subject": {"reference": "Patient/p1"},
        "code": {"text": "x"},
    }
    wrong: list[dict[str, Any]] = [
        {name: value for name, value in right.items() if name != "subject"},
        {**right, "subject": [right["subject"]]},
        {**right, "invented": "x"},
        {**right, "recordedDate": 2026},
        {**right, "abatementString": "x", "abatementDateTime": "2026"},
    ]
    assert sorted(_judge([right, *wrong])) == [1, 2, 3, 4, 5]
