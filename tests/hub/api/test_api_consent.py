"""Answers and blocks as FHIR Consent: the same acts, and nobody sees what is not theirs to see."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from fhir.resources.R4B.consent import Consent

from consent.facts import Capacity, Facts, Giver, InfoType, Samtycke
from consent.period import Period
from hub.auth.built_in import TokenRequest
from hub.fhir.check import check
from hub.store.identity import link_persons
from mappings.base_profiles import HSA_ID as HSA
from mappings.personal_identity import PERSONNUMMER
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    AUDITOR,
    CASE_WORKER,
    CLINIC,
    KOMMUN,
    NAMND,
    NOON,
    OFFICER,
    OLOF,
    REGION,
    SIGNE,
    SIGNE_HERSELF,
    SURGEON,
    TALKS,
    THERAPIST,
    WARD,
    WARD_DOCTOR,
    World,
    opened_world,
    stated,
)
from tests.worlds.usual import CONSENT, INNER, OUTER, RELATIONS, facts, fill

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


@pytest.mark.parametrize("who", [SIGNE_ACTING, acting(WARD_DOCTOR)], ids=["herself", "the ward"])
def test_a_consent_is_created_read_and_withdrawn(world: World, who: TokenRequest) -> None:
    fill(world)
    world.know(facts(consents=()))
    assert not sees(world)
    reply = world.post(who, ALL, yes(world))
    assert reply.status == 201, reply.body
    assert reply.headers["location"].endswith(f"/Consent/{reply.json['id']}/_history/1")
    assert sees(world)
    read = world.get(who, f"{ALL}/{reply.json['id']}")
    assert (read.body, read.headers["etag"]) == (reply.body, 'W/"1"')
    assert read.json["provision"]["period"] == {
        "start": "2026-03-10T11:00:00Z",
        "end": "2026-04-01T22:00:00Z",
    }
    stale = put(world, who, {**read.json, "status": "inactive"}, **{"If-Match": 'W/"2"'})
    assert stale.status == 412
    ended = put(world, who, {**read.json, "status": "inactive"}, **{"If-Match": 'W/"1"'})
    assert (ended.status, ended.json["status"], ended.headers["etag"]) == (200, "inactive", 'W/"2"')
    assert not sees(world)
    again = put(world, who, {**read.json, "status": "active"})
    assert (again.status, again.codes) == (422, ["consent-ended"])


def test_a_block_is_created_and_lifted(world: World) -> None:
    fill(world)
    assert sees(world)
    sent = block(
        world,
        dataPeriod={"start": "2020-01-01", "end": "2026-12-31"},
        provision=[{"type": "permit", "class": [{"system": CODES, "code": "medication"}]}],
    )
    sent["organization"].append(named(TALKS))
    made = world.post(SIGNE_ACTING, ALL, sent)
    assert made.status == 201, made.body
    assert not sees(world)
    provision = made.json["provision"]
    assert provision["dataPeriod"] == {
        "start": "2019-12-31T23:00:00Z",
        "end": "2026-12-31T23:00:00Z",
    }
    assert provision["provision"] == sent["provision"]["provision"]
    assert made.json["organization"] == sent["organization"]
    assert put(world, SIGNE_ACTING, {**made.json, "status": "inactive"}).status == 200
    assert sees(world)


def test_what_was_created_can_be_sent_again_as_it_is(small_world: World) -> None:
    """A Consent as it is served is one that can be registered: days come out as they went in."""
    fill(small_world)
    small_world.know(facts(consents=()))
    inner = consent(
        small_world,
        "inre-sparr",
        REGION,
        {
            "type": "deny",
            "dataPeriod": {"start": "2020-01-01"},
            "extension": [{"url": f"{PROFILES}/care-process", "valueString": "stroke"}],
        },
    )
    unit = {"role": ROLE, "reference": named(WARD, type="Organization")}
    doctor = {"role": ROLE, "reference": named("ward-doctor", type="Practitioner")}
    for each in (yes(small_world, actor=[unit, doctor]), block(small_world), inner):
        first = small_world.post(SIGNE_ACTING, ALL, each)
        assert first.status == 201, first.body
        again = {k: v for k, v in first.json.items() if k not in ("id", "identifier")}
        second = small_world.post(SIGNE_ACTING, ALL, again)
        assert second.status == 201, second.body
        assert second.json["provision"] == first.json["provision"]
        assert second.json["organization"] == first.json["organization"]


ROLE = {
    "coding": [
        {"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}
    ]
}


def test_a_mistaken_block_is_taken_away_and_says_so(world: World) -> None:
    fill(world)
    therapist = acting(THERAPIST)
    made = world.post(therapist, ALL, block(world))
    assert made.status == 201, made.body
    wrong = {**made.json, "status": "entered-in-error"}
    assert put(world, therapist, wrong).codes == ["reason"]
    wrong["extension"] = [{"url": f"{PROFILES}/status-reason", "valueString": "fel person"}]
    voided = put(world, therapist, wrong)
    assert (voided.status, voided.json["status"]) == (200, "entered-in-error")
    assert sees(world)
    history = world.get(therapist, f"{ALL}/{made.json['id']}/_history").json
    statuses = [each["resource"]["status"] for each in history["entry"]]
    assert statuses == ["entered-in-error", "active"]
    first = world.get(therapist, f"{ALL}/{made.json['id']}/_history/1")
    assert (first.status, first.json["status"]) == (200, "active")
    assert world.get(therapist, f"{ALL}/{made.json['id']}/_history/3").status == 404


def test_an_answer_is_no_mistake_to_be_taken_away(small_world: World) -> None:
    fill(small_world)
    (given,) = found(small_world, SIGNE_ACTING)
    reply = put(small_world, SIGNE_ACTING, {**given, "status": "entered-in-error"})
    assert (reply.status, reply.codes) == (422, ["consent-status"])


def test_nothing_but_the_status_changes(small_world: World) -> None:
    fill(small_world)
    (given,) = found(small_world, SIGNE_ACTING)
    wider = {**given, "provision": {**given["provision"], "type": "deny"}}
    reply = put(small_world, SIGNE_ACTING, wider)
    assert (reply.status, reply.codes) == (422, ["consent-changed"])
    same = put(small_world, SIGNE_ACTING, given)
    assert (same.status, same.json) == (200, given)
    for method in ("PATCH", "DELETE"):
        assert small_world.send(SIGNE_ACTING, method, f"{ALL}/{given['id']}").status == 405


def test_an_answer_whose_time_is_out_is_inactive(small_world: World) -> None:
    over = Period(NOON - timedelta(days=9), NOON + timedelta(hours=1))
    small_world.know(facts(consents=(Samtycke(Giver.SELF, REGION, answer=True, period=over),)))
    (before,) = found(small_world, SIGNE_ACTING)
    small_world.clock.forward(timedelta(hours=1))
    (after,) = found(small_world, SIGNE_ACTING)
    assert (before["status"], after["status"]) == ("active", "inactive")
    assert (before["meta"]["versionId"], after["meta"]["versionId"]) == ("1", "2")


WRONG: dict[str, tuple[Json, str]] = {
    "no end": ({"provision": {"type": "permit"}}, "Consent"),
    "another status": ({"status": "draft"}, "Consent.status"),
    "nobody": ({"patient": {"display": "Signe"}}, "Consent.patient"),
    "no kind": ({"policyRule": {"text": "GDPR"}}, "Consent.policyRule"),
    "nobody's reading": ({"organization": [{"display": "x"}]}, "Consent.organization[0]"),
    "two organisations": (
        {"organization": [named(REGION), named(CLINIC)]},
        "Consent.organization",
    ),
    "unknown organisation": ({"organization": [named("nobody")]}, "Consent.organization"),
    "what is not kept": ({"sourceAttachment": {"title": "x"}}, "Consent.sourceAttachment"),
    "another says it": ({"performer": [{"display": "his mother"}]}, "Consent.performer"),
    "a later start": (
        {"provision": {"type": "permit", "period": {"start": "2026-03-20", "end": "2026-04-01"}}},
        "Consent.provision.period.start",
    ),
    "a month": (
        {"provision": {"type": "permit", "period": {"end": "2026-04"}}},
        "Consent.provision.period.end",
    ),
    "a purpose": (
        {
            "provision": {
                "type": "permit",
                "period": {"end": "2026-04-01"},
                "purpose": [{"code": "TREAT"}],
            }
        },
        "Consent.provision.purpose",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_registered_is_refused_by_its_place(
    standing_world: World, what: str
) -> None:
    change, place = WRONG[what]
    reply = standing_world.post(SIGNE_ACTING, ALL, {**yes(standing_world), **change})
    assert reply.status == 422, reply.body
    places = [each["expression"][0] for each in reply.json["issue"]]
    assert place in places


@pytest.mark.parametrize("who", [acting(THERAPIST), acting(OFFICER), acting(AUDITOR)])
def test_who_may_not_answer_may_not_create(standing_world: World, who: TokenRequest) -> None:
    reply = standing_world.post(who, ALL, yes(standing_world))
    assert (reply.status, reply.codes) == (403, ["not-for-the-person"])


def test_a_guardian_neither_sees_nor_says_anything(small_world: World) -> None:
    fill(small_world)
    small_world.know(facts(blocks=(OUTER,)))
    guardian = replace(SIGNE_ACTING, user="g", as_=Capacity.GUARDIAN)
    reply = small_world.get(guardian, ALL, {"patient": small_world.person()})
    assert reply.json["total"] == 0
    assert small_world.post(guardian, ALL, block(small_world)).status == 403


BLOCKS = (OUTER, INNER, replace(OUTER, id="social", owner=NAMND))
SEEN: tuple[tuple[TokenRequest, set[str]], ...] = (
    (SIGNE_HERSELF, {"samtycke", "outer", "inner", "social"}),
    (WARD_DOCTOR, {"samtycke", "inner"}),
    (THERAPIST, {"outer"}),
    (OFFICER, {"outer"}),
    (CASE_WORKER, {"social"}),
    (AUDITOR, set()),
)


@pytest.mark.parametrize(("who", "names"), SEEN, ids=[who.user for who, _ in SEEN])
def test_each_sees_what_concerns_them_and_nothing_else(
    of_several: World, who: TokenRequest, names: set[str]
) -> None:
    asked = acting(who)
    every = found(of_several, SIGNE_HERSELF)
    everything = {each["id"]: each for each in every}
    seen = {each["id"] for each in found(of_several, asked)}
    called = {
        number: each["identifier"][0]["value"].partition("-")[0]
        for number, each in everything.items()
    }
    assert {called[number] for number in seen} == names
    absent = of_several.get(asked, f"{ALL}/{of_several.person()}.{'a' * 24}")
    for each in every:
        for tail in ("", "/_history", "/_history/1"):
            reply = of_several.get(asked, f"{ALL}/{each['id']}{tail}")
            assert reply.status == (200 if each["id"] in seen else 404)
            assert each["id"] in seen or reply.body == absent.body
        if each["id"] not in seen:
            hidden = put(of_several, asked, {**each, "status": "inactive"})
            nothing = put(of_several, asked, {**each, "id": "none"})
            assert (hidden.status, hidden.body) == (405, nothing.body)


@pytest.fixture(scope="module")
def of_several(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Somebody who has blocked at a region, a clinic and a nämnd."""
    folder = tmp_path_factory.mktemp("of-several")
    with opened_world(f"sqlite:///{folder / 'samvy.db'}", folder) as world:
        world.know(facts(blocks=BLOCKS))
        yield world


