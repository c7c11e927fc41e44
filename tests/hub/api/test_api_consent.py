"""Answers and blocks as FHIR Consent: the same acts, and nobody sees what is not theirs to see."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from fhir.resources.R4B.consent import Consent

from consent.facts import Capacity, Facts, Giver, InfoType, Samtycke
from consent.period import Period
from hub.auth.built_in import TokenRequest
from hub.fhir.check import check
from hub.store.identity import link_persons
from tests.hub.api.consenting import (
    ALL,
    CODES,
    NODE,
    PROFILES,
    SIGNE_ACTING,
    Json,
    acting,
    block,
    consent,
    found,
    named,
    put,
    sees,
    yes,
)
from tests.worlds.hub_world import (
    AUDITOR,
    CASE_WORKER,
    CLINIC,
    NAMND,
    NOON,
    OFFICER,
    OLOF,
    REGION,
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
