"""Every path by which the hub answers about a person, or refuses to, each asked once."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from consent.facts import Samtycke
from hub.api.consent.resource import CODES, LOINC, SCOPE
from hub.api.consent.standing import consent_id
from hub.store.facts import FILE, versions_of
from mappings.base_profiles import HSA_ID
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    CLINIC,
    OFFICER,
    REGION,
    REGION_SYSTEM,
    SIGNE,
    SIGNE_HERSELF,
    WARD_DOCTOR,
    World,
    condition,
    stated,
)

DIAGNOSES = Path(__file__).parents[3] / "hub" / "demo" / "data" / "documents" / "ekskog-journal"


def _entry(resource: dict[str, object]) -> dict[str, object]:
    return {
        "resource": resource,
        "request": {"method": "POST", "url": resource["resourceType"]},
    }


def _page(world: World) -> Reply:
    first = world.get(WARD_DOCTOR, "/fhir/Condition", {"patient": world.person(), "_count": "1"})
    return world.get(WARD_DOCTOR, str(first.link("next")))


def _new(world: World) -> dict[str, object]:
    return condition(world.person(), "sent", "Sent by the vendor")


def _transaction(world: World) -> Reply:
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [_entry(_new(world))]}
    return world.post(REGION_SYSTEM, "/fhir", bundle)


def own(world: World) -> str:
    """The path of a resource that the system has written before; the log was open then."""
    found = OWN.get(str(world.store.url))
    if found is None:
        reply = world.post(REGION_SYSTEM, "/fhir/Condition", _new(world))
        found = OWN[str(world.store.url)] = f"/fhir/Condition/{reply.json['id']}"
    return found


OWN: dict[str, str] = {}
"""By store."""


def _updated(world: World) -> Reply:
    path = own(world)
    return world.send(REGION_SYSTEM, "PUT", path, {**_new(world), "id": path.rpartition("/")[2]})


def _labelled(world: World) -> Reply:
    tag = {"name": "meta", "valueMeta": {"tag": [{"system": "urn:s", "code": "a"}]}}
    body = {"resourceType": "Parameters", "parameter": [tag]}
    return world.post(REGION_SYSTEM, f"{own(world)}/$meta-add", body)


def _patched(world: World) -> Reply:
    steps = [{"op": "add", "path": "/recordedDate", "value": "2026-03-10"}]
    kind = "application/json-patch+json"
    return world.send(REGION_SYSTEM, "PATCH", own(world), steps, content_type=kind)


def _deleted(world: World) -> Reply:
    return world.send(REGION_SYSTEM, "DELETE", own(world))


def _batch(world: World) -> Reply:
    one = {"request": {"method": "GET", "url": "Condition/ward-1"}}
    return world.post(
        WARD_DOCTOR, "/fhir", {"resourceType": "Bundle", "type": "batch", "entry": [one]}
    )


def _found_again(world: World) -> Reply:
    """Only a create of what is there already: the answer tells that it is."""
    there = world.post(REGION_SYSTEM, "/fhir/Condition", _new(world))
    if there.status != 201:  # the log is closed, and then nothing is answered
        return there
    number = there.json["id"]
    entry = _entry(_new(world))
    entry["request"] = {**entry["request"], "ifNoneExist": f"_id={number}"}  # type: ignore[dict-item]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    return world.post(REGION_SYSTEM, "/fhir", bundle)


def _act(world: World, name: str, parameters: list[dict[str, object]]) -> Reply:
    body = {"resourceType": "Parameters", "parameter": parameters}
    signe = replace(SIGNE_HERSELF, scope="patient/*.cruds")
    return world.post(signe, f"/fhir/Patient/{world.person()}/${name}", body)


SIGNE_ACTING = replace(SIGNE_HERSELF, scope="patient/*.cruds")


def consent(world: World) -> str:
    """The path of the one answer that the world begins with; from behind the log's back."""
    with world.store.read() as connection:
        (given,) = [
            each.known.id
            for each in versions_of(connection, [world.person()])
            if isinstance(each.known.content, Samtycke) and each.known.origin == FILE
        ]
    return f"/fhir/Consent/{consent_id(world.hub, world.person(), given)}"


