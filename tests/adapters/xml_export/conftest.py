"""Reading an export with a profile, and its records through the mapping tables."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from adapters.document import Part, Record
from adapters.xml_export import XmlExport
from hub.fhir.check import check
from mappings import tables
from mappings.engine import Context, Mapped
from mappings.source_profile import SourceProfile, load

HERE = Path(__file__).parent

Export = tuple[bytes, SourceProfile]


def export(name: str) -> Export:
    """Return an export of ours and its profile."""
    return (HERE / f"{name}.xml").read_bytes(), load(f"{name}.yaml", HERE)


def parts(content: bytes, profile: SourceProfile) -> list[Part]:
    """Return the parts of an export."""
    return list(XmlExport().read(content, "export.xml", profile).parts())


def mapped(record: Record) -> Mapped:
    """Return a record's resources, each valid R4 with every number a Decimal."""

    def mint(resource_type: str, place: str) -> str:
        text = f"{record.header.record_id}|{resource_type}|{place}"
        return hashlib.sha256(text.encode()).hexdigest()[:20]

    header = record.header
    context = Context(
        patient="Patient/p1",
        mint=mint,
        identifier_system="urn:test:system",
        source="urn:test:source",
        owner=header.owner,
        unit=header.unit,
        not_for_patient=header.not_for_patient,
        nullified=header.nullified,
    )
    found = tables.load(record.table).map(record.body(), context)
    for resource in found.resources:
        get_fhir_model_class(str(resource["resourceType"])).model_validate(resource)
        assert [each for each in check(resource) if each.severity == "error"] == []
    return found


@pytest.fixture
def granvik() -> Export:
    """A flat and namespaced export in ISO-8859-1 with numbers for codes."""
    return export("granvik")


@pytest.fixture
def ljunga() -> Export:
    """An export with elements for everything, and persons under their authority."""
    return export("ljunga")


@pytest.fixture
def read() -> Callable[[bytes, SourceProfile], list[Part]]:
    """Read an export's parts."""
    return parts


@pytest.fixture
def resources() -> Callable[[Part], list[dict[str, Any]]]:
    """Map all of a part's records."""
    return lambda part: [each for record in part.records for each in mapped(record).resources]


@pytest.fixture
def unmapped() -> Callable[[Part], list[str]]:
    """Tell what no table takes of a part's records."""
    return lambda part: [path for record in part.records for path in mapped(record).unmapped]
