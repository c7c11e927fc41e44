"""The invariants of the resource types in use, each a small function by its key and type.

Source: FHIR R4 resourcelist.html, by way of definitions/invariants.json, which says where each
holds; the keys are the specification's, the texts ours.
"""

from collections.abc import Iterable, Sequence

from hub.fhir.invariant import (
    Holds,
    Invariant,
    Json,
    any_of,
    codings,
    distinct,
    has_code,
    in_order,
    missing,
    needs,
    not_both,
)
from hub.fhir.json_value import JsonValue

NOT_CHECKED = {
    "dom-6 DomainResource": "advises a narrative; what is shown is made from the data",
    "cpb-0 CapabilityStatement": "advises names for programs",
    "ref-1 Reference": "hub/fhir/reference.py",
    "txt-1 Narrative": "hub/fhir/narrative.py",
    "txt-2 Narrative": "hub/fhir/narrative.py",
    "ppc-2 Consent": "as published it is about a system called 'something', and so never fires",
    "ppc-3 Consent": "as ppc-2",
    "ppc-4 Consent": "as ppc-2",
    "ppc-5 Consent": "as ppc-2",
}
"""Invariants that have no function here, each with the reason or the place that holds it."""


def _allergy_withdrawn(value: Json) -> bool:
    concept = value.get("verificationStatus")
    return has_code(concept, "allergyintolerance-verification", "entered-in-error")


def _condition_withdrawn(value: Json) -> bool:
    return has_code(value.get("verificationStatus"), "condition-ver-status", "entered-in-error")


def _problem_has_status(value: Json, _root: Json) -> bool:
    problem = has_code(value.get("category"), "condition-category", "problem-list-item")
    return not problem or "clinicalStatus" in value or _condition_withdrawn(value)


def _abated(value: Json, _root: Json) -> bool:
    ended = has_code(
        value.get("clinicalStatus"), "condition-clinical", "resolved", "remission", "inactive"
    )
    return missing(value, "abatement[x]") or ended


def _components_differ(value: Json, _root: Json) -> bool:
    if missing(value, "value[x]"):
        return True
    own = {each for each in codings(value.get("code")) if each[1]}
    return not any(own & codings(each.get("code")) for each in value.get("component", ()))


def _member_is_practitioner(value: Json, _root: Json) -> bool:
    member = value.get("member", {})
    kind = member.get("type") or member.get("reference", "").rpartition("/")[0].rpartition("/")[2]
    return "onBehalfOf" not in value or kind in ("", "Practitioner")


def _parameter(value: Json, _root: Json) -> bool:
    filled = [not missing(value, name) for name in ("value[x]", "resource", "part")]
    return sum(filled) == 1


def _strings(value: JsonValue) -> Iterable[str]:
    found: list[str] = []
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            found.append(each)
        elif isinstance(each, dict):
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
    return found


def _contained_is_used(value: Json, _root: Json) -> bool:
    contained = value.get("contained", ())
    if not contained:
        return True
    used = {each[1:] for each in _strings(value) if each.startswith("#")}
    return all(
        each.get("id") in used or any(text == "#" for text in _strings(each)) for each in contained
    )


def _contained_has_no(*names: str) -> Holds:
    return lambda value, _root: (
        not any(
            name in each.get("meta", {}) for each in value.get("contained", ()) for name in names
        )
    )


def _only_in(name: str, *types: str) -> Holds:
    """A Bundle's entries have an element in these types of Bundle and in no others."""

    def holds(value: Json, _root: Json) -> bool:
        wanted = value.get("type") in types
        return all((name in entry) == wanted for entry in value.get("entry", ()))

    return holds


def _first_entry(bundle_type: str, resource_type: str) -> Holds:
    def holds(value: Json, _root: Json) -> bool:
        entries: Sequence[Json] = value.get("entry") or ({},)
        first = entries[0].get("resource", {}).get("resourceType")
        return value.get("type") != bundle_type or bool(first == resource_type)

    return holds


def _entries_differ(value: Json, _root: Json) -> bool:
    return value.get("type") == "history" or distinct(
        (entry["fullUrl"], entry.get("resource", {}).get("meta", {}).get("versionId"))
        for entry in value.get("entry", ())
        if "fullUrl" in entry
    )