def test_staff_who_take_no_part_see_nothing(small_world: World) -> None:
    """PDL 4:1, SVOD 4:3: an assignment is not enough."""
    fill(small_world)
    elsewhere = tuple(each for each in RELATIONS if each.organisation != REGION)
    small_world.know(facts(relations=elsewhere, blocks=(INNER,)))
    assert found(small_world, SURGEON) == []
    claim = stated(takesPart=True, reason="jour")
    session = small_world.session(SURGEON, *claim)
    reply = small_world.get(
        acting(SURGEON), ALL, {"patient": small_world.person()}, session=session
    )
    assert reply.status == 403, "another token's session"
    reply = small_world.get(SURGEON, ALL, {"patient": small_world.person()}, session=session)
    assert reply.json["total"] == 2


SEARCHES: tuple[tuple[dict[str, str], set[str]], ...] = (
    ({}, {"yes", "no", "outer", "inner"}),
    ({"status": "active"}, {"yes", "outer", "inner"}),
    ({"status": "inactive"}, {"no"}),
    ({"status:not": "active"}, {"no"}),
    ({"status": "active,inactive"}, {"yes", "no", "outer", "inner"}),
    ({"scope": "patient-privacy"}, {"yes", "no", "outer", "inner"}),
    ({"scope": "http://other|patient-privacy"}, set()),
    ({"category": "http://loinc.org|59284-0"}, {"yes", "no", "outer", "inner"}),
    ({"category": "http://loinc.org|"}, {"yes", "no", "outer", "inner"}),
    ({"category": "other"}, set()),
    ({"organization:identifier": f"{HSA}|{CLINIC}"}, {"outer"}),
    ({"organization": CLINIC}, {"outer"}),
    ({"actor:identifier": f"{HSA}|{REGION}"}, {"yes"}),
    ({"actor": KOMMUN}, {"no"}),
    ({"period": "2026-05"}, set()),
    ({"period": "ap2026-03"}, {"yes", "no"}),
    ({"period": "lt2026-03-10"}, {"no"}),
    ({"period": "gt2026-12-01"}, {"yes"}),
    ({"date": "2026-03-10"}, {"yes", "no"}),
    ({"date": "lt2025"}, {"outer", "inner"}),
    ({"date": "ne2026-03-10"}, {"outer", "inner"}),
    ({"_profile": f"{PROFILES}/inre-sparr"}, {"inner"}),
    ({"identifier": f"{CODES}|outer"}, {"outer"}),
    ({"_id": "none"}, set()),
    ({"_lastUpdated": "ge2026-03-10"}, {"yes", "no", "outer", "inner"}),
)


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("several")
    with opened_world(f"sqlite:///{folder / 'samvy.db'}", folder) as world:
        yield _with_several(world)


