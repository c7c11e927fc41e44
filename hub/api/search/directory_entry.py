"""The hub's directory as FHIR: organisations and their units, and staff with their assignments.

Source: FHIR R4 organization.html, location.html, practitioner.html, practitionerrole.html;
docs/decisions/0020. Made from the organisations file and from nothing that is about any person.
"""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

from consent.period import Period
from hub.config.organisation import Assignment, OrganisationEntry, StaffMember, Unit
from hub.ingest.provenance import HSA_ID
from hub.store.directory import Directory

DIRECTORY = ("Location", "Organization", "Practitioner", "PractitionerRole")
"""The types that the directory's entries are of."""
PREFIX = "directory-"
Json = dict[str, Any]


def entry_id(kind: str, number: str) -> str:
    """Return the id of an entry: of letters and the digits 2 to 7, as all ids of the hub's."""
    digest = hashlib.sha256(f"{kind}|{number}".encode()).digest()
    return PREFIX + base64.b32encode(digest[:20]).decode().lower()


def places(known: Directory) -> Iterator[Json]:
    """Yield organisations and units, which every reader may look up."""
    for entry in known.entries.values():
        yield _organisation(entry)
        for unit in entry.units:
            yield _unit(unit, entry)
            yield _location(unit, entry)


def people(known: Directory, organisation: str) -> Iterator[Json]:
    """Yield the staff of one organisation, with one role for each assignment."""
    for (owner, _), member in known.staff.items():
        if owner == organisation:
            yield _practitioner(member)
            for each in member.assignments:
                yield _role(each, member, organisation)


def _head(kind: str, number: str, at: str | None = None) -> Json:
    return {
        "resourceType": kind,
        "id": entry_id(kind, at or number),
        "identifier": [{"system": HSA_ID, "value": number}],
    }


def _reference(kind: str, number: str, name: str | None = None) -> Json:
    shown = {"display": name} if name else {}
    return {"reference": f"{kind}/{entry_id(kind, number)}", **shown}


def _organisation(entry: OrganisationEntry) -> Json:
    whole = {"partOf": _reference("Organization", entry.part_of)} if entry.part_of else {}
    return {
        **_head("Organization", entry.id),
        "active": entry.connected,
        "type": [{"text": each.value} for each in sorted(entry.kind)],
        "name": entry.name,
        **whole,
    }


def _unit(unit: Unit, entry: OrganisationEntry) -> Json:
    return {
        **_head("Organization", unit.id),
        "active": entry.connected,
        "name": unit.name,
        "partOf": _reference("Organization", entry.id, entry.name),
    }


def _location(unit: Unit, entry: OrganisationEntry) -> Json:
    return {
        **_head("Location", unit.id),
        "status": "active",
        "name": unit.name,
        "mode": "instance",
        "managingOrganization": _reference("Organization", unit.id, entry.name),
    }


def _practitioner(member: StaffMember) -> Json:
    name = {"name": [{"text": member.name}]} if member.name else {}
    return {**_head("Practitioner", member.id), "active": True, **name}


def _role(assignment: Assignment, member: StaffMember, organisation: str) -> Json:
    where = assignment.unit or organisation
    return {
        **_head("PractitionerRole", assignment.id, f"{member.id}|{assignment.id}"),
        **_period(assignment.period),
        "practitioner": _reference("Practitioner", member.id, member.name),
        "organization": _reference("Organization", where),
        "code": [{"text": assignment.as_.value}],
        **({"location": [_reference("Location", assignment.unit)]} if assignment.unit else {}),
    }


def _period(period: Period) -> Json:
    ends = {"start": period.start, "end": period.end}
    found = {name: at.isoformat(timespec="seconds") for name, at in ends.items() if at}
    return {"period": found} if found else {}