def _block(world: World) -> dict[str, object]:
    kind = {"system": CODES, "code": "yttre-sparr"}
    return {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [SCOPE]},
        "category": [{"coding": [LOINC]}],
        "patient": {"reference": f"Patient/{world.person()}"},
        "organization": [{"identifier": {"system": HSA_ID, "value": REGION}}],
        "policyRule": {"coding": [kind]},
        "provision": {"type": "deny"},
    }


def _ended(world: World) -> Reply:
    """Send what stands as it stands, or end what another test has created."""
    there = world.get(SIGNE_HERSELF, "/fhir/Consent", {"patient": world.person()})
    if there.status != 200:  # the log is closed
        return there
    number = consent(world).rpartition("/")[2]
    each = next(e["resource"] for e in there.json["entry"] if e["resource"]["id"] == number)
    return world.send(SIGNE_ACTING, "PUT", consent(world), {**each, "status": "inactive"})


def _patched_by_criteria(world: World) -> Reply:
    steps = [{"op": "add", "path": "/recordedDate", "value": "2026-03-10"}]
    path = f"/fhir/Condition?patient={world.person()}&_id=none"
    kind = "application/json-patch+json"
    return world.send(REGION_SYSTEM, "PATCH", path, steps, content_type=kind)


READS_NO_CONDITION = replace(WARD_DOCTOR, scope="user/Observation.r")
NO = stated(organisation=CLINIC, answer=False)


def _nothing(world: World) -> Reply:
    bundle = {"resourceType": "Bundle", "type": "transaction"}
    return world.post(REGION_SYSTEM, "/fhir", bundle)


def _ingest(world: World) -> Reply:
    document = (DIAGNOSES / "diagnosis_2_0.xml").read_bytes()
    return world.post(REGION_SYSTEM, "/ingest/rivta", document, content_type="text/xml")


def _search(world: World) -> Reply:
    return world.get(WARD_DOCTOR, "/fhir/Condition", {"patient": world.person()})


