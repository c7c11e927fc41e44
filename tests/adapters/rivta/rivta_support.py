"""What the RIV-TA tests share: messages, a context for mapping, and the models that judge it."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from adapters.document import AccessHeader, Delivery, Part, Unreadable
from adapters.rivta import ADAPTER
from hub.fhir.check import check
from mappings import tables
from mappings.engine import Context, Mapped

MESSAGES = Path(__file__).parent / "messages"
SHARED = Path(__file__).parents[3].parent / "shared" / "rivta"


ANY = Context(
    "Patient/p1",
    lambda kind, place: f"{kind}-{place}",
    "urn:x",
    "urn:source",
    "SE1-1",
    facts={"received": datetime(2026, 1, 1, tzinfo=UTC)},
)


def message(name: str) -> bytes:
    return (MESSAGES / f"{name}.xml").read_bytes()


def read(name: str) -> Delivery:
    return ADAPTER.read(message(name), f"{name}.xml", None)


def parts(name: str) -> list[Part]:
    return list(read(name).parts())


def context(header: AccessHeader) -> Context:
    def mint(resource_type: str, place: str) -> str:
        whole = f"{header.source_system}|{header.record_id}|{resource_type}|{place}"
        return hashlib.sha256(whole.encode()).hexdigest()[:40]

    return Context(
        patient="Patient/p1",
        mint=mint,
        identifier_system="urn:oid:1.2.752.129.2.1.4.1#SYS1",
        source="urn:oid:1.2.752.129.2.1.4.1#SYS1",
        owner=header.owner,
        unit=header.unit,
        not_for_patient=header.not_for_patient,
        nullified=header.nullified,
    )


def map_part(part: Part) -> list[Mapped]:
    return [
        tables.load(record.table).map(record.body(), context(record.header))
        for record in part.records
    ]


def resources(name: str) -> list[dict[str, Any]]:
    return [made for part in parts(name) for each in map_part(part) for made in each.resources]


def assert_valid(resource: dict[str, Any]) -> None:
    kind = resource["resourceType"]
    model = getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
    model.model_validate(resource)
    assert [each for each in check(resource) if each.severity == "error"] == []


def references(value: object) -> set[str]:
    """Return every literal reference within a resource."""
    if isinstance(value, dict):
        found = {value["reference"]} if isinstance(value.get("reference"), str) else set()
        return found.union(*(references(each) for each in value.values()))
    if isinstance(value, list):
        return set().union(*(references(each) for each in value))
    return set()


def outcome(content: bytes) -> tuple[object, ...]:
    """Return everything that a message gives."""
    found: list[object] = []
    try:
        delivery = ADAPTER.read(content, "x", None)
        found += [delivery.contract, delivery.standing, delivery.notes]
        for part in delivery.parts():
            found += [part.name, part.raw, part.person, part.notes]
            for record in part.records:
                table = tables.load(record.table)
                found += [record.header, record.path, repr(record.body())]
                found += [table.resources_of(record.body(), ANY)]
                for fact in (False, True):
                    context = replace(ANY, nullified=fact, not_for_patient=fact)
                    found += [repr(table.map(record.body(), context))]
    except Unreadable as error:
        found += [str(error)]
    return tuple(found)
