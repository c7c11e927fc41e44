"""$consents: the answers and the blocks of one person, as FHIR Consent, to whom they concern.

Source: SVOD 2:3, 3:1, 4:2; FHIR R4 consent.html. The person sees all of their own. Staff see what
was said to their own organisation and what is blocked at it, and nothing of other organisations
(P3): that somebody else has blocked is a rung of $open, or nothing.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from consent.facts import Assessment, BlockKind, Capacity, Person, Samtycke, Sparr
from consent.period import Period
from hub.api.access import (
    about_person,
)
from hub.api.act.act import STAFF
from hub.api.act.assessed import ability, attitude
from hub.api.call import Answer, Call
from hub.api.log import record, write
from hub.api.weighed import Access
from hub.audit.record import Action, Outcome
from hub.running import Hub
from hub.store.facts import KnownFact, known_of
from mappings.base_profiles import HSA_ID

PROFILES = "https://samvy.se/fhir/StructureDefinition"
CODES = "https://samvy.se/fhir/CodeSystem/consent"
LOINC = {"system": "http://loinc.org", "code": "59284-0"}
SCOPE = {
    "system": "http://terminology.hl7.org/CodeSystem/consentscope",
    "code": "patient-privacy",
}
RECIPIENT = {"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}
Resource = dict[str, Any]


def consents(hub: Hub, call: Call, _kind: str, person: str) -> Answer:
    """Return a searchset Bundle of Consent: what counts now, in the order in which it was said.

    Raises:
        NotAllowed: the reading session is about somebody else.
        Unavailable: the reading cannot be logged.
    """
    with hub.store.read() as connection:
        access = about_person(hub, connection, call, person)
        entries = known_of(connection, access.persons).entries
    found = [made for each in entries if (made := _consent(each, person, access))]
    query = f"Patient/{person}/$consents"
    permitted = record(call, Action.OPERATION, Outcome.PERMIT, access=access, query=query)
    write(hub.log, permitted)
    bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
    if found:
        bundle["entry"] = [{"resource": each, "search": {"mode": "match"}} for each in found]
    return Answer(200, msgspec.json.encode(bundle))


def _consent(fact: KnownFact, person: str, access: Access) -> Resource | None:
    content = fact.content
    if isinstance(content, Samtycke) and concerns(access, content.organisation):
        return _answered(fact, content, person)
    if isinstance(content, Sparr) and concerns(access, content.owner):
        return _blocked(fact, content, person)
    if isinstance(content, Assessment) and concerns(access, content.by):
        return attitude(fact, content, person)
    if isinstance(content, Person) and _takes_part(access):
        return ability(fact, content, person)
    return None


def _takes_part(access: Access) -> bool:
    reader = access.request.reader
    return reader.takes_part and concerns(access, reader.organisation or "")


def concerns(access: Access, organisation: str) -> bool:
    """Tell whether the caller may know of what was said to, or is blocked at, an organisation."""
    reader = access.request.reader
    if not reader.strong_auth:
        return False
    if reader.as_ is Capacity.INDIVIDUAL:
        return True
    staff = reader.as_ in (*STAFF, Capacity.OFFICER) and reader.assignment_valid
    return staff and reader.organisation == organisation


def _answered(fact: KnownFact, given: Samtycke, person: str) -> Resource:
    """An answer: whom it lets read, or not, and for how long."""
    actors = [_actor(each) for each in (given.organisation, given.unit, given.user) if each]
    provision = {"type": "permit" if given.answer else "deny", **_period(given.period)}
    rule = {"coding": [{"system": CODES, "code": "samtycke"}], "text": "SVOD 3:1, 3:2"}
    made = _resource(fact, person, "samtycke", rule)
    made["organization"] = [_named(given.organisation)]
    made["provision"] = {**provision, "actor": actors}
    return made


def _blocked(fact: KnownFact, block: Sparr, person: str) -> Resource:
    """A block: whose information it closes, of which time, and what stays open."""
    outer = block.kind is BlockKind.OUTER
    code = "yttre-sparr" if outer else "inre-sparr"
    rule = {
        "coding": [{"system": CODES, "code": code}],
        "text": "SVOD 2:3" if outer else "PDL 4:4",
    }
    made = _resource(fact, person, code, rule)
    made["organization"] = [_named(each) for each in (block.owner, block.unit) if each]
    provision: Resource = {"type": "deny"}
    if span := _period(block.information).get("period"):
        provision["dataPeriod"] = span
    if block.excluded_types:
        kept = [{"system": CODES, "code": each.value} for each in sorted(block.excluded_types)]
        provision["provision"] = [{"type": "permit", "class": kept}]
    made["provision"] = provision
    if block.set_at is not None:
        made["dateTime"] = _instant(block.set_at)
    return made


def _resource(fact: KnownFact, person: str, profile: str, rule: Mapping[str, Any]) -> Resource:
    name = fact.content.id if isinstance(fact.content, Sparr) else fact.id
    return {
        "resourceType": "Consent",
        "meta": {"profile": [f"{PROFILES}/{profile}"]},
        "identifier": [{"system": CODES, "value": name}],
        "status": "active",
        "scope": {"coding": [SCOPE]},
        "category": [{"coding": [LOINC]}],
        "patient": {"reference": f"Patient/{person}"},
        "dateTime": _instant(fact.recorded),
        "policyRule": rule,
    }


def _actor(hsa_id: str) -> Resource:
    return {"role": {"coding": [RECIPIENT]}, "reference": _named(hsa_id)}


def _named(hsa_id: str) -> Resource:
    return {"identifier": {"system": HSA_ID, "value": hsa_id}}


def _period(period: Period) -> Resource:
    ends = dict(_ends(period))
    return {"period": ends} if ends else {}


def _ends(period: Period) -> Iterator[tuple[str, str]]:
    if period.start is not None:
        yield "start", _instant(period.start)
    if period.end is not None:
        yield "end", _instant(period.end)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
