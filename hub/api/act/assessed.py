"""Assessments as FHIR Observation: attitude, ability and maturity, by whom and when.

Source: SVOD 2:6, 3:1-3:4; FHIR R4 observation.html. An attitude is its organisation's own. That a
person lacks ability or maturity is known to whom takes part in their care or service, and to them.
"""

from datetime import UTC, datetime
from typing import Any

from consent.facts import Ability, Assessment, Person
from hub.store.facts import KnownFact
from mappings.base_profiles import HSA_ID

CODES = "https://samvy.se/fhir/CodeSystem/assessment"
BY_WHOM = "api:"
"""Begins the origin of what somebody registered over the API; their id follows."""
Resource = dict[str, Any]


def attitude(fact: KnownFact, content: Assessment, person: str) -> Resource:
    """Return what an organisation has found of the person's attitude."""
    made = _observation(fact, person, "attitude")
    made["performer"] = [{"identifier": {"system": HSA_ID, "value": content.by}}]
    made["component"] = [
        {"code": _code("clarified"), "valueBoolean": content.clarified},
        {"code": _code("reason-to-think-opposed"), "valueBoolean": content.reason_to_think_opposed},
    ]
    return made


def ability(fact: KnownFact, content: Person, person: str) -> Resource | None:
    """Return what is known of the person's ability and maturity; None where nothing is lacking."""
    if content.capacity is Ability.FULL and content.can_consent_self:
        return None
    made = _observation(fact, person, "ability")
    made["valueCodeableConcept"] = _code(content.capacity.value)
    made["component"] = [{"code": _code("mature"), "valueBoolean": content.can_consent_self}]
    if content.lacking_since is not None:
        made["effectivePeriod"] = {"start": _instant(content.lacking_since)}
    return made


def _observation(fact: KnownFact, person: str, code: str) -> Resource:
    made: Resource = {
        "resourceType": "Observation",
        "identifier": [{"system": CODES, "value": fact.id}],
        "status": "final",
        "code": _code(code),
        "subject": {"reference": f"Patient/{person}"},
        "issued": _instant(fact.recorded),
    }
    if fact.origin.startswith(BY_WHOM):
        made["note"] = [{"authorString": fact.origin.removeprefix(BY_WHOM), "text": code}]
    return made


def _code(code: str) -> Resource:
    return {"coding": [{"system": CODES, "code": code}]}


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