PATHS: dict[str, tuple[int, Callable[[World], Reply]]] = {
    "read": (200, lambda w: w.get(WARD_DOCTOR, "/fhir/Condition/ward-1")),
    "read a version": (200, lambda w: w.get(WARD_DOCTOR, "/fhir/Condition/ward-1/_history/1")),
    "history": (200, lambda w: w.get(WARD_DOCTOR, "/fhir/Condition/ward-1/_history")),
    "history of what is hidden": (
        404,
        lambda w: w.get(WARD_DOCTOR, "/fhir/Condition/gone-1/_history"),
    ),
    "history of a type": (
        200,
        lambda w: w.get(WARD_DOCTOR, "/fhir/Condition/_history", {"patient": w.person()}),
    ),
    "history of everything": (
        200,
        lambda w: w.get(WARD_DOCTOR, "/fhir/_history", {"patient": w.person()}),
    ),
    "read what is hidden": (404, lambda w: w.get(WARD_DOCTOR, "/fhir/Condition/gone-1")),
    "read what is not there": (404, lambda w: w.get(WARD_DOCTOR, "/fhir/Condition/none")),
    "read Patient": (200, lambda w: w.get(WARD_DOCTOR, f"/fhir/Patient/{w.person()}")),
    "search Patient": (200, lambda w: w.look_up(WARD_DOCTOR, SIGNE)),
    "search": (200, _search),
    "search with nothing found": (
        200,
        lambda w: w.get(WARD_DOCTOR, "/fhir/Goal", {"patient": w.person()}),
    ),
    "the directory": (200, lambda w: w.get(WARD_DOCTOR, "/fhir/Organization")),
    "an entry that is not there": (
        404,
        lambda w: w.get(WARD_DOCTOR, "/fhir/Location/directory-none"),
    ),
    "a later page": (200, _page),
    "a history across persons": (200, lambda w: w.get(REGION_SYSTEM, "/fhir/_history")),
    "$open": (200, lambda w: w.open(WARD_DOCTOR, *stated(relevance=True))),
    "$everything": (200, lambda w: w.get(WARD_DOCTOR, f"/fhir/Patient/{w.person()}/$everything")),
    "$summary": (200, lambda w: w.get(WARD_DOCTOR, f"/fhir/Patient/{w.person()}/$summary")),
    "$lastn": (
        200,
        lambda w: w.get(WARD_DOCTOR, "/fhir/Observation/$lastn", {"patient": w.person()}),
    ),
    "$meta": (200, lambda w: w.get(WARD_DOCTOR, "/fhir/Condition/ward-1/$meta")),
    "$validate": (200, lambda w: w.get(WARD_DOCTOR, "/fhir/Condition/ward-1/$validate")),
    "create": (201, lambda w: w.post(REGION_SYSTEM, "/fhir/Condition", _new(w))),
    "$meta-add": (200, _labelled),
    "update": (200, _updated),
    "patch": (200, _patched),
    "delete": (204, _deleted),
    "a block": (200, lambda w: _act(w, "register-block", stated(owner=REGION))),
    "an answer": (200, lambda w: _act(w, "register-consent", NO)),
    "answers and blocks": (
        200,
        lambda w: w.get(SIGNE_HERSELF, f"/fhir/Patient/{w.person()}/$consents"),
    ),
    "Consent": (200, lambda w: w.get(SIGNE_HERSELF, "/fhir/Consent", {"patient": w.person()})),
    "read a Consent": (200, lambda w: w.get(SIGNE_HERSELF, consent(w))),
    "read a version of a Consent": (
        200,
        lambda w: w.get(SIGNE_HERSELF, f"{consent(w)}/_history/1"),
    ),
    "history of a Consent": (200, lambda w: w.get(SIGNE_HERSELF, f"{consent(w)}/_history")),
    "read a Consent that is hidden": (404, lambda w: w.get(OFFICER, consent(w))),
    "a Consent that says nothing": (
        422,
        lambda w: w.post(SIGNE_ACTING, "/fhir/Consent", {"resourceType": "Consent"}),
    ),
    "create a Consent": (201, lambda w: w.post(SIGNE_ACTING, "/fhir/Consent", _block(w))),
    "end a Consent": (200, _ended),
    "notices": (200, lambda w: w.get(SIGNE_HERSELF, f"/fhir/Patient/{w.person()}/$notices")),
    "requests to lift": (200, lambda w: w.get(OFFICER, "/fhir/Task", {"code": "lift-request"})),
    "a request to lift that is not there": (
        404,
        lambda w: w.get(OFFICER, "/fhir/Task/lift-request-0"),
    ),
    "transaction": (200, _transaction),
    "batch": (200, _batch),
    "transaction that changes nothing": (200, _found_again),
    "transaction of nothing": (200, _nothing),
    "no token": (401, lambda w: w.get(None, "/fhir/Condition/ward-1")),
    "a scope too narrow": (403, lambda w: w.get(READS_NO_CONDITION, "/fhir/Condition/ward-1")),
    "nobody named": (403, lambda w: w.get(WARD_DOCTOR, "/fhir/Condition", {"code": "x"})),
    "a write to nothing": (405, lambda w: w.send(REGION_SYSTEM, "DELETE", "/fhir/Condition/none")),
    "criteria that find nothing": (404, _patched_by_criteria),
    "a write that is not valid": (
        422,
        lambda w: w.post(REGION_SYSTEM, "/fhir/Condition", {"resourceType": "Condition"}),
    ),
    "a body that is no JSON": (400, lambda w: w.post(REGION_SYSTEM, "/fhir/Condition", b"{")),
    "ingest": (200, _ingest),
}
