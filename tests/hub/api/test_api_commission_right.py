"""What HSA says may be read under an assignment: held to kind of information and to reach.

A ceiling: the law decides within it. The tokens are those of an identity provider.
"""

import json
from collections.abc import Iterator

import pytest

from consent.facts import Facts, InfoType, Person
from hub.auth.commission_right import HOLDS
from tests.hub.api.test_api_issuers import LOOK, ask, doctor, issuer_of, trust
from tests.hub.auth.mock_idp import MockIdp, idp_up
from tests.worlds.asgi_client import FHIR, Reply
from tests.worlds.hub_world import (
    CLINIC,
    NOON,
    REGION,
    SURGERY,
    WARD,
    World,
    condition,
    documented,
)
from tests.worlds.usual import facts

KINDS = (
    InfoType.DIAGNOSIS,
    InfoType.MEDICATION,
    InfoType.REFERRAL,
    InfoType.LAB,
    InfoType.DECISION,
)
PLACES = {
    "ward": (REGION, WARD),
    "surgery": (REGION, SURGERY),
    "clinic": (CLINIC, "SE5599999988-1001"),
}
EVERY_KIND = tuple(sorted({kind for kinds in HOLDS.values() for kind in kinds}))


@pytest.fixture(scope="module")
def idp() -> Iterator[MockIdp]:
    with idp_up() as found:
        found.publish()
        yield found


@pytest.fixture
def typed(small_world: World, idp: MockIdp) -> World:
    return _typed(small_world, idp)


def _typed(world: World, idp: MockIdp) -> World:
    """One document of each kind at each place, and one that no unit has made."""
    world.know(facts())
    person = world.person()
    world.hold(
        (condition(person, f"{place}-{kind}"), documented(*where, info_type=kind))
        for place, where in PLACES.items()
        for kind in KINDS
    )
    unplaced = documented(REGION, None, info_type=InfoType.DIAGNOSIS)
    world.hold([(condition(person, "unplaced"), unplaced)])
    trust(world, issuer_of(idp, scope="user/*.cruds"))
    return world


def _post(
    world: World, token: str, operation: str, parameters: object, session: str | None = None
) -> Reply:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": FHIR}
    headers |= {"X-Samvy-Session": session} if session else {}
    given = {"resourceType": "Parameters", "parameter": parameters}
    path = f"/fhir/Patient/{world.person()}/{operation}"
    return world.http.send("POST", path, headers, json.dumps(given).encode())


def _seen(world: World, token: str) -> set[str]:
    opened = _post(world, token, "$open", LOOK)
    assert opened.status == 200, opened.body
    session = opened.json["parameter"][0]["valueString"]
    searched = f"/fhir/Condition?patient={world.person()}&_count=100"
    return set(ask(world, token, searched, X_Samvy_Session=session).ids)


def _at(places: str, *kinds: InfoType) -> set[str]:
    return {f"{place}-{kind}" for place in places.split() for kind in kinds}


EVERYWHERE = "ward surgery clinic"
D, M, R, L = InfoType.DIAGNOSIS, InfoType.MEDICATION, InfoType.REFERRAL, InfoType.LAB
READ: dict[str, tuple[list[str], set[str]]] = {
    "all between": (["Läsa;alla;SJF"], _at(EVERYWHERE, *KINDS) | {"unplaced"}),
    "all at the caregiver": (["Läsa;alla;VG"], _at("ward surgery", *KINDS) | {"unplaced"}),
    "all at the unit": (["Läsa;alla;VE"], _at("ward", *KINDS)),
    "diagnoses between": (["Läsa;dia;SJF"], _at(EVERYWHERE, D) | {"unplaced"}),
    "diagnoses by their name": (["Läsa;diagnos;SJF"], _at(EVERYWHERE, D) | {"unplaced"}),
    "diagnoses at the unit": (["Läsa;dia;VE"], _at("ward", D)),
    "diagnoses of another unit": ([f"Läsa;dia;{SURGERY}"], _at("surgery", D)),
    "a unit of another caregiver": (["Läsa;alla;SE5599999988-1001"], set()),
    "diagnoses between and all at the unit": (
        ["Läsa;dia;SJF", "Läsa;alla;VE"],
        _at(EVERYWHERE, D) | _at("ward", *KINDS) | {"unplaced"},
    ),
    "some drugs": (["Läsa;lko;SJF", "Läsa;lkf;SJF"], set()),
    "each drug": (["Läsa;lko;SJF", "Läsa;lkf;SJF", "Läsa;lkm;SJF"], _at(EVERYWHERE, M)),
    "each drug, one of them at the caregiver": (
        ["Läsa;lko;SJF", "Läsa;lkf;VG", "Läsa;lkm;SJF"],
        _at("ward surgery", M),
    ),
    "results without referrals": (["Läsa;und;SJF"], _at(EVERYWHERE, L)),
    "results and referrals": (["Läsa;und;SJF", "Läsa;vbe;VE"], _at(EVERYWHERE, L) | _at("ward", R)),
    "all of HSA's kinds": (
        [f"Läsa;{kind};SJF" for kind in EVERY_KIND],
        _at(EVERYWHERE, D, M, R, L) | {"unplaced"},
    ),
    "a kind that is not known": (["Läsa;xyz;SJF"], set()),
    "a reach that is not known": (["Läsa;alla;XX"], set()),
    "writing": (["Skriva;alla;SJF"], set()),
    "a kind of everything else": (["Läsa;*;SJF", "Läsa;;SJF", "Läsa;all;SJF"], set()),
}


@pytest.mark.parametrize("form", READ)
def test_the_rights_of_an_assignment_are_a_ceiling(typed: World, idp: MockIdp, form: str) -> None:
    rights, seen = READ[form]
    assert _seen(typed, doctor(idp, commissionRight=rights)) == seen


def test_a_rung_shows_nothing_that_the_rights_do_not_cover(typed: World, idp: MockIdp) -> None:
    """Without a consent there is U0, and only of a kind that may be read."""
    typed.know(Facts(person=Person(), relations=facts().relations))
    for rights, rungs in (
        (["Läsa;dia;SJF"], {"U0"}),
        (["Läsa;vko;SJF"], set()),
        (["Läsa;dia;VG"], set()),
    ):
        reply = _post(typed, doctor(idp, commissionRight=rights), "$open", LOOK)
        shown = {
            each.get("valueCode") for each in reply.json["parameter"] if each["name"] == "shows"
        }
        assert shown - {"content"} == rungs, rights


@pytest.mark.parametrize(
    ("rights", "before", "after"),
    [("Läsa;alla;SJF", 11, 16), ("Läsa;dia;SJF", 3, 4), ("Läsa;alla;VG", 11, 11)],
)
def test_an_act_counts_what_the_rights_let_be_read(
    world: World, idp: MockIdp, rights: str, before: int, after: int
) -> None:
    typed = _typed(world, idp)
    typed.know(Facts(person=Person(), relations=facts().relations))
    token = doctor(idp, commissionRight=[rights])
    session = _post(typed, token, "$open", LOOK).json["parameter"][0]["valueString"]
    end = {"name": "end", "valueDate": NOON.replace(month=6).date().isoformat()}
    reply = _post(typed, token, "$register-consent", [end], session)
    assert reply.status == 200, reply.body
    changed = next(each for each in reply.json["parameter"] if each["name"] == "change")
    counted = {part["name"]: part.get("valueInteger") for part in changed["part"]}
    assert (counted["before"], counted["after"]) == (before, after)
