"""The person's own access (SVOD 4:2): their record, their answers and blocks, their log."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from consent.facts import (
    Availability,
    BlockKind,
    Capacity,
    Collected,
    Facts,
    Person,
    ProtectedIdentity,
    Regime,
    Sparr,
)
from hub.store.directory import load_organisations
from mappings.personal_identity import PERSONNUMMER
from tests.worlds.hub_world import (
    CLINIC,
    HOME_HELP,
    NAMND,
    NOON,
    OFFICE,
    OLOF,
    ORGANISATIONS,
    REGION,
    SIGNE_HERSELF,
    SINCE,
    TALKS,
    WARD,
    WARD_DOCTOR,
    World,
    condition,
    documented,
)
from tests.worlds.usual import OUTER, facts, fill

HIDDEN = "zqxhemlig"
OLOF_HIMSELF = replace(SIGNE_HERSELF, user="olof", person=f"{PERSONNUMMER}|{OLOF}")
GUARDIAN = replace(SIGNE_HERSELF, user="g", as_=Capacity.GUARDIAN, scope="patient/*.rs")
ALL = ("ward-1", "ward-2", "surgery-1", "clinic-1", "nurse-1", "service-1", "help-1")
INNER = Sparr("inner", BlockKind.INNER, REGION, WARD, set_at=SINCE.start)
NOT_SHOWN: dict[str, dict[str, Any]] = {
    "what is secret from the person (OSL 25:6)": {"secret_from_person": True},
    "what rests on 2:6": {"availability": Availability.GROUND_2_6},
    "what is not made available": {"availability": Availability.NONE, "available_since": None},
    "what nobody was informed about (2:2)": {"informed": False},
    "what is for quality (2:1)": {"collected_for": Collected.QUALITY},
    "an insurer's investigation (1:1)": {"regime": Regime.FMU},
    "what has left its source": {"withdrawn": True},
}


def _searched(world: World, who: Any = SIGNE_HERSELF) -> set[str]:  # noqa: ANN401 -- a reader
    reply = world.get(who, "/fhir/Condition", {"patient": world.person()})
    assert reply.status == 200, reply.body
    return {each["resource"]["id"] for each in reply.json.get("entry", [])}


def _looked_everywhere(world: World, number: str) -> str:
    """Everything that the person is answered on every way to one document."""
    person, one = world.person(), f"/fhir/Condition/{number}"
    bundle = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": f"Condition/{number}"}}],
    }
    replies = [
        world.get(SIGNE_HERSELF, one),
        world.get(SIGNE_HERSELF, f"{one}/_history"),
        world.get(SIGNE_HERSELF, f"{one}/_history/1"),
        world.get(SIGNE_HERSELF, "/fhir/Condition", {"patient": person}),
        world.get(SIGNE_HERSELF, "/fhir/Condition", {"patient": person, "code:text": HIDDEN[:5]}),
        world.get(SIGNE_HERSELF, "/fhir/_history", {"patient": person}),
        world.get(SIGNE_HERSELF, f"/fhir/Patient/{person}/$everything"),
        world.get(SIGNE_HERSELF, f"/fhir/Patient/{person}/$summary"),
        world.post(SIGNE_HERSELF, "/fhir", bundle),
    ]
    return "".join(each.body.decode() for each in replies)


def test_the_person_reads_what_their_organisations_offer(world: World) -> None:
    fill(world)
    assert _searched(world) == set(ALL)
    for number in ALL:
        assert world.get(SIGNE_HERSELF, f"/fhir/Condition/{number}").status == 200


@pytest.mark.parametrize("what", NOT_SHOWN)
def test_the_person_does_not_read(small_world: World, what: str) -> None:
    fill(small_world)
    item = documented(REGION, WARD, **NOT_SHOWN[what])
    small_world.hold([(condition(small_world.person(), "hidden", HIDDEN), item)])
    assert _searched(small_world) == set(ALL)
    assert HIDDEN not in _looked_everywhere(small_world, "hidden")


@pytest.mark.parametrize(
    ("block", "gone"),
    [
        (OUTER, {"clinic-1"}),
        (replace(OUTER, owner=NAMND), {"service-1"}),
        (INNER, {"ward-1", "ward-2"}),
    ],
)
def test_what_is_blocked_is_not_shown_here(
    small_world: World, block: Sparr, gone: set[str]
) -> None:
    """A vårdgivare may show it otherwise (PDL 5:5); the person sees the block, and may end it."""
    fill(small_world)
    small_world.know(facts(blocks=(block,)))
    assert _searched(small_world) == set(ALL) - gone
    patient = {"patient": small_world.person(), "status": "active"}
    consents = small_world.get(SIGNE_HERSELF, "/fhir/Consent", patient).json
    kinds = {each["resource"]["policyRule"]["coding"][0]["code"] for each in consents["entry"]}
    assert kinds & {"yttre-sparr", "inre-sparr"}


@pytest.mark.parametrize("changed", [{"offers_own_access": False}, {"connected": False}])
def test_an_organisation_may_offer_nothing(small_world: World, changed: dict[str, bool]) -> None:
    """Access is something that they may give, and need not (4:2)."""
    fill(small_world)
    entry = next(each for each in ORGANISATIONS if each.id == CLINIC)
    with small_world.store.write() as connection:
        load_organisations(connection, [replace(entry, **changed)], small_world.clock.now)
    assert _searched(small_world) == set(ALL) - {"clinic-1"}


def test_a_social_service_outside_the_act_is_not_shown(small_world: World) -> None:
    fill(small_world)
    aid = documented(NAMND, OFFICE, service="SoL 12:1")
    help_ = documented(NAMND, HOME_HELP, service="LSS 9:2", regime=Regime.LSS)
    person = small_world.person()
    small_world.hold([(condition(person, "aid", HIDDEN), aid), (condition(person, "lss"), help_)])
    assert _searched(small_world) == {*ALL, "lss"}
    assert HIDDEN not in _looked_everywhere(small_world, "aid")


@pytest.mark.parametrize(
    "who",
    [OLOF_HIMSELF, GUARDIAN],
    ids=["another person", "a guardian"],
)
def test_nobody_else_is_the_person(small_world: World, who: Any) -> None:  # noqa: ANN401
    fill(small_world)
    small_world.know(facts(blocks=(OUTER,)))
    person = small_world.person()
    assert _searched(small_world, who) == set()
    consents = small_world.get(who, "/fhir/Consent", {"patient": person})
    assert consents.json["total"] == 0, consents.body
    assert small_world.get(who, f"/fhir/Patient/{person}/$notices").status == 403
    log = small_world.get(who, "/fhir/AuditEvent", {"patient": person})
    assert log.status == 403 or "entry" not in log.json, log.body


def test_after_a_death_nobody_is_let_in_by_the_persons_log_in(small_world: World) -> None:
    """SVOD 4:2 is the living person's; what others ask for is the organisation's to answer."""
    fill(small_world)
    died = NOON + timedelta(minutes=1)
    small_world.know(facts(blocks=(OUTER,), person=Person(deceased=died)))
    person = small_world.person()
    paths = (
        ("/fhir/Consent", {"patient": person}, lambda reply: reply.json["total"] > 0),
        (f"/fhir/Patient/{person}/$consents", {}, lambda reply: reply.json["total"] > 0),
        (f"/fhir/Patient/{person}/$notices", {}, lambda reply: reply.status == 200),
        ("/fhir/AuditEvent", {"patient": person}, lambda reply: reply.status == 200),
        ("/fhir/Condition", {"patient": person}, lambda reply: reply.json["total"] > 0),
    )
    for path, given, lets_in in paths:
        assert lets_in(small_world.get(SIGNE_HERSELF, path, given)), path
    small_world.clock.forward(timedelta(minutes=1))
    for path, given, lets_in in paths:
        assert not lets_in(small_world.get(SIGNE_HERSELF, path, given)), path


def test_the_person_reads_their_own_log_and_no_other(world: World) -> None:
    fill(world)
    world.know(Facts(), OLOF)
    assert world.get(WARD_DOCTOR, "/fhir/Condition/ward-1").status == 200
    world.get(WARD_DOCTOR, "/fhir/Condition", {"patient": world.person(OLOF)})
    world.hub.sequencer.sequence_now()
    found = world.get(SIGNE_HERSELF, "/fhir/AuditEvent", {"patient": world.person()}).json
    seen = str(found)
    assert "Condition/ward-1" in seen
    assert world.person(OLOF) not in seen
    other = world.get(SIGNE_HERSELF, "/fhir/AuditEvent", {"patient": world.person(OLOF)})
    assert "entry" not in other.json


def test_a_protected_person_sees_their_own_record(small_world: World) -> None:
    """Masking hides where somebody is from others; nothing of the record is taken away."""
    fill(small_world)
    shielded = Person(protected_identity=ProtectedIdentity.SKYDDAD_FOLKBOKFORING)
    small_world.know(facts(person=shielded))
    assert _searched(small_world) == set(ALL)
    item = documented(CLINIC, TALKS, secret_from_person=True)
    small_world.hold([(condition(small_world.person(), "hidden", HIDDEN), item)])
    assert HIDDEN not in _looked_everywhere(small_world, "hidden")
