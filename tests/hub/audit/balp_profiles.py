"""BALP's profiles as what an AuditEvent must be to meet them, in our own words, for the tests.

Source: IHE ITI BALP 1.1.4, the differentials of its StructureDefinitions. Each check names what is
wrong; an empty list means that the event meets the profile.
"""

from collections.abc import Callable
from typing import Any

Event = dict[str, Any]
DCM = "http://dicom.nema.org/resources/ontology/DCM"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
PARTICIPATION = f"{TERMINOLOGY}v3-ParticipationType"
ENTITY = f"{TERMINOLOGY}audit-entity-type"
ROLE = f"{TERMINOLOGY}object-role"
REST = "http://hl7.org/fhir/restful-interaction"
AUTHZ = "https://profiles.ihe.net/ITI/BALP/CodeSystem/AuthZsubType"
CUSTODIAN = (f"{TERMINOLOGY}provenance-participant-type", "custodian")
APPLICATION, SOURCE, DESTINATION = (DCM, "110150"), (DCM, "110153"), (DCM, "110152")
RECIPIENT, AUTHOR = (PARTICIPATION, "IRCP"), (PARTICIPATION, "AUT")
BARE = ("role", "altId", "name", "location", "policy", "media", "purposeOfUse")


def of_type(things: list[Event], wanted: tuple[str, str]) -> list[Event]:
    """The agents, or entities, whose type has a code."""
    found = []
    for each in things:
        kind = each.get("type", {})
        codings = kind.get("coding", [kind])
        if any((c.get("system"), c.get("code")) == wanted for c in codings):
            found.append(each)
    return found


def request(
    letter: str, subtypes: tuple[str, ...], client: tuple[str, str], server: tuple[str, str]
) -> Callable[[Event], list[str]]:
    """What the profiles of RESTful requests about a patient have in common."""

    def check(event: Event) -> list[str]:
        wrong = _coded(event, f"{TERMINOLOGY}audit-event-type", "rest", letter)
        codes = {(each["system"], each["code"]) for each in event.get("subtype", [])}
        if not codes & {(REST, each) for each in subtypes}:
            wrong.append("subtype")
        if event.get("outcome") != "0":
            wrong.append("outcome")
        for name, kind in (("client", client), ("server", server)):
            wrong += _one_agent(event, name, kind, needs=("who", "network"), lacks=("media",))
        return wrong + _user(event) + _patient(event)

    return check


def data(event: Event) -> list[str]:
    """One resource that is no query."""
    things = of_type(event["entity"], (ENTITY, "2"))
    if len(things) != 1:
        return ["entity[data]: one"]
    (thing,) = things
    role = (thing.get("role", {}).get("system"), thing.get("role", {}).get("code"))
    wrong = [] if role in {(ROLE, each) for each in ("3", "4", "20")} else ["entity[data].role"]
    return wrong + ([] if thing.get("what") else ["entity[data].what"])


def query(event: Event) -> list[str]:
    """One query as it came, and none of what it found."""
    things = of_type(event["entity"], (ENTITY, "2"))
    if len(things) != 1:
        return ["entity[query]: one"]
    (thing,) = things
    wrong = [f"entity[query].{n}" for n in ("what", "lifecycle", "detail") if n in thing]
    if thing.get("role", {}).get("code") != "24" or not thing.get("query"):
        wrong.append("entity[query].query")
    return wrong


def bare_delete(event: Event) -> list[str]:
    """In a deletion client and server have no more than who and network."""
    agents = [*of_type(event["agent"], APPLICATION), *of_type(event["agent"], CUSTODIAN)]
    wrong = [f"agent.{name}" for each in agents for name in BARE if name in each]
    return wrong + ([] if len(event["subtype"]) == 1 else ["subtype: one"])


def oauth(event: Event) -> list[str]:
    """The application by its client id, and a user by the token's id alone."""
    wrong = []
    clients = of_type(event["agent"], APPLICATION)
    if len(clients) != 1 or not clients[0].get("who", {}).get("identifier", {}).get("value"):
        wrong.append("agent[oClient].who.identifier.value")
    wrong += ["agent[oClient].media" for each in clients if "media" in each]
    users = of_type(event["agent"], RECIPIENT)
    for each in users:
        if len(each.get("policy", [])) != 1 or not each["policy"][0].startswith(
            "urn:ietf:params:oauth:jti:"
        ):
            wrong.append("agent[oUser].policy")
        if not each.get("requestor") or {"network", "media"} & each.keys():
            wrong.append("agent[oUser]")
    return wrong + ([] if len(users) <= 1 else ["agent[oUser]: at most one"])


