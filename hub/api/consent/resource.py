"""An answer or a block as a Consent resource of the hub's profiles.

Source: SVOD 2:3, 3:1, 3:2; PDL 4:4; FHIR R4 consent.html; docs/consents.md.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from consent.facts import BlockKind, Samtycke, Sparr
from consent.period import Period
from hub.api.consent.standing import Stands, Version
from mappings.base_profiles import HSA_ID

PROFILES = "https://samvy.se/fhir/StructureDefinition"
CODES = "https://samvy.se/fhir/CodeSystem/consent"
PROCESS, REASON = f"{PROFILES}/care-process", f"{PROFILES}/status-reason"
SAMTYCKE, OUTER, INNER = "samtycke", "yttre-sparr", "inre-sparr"
LAW = {SAMTYCKE: "SVOD 3:1, 3:2", OUTER: "SVOD 2:3", INNER: "PDL 4:4"}
LOINC = {"system": "http://loinc.org", "code": "59284-0"}
SCOPE = {
    "system": "http://terminology.hl7.org/CodeSystem/consentscope",
    "code": "patient-privacy",
}
RECIPIENT = {"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}
Resource = dict[str, Any]


def resource_of(stands: Stands, version: Version | None = None) -> Resource:
    """Return a version of an answer or a block, the one that stands unless another is named."""
    version = version or stands.now
    patient = {"reference": f"Patient/{stands.person}"}
    said = version.content
    kind = _kind(said)
    set_at = said.set_at if isinstance(said, Sparr) else None
    organisations, provision = _blocked(said) if isinstance(said, Sparr) else _answered(said)
    return {
        "resourceType": "Consent",
        "id": stands.id,
        "meta": {
            "versionId": str(version.number),
            "lastUpdated": instant_text(version.at),
            "profile": [f"{PROFILES}/{kind}"],
        },
        "identifier": [{"system": CODES, "value": stands.name}],
        "status": version.status.value,
        "scope": {"coding": [SCOPE]},
        "category": [{"coding": [LOINC]}],
        "patient": patient,
        "dateTime": instant_text(set_at or stands.said),
        "performer": [patient],
        "organization": organisations,
        "policyRule": {"coding": [{"system": CODES, "code": kind}], "text": LAW[kind]},
        "provision": provision,
    }


def instant_text(moment: datetime) -> str:
    """Return an instant as FHIR writes it, in whole seconds."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _kind(said: Samtycke | Sparr) -> str:
    if isinstance(said, Samtycke):
        return SAMTYCKE
    return OUTER if said.kind is BlockKind.OUTER else INNER


def _answered(given: Samtycke) -> tuple[list[Resource], Resource]:
    """An answer: whom it lets read, or not, and for how long."""
    actors = [_actor(each, "Organization") for each in (given.organisation, given.unit) if each]
    if given.user:
        actors.append(_actor(given.user, "Practitioner"))
    provision = {"type": "permit" if given.answer else "deny", **_period("period", given.period)}
    return [_named(given.organisation)], {**provision, "actor": actors}


def _blocked(block: Sparr) -> tuple[list[Resource], Resource]:
    """A block: whose information it closes, of which time, and what stays open."""
    provision: Resource = {"type": "deny", **_period("dataPeriod", block.information)}
    if block.process:
        provision["extension"] = [{"url": PROCESS, "valueString": block.process}]
    if block.excluded_types:
        kept = [{"system": CODES, "code": each.value} for each in sorted(block.excluded_types)]
        provision["provision"] = [{"type": "permit", "class": kept}]
    return [_named(each) for each in (block.owner, block.unit) if each], provision


def _actor(hsa_id: str, kind: str) -> Resource:
    return {"role": {"coding": [RECIPIENT]}, "reference": {"type": kind, **_named(hsa_id)}}


def _named(hsa_id: str) -> Resource:
    return {"identifier": {"system": HSA_ID, "value": hsa_id}}


def _period(name: str, period: Period) -> Resource:
    ends = dict(_ends(period))
    return {name: ends} if ends else {}


def _ends(period: Period) -> Iterator[tuple[str, str]]:
    if period.start is not None:
        yield "start", instant_text(period.start)
    if period.end is not None:
        yield "end", instant_text(period.end)
