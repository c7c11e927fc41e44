"""$register-consent, $withdraw-consent, $lift-block-temporarily and `attitude`: felt at once."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from consent.facts import (
    Ability,
    BlockKind,
    Capacity,
    Giver,
    InfoType,
    Person,
    Samtycke,
    Sparr,
)
from hub.api.act.lift_temporarily import longest
from hub.auth.built_in import TokenRequest
from hub.fhir.check import check
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    AUDITOR,
    CLINIC,
    KOMMUN,
    NOON,
    OFFICER,
    REGION,
    SIGNE_HERSELF,
    SINCE,
    THERAPIST,
    UNCONSCIOUS,
    WARD,
    WARD_DOCTOR,
    World,
    stated,
)
from tests.worlds.usual import OUTER, facts, fill

LOOK = stated(relevance=True, activeChoice="content")
SIGNE_ACTING = replace(SIGNE_HERSELF, scope="patient/*.cruds")
DOCTOR_ACTING = replace(WARD_DOCTOR, scope="user/*.cruds")
TODAY = NOON.date()
Parameters = list[dict[str, object]]


def _act(world: World, who: TokenRequest, name: str, parameters: Parameters) -> Reply:
    body = {"resourceType": "Parameters", "parameter": parameters}
    return world.post(who, f"/fhir/Patient/{world.person()}/${name}", body)


def _until(day: date = TODAY + timedelta(days=30)) -> dict[str, object]:
    return {"name": "end", "valueDate": day.isoformat()}


def _sees(world: World, session: str) -> bool:
    return world.get(WARD_DOCTOR, "/fhir/Condition/clinic-1", session=session).status == 200


def _without_consent(world: World, **changes: object) -> None:
    fill(world)
    world.know(facts(**{"consents": (), **changes}))


@pytest.mark.parametrize("who", [SIGNE_ACTING, DOCTOR_ACTING], ids=["the person", "the ward"])
def test_a_consent_opens_and_its_withdrawal_closes(world: World, who: TokenRequest) -> None:
    _without_consent(world)
    session = world.session(WARD_DOCTOR, *LOOK)
    assert not _sees(world, session)
    given = [*stated(organisation=REGION, unit=WARD, obtained="muntligen"), _until()]
    reply = _act(world, who, "register-consent", given)
    assert reply.status == 200, reply.body
    assert _sees(world, session)
    name = reply.json["parameter"][0]["valueString"]
    assert _act(world, who, "withdraw-consent", stated(consent=name)).status == 200
    assert not _sees(world, session)
    assert _act(world, who, "withdraw-consent", stated(consent=name)).status == 404


def test_a_consent_ends_after_its_last_day(world: World) -> None:
    _without_consent(world)
    reply = _act(
        world, SIGNE_ACTING, "register-consent", [*stated(organisation=REGION), _until(TODAY)]
    )
    assert reply.status == 200
    assert _sees(world, world.session(WARD_DOCTOR, *LOOK))
    world.clock.forward(timedelta(days=1))
    world.tokens.clear()
    assert not _sees(world, world.session(WARD_DOCTOR, *LOOK))


def test_a_no_outweighs_an_earlier_yes(world: World) -> None:
    fill(world)
    session = world.session(WARD_DOCTOR, *LOOK)
    assert _sees(world, session)
    said = stated(organisation=REGION, answer=False)
    assert _act(world, SIGNE_ACTING, "register-consent", said).status == 200
    assert not _sees(world, session)


REFUSED: dict[str, tuple[TokenRequest, Person]] = {
    "another organisation's staff": (replace(THERAPIST, scope="user/*.cruds"), Person()),
    "a guardian": (replace(SIGNE_ACTING, user="g", as_=Capacity.GUARDIAN), Person()),
    "somebody unable": (SIGNE_ACTING, Person(capacity=Ability.LASTING_LACK)),
    "a child": (DOCTOR_ACTING, Person(age=8, can_consent_self=False)),
    "the dead": (DOCTOR_ACTING, Person(deceased=SINCE.start)),
}


@pytest.mark.parametrize("who", REFUSED)
def test_nobody_answers_for_the_person(small_world: World, who: str) -> None:
    asked, person = REFUSED[who]
    _without_consent(small_world, person=person)
    given = [*stated(organisation=REGION), _until()]
    reply = _act(small_world, asked, "register-consent", given)
    assert (reply.status, reply.codes) == (403, ["not-for-the-person"])


def test_an_answer_to_somebody_else_is_as_if_it_were_not_there(small_world: World) -> None:
    _without_consent(small_world)
    given = [*stated(organisation=REGION), _until()]
    name = _act(small_world, SIGNE_ACTING, "register-consent", given).json["parameter"][0]
    therapist = replace(THERAPIST, scope="user/*.cruds")
    there = _act(small_world, therapist, "withdraw-consent", stated(consent=name["valueString"]))
    absent = _act(small_world, therapist, "withdraw-consent", stated(consent="samtycke-none"))
    assert (there.status, there.body) == (absent.status, absent.body)
    assert there.status == 404


@pytest.mark.parametrize(
    "parameters",
    [
        stated(organisation=REGION),
        [*stated(organisation=REGION), _until(TODAY - timedelta(days=1))],
        [*stated(organisation=REGION), _until(TODAY + timedelta(days=400))],
        [*stated(organisation="nobody"), _until()],
        [*stated(organisation=REGION, surprise="x"), _until()],
    ],
)
def test_an_answer_that_is_not_understood_is_refused(
    standing_world: World, parameters: Parameters
) -> None:
    assert _act(standing_world, SIGNE_ACTING, "register-consent", parameters).status == 422


def _lift(until: timedelta = timedelta(hours=4), **values: object) -> Parameters:
    usual = {"block": OUTER.id, "reason": "larm", "organisation": REGION, "ground": "emergency"}
    given = stated(**{**usual, **values})
    return [*given, {"name": "until", "valueInstant": (NOON + until).isoformat()}]


def test_the_officer_lets_somebody_past_an_outer_block_for_a_while(world: World) -> None:
    fill(world)
    world.know(facts(blocks=(OUTER,)))
    session = world.session(WARD_DOCTOR, *LOOK)
    assert not _sees(world, session)
    calm = _act(world, OFFICER, "lift-block-temporarily", _lift())
    assert (calm.status, calm.codes) == (403, ["not-for-the-officer"])
    urgent = _lift(timedelta(minutes=30), emergency=UNCONSCIOUS, unit=WARD)
    assert _act(world, OFFICER, "lift-block-temporarily", urgent).status == 200
    assert _sees(world, session)
    world.clock.forward(timedelta(minutes=30))
    assert not _sees(world, session)


def test_an_inner_block_is_lifted_with_consent(world: World) -> None:
    inner = Sparr("inner", BlockKind.INNER, CLINIC, "SE5599999988-1002", set_at=SINCE.start)
    fill(world)
    world.know(facts(blocks=(inner,), consents=()))
    asked = _lift(block="inner", ground="consent", organisation=CLINIC)
    assert _act(world, OFFICER, "lift-block-temporarily", asked).status == 403
    consent = Samtycke(Giver.SELF, CLINIC, answer=True)
    world.know(facts(blocks=(inner,), consents=(consent,)))
    assert _act(world, OFFICER, "lift-block-temporarily", asked).status == 200


@pytest.mark.parametrize(
    "who", [DOCTOR_ACTING, SIGNE_ACTING, replace(THERAPIST, scope="user/*.cruds")]
)
def test_nobody_else_lifts_for_a_while(small_world: World, who: TokenRequest) -> None:
    """There is no break-the-glass on an outer block; another's block is as if it were not there."""
    fill(small_world)
    small_world.know(facts(blocks=(OUTER,)))
    reply = _act(small_world, who, "lift-block-temporarily", _lift(emergency=UNCONSCIOUS))
    assert reply.status in (403, 404)
    other = _act(small_world, DOCTOR_ACTING, "lift-block-temporarily", _lift(block="none"))
    there = _act(small_world, DOCTOR_ACTING, "lift-block-temporarily", _lift())
    assert (other.status, other.body) == (there.status, there.body)