def consent_decision(event: Event) -> list[str]:
    """A decision by consent: four agents, the patient and a consent, and nothing else."""
    wrong = _coded(event, DCM, "110113", "E")
    if [(s["system"], s["code"]) for s in event["subtype"]] != [(AUTHZ, "AuthZ-Consent")]:
        wrong.append("subtype")
    if "outcome" not in event or "modifierExtension" in event:
        wrong.append("outcome")
    if event["outcome"] != "0" and not event.get("outcomeDesc"):
        wrong.append("outcomeDesc: why it was denied")
    bare = ("role", "altId", "name", "location", "media", "purposeOfUse")
    wrong += _one_agent(event, "client", APPLICATION, needs=("who", "network"), lacks=bare)
    lacks = ("altId", "location", "media", "network")
    wrong += _one_agent(event, "user", RECIPIENT, needs=("who",), lacks=lacks, requestor=True)
    organisation = (f"{TERMINOLOGY}v3-RoleClass", "PROV")
    lacks = ("role", "altId", "name", "location", "policy", "media", "network")
    wrong += _one_agent(event, "userorg", organisation, needs=("who",), lacks=lacks)
    server = (f"{TERMINOLOGY}extra-security-role-type", "authserver")
    lacks = (*BARE, "network")
    wrong += _one_agent(event, "authorizer", server, needs=("who",), lacks=lacks)
    if any(a.get("who") != event["source"]["observer"] for a in of_type(event["agent"], server)):
        wrong.append("agent[authorizer].who: source.observer")
    consents = of_type(event["entity"], ("http://hl7.org/fhir/resource-types", "Consent"))
    tokens = of_type(
        event["entity"],
        ("https://profiles.ihe.net/ITI/BALP/CodeSystem/UserAgentTypes", "UserOauthAgent"),
    )
    patients = of_type(event["entity"], (ENTITY, "1"))
    if not consents or any("what" not in each for each in consents) or len(tokens) > 1:
        wrong.append("entity[consent], entity[token]")
    if len(event["entity"]) != len(consents) + len(tokens) + len(patients):
        wrong.append("entity: closed")
    ids = [each["what"]["identifier"]["value"] for each in tokens]
    if not all(each.startswith("urn:ietf:params:oauth:jti:") for each in ids):
        wrong.append("entity[token]")
    return wrong + _patient(event)


def disclosure(event: Event) -> list[str]:
    """Data that left: from this server, which observes it, to somebody else."""
    wrong = _coded(event, DCM, "110106", "R")
    lifecycle = f"{TERMINOLOGY}iso-21089-lifecycle"
    if (lifecycle, "disclose") not in {(s["system"], s["code"]) for s in event["subtype"]}:
        wrong.append("subtype")
    if "outcome" not in event or "modifierExtension" in event:
        wrong.append("outcome")
    for name, kind in (("source", SOURCE), ("recipient", DESTINATION)):
        wrong += _one_agent(event, name, kind, needs=("who", "network"))
    if any(a.get("who") != event["source"]["observer"] for a in of_type(event["agent"], SOURCE)):
        wrong.append("agent[source].who: source.observer")
    keepers = of_type(event["agent"], ("http://snomed.info/sct", "159541003"))
    if len(keepers) > 1 or any("who" not in each for each in keepers):
        wrong.append("agent[custodian]")
    return wrong + _patient(event) + ([] if len(event["entity"]) > 1 else ["entity: two or more"])


def _coded(event: Event, system: str, code: str, letter: str) -> list[str]:
    wrong = []
    if (event["type"].get("system"), event["type"].get("code")) != (system, code):
        wrong.append("type")
    if event.get("action") != letter:
        wrong.append("action")
    return wrong + ([] if event.get("recorded") else ["recorded"])


def _one_agent(
    event: Event,
    name: str,
    kind: tuple[str, str],
    *,
    needs: tuple[str, ...],
    lacks: tuple[str, ...] = (),
    requestor: bool | None = None,
) -> list[str]:
    found = of_type(event["agent"], kind)
    if len(found) != 1:
        return [f"agent[{name}]: one"]
    (agent,) = found
    wrong = [f"agent[{name}].{each} is missing" for each in needs if not agent.get(each)]
    wrong += [f"agent[{name}].{each} is there" for each in lacks if each in agent]
    if requestor is not None and agent.get("requestor") is not requestor:
        wrong.append(f"agent[{name}].requestor")
    return wrong


def _user(event: Event) -> list[str]:
    """At most one user, who asked, and is no machine on a network."""
    users = [*of_type(event["agent"], RECIPIENT), *of_type(event["agent"], AUTHOR)]
    wrong = [] if len(users) <= 1 else ["agent[user]: at most one"]
    for each in users:
        if not each.get("who") or each.get("requestor") is not True:
            wrong.append("agent[user]")
        if {"media", "network"} & each.keys():
            wrong.append("agent[user].network")
    return wrong


def _patient(event: Event) -> list[str]:
    found = of_type(event["entity"], (ENTITY, "1"))
    if len(found) != 1:
        return ["entity[patient]: one"]
    (person,) = found
    role = person.get("role", {})
    if (role.get("system"), role.get("code")) != (ROLE, "1"):
        return ["entity[patient].role"]
    reference = person.get("what", {}).get("reference", "")
    return [] if reference.startswith("Patient/") else ["entity[patient].what"]


def every(*checks: Callable[[Event], list[str]]) -> Callable[[Event], list[str]]:
    """All of these checks as one."""
    return lambda event: [wrong for check in checks for wrong in check(event)]


PROFILES: dict[str, Callable[[Event], list[str]]] = {
    "PatientRead": every(request("R", ("read", "vread"), DESTINATION, SOURCE), data),
    "PatientQuery": every(
        request("E", ("search", "search-type", "search-system"), SOURCE, DESTINATION), query
    ),
    "PatientCreate": every(request("C", ("create",), SOURCE, DESTINATION), data),
    "PatientUpdate": every(request("U", ("update", "patch"), SOURCE, DESTINATION), data),
    "PatientDelete": every(request("D", ("delete",), APPLICATION, CUSTODIAN), data, bare_delete),
    "AuthZconsent": consent_decision,
    "PrivacyDisclosure.Source": disclosure,
    "OAUTHaccessTokenUse.Comprehensive": oauth,
}