def _with_several(world: World) -> World:
    later, past = Period(NOON, NOON.replace(year=2027)), Period(NOON - timedelta(days=9), NOON)
    world.know(
        facts(
            consents=(
                replace(CONSENT, period=later),
                Samtycke(Giver.SELF, KOMMUN, answer=False, period=past),
            ),
            blocks=(OUTER, INNER),
        )
    )
    return world


def _called(resource: Json) -> str:
    name = str(resource["identifier"][0]["value"])
    kinds = {"permit": "yes", "deny": "no"}
    return kinds[resource["provision"]["type"]] if name.startswith("samtycke") else name


@pytest.mark.parametrize(("given", "names"), SEARCHES, ids=[urlencode(s) for s, _ in SEARCHES])
def test_a_search_finds_what_it_asks_for(
    several: World, given: dict[str, str], names: set[str]
) -> None:
    assert {_called(each) for each in found(several, SIGNE_HERSELF, **given)} == names


def test_a_consent_is_found_by_its_id_and_in_the_compartment(several: World) -> None:
    every = found(several, SIGNE_HERSELF)
    assert found(several, SIGNE_HERSELF, _id=every[0]["id"]) == every[:1]
    compartment = several.get(SIGNE_HERSELF, f"/fhir/Patient/{several.person()}/Consent")
    assert [each["resource"] for each in compartment.json["entry"]] == every
    number = {"patient:identifier": f"{PERSONNUMMER}|{SIGNE}"}
    posted = several.form(SIGNE_HERSELF, f"{ALL}/_search", number)
    assert [each["resource"] for each in posted.json["entry"]] == every
    assert SIGNE not in posted.body.decode()