@pytest.mark.parametrize("written", ["0", "31", "-1", "week", "", "٣"])
def test_how_long_a_lift_may_last_is_a_number_of_days(written: str) -> None:
    assert longest("14") == timedelta(days=14)
    with pytest.raises(ValueError, match="SAMVY_LONGEST_LIFT_DAYS"):
        longest(written)


@pytest.mark.parametrize("until", [timedelta(days=8), timedelta(0), timedelta(days=-1)])
def test_a_lift_lasts_a_week_at_most(small_world: World, until: timedelta) -> None:
    fill(small_world)
    small_world.know(facts(blocks=(OUTER,)))
    reply = _act(
        small_world, OFFICER, "lift-block-temporarily", _lift(until, emergency=UNCONSCIOUS)
    )
    assert reply.status == 422


@pytest.mark.parametrize(
    ("attitude", "opens"),
    [
        ({"clarified": True, "reasonToThinkOpposed": False}, True),
        ({"clarified": True, "reasonToThinkOpposed": True}, False),
        ({"clarified": False, "reasonToThinkOpposed": False}, False),
        ({"clarified": True}, False),
        (None, False),
    ],
)
def test_the_readers_own_judgement_of_the_attitude_opens_for_somebody_unable(
    world: World,
    attitude: dict[str, bool] | None,
    opens: bool,  # noqa: FBT001  # a column of the table
) -> None:
    """SVOD 3:3: first where data are, then what the chosen organisations hold."""
    _without_consent(world, person=Person(capacity=Ability.LASTING_LACK, lacking_since=NOON))
    said = {"relevance": True, "necessary": True, "activeChoice": "content"}
    if attitude is not None:
        said["attitude"] = attitude  # type: ignore[assignment]  # parts
    named = world.open(WARD_DOCTOR, *stated(**said))
    assert named.status == 200
    chosen = world.session(WARD_DOCTOR, *stated(**said, organisation=CLINIC))
    assert _sees(world, chosen) == opens


