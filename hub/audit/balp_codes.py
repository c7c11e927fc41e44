"""The codes and the small shapes that AuditEvents are made of.

Source: IHE ITI BALP 1.1.4 (its profiles, UserAgentTypes, AuthZsubType, BasicAuditEntityType); DICOM
PS3.16; FHIR R4 auditevent.html.
"""

from typing import Any

from hub.audit.record import AccessRecord, Action, Outcome

BALP = "https://profiles.ihe.net/ITI/BALP/"
PROFILES = f"{BALP}StructureDefinition/IHE.BasicAudit."
OURS = "https://samvy.se/fhir/"
HSA = "urn:oid:1.2.752.29.4.19"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
SNOMED = "http://snomed.info/sct"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
PARTICIPANT = f"{TERMINOLOGY}provenance-participant-type"
ROLE_CLASS = f"{TERMINOLOGY}v3-RoleClass"
SECURITY_ROLE = f"{TERMINOLOGY}extra-security-role-type"
PARTICIPATION = f"{TERMINOLOGY}v3-ParticipationType"
ENTITY_TYPE = f"{TERMINOLOGY}audit-entity-type"
OBJECT_ROLE = f"{TERMINOLOGY}object-role"
INTERACTIONS = "http://hl7.org/fhir/restful-interaction"
RESOURCE_TYPES = "http://hl7.org/fhir/resource-types"
REQUEST_ENTITY = f"{BALP}CodeSystem/BasicAuditEntityType"
USER_AGENTS = f"{BALP}CodeSystem/UserAgentTypes"
AUTHZ = f"{BALP}CodeSystem/AuthZsubType"
JTI = "urn:ietf:params:oauth:jti:"

APPLICATION = (DCM, "110150", "Application")
SOURCE = (DCM, "110153", "Source Role ID")
DESTINATION = (DCM, "110152", "Destination Role ID")
CUSTODIAN = (PARTICIPANT, "custodian", "Custodian")
RECIPIENT = (PARTICIPATION, "IRCP", "information recipient")
AUTHOR = (PARTICIPATION, "AUT", "author")
PROVIDER = (ROLE_CLASS, "PROV", "healthcare provider")
AUTHORIZER = (SECURITY_ROLE, "authserver", "authorization server")
RECORD_KEEPER = (SNOMED, "159541003", "Record keeping/library clerk")

OUTCOMES = {Outcome.PERMIT: "0", Outcome.PARTIAL: "0", Outcome.DENY: "4", Outcome.ERROR: "8"}
PURPOSES = {"vard": "TREAT", "forskning": "HRESCH", "egen": "PATRQT"}
"""Purposes that have an exact sister in v3-ActReason; the others go under our own system alone."""
DECISIONS = frozenset({Action.OPEN, Action.RUNG})
"""What decides whether somebody may read, and gives no content: BALP's consent decision."""


def coding(system: str, code: str, display: str) -> dict[str, str]:
    """Return a Coding."""
    return {"system": system, "code": code, "display": display}


def concept(system: str, code: str, display: str) -> dict[str, Any]:
    """Return a CodeableConcept of one Coding."""
    return {"coding": [coding(system, code, display)]}


def named(value: str | None, system: str | None = None) -> dict[str, Any] | None:
    """Return a Reference by identifier; None for nothing."""
    if not value:
        return None
    identifier = {"system": system, "value": value} if system else {"value": value}
    return {"identifier": identifier}


def hsa(value: str | None) -> dict[str, Any] | None:
    """Return a Reference by HSA id."""
    return named(value, HSA)


def purpose(record: AccessRecord) -> list[dict[str, Any]]:
    """Return the record's purpose, in FHIR's code where it has one."""
    if record.purpose is None:
        return []
    codings = [coding(f"{OURS}CodeSystem/purpose", record.purpose, record.purpose)]
    if code := PURPOSES.get(record.purpose):
        codings.append(coding(f"{TERMINOLOGY}v3-ActReason", code, code))
    return [{"coding": codings}]


def token_id(record: AccessRecord) -> str | None:
    """Return the id of the token that was used, as the URN that BALP asks for."""
    return f"{JTI}{record.token}" if record.token else None
