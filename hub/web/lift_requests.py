"""The duty officer's pages: requests to lift a block, one of them, and the answer to it.

Source: SVOD 3:5, PDL 4:5. The officer decides for the blocking vårdgivare and reads no record: what
is blocked is not shown here either. The pages do what the API does (hub/api/act), with the same
checks and in the same log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from consent.facts import Danger, InfoType, ProtectedIdentity, Sparr
from consent.period import STOCKHOLM
from consent.sparr import in_force
from hub.api.access import about_person
from hub.api.act.answer_lift_request import Decision, answer_lift_request, is_officer_of
from hub.api.act.lift_task import log_shown
from hub.api.act.lift_temporarily import LONGEST
from hub.api.call import FHIR_JSON, need
from hub.auth.scopes import Interaction
from hub.errors import HubError, NotAllowed, NotFound, Unprocessable
from hub.store.facts import linked
from hub.store.identity import identities_of
from hub.store.lift_alerts import alerts
from hub.store.lift_requests import LiftRequest, LiftState, request_of, requests_of
from hub.web.swedish import INFO_TYPES
from hub.web.visit import ROOT, Goto, Page, Shown, Visit

TITLE = "Hävningar"
SOCIAL = frozenset(
    {
        InfoType.DECISION,
        InfoType.IMPLEMENTATION_PLAN,
        InfoType.SOCIAL_JOURNAL,
        InfoType.ASSESSMENT,
    }
)
"""Types of an omsorgsgivare's, of whom nothing is asked (3:5)."""
HOURS = (1, 4, 12, 24, 72, 168)
USUAL_HOURS = 24
STATES: Mapping[LiftState, str] = {
    LiftState.ASKED: "väntar på svar",
    LiftState.GRANTED: "hävd",
    LiftState.IN_PART: "hävd i en del",
    LiftState.REFUSED: "inte hävd",
    LiftState.LAPSED: "ingen svarade i tid",
}
DANGERS: Mapping[Danger, str] = {
    Danger.LIFE: "fara för patientens liv",
    Danger.SERIOUS_HEALTH: "allvarlig risk för patientens hälsa",
    Danger.NONE: "ingen fara angiven",
}
DECISIONS: Mapping[Decision, str] = {
    Decision.GRANT: "Häv spärren",
    Decision.PART: "Häv en del av den",
    Decision.REFUSE: "Häv inte",
}
WRONG = {
    "request-answered": "Begäran är redan besvarad, eller så har tiden gått ut. Inget har ändrats.",
    "not-for-the-officer": (
        "Lagen tillåter inte att spärren hävs på det här underlaget. Svara att den inte hävs."
    ),
    "block": "Ingen sådan spärr finns längre. Svara att den inte hävs.",
}
INCOMPLETE = (
    "Välj ett beslut och skriv varför. Häver du en del: kryssa vilka enheter, typer eller spärrar"
    " det gäller. Annars: inga kryss. Ingenting har ändrats."
)


def listed(visit: Visit) -> Shown:
    """Return the requests to the visitor's organisation; those that wait for an answer first."""
    need(visit.call, "Task", Interaction.SEARCH)
    organisation = visit.call.caller.organisation or ""
    with visit.hub.store.read() as connection:
        found = [each for _, each in requests_of(connection, organisation)]
        unsent = [each for each in alerts(connection, organisation) if each.attempts]
    mine = [each for each in found if each.owner == organisation]
    log_shown(visit.hub, visit.call, [each.id for each in mine], None)
    waiting = [each for each in mine if each.standing(visit.call.at) is LiftState.ASKED]
    waiting.sort(key=lambda each: (not _addressed(visit, each), each.asked))
    context = {
        "waiting": waiting,
        "answered": [each for each in mine if each not in waiting],
        "states": {each.id: STATES[each.standing(visit.call.at)] for each in mine},
        "mine": {each.id for each in waiting if _addressed(visit, each)},
        "unsent": unsent,
        **_clock(visit),
    }
    return Page("lift_requests.html", "Begäran att häva spärr", context)