def test_a_search_has_pages(several: World) -> None:
    pages, path = [], f"{ALL}?patient={several.person()}&_count=3"
    while path:
        reply = several.get(SIGNE_HERSELF, path)
        assert reply.json["total"] == 4
        pages.append([each["resource"]["id"] for each in reply.json["entry"]])
        path = str(reply.link("next") or "")
    assert [len(each) for each in pages] == [3, 1]
    assert len({number for page in pages for number in page}) == 4
    counted = several.get(SIGNE_HERSELF, ALL, {"patient": several.person(), "_summary": "count"})
    assert (counted.json["total"], "entry" in counted.json) == (4, False)


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("_profile,-date", ["inner", "yes", "no", "outer"]),
        ("-_profile,period", ["outer", "no", "yes", "inner"]),
        ("organization", ["no", "inner", "yes", "outer"]),
    ],
)
def test_a_search_is_sorted(several: World, sort: str, names: list[str]) -> None:
    resources = found(several, SIGNE_HERSELF, _sort=sort)
    by_name = [_called(each) for each in resources]
    assert sorted(by_name) == sorted(names)
    if sort == "organization":
        numbers = [each["organization"][0]["identifier"]["value"] for each in resources]
        assert numbers == sorted(numbers)
    else:
        assert by_name[0] == names[0]
        assert by_name[-1] == names[-1]


