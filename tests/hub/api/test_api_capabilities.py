"""The CapabilityStatement says what is there: each claim is tried, and what is not claimed is not.

Source: FHIR R4 capabilitystatement.html.
"""

from typing import Any

import pytest

from hub.api.search.directory_entry import DIRECTORY
from hub.fhir.check import check
from hub.fhir.definitions import TYPES_IN_USE
from hub.fhir.search_parameters import parameters
from tests.worlds.hub_world import REGION_SYSTEM, World

VALUES = {
    "special": "x",
    "token": "x",
    "string": "x",
    "date": "2024",
    "reference": "Patient/x",
    "quantity": "5",
    "number": "5",
    "uri": "http://x.example",
    "_lastUpdated": "ge2020",
}
STRICT = {"Prefer": "handling=strict"}
AT_ONCE = 15


@pytest.fixture(scope="module")
def claimed(standing_world: World) -> dict[str, dict[str, Any]]:
    reply = standing_world.http.send("GET", "/fhir/metadata")
    assert reply.status == 200
    statement = reply.json
    assert [each for each in check(statement) if each.severity == "error"] == []
    assert statement["fhirVersion"] == "4.0.1"
    whole = {each["code"] for each in statement["rest"][0]["interaction"]}
    assert whole == {"transaction", "batch", "history-system"}
    return {each["type"]: each for each in statement["rest"][0]["resource"]}