def _search_only_in_searchset(value: Json, _root: Json) -> bool:
    searched = any("search" in entry for entry in value.get("entry", ()))
    return not searched or value.get("type") == "searchset"


def _document_has_identifier(value: Json, _root: Json) -> bool:
    identifier = value.get("identifier", {})
    return value.get("type") != "document" or {"system", "value"} <= identifier.keys()


def _kind(kind: str, needed: tuple[str, ...], unwanted: tuple[str, ...] = ()) -> Holds:
    def holds(value: Json, _root: Json) -> bool:
        return value.get("kind") != kind or (
            all(name in value for name in needed) and not any(name in value for name in unwanted)
        )

    return holds


def _not_home(value: Json, _root: Json) -> bool:
    return value.get("use") != "home"


OF_RESOURCES: dict[str, Invariant] = {
    key: Invariant(holds, remedy)
    for key, holds, remedy in (
        (
            "ait-1 AllergyIntolerance",
            lambda value, _root: _allergy_withdrawn(value) or "clinicalStatus" in value,
            "clinicalStatus is needed unless the verification is entered-in-error",
        ),
        (
            "ait-2 AllergyIntolerance",
            lambda value, _root: not _allergy_withdrawn(value) or "clinicalStatus" not in value,
            "what is entered-in-error has no clinicalStatus",
        ),
        (
            "bdl-1 Bundle",
            lambda value, _root: (
                "total" not in value or value.get("type") in ("searchset", "history")
            ),
            "only a searchset or a history has a total",
        ),
        ("bdl-2 Bundle", _search_only_in_searchset, "only a searchset's entries have search"),
        (
            "bdl-3 Bundle",
            _only_in("request", "batch", "transaction", "history"),
            "every entry of a batch, transaction or history has a request, and no other",
        ),
        (
            "bdl-4 Bundle",
            _only_in("response", "batch-response", "transaction-response", "history"),
            "every entry of a response or history has a response, and no other",
        ),
        (
            "bdl-5 Bundle",
            any_of("resource", "request", "response"),
            "an entry has a resource, a request or a response",
        ),
        ("bdl-7 Bundle", _entries_differ, "a fullUrl stands once for each version"),
        (
            "bdl-8 Bundle",
            lambda value, _root: "/_history/" not in value.get("fullUrl", ""),
            "a fullUrl names no version",
        ),
        ("bdl-9 Bundle", _document_has_identifier, "a document's identifier has system and value"),
        (
            "bdl-10 Bundle",
            lambda value, _root: value.get("type") != "document" or "timestamp" in value,
            "a document has a timestamp",
        ),
        ("bdl-11 Bundle", _first_entry("document", "Composition"), "begins with a Composition"),
        ("bdl-12 Bundle", _first_entry("message", "MessageHeader"), "begins with a MessageHeader"),
        ("cmp-1 Composition", any_of("text", "entry", "section"), "a section holds something"),
        ("cmp-2 Composition", not_both("emptyReason", "entry"), "a filled section is not empty"),
        ("con-1 Condition", any_of("summary", "assessment"), "a stage has a summary or assessment"),
        ("con-2 Condition", any_of("code", "detail"), "evidence has a code or a detail"),
        (
            "con-3 Condition",
            _problem_has_status,
            "a problem on the list should have a clinicalStatus",
        ),
        (
            "con-4 Condition",
            _abated,
            "what has abated has a clinicalStatus of resolved, remission or inactive",
        ),
        (
            "con-5 Condition",
            lambda value, _root: not _condition_withdrawn(value) or "clinicalStatus" not in value,
            "what is entered-in-error has no clinicalStatus",
        ),
        (
            "cpb-1 CapabilityStatement",
            any_of("rest", "messaging", "document"),
            "rest, messaging or document is needed",
        ),
        (
            "cpb-2 CapabilityStatement",
            any_of("description", "software", "implementation"),
            "description, software or implementation is needed",
        ),
        (
            "cpb-3 CapabilityStatement",
            lambda value, _root: (
                value.get("kind") == "instance"
                or not any("endpoint" in each for each in value.get("messaging", ()))
            ),
            "only an instance has messaging endpoints",
        ),
        (
            "cpb-7 CapabilityStatement",
            lambda value, _root: distinct(
                (each.get("profile"), each.get("mode")) for each in value.get("document", ())
            ),
            "profile and mode stand once together",
        ),
        (
            "cpb-9 CapabilityStatement",
            lambda value, _root: distinct(each.get("type") for each in value.get("resource", ())),
            "a resource type stands once",
        ),
        (
            "cpb-12 CapabilityStatement",
            lambda value, _root: distinct(
                each.get("name") for each in value.get("searchParam", ())
            ),
            "a search parameter stands once",
        ),
        (
            "cpb-14 CapabilityStatement",
            _kind("instance", ("implementation",)),
            "an instance has an implementation",
        ),
        (
            "cpb-15 CapabilityStatement",
            _kind("capability", ("software",), ("implementation",)),
            "a capability has software and no implementation",
        ),
        (
            "cpb-16 CapabilityStatement",
            _kind("requirements", (), ("implementation", "software")),
            "requirements have neither software nor implementation",
        ),
        ("cpl-3 CarePlan", not_both("detail", "reference"), "give detail or reference, not both"),
        (
            "ctm-1 CareTeam",
            _member_is_practitioner,
            "only a Practitioner acts on behalf of an organisation",
        ),
        (
            "dom-2 DomainResource",
            lambda value, _root: (
                not any("contained" in each for each in value.get("contained", ()))
            ),
            "a contained resource contains no other",
        ),
        ("dom-3 DomainResource", _contained_is_used, "a contained resource is referred to"),
        (
            "dom-4 DomainResource",
            _contained_has_no("versionId", "lastUpdated"),
            "a contained resource has no version and no time of update",
        ),
        (
            "dom-5 DomainResource",
            _contained_has_no("security"),
            "a contained resource has no security label of its own",
        ),
        ("gol-1 Goal", needs("detail[x]", "measure"), "a detail needs a measure"),
        (
            "imm-1 Immunization",
            any_of("documentType", "reference"),
            "documentType or reference is needed",
        ),
        ("inv-1 Parameters", _parameter, "give one of value, resource and part"),
        (
            "inv-1 Task",
            lambda value, _root: in_order(value.get("authoredOn"), value.get("lastModified")),
            "lastModified is not before authoredOn",
        ),
        ("lst-1 List", not_both("emptyReason", "entry"), "a filled list is not empty"),
        (
            "lst-2 List",
            lambda value, _root: (
                value.get("mode") == "changes"
                or not any("deleted" in each for each in value.get("entry", ()))
            ),
            "only a list of changes has deleted entries",
        ),
        (
            "lst-3 List",
            lambda value, _root: (
                value.get("mode") == "working"
                or not any("date" in each for each in value.get("entry", ()))
            ),
            "only a working list's entries have dates",
        ),
        (
            "mad-1 MedicationAdministration",
            lambda value, _root: "dose" in value or not missing(value, "rate[x]"),
            "a dosage has a dose or a rate",
        ),
        (
            "mdd-1 MedicationDispense",
            lambda value, _root: in_order(value.get("whenPrepared"), value.get("whenHandedOver")),
            "whenHandedOver is not before whenPrepared",
        ),
        ("obs-3 Observation", any_of("low", "high", "text"), "low, high or text is needed"),
        (
            "obs-6 Observation",
            not_both("dataAbsentReason", "value[x]"),
            "a value that is there has no reason for its absence",
        ),
        (
            "obs-7 Observation",
            _components_differ,
            "with a value, no component has the observation's own code",
        ),
        ("org-1 Organization", any_of("identifier", "name"), "identifier or name is needed"),
        ("org-2 Organization", _not_home, "an organisation has no home address"),
        ("org-3 Organization", _not_home, "an organisation has no home number"),
        (
            "pat-1 Patient",
            any_of("name", "telecom", "address", "organization"),
            "a contact has a name, telecom, address or organization",
        ),
        ("ppc-1 Consent", any_of("policy", "policyRule"), "policy or policyRule is needed"),
        ("prr-1 ServiceRequest", needs("orderDetail", "code"), "orderDetail needs a code"),
        (
            "qrs-1 QuestionnaireResponse",
            not_both("answer", "item"),
            "an item has answers or items of its own, not both",
        ),
        ("sev-1 AuditEvent", not_both("name", "query"), "give name or query, not both"),
    )
}
