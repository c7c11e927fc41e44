"""Consents are searched as they would be served, and what is wrong is found whoever asks."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from consent.facts import Giver, Samtycke
from consent.period import Period
from mappings.base_profiles import HSA_ID as HSA
from mappings.personal_identity import PERSONNUMMER
from tests.hub.api.consenting import (
    ALL,
    CODES,
    PROFILES,
    Json,
    acting,
    found,
)
from tests.worlds.hub_world import (
    AUDITOR,
    CLINIC,
    KOMMUN,
    NOON,
    REGION,
    SIGNE,
    SIGNE_HERSELF,
    World,
    opened_world,
)
from tests.worlds.usual import CONSENT, INNER, OUTER, facts

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