def one(visit: Visit, number: str, wrong: str = "") -> Shown:
    """Return one request, and the form to answer it with while it waits."""
    need(visit.call, "Task", Interaction.READ)
    with visit.hub.store.read() as connection:
        found = request_of(connection, number)
        if found is None or not is_officer_of(visit.call, found[1].owner):
            log_shown(visit.hub, visit.call, [], None)
            raise NotFound
        person, request = found
        people = identities_of(connection, linked(connection, [person]))
        access = about_person(visit.hub, connection, visit.call, person)
    shielded = access.situation.facts.person.protected_identity is not ProtectedIdentity.NONE
    log_shown(visit.hub, visit.call, [number], person, shielded=shielded)
    standing = [
        each for each in in_force(access.situation, request.kind) if each.owner == request.owner
    ]
    entry = visit.known.entries.get(request.owner)
    state = request.standing(visit.call.at)
    context = {
        "request": request,
        "state": STATES[state],
        "waits": state is LiftState.ASKED,
        "people": people,
        "shielded": shielded,
        "danger": DANGERS[request.emergency.danger],
        "asked_now": _asked_now(visit, request),
        "blocks": [(each.id, _described(visit, each)) for each in standing],
        "units": [(unit.id, unit.name) for unit in (entry.units if entry else ())],
        "types": [(each.value, INFO_TYPES[each.value]) for each in InfoType if each not in SOCIAL],
        "hours": [each for each in HOURS if timedelta(hours=each) <= LONGEST],
        "usual_hours": _usual(request, visit.call.at),
        "decisions": DECISIONS,
        "wrong": wrong,
        "given": _given(visit),
        **_clock(visit),
    }
    return Page(
        "lift_request.html", "Begäran att häva spärr", context, status=400 if wrong else 200
    )


def answered(visit: Visit, number: str) -> Shown:
    """Carry out the officer's answer, and lead back to the request."""
    need(visit.call, "Task", Interaction.UPDATE)
    body = {"resourceType": "Parameters", "parameter": _parameters(visit)}
    call = replace(visit.call, body=msgspec.json.encode(body), content_type=FHIR_JSON)
    try:
        answer_lift_request(visit.hub, call, "Task", number)
    except (Unprocessable, NotAllowed) as error:
        return one(visit, number, _why(error))
    return Goto(f"{ROOT}/havningar/{number}")


def _why(error: HubError) -> str:
    return WRONG.get(error.places[0].code, INCOMPLETE)


def _parameters(visit: Visit) -> list[dict[str, Any]]:
    """What the form says, as the operation's parameters; what is wrong with it that one says."""
    decision, hours = visit.value("beslut"), visit.value("timmar")
    found: list[dict[str, Any]] = [
        {"name": "decision", "valueCode": decision},
        {"name": "reason", "valueString": visit.value("skal")},
        {"name": "personal", "valueBoolean": visit.value("personlig") == "ja"},
    ]
    if decision != Decision.REFUSE and hours in {str(each) for each in HOURS}:
        until = visit.call.at + timedelta(hours=int(hours))
        found.append({"name": "until", "valueInstant": until.isoformat()})
    # also where the decision is no lift in part: who has ticked something is asked what is meant
    for field, name in (("sparr", "block"), ("enhet", "unit"), ("typ", "type")):
        value = "valueCode" if name == "type" else "valueString"
        found += [{"name": name, value: each} for each in visit.call.values(field)]
    return found


def _given(visit: Visit) -> dict[str, Sequence[str]]:
    """What was filled in, for a form that is shown again."""
    return {name: visit.call.values(name) for name, _ in visit.call.parameters}


def _usual(request: LiftRequest, now: datetime) -> int:
    """The shortest choice that reaches as long as the asker wishes."""
    if request.wanted_until is None:
        return USUAL_HOURS
    wanted = request.wanted_until - now
    return next((each for each in HOURS if timedelta(hours=each) >= wanted), HOURS[-1])


def _addressed(visit: Visit, request: LiftRequest) -> bool:
    return not request.addressed or visit.call.caller.user in request.addressed


def _asked_now(visit: Visit, request: LiftRequest) -> str:
    """Who is asked for an answer now: by name where the organisations file has one."""
    if not request.addressed:
        return "alla som får häva"
    names = []
    for each in request.addressed:
        member = visit.known.staff.get((request.owner, each))
        names.append("dig" if each == visit.call.caller.user else (member and member.name) or each)
    return ", ".join(names)


def _described(visit: Visit, block: Sparr) -> str:
    """A block in words, without anything of what it covers."""
    place = visit.names.of(None, block.unit) if block.unit else "allt hos er"
    process = f", process {block.process}" if block.process else ""
    since = f", satt {block.set_at.astimezone(STOCKHOLM):%Y-%m-%d}" if block.set_at else ""
    return f"Spärr på {place}{process}{since}"


def _clock(visit: Visit) -> dict[str, object]:
    return {"seconds": int(visit.call.at.timestamp())}
