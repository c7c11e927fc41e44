"""A care planner follows references over FHIR: from need, goal and decision to plan and result.

Source: reference/sol.md §2.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from consent.facts import Capacity
from hub.auth.built_in import TokenRequest
from hub.store.directory import load_organisations, load_sources
from tests.hub.ingest.desk import FROM, ORGANISATIONS, SOCIAL
from tests.hub.ingest.documents import NAMND, OFFICE, SIGNE
from tests.worlds.hub_world import World, opened_world

CLIENT = TokenRequest("social-client", NAMND, Capacity.SYSTEM)
EXPORT = f"""<?xml version="1.0" encoding="UTF-8"?>
<OmsorgsExport version="1.4" system="EKBACKA-OMSORG" kommunkod="9901" kommun="Ekbacka kommun">
 <Organisation hsaid="{OFFICE}" namn="Nämnden" typ="MYNDIGHET"/>
 <Brukare id="BR-1" personnummer="{SIGNE}" skyddadUppgift="N">
  <Arende id="1" lagrum="SoL" omrade="ALDRE">
   <Ansokan id="1" datum="2026-01-05" sokande="DEN_ENSKILDE"><Text>Vill ha hjälp.</Text></Ansokan>
   <Utredning id="1" metod="IBIC" paborjad="2026-01-05" avslutad="2026-01-09">
    <Livsomrade kod="5" namn="Personlig vård"><Behov icf="d510" namn="Att tvätta sig"
     aktuellt="3" avsett="2">
     <EgenUppfattning>Jag vill duscha utan att vara rädd.</EgenUppfattning></Behov></Livsomrade>
    <RelateradFaktor typ="OMGIVNING" icf="e155" riktning="HINDER">Badkar.</RelateradFaktor>
   </Utredning>
   <Beslut id="1" datum="2026-01-09" lagrum="11 kap. 1 § SoL (2025:400)" utfall="BIFALL"
     galler_fom="2026-01-12">
    <Insats id="1" typ="HEMTJANST"/><Insats id="2" typ="TRYGGHETSLARM"/></Beslut>
   <Beslut id="2" datum="2026-01-09" lagrum="11 kap. 1 § SoL (2025:400)" utfall="AVSLAG"><Insats
     id="3" typ="LEDSAGNING"/></Beslut>
   <Uppdrag id="1" beslut="1" utforare="{OFFICE}" skickat="2026-01-09T14:02:00+01:00"
     status="MOTTAGET">
    <Mal id="1" icf="d510" avsett="2">Trygg vid dusch.</Mal></Uppdrag>
   <Genomforandeplan id="1" uppdrag="1" upprattad="2026-01-21" status="GALLANDE">
    <Delmal id="2" mal="1">Tar sig till duschstolen.</Delmal>
    <Aktivitet id="1" insats="1" delmal="2" ksi="SMBRBZZ" namn="Stöd i dusch" dagar="TI
     FR"/></Genomforandeplan>
   <UppfoljningResultat id="1" datum="2026-02-27" beslut="1" typ="INDIVID">
    <Resultat mal="1" icf="d510" resultat="2" maluppfyllelse="UPPNATT">Duschar
     tryggt.</Resultat></UppfoljningResultat>
  </Arende></Brukare></OmsorgsExport>"""


@pytest.fixture
def world(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    with opened_world(sqlite_url, tmp_path) as opened:
        with opened.store.write() as connection:
            load_organisations(connection, ORGANISATIONS, FROM)
            load_sources(connection, [SOCIAL], FROM)
        yield opened


def _all(world: World, kind: str) -> list[dict[str, Any]]:
    asked = {"patient": f"Patient/{world.person()}"}
    reply = world.get(CLIENT, f"/fhir/{kind}", asked)
    assert reply.status == 200, reply.body
    return reply.resources


def _follow(world: World, reference: dict[str, Any]) -> dict[str, Any]:
    """Read what a reference leads to, as any client would."""
    reply = world.get(CLIENT, f"/fhir/{reference['reference']}")
    assert reply.status == 200, (reference, reply.body)
    found: dict[str, Any] = reply.json
    return found


def _extension(element: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [e for e in element["extension"] if e["url"].endswith(f"/{name}")]
    reference: dict[str, Any] = found["valueReference"]
    return reference


def test_from_need_to_result_by_references(world: World) -> None:
    """All ids are 1, so that a reference that follows a number alone goes astray."""
    taken = world.post(
        CLIENT, "/ingest/xml_export", EXPORT.encode(), content_type="application/xml"
    )
    assert [each["state"] for each in taken.json] == ["stored"], taken.json
    assert taken.json[0]["unmapped"] == []
    (investigation,) = _all(world, "ClinicalImpression")
    items = investigation["investigation"][0]["item"]
    need = next(n for n in (_follow(world, i) for i in items) if "component" in n)
    assert need["code"]["coding"][0]["code"] == "d510"
    own_view = next(n for n in (_follow(world, i) for i in items) if "valueString" in n)
    assert _follow(world, own_view["focus"][0])["id"] == need["id"]

    goals = _all(world, "Goal")
    (goal,) = [g for g in goals if f"Observation/{need['id']}" in str(g.get("addresses"))]
    orders = [_follow(world, a) for a in goal["addresses"] if "ServiceRequest" in a["reference"]]
    assert {o["code"]["coding"][0]["code"] for o in orders} == {"home_help", "safety_alarm"}
    order = next(o for o in orders if o["code"]["coding"][0]["code"] == "home_help")
    supported = [_follow(world, each) for each in order["supportingInfo"] if "reference" in each]
    assert {"ClinicalImpression", "ServiceRequest"} == {each["resourceType"] for each in supported}
    assert {each.get("intent") for each in supported} == {None, "proposal"}

    (assignment,) = [t for t in _all(world, "Task") if t["intent"] == "order"]
    based = {_follow(world, each)["id"] for each in assignment["basedOn"]}
    assert based == {each["id"] for each in orders}
    assert _follow(world, assignment["focus"])["id"] in based
    assert _follow(world, assignment["input"][0]["valueReference"])["id"] == goal["id"]

    (plan,) = _all(world, "CarePlan")
    assert _follow(world, plan["supportingInfo"][0])["id"] == assignment["id"]
    activity = plan["activity"][0]["detail"]
    assert _follow(world, _extension(activity, "insats"))["id"] == order["id"]
    part = _follow(world, activity["goal"][0])
    assert _follow(world, _extension(part, "part-of-goal"))["id"] == goal["id"]

    (follow_up,) = [o for o in _all(world, "Observation") if "hasMember" in o]
    result = _follow(world, follow_up["hasMember"][0])
    assert _follow(world, result["focus"][0])["id"] == goal["id"]
    assert order["id"] in {_follow(world, each)["id"] for each in result["basedOn"]}


def test_a_refusal_leads_back_to_its_application_and_is_no_order(world: World) -> None:
    world.post(CLIENT, "/ingest/xml_export", EXPORT.encode(), content_type="application/xml")
    (refusal,) = [t for t in _all(world, "Task") if t["intent"] == "proposal"]
    assert refusal["status"] == "rejected"
    assert _follow(world, refusal["focus"])["intent"] == "proposal"
    assert "escort" not in str(_all(world, "ServiceRequest"))
