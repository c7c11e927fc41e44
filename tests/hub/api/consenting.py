"""Consents as they are sent and found over the API."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from consent.facts import Capacity
from hub.auth.built_in import TokenRequest
from mappings.base_profiles import HSA_ID as HSA
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    CLINIC,
    REGION,
    SIGNE_HERSELF,
    WARD_DOCTOR,
    World,
    stated,
)

LOOK = stated(relevance=True, activeChoice="content")
SIGNE_ACTING = replace(SIGNE_HERSELF, scope="patient/*.cruds")
PROFILES = "https://samvy.se/fhir/StructureDefinition"
CODES = "https://samvy.se/fhir/CodeSystem/consent"
ALL = "/fhir/Consent"
NODE = Path(__file__).parents[2] / "node"
Json = dict[str, Any]


def acting(who: TokenRequest) -> TokenRequest:
    individual = who.as_ is Capacity.INDIVIDUAL
    return who if individual else replace(who, scope="user/*.cruds")


def named(number: str, **more: str) -> Json:
    return {**more, "identifier": {"system": HSA, "value": number}}


def consent(world: World, kind: str, organisation: str, provision: Json, **more: object) -> Json:
    person = {"reference": f"Patient/{world.person()}"}
    scope = "http://terminology.hl7.org/CodeSystem/consentscope"
    return {
        "resourceType": "Consent",
        "meta": {"profile": [f"{PROFILES}/{kind}"]},
        "status": "active",
        "scope": {"coding": [{"system": scope, "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "patient": person,
        "performer": [person],
        "organization": [named(organisation)],
        "policyRule": {"coding": [{"system": CODES, "code": kind}]},
        "provision": provision,
        **more,
    }


def yes(world: World, end: str | None = "2026-04-01", **provision: object) -> Json:
    period = {"period": {"end": end}} if end else {}
    return consent(world, "samtycke", REGION, {"type": "permit", **period, **provision})


def block(world: World, **provision: object) -> Json:
    return consent(world, "yttre-sparr", CLINIC, {"type": "deny", **provision})


def found(world: World, who: TokenRequest, **given: str) -> list[Json]:
    reply = world.get(acting(who), ALL, {"patient": world.person(), **given})
    assert reply.status == 200, reply.body
    return [
        each["resource"]
        for each in reply.json.get("entry", [])
        if each["search"]["mode"] == "match"
    ]


def put(world: World, who: TokenRequest, resource: Json, **headers: str) -> Reply:
    path = f"{ALL}/{resource['id']}"
    return world.send(who, "PUT", path, resource, headers=headers)


def sees(world: World) -> bool:
    session = world.session(WARD_DOCTOR, *LOOK)
    return world.get(WARD_DOCTOR, "/fhir/Condition/clinic-1", session=session).status == 200
