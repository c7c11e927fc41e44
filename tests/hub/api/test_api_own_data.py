"""The own-data route: an organisation's system searches across persons in what it holds itself.

Source: DESIGN §3, exceptions of "One person at a time"; PDL 2:4, 2:8; SoLPuL 7 a.
"""

import json
from typing import Any

import pytest
from sqlalchemy import select

from consent.facts import Capacity, InfoType
from hub.audit.record import Action
from hub.auth.built_in import TokenRequest
from hub.ingest.judge import EVERY_MASK
from hub.store.schema.audit import audit_record
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    CLINIC,
    KOMMUN,
    NAMND,
    OLOF,
    REGION,
    REGION_SYSTEM,
    SIGNE,
    SURGERY,
    WARD,
    WARD_DOCTOR,
    World,
    condition,
    documented,
    stated,
)
from tests.worlds.usual import HIDDEN, INNER, OUTER, facts

CLINIC_SYSTEM = TokenRequest("clinic-integration", CLINIC, Capacity.SYSTEM, None)
NAMND_SYSTEM = TokenRequest("namnd-integration", NAMND, Capacity.SYSTEM, None)


@pytest.fixture
def filled(world: World) -> World:
    for number, name in ((SIGNE, "s"), (OLOF, "o")):
        person = world.person(number)
        at = {"encounter": {"reference": f"Encounter/{name}-visit"}}
        visit = {
            "resourceType": "Encounter",
            "id": f"{name}-visit",
            "status": "finished",
            "class": {"code": "AMB"},
            "subject": {"reference": f"Patient/{person}"},
        }
        masks = EVERY_MASK if name == "o" else frozenset[str]()
        world.hold(
            [
                (visit, documented(REGION, WARD)),
                (condition(person, f"{name}-1", "Astma", **at), documented(REGION, WARD)),
                (
                    condition(person, f"{name}-2", "Brock", recordedDate="2024-01-01"),
                    documented(REGION, SURGERY, masks=masks),
                ),
                (condition(person, f"{name}-3", HIDDEN), documented(CLINIC, None)),
                (condition(person, f"{name}-4", HIDDEN), documented(NAMND, None)),
                (
                    {"resourceType": "Patient", "id": f"{name}-p", "name": [{"family": name}]},
                    documented(REGION, WARD, info_type=InfoType.DEMOGRAPHICS),
                ),
            ],
            number,
        )
        world.know(facts(blocks=(INNER, OUTER)), number)
    return world


def _get(world: World, *given: tuple[str, str], kind: str = "Condition") -> Reply:
    reply = world.get(REGION_SYSTEM, f"/fhir/{kind}", given)
    assert reply.status == 200, reply.body
    assert HIDDEN not in reply.body.decode()
    return reply


def _ids(reply: Reply, mode: str = "match") -> list[str]:
    entries = reply.json.get("entry", [])
    return sorted(each["resource"]["id"] for each in entries if each["search"]["mode"] == mode)


def _logged(world: World) -> list[dict[str, Any]]:
    with world.store.read() as connection:
        rows = connection.execute(
            select(audit_record.c.payload).order_by(
                audit_record.c.recorded, audit_record.c.position
            )
        )
        return [json.loads(each) for each in rows.scalars()]


def test_a_system_searches_in_what_its_own_organisation_holds(filled: World) -> None:
    """A block between organisations, or inside one, is none against the own system."""
    reply = _get(filled)
    assert reply.ids == sorted(reply.ids)
    assert _ids(reply) == ["o-1", "o-2", "s-1", "s-2"]
    assert reply.json["total"] == 4
    assert _ids(_get(filled, ("recorded-date", "ge2024"))) == ["o-2", "s-2"]
    several = f"Patient/{filled.person()},Patient/{filled.person(OLOF)}"
    assert len(_get(filled, ("patient", several)).ids) == 4
    assert _ids(_get(filled, ("patient", f"{filled.person()},nobody"))) == ["s-1", "s-2"]
    assert _ids(_get(filled, ("encounter.status", "finished"))) == ["o-1", "s-1"]
    assert _ids(_get(filled, ("_has:Condition:encounter:_id", "o-1"), kind="Encounter")) == [
        "o-visit"
    ]