def _whole(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.http.send("GET", "/fhir/metadata").json["rest"][0]
    return found


def _own(name: str) -> dict[str, str]:
    return {"resourceType": name, "id": "a"}


def _codes(claim: dict[str, Any]) -> set[str]:
    return {each["code"] for each in claim["interaction"]}


def test_every_interaction_that_is_claimed_is_there_and_no_other(
    standing_world: World, claimed: dict[str, dict[str, Any]]
) -> None:
    world, person = standing_world, standing_world.person()
    for name in TYPES_IN_USE:
        codes = _codes(claimed[name]) if name in claimed else set()
        read = world.get(REGION_SYSTEM, f"/fhir/{name}/nothing")
        created = world.post(REGION_SYSTEM, f"/fhir/{name}", {"resourceType": name})
        if name == "Patient":
            assert codes == {"read", "search-type"}
            continue
        searched = world.get(REGION_SYSTEM, f"/fhir/{name}", {"patient": person})
        assert (searched.status == 200) == ("search-type" in codes), name
        assert (created.status in (201, 422)) == ("create" in codes), name
        assert created.status in (201, 422, 404, 405), name
        changed = world.send(REGION_SYSTEM, "PUT", f"/fhir/{name}/a", _own(name))
        claims = {"update", "patch", "delete"} & codes
        assert (changed.codes == ["no-update-as-create"]) == bool(claims), (name, changed.codes)
        wanted = {"update"} if name == "Consent" else {"update", "patch", "delete"}
        assert claims in (set(), wanted), name
        for path, code in (("a/_history", "history-instance"), ("a/_history/1", "vread")):
            found = world.get(REGION_SYSTEM, f"/fhir/{name}/{path}")
            assert found.status in (404, 405), (name, path)
            assert (code in codes) == (name in claimed), (name, code)
        history = world.get(REGION_SYSTEM, f"/fhir/{name}/_history", {"patient": person})
        assert (history.status == 200) == ("history-type" in codes), name
        # the log has readers of its own, and says so whether or not there is such a record
        assert read.status == (403 if name == "AuditEvent" else 404), name
    assert "create" not in _codes(claimed.get("AuditEvent", {"interaction": []}))


def test_a_patient_is_found_by_post(standing_world: World) -> None:
    assert standing_world.look_up(REGION_SYSTEM).json["total"] == 1
    reply = standing_world.get(REGION_SYSTEM, "/fhir/Patient", {"identifier": "x"})
    assert (reply.status, reply.codes) == (400, ["patient-by-post"])


def test_every_search_parameter_that_is_claimed_is_known(
    standing_world: World, claimed: dict[str, dict[str, Any]]
) -> None:
    """Strict handling refuses what is unknown; as many as one search takes are tried at once."""
    tried = 0
    for name, claim in claimed.items():
        if name == "Patient":
            continue
        given = [
            (each["name"], VALUES.get(each["name"]) or _value(name, each))
            for each in claim.get("searchParam", [])
            if each["name"] not in ("patient", "subject")
        ]
        for start in range(0, len(given), AT_ONCE):
            asked = [*_whom(standing_world, name), *given[start : start + AT_ONCE]]
            reply = standing_world.get(REGION_SYSTEM, f"/fhir/{name}", asked, headers=STRICT)
            assert reply.status == 200, (name, asked, reply.body[:300])
            tried += len(asked) - 1
    assert tried > 300


def _whom(world: World, name: str) -> list[tuple[str, str]]:
    """A clinical search names a person, and one of the directory cannot."""
    return [] if name in DIRECTORY else [("patient", world.person())]


def _value(kind: str, parameter: dict[str, str]) -> str:
    if parameter["type"] != "composite":
        return VALUES[parameter["type"]]
    known = parameters(kind)
    parts = known[parameter["name"]].components
    return "$".join(VALUES[known[each.code].kind.value] for each in parts)


def test_every_include_and_order_that_is_claimed_is_known(
    standing_world: World, claimed: dict[str, dict[str, Any]]
) -> None:
    """Includes are tried together; each parameter but composites gives an order."""
    tried = 0
    for name, claim in claimed.items():
        ways = [("_include", each) for each in claim.get("searchInclude", [])]
        ways += [("_revinclude", each) for each in claim.get("searchRevInclude", [])]
        ways += [
            ("_sort", each["name"])
            for each in claim.get("searchParam", [])
            if each["type"] not in ("composite", "special") and name != "Patient"
        ]
        for start in range(0, len(ways), AT_ONCE):
            some = ways[start : start + AT_ONCE]
            sorts = [value for way, value in some if way == "_sort"][:5]
            asked = _whom(standing_world, name)
            asked += [each for each in some if each[0] != "_sort"]
            asked += [("_sort", ",".join(sorts))] if sorts else []
            reply = standing_world.get(REGION_SYSTEM, f"/fhir/{name}", asked, headers=STRICT)
            assert reply.status == 200, (name, asked, reply.body[:300])
            tried += len(asked) - 1
    assert tried > 300
    for way in ("Condition:colour", "Condition:code", "Nobody:patient"):
        asked = [("patient", standing_world.person()), ("_include", way)]
        reply = standing_world.get(REGION_SYSTEM, "/fhir/Condition", asked, headers=STRICT)
        assert (reply.status, reply.codes) == (400, ["unknown-parameter"])


def test_a_parameter_that_is_not_claimed_is_refused_or_named(standing_world: World) -> None:
    given = [("patient", standing_world.person()), ("colour", "red")]
    refused = standing_world.get(REGION_SYSTEM, "/fhir/Condition", given, headers=STRICT)
    assert (refused.status, refused.codes) == (400, ["unknown-parameter"])
    lenient = standing_world.get(REGION_SYSTEM, "/fhir/Condition", given)
    assert lenient.status == 200
    outcome = lenient.json["entry"][-1]
    assert outcome["search"]["mode"] == "outcome"
    assert outcome["resource"]["issue"][0]["expression"] == ["http.colour"]


def test_operations_that_are_claimed_are_there(
    standing_world: World, claimed: dict[str, dict[str, Any]]
) -> None:
    assert [each["name"] for each in claimed["Patient"]["operation"]] == [
        "open",
        "register-block",
        "lift-block",
        "lift-block-temporarily",
        "register-consent",
        "withdraw-consent",
        "consents",
        "request-lift",
        "notices",
        "end-lift",
        "void-block",
        "register-relation",
        "end-relation",
        "register-assessment",
        "end-assessment",
        "everything",
        "summary",
        "validate",
        "meta",
        "export",
    ]
    assert [each["name"] for each in _whole(standing_world)["operation"]] == ["export"]
    assert standing_world.open(REGION_SYSTEM).status == 200
