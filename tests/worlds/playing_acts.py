"""What a reader may ask of answers, blocks, relations, assessments and requests to lift (P3).

By name and by guess: what only one of the worlds holds is asked about in both. Acts that change
what the law shows are not carried out; those that are come last.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from consent.facts import Samtycke, Sparr
from hub.api.consent.standing import consent_id
from hub.store.facts import Fact, identified
from tests.worlds.hub_world import NAMND, REGION_SYSTEM, UNCONSCIOUS, Json, stated

if TYPE_CHECKING:
    from tests.worlds.player import Player

CONSENT = "/fhir/Consent"


def look_at_consents(player: "Player", session: str | None) -> None:
    """What is read of answers and blocks: each way without a session, the main ones within it."""
    patient = ("patient", player.person)
    player.get(f"/fhir/Patient/{player.person}/$consents", session=session)
    player.get(CONSENT, patient, session=session)
    for number in _numbers(player):
        player.get(f"{CONSENT}/{number}", session=session)
    if session is not None:
        return
    player.get(f"/fhir/Patient/{player.person}/$notices")
    player.get(f"/fhir/Patient/{player.person}/Consent")
    for given in (
        (("status", "active"),),
        (("status:not", "active"),),
        (("date", "ge2020"), ("_count", "1")),
        (("organization", NAMND),),
        (("period", "ap2026"), ("_sort", "-date")),
        (("_summary", "count"),),
        (("date", "yesterday"),),
    ):
        player.get(CONSENT, patient, *given)
    for number in _numbers(player):
        for tail in ("_history", "_history/1"):
            player.get(f"{CONSENT}/{number}/{tail}")
    player.get("/fhir/Task", ("code", "lift-request"))


def act(player: "Player") -> None:
    """Acts on what is not the reader's, and on nothing; what changes anything comes last."""
    for each in (*_facts(player), Fact("nothing", None)):  # type: ignore[arg-type]  # by guess
        name = each.content.id if isinstance(each.content, Sparr) else each.id
        for operation, given in (
            ("lift-block", stated(block=name)),
            ("void-block", stated(block=name, reason="fel")),
            ("end-lift", stated(lift=name, reason="fel")),
            ("withdraw-consent", stated(consent=name)),
            ("end-relation", stated(relation=name)),
            ("end-assessment", stated(assessment=name, reason="fel")),
        ):
            if each.id in ("nothing", *_hidden(player)):
                player.post(f"/fhir/Patient/{player.person}/${operation}", _parameters(given))
    for number in (*_hidden_numbers(player), f"{player.person}.{'a' * 24}"):
        body = {"resourceType": "Consent", "id": number, "status": "inactive"}
        player.put(f"{CONSENT}/{number}", body)
    nothing = "lift-request-nothing"
    for path in (f"/fhir/Task/{nothing}", f"/fhir/Task/{nothing}/$answer-lift-request"):
        said = [*stated(reason="x"), {"name": "decision", "valueCode": "refuse"}]
        player.post(path, _parameters(said))
    asked = stated(organisation=NAMND, reason="larm", emergency=UNCONSCIOUS)
    player.post(f"/fhir/Patient/{player.person}/$request-lift", _parameters(asked))
    relation = [
        *stated(source="x"),
        {"name": "state", "valueCode": "current"},
        {"name": "evidence", "valueCode": "contact"},
    ]
    path = f"/fhir/Patient/{player.person}/$register-relation"
    player.post(path, _parameters(relation))
    player.post(path, _parameters(relation), REGION_SYSTEM)
    assessment = [*stated(reason="x", clarified=True), {"name": "kind", "valueCode": "attitude"}]
    player.post(f"/fhir/Patient/{player.person}/$register-assessment", _parameters(assessment))


def _parameters(given: list[Json]) -> Json:
    return {"resourceType": "Parameters", "parameter": given}


def _facts(player: "Player") -> Iterator[Fact]:
    return iter(identified(player.case.more.facts))


def _hidden(player: "Player") -> set[str]:
    """The ids of facts that only one of the worlds has."""
    there = {each.id for each in identified(player.case.less.facts)}
    return {each.id for each in _facts(player)} - there


def _numbers(player: "Player") -> list[str]:
    """The ids of the Consents that the fuller world has, and of none."""
    found = [
        consent_id(player.world.hub, player.person, each.id)
        for each in _facts(player)
        if isinstance(each.content, Samtycke | Sparr)
    ]
    return [*found, f"{player.person}.{'a' * 24}", "nothing"]


def _hidden_numbers(player: "Player") -> list[str]:
    hidden = _hidden(player)
    return [
        consent_id(player.world.hub, player.person, each.id)
        for each in _facts(player)
        if each.id in hidden
    ]