def test_pages_and_includes_across_persons(filled: World) -> None:
    given = (("_count", "1"), ("_sort", "_id"), ("_include", "*"))
    reply = _get(filled, *given)
    seen, brought = [*reply.ids], [_ids(reply, "include")]
    assert reply.json["total"] == 4
    while following := reply.link("next"):
        reply = filled.get(REGION_SYSTEM, following)
        seen += reply.ids
        brought.append(_ids(reply, "include"))
    assert seen == ["o-1", "o-2", "s-1", "s-2"]
    olof, signe = filled.person(OLOF), filled.person()
    assert brought == [sorted(["o-visit", olof]), [olof], sorted(["s-visit", signe]), [signe]]
    whole = _get(filled, ("_include", "Condition:patient"))
    assert _ids(whole, "include") == sorted([olof, signe])


def test_each_person_who_is_shown_has_a_record_of_it(filled: World) -> None:
    _get(filled, ("_include", "Condition:encounter"))
    _get(filled, ("recorded-date", "ge2030"))
    records = [each for each in _logged(filled) if each["action"] == "search-type"]
    by_person = {each.get("person"): each for each in records}
    assert set(by_person) == {filled.person(), filled.person(OLOF), None}
    assert len(records) == 3
    for number, name in ((SIGNE, "s"), (OLOF, "o")):
        record = by_person[filled.person(number)]
        shown = [ref for each in record["shown"] for ref in each["references"]]
        wanted = {f"Condition/{name}-1", f"Condition/{name}-2", f"Encounter/{name}-visit"}
        assert {each.partition("/_history")[0] for each in shown} == wanted
        assert record["grounds"] == ["PDL 2:8"]
        assert ("MASK_IDENTITY" in record["obligations"]) == (name == "o")
    assert by_person[None].get("shown", []) == []


@pytest.mark.parametrize(
    "given",
    [
        (("code:text", "astma"),),
        (("encounter.diagnosis:Condition.code:text", "a"),),
        (("code", "http://hl7.org/fhir/sid/icd-10|Z65.1"),),
        (("evidence-detail:DocumentReference.description", "dom"),),
    ],
)
def test_free_text_and_what_the_law_forbids_is_no_search_across_persons(
    filled: World, given: tuple[tuple[str, str], ...]
) -> None:
    reply = filled.get(REGION_SYSTEM, "/fhir/Condition", given)
    assert (reply.status, reply.codes) == (403, ["too-broad"])
    about_one = filled.get(REGION_SYSTEM, "/fhir/Condition", [("patient", filled.person()), *given])
    assert about_one.status == 200


def test_nobody_else_searches_across_persons(filled: World) -> None:
    session = filled.session(WARD_DOCTOR, *stated(relevance=True, activeChoice="content"))
    for reader, headers in (
        (WARD_DOCTOR, None),
        (WARD_DOCTOR, session),
        (NAMND_SYSTEM, None),
        (TokenRequest("x", KOMMUN, Capacity.SYSTEM, None, person=f"|{SIGNE}"), None),
    ):
        reply = filled.get(reader, "/fhir/Condition", session=headers)
        assert (reply.status, reply.codes) == (403, ["too-broad"]), reader
    theirs = filled.get(CLINIC_SYSTEM, "/fhir/Condition")
    assert _ids(theirs) == ["o-3", "s-3"]


def test_a_page_of_such_a_search_is_nobody_elses(filled: World) -> None:
    following = _get(filled, ("_count", "1")).link("next")
    assert following
    assert filled.get(CLINIC_SYSTEM, following).status == 410
    assert filled.get(WARD_DOCTOR, following).status == 410


def test_a_system_reads_the_history_of_what_its_organisation_holds(filled: World) -> None:
    ids, path = [], "/fhir/Condition/_history?_count=3"
    while path:
        reply = filled.get(REGION_SYSTEM, path)
        assert reply.status == 200, reply.body
        assert HIDDEN not in reply.body.decode()
        ids += [each["resource"]["id"] for each in reply.json["entry"]]
        path = reply.link("next") or ""
    assert sorted(ids) == ["o-1", "o-2", "s-1", "s-2"]
    whole = filled.get(REGION_SYSTEM, "/fhir/_history")
    assert whole.json["total"] == 8
    social = filled.get(NAMND_SYSTEM, "/fhir/Condition/_history")
    assert (social.status, social.codes) == (403, ["too-broad"])
    with filled.store.read() as connection:
        people = connection.execute(
            select(audit_record.c.person).where(audit_record.c.action == Action.HISTORY.value)
        ).scalars()
        # the refusal is about nobody
        assert set(people) - {None} == {filled.person(SIGNE), filled.person(OLOF)}
