"""HL7 Sweden's base profiles for people and organisations: held to, and claimed where they hold.

Source: HL7 Sweden base profiles 1.1.0 (rivta.md §8): SEBasePatient, SEBasePractitioner,
SEBasePractitionerRole, SEBaseOrganization. An HSA-id of a person or an organisation has the type
PRN, an organisation number XX; a name stands once; each kind of person number stands once. What a
source sends is never cut to fit: it is then kept whole without the claim.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from mappings.personal_identity import NATIONELLT_RESERVNUMMER, PERSONNUMMER, SAMORDNINGSNUMMER

CANONICAL = "http://hl7.se/fhir/ig/base/StructureDefinition/"
PROFILE = {
    "Patient": f"{CANONICAL}SEBasePatient",
    "Practitioner": f"{CANONICAL}SEBasePractitioner",
    "PractitionerRole": f"{CANONICAL}SEBasePractitionerRole",
    "Organization": f"{CANONICAL}SEBaseOrganization",
}
HSA_ID = "urn:oid:1.2.752.29.4.19"
ORGANISATION_NUMBER = "urn:oid:2.5.4.97"
_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
_TYPE_OF = {
    "Practitioner": {HSA_ID: "PRN"},
    "Organization": {HSA_ID: "PRN", ORGANISATION_NUMBER: "XX"},
}
_ONCE = {
    "Patient": (PERSONNUMMER, SAMORDNINGSNUMMER, NATIONELLT_RESERVNUMMER),
    "Practitioner": (HSA_ID,),
    "PractitionerRole": (HSA_ID,),
    "Organization": (HSA_ID, ORGANISATION_NUMBER),
}


def conform(resource: dict[str, Any]) -> None:
    """Give a resource, and what it contains, the types and claims of the base profiles."""
    if resource["resourceType"] in PROFILE:
        _conform(resource)
    if "contained" in resource:
        for inner in resource["contained"]:
            if inner["resourceType"] in PROFILE:
                _conform(inner)


def _conform(resource: dict[str, Any]) -> None:
    kind = resource["resourceType"]
    if kind in _TYPE_OF:
        for identifier in resource.get("identifier", ()):
            code = _TYPE_OF[kind].get(identifier.get("system"))
            if code is not None and "type" not in identifier:
                identifier["type"] = {"coding": [{"system": _TYPES, "code": code}]}
    if _holds(kind, resource):
        claim = {"profile": [PROFILE[kind]]}
        resource["meta"] = {**resource["meta"], **claim} if "meta" in resource else claim


def _holds(kind: str, resource: Mapping[str, Any]) -> bool:
    identifiers: Sequence[Mapping[str, Any]] = resource.get("identifier", ())
    if not identifiers and "name" not in resource:
        return True
    systems = [each.get("system") for each in identifiers]
    names = resource.get("name", ())
    return all(systems.count(system) <= 1 for system in _ONCE[kind]) and (
        kind not in {"Patient", "Practitioner"} or len(names) <= 1
    )