def test_each_sees_the_answers_and_blocks_that_concern_them(world: World) -> None:
    late = replace(OUTER, excluded_types=frozenset({InfoType.MEDICATION}))
    fill(world)
    world.know(facts(blocks=(late, replace(OUTER, id="other", owner=KOMMUN))))
    path = f"/fhir/Patient/{world.person()}/$consents"
    seen = {
        who.user: world.get(who, path).json
        for who in (SIGNE_HERSELF, WARD_DOCTOR, THERAPIST, AUDITOR)
    }
    counts = {who: bundle["total"] for who, bundle in seen.items()}
    assert counts == {"signe": 3, "ward-doctor": 1, "therapist": 1, "auditor": 0}
    for bundle in seen.values():
        for entry in bundle.get("entry", []):
            issues = check(entry["resource"])
            assert [each for each in issues if each.severity == "error"] == []
    (block,) = seen["therapist"]["entry"]
    assert block["resource"]["identifier"][0]["value"] == OUTER.id
    assert block["resource"]["policyRule"]["coding"][0]["code"] == "yttre-sparr"
    kept = block["resource"]["provision"]["provision"][0]["class"]
    assert [each["code"] for each in kept] == ["medication"]
    (answer,) = seen["ward-doctor"]["entry"]
    assert answer["resource"]["provision"]["type"] == "permit"


def test_what_the_person_sees_they_can_end(world: World) -> None:
    fill(world)
    path = f"/fhir/Patient/{world.person()}/$consents"
    (entry,) = world.get(SIGNE_HERSELF, path).json["entry"]
    name = entry["resource"]["identifier"][0]["value"]
    assert _act(world, SIGNE_ACTING, "withdraw-consent", stated(consent=name)).status == 200
    assert world.get(SIGNE_HERSELF, path).json["total"] == 0