@pytest.mark.parametrize(
    "given",
    [
        {"_sort": "colour"},
        {"date": "yesterday"},
        {"status:above": "active"},
        {"actor.name": "x"},
        {"date": "zz2026"},
        {"_from": "-1"},
    ],
)
def test_a_search_that_is_not_understood_is_refused_whoever_asks(
    several: World, given: dict[str, str]
) -> None:
    """Also where there is nothing to compare: the answer does not tell whether there is (P3)."""
    asked = {"patient": several.person(), **given}
    assert several.get(SIGNE_HERSELF, ALL, asked).status == 400
    assert several.get(acting(AUDITOR), ALL, asked).status == 400


def test_nobody_is_named_by_chance(several: World) -> None:
    assert several.get(SIGNE_HERSELF, ALL).codes == ["too-broad"]
    strict = {"Prefer": "handling=strict"}
    unknown = {"patient": several.person(), "colour": "red"}
    assert several.get(SIGNE_HERSELF, ALL, unknown, headers=strict).codes == ["unknown-parameter"]


@pytest.mark.parametrize("what", ["fhir.resources", "the table", "another validator"])
def test_what_is_served_is_valid(small_world: World, what: str) -> None:
    small_world.know(
        replace(
            facts(blocks=(replace(OUTER, excluded_types=frozenset({InfoType.LAB})), INNER)),
            consents=(replace(CONSENT, unit=WARD, user="ward-doctor"),),
        )
    )
    resources = found(small_world, SIGNE_HERSELF)
    assert len(resources) == 3
    if what == "another validator":
        _judged_by_others(resources)
        return
    for each in resources:
        if what == "the table":
            assert check(each) == []
        else:
            Consent.model_validate(each)


def _judged_by_others(resources: list[Json]) -> None:
    node = shutil.which("node")
    if node is None or not (NODE / "node_modules" / "@medplum" / "core").is_dir():
        pytest.skip("node, or the packages of tests/node, are not here: npm ci in tests/node")
    ran = subprocess.run(
        [node, "validate.mjs"],
        cwd=NODE,
        input="\n".join(json.dumps(each) for each in resources),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert json.loads(ran.stdout) == {"judged": len(resources), "faults": {}}


def test_linked_persons_blocks_are_found_under_either_and_end_where_they_stand(
    small_world: World,
) -> None:
    fill(small_world)
    small_world.know(Facts(blocks=(OUTER,)), OLOF)
    with small_world.store.write() as connection:
        own, other = small_world.person(), small_world.person(OLOF)
        assert link_persons(connection, own, other, small_world.clock.now)
    mine = found(small_world, SIGNE_HERSELF)
    (blocked,) = [each for each in mine if each["policyRule"]["coding"][0]["code"] == "yttre-sparr"]
    assert blocked["patient"]["reference"] == f"Patient/{small_world.person(OLOF)}"
    assert small_world.get(SIGNE_HERSELF, f"{ALL}/{blocked['id']}").json == blocked
    assert put(small_world, SIGNE_ACTING, {**blocked, "status": "inactive"}).status == 200
    assert sees(small_world)
