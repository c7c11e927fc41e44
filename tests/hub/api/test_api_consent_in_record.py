"""Consents in $everything, and where they are refused: in $export and in transactions."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from hub.auth.built_in import TokenRequest
from tests.hub.api.consenting import SIGNE_ACTING, acting, yes
from tests.hub.api.test_api_refused import logged
from tests.worlds.hub_world import (
    AUDITOR,
    CASE_WORKER,
    NAMND,
    OFFICER,
    REGION_SYSTEM,
    SIGNE_HERSELF,
    SURGEON,
    THERAPIST,
    WARD_DOCTOR,
    World,
    opened_world,
)
from tests.worlds.usual import INNER, OUTER, RELATIONS, facts, fill

BLOCKS = (OUTER, INNER, replace(OUTER, id="social", owner=NAMND))


@pytest.fixture(scope="module")
def blocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Somebody who has answered, and blocked at a region, a clinic and a nämnd."""
    folder = tmp_path_factory.mktemp("in-record")
    with opened_world(f"sqlite:///{folder / 'samvy.db'}", folder) as world:
        fill(world)
        world.know(facts(blocks=BLOCKS))
        yield world


def _everything(world: World, who: TokenRequest, *given: tuple[str, str]) -> list[Any]:
    reply = world.get(who, f"/fhir/Patient/{world.person()}/$everything", given)
    assert reply.status == 200, reply.body
    found = [each["resource"] for each in reply.json.get("entry", ())]
    assert reply.json["total"] >= len(found)
    return found


def _names(world: World, who: TokenRequest, *given: tuple[str, str]) -> set[str]:
    consents = [e for e in _everything(world, who, *given) if e["resourceType"] == "Consent"]
    return {each["identifier"][0]["value"].partition("-")[0] for each in consents}


SEEN: tuple[tuple[TokenRequest, set[str]], ...] = (
    (SIGNE_HERSELF, {"samtycke", "outer", "inner", "social"}),
    (WARD_DOCTOR, {"samtycke", "inner"}),
    (THERAPIST, {"outer"}),
    (OFFICER, {"outer"}),
    (CASE_WORKER, {"social"}),
    (AUDITOR, set()),
    (REGION_SYSTEM, set()),
)


@pytest.mark.parametrize(("who", "names"), SEEN, ids=[who.user for who, _ in SEEN])
def test_everything_holds_the_consents_that_concern_the_reader(
    blocked: World, who: TokenRequest, names: set[str]
) -> None:
    asked = who if who is REGION_SYSTEM else acting(who)
    assert _names(blocked, asked) == names
    written = logged(blocked)[-1]
    shown = [each for part in written.get("shown", ()) for each in part["references"]]
    assert sum(each.startswith("Consent/") for each in shown) == len(names)


def test_everything_holds_them_once_whatever_the_pages_and_as_they_are_read(
    blocked: World,
) -> None:
    whole = _everything(blocked, SIGNE_HERSELF)
    kinds = [each["resourceType"] for each in whole]
    assert kinds[0] == "Patient"
    assert kinds[1:5] == ["Consent"] * 4
    for each in whole[1:5]:
        assert blocked.get(SIGNE_HERSELF, f"/fhir/Consent/{each['id']}").json == each
    first = blocked.get(
        SIGNE_HERSELF, f"/fhir/Patient/{blocked.person()}/$everything", {"_count": "1"}
    )
    assert first.json["total"] == len(whole)
    pages, reply = list(first.ids), first
    while link := reply.link("next"):
        reply = blocked.get(SIGNE_HERSELF, link.removeprefix("http://hub.test"))
        pages += reply.ids
    assert sorted(pages) == sorted(each["id"] for each in whole)


def test_everything_is_narrowed_in_consents_too(blocked: World) -> None:
    only = _everything(blocked, SIGNE_HERSELF, ("_type", "Consent"))
    assert {each["resourceType"] for each in only} == {"Patient", "Consent"}
    assert _names(blocked, SIGNE_HERSELF, ("_type", "Condition")) == set()
    assert _names(blocked, SIGNE_HERSELF, ("_since", "2027-01-01T00:00:00Z")) == set()
    assert _names(blocked, SIGNE_HERSELF, ("end", "2020")) == set()
    assert len(_names(blocked, SIGNE_HERSELF, ("start", "2030"))) == 4, "in force still"
    narrow = replace(SIGNE_HERSELF, scope="patient/Patient.rs patient/Condition.rs")
    assert _names(blocked, narrow) == set()


def test_staff_who_take_no_part_find_none_in_everything(small_world: World) -> None:
    fill(small_world)
    relations = tuple(each for each in RELATIONS if each.organisation != INNER.owner)
    small_world.know(facts(relations=relations, blocks=BLOCKS))
    assert _names(small_world, SURGEON) == set()


@pytest.mark.parametrize("types", ["Consent", "Condition,Consent"])
def test_consents_are_not_exported(blocked: World, types: str) -> None:
    headers = {"Prefer": "respond-async"}
    reply = blocked.get(REGION_SYSTEM, "/fhir/$export", {"_type": types}, headers=headers)
    assert (reply.status, reply.codes) == (400, ["consent-in-export"])


@pytest.mark.parametrize("who", [SIGNE_ACTING, acting(WARD_DOCTOR), REGION_SYSTEM])
def test_a_transaction_holds_no_consent_and_a_batch_does(
    small_world: World, who: TokenRequest
) -> None:
    fill(small_world)
    before = _everything(small_world, SIGNE_HERSELF)
    entry = {"resource": yes(small_world), "request": {"method": "POST", "url": "Consent"}}
    for method, url in (("PUT", "Consent/x"), ("DELETE", "Consent/x")):
        other = {"request": {"method": method, "url": url}}
        other |= {"resource": {"resourceType": "Consent", "id": "x"}} if method == "PUT" else {}
        reply = small_world.post(who, "/fhir", _bundle("transaction", other))
        assert (reply.status, reply.codes) == (422, ["consent-in-transaction"])
    reply = small_world.post(who, "/fhir", _bundle("transaction", entry))
    assert (reply.status, reply.codes) == (422, ["consent-in-transaction"])
    assert reply.json["issue"][0]["expression"] == ["Bundle.entry[0]"]
    assert _everything(small_world, SIGNE_HERSELF) == before
    done = small_world.post(who, "/fhir", _bundle("batch", entry)).json["entry"][0]["response"]
    assert done["status"].split()[0] == ("403" if who is REGION_SYSTEM else "201")


def _bundle(kind: str, *entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}
