"""$answer-lift-request: the blocking vårdgivare's officer lifts wholly, in part, or not.

Source: SVOD 3:5 second paragraph; PDL 4:5. The law's own step for lifting decides for each block,
with the emergency that the asker stated and the officer takes as their own judgement. A lift is for
the asking unit, for a time, and ends by itself. The person is told what was done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import Connection

from consent.facts import Capacity, InfoType, Lift, LiftGround, Sparr
from consent.period import Period
from consent.sparr import in_force
from hub.api.act.act import API, Change, carried_out
from hub.api.act.lift import name_under_its_key
from hub.api.act.lift_temporarily import LONGEST, may_lift
from hub.api.call import Answer, Call, resource_in
from hub.api.opening.open_parameters import Reading
from hub.api.weighed import Access
from hub.audit.record import Action
from hub.errors import NotAllowed, NotFound, Unprocessable
from hub.lifting import notice
from hub.local_clock import days_later
from hub.running import Hub
from hub.store.directory import Directory, directory
from hub.store.facts import Fact, known_of, record_facts
from hub.store.lift_requests import LiftRequest, LiftState, change, notify, request_of

AT = "Parameters.parameter"


class Decision(StrEnum):
    """What the officer decides."""

    GRANT = "grant"
    PART = "part"
    REFUSE = "refuse"


STATES = {
    Decision.GRANT: LiftState.GRANTED,
    Decision.PART: LiftState.IN_PART,
    Decision.REFUSE: LiftState.REFUSED,
}


@dataclass(frozen=True, slots=True)
class _Decided:
    decision: Decision
    reason: str
    until: datetime | None
    blocks: frozenset[str]
    units: frozenset[str]
    types: frozenset[InfoType]
    personal: bool


def answer_lift_request(hub: Hub, call: Call, _kind: str, number: str) -> Answer:
    """Return Parameters: where the request stands, and the ids of the lifts.

    Raises:
        Unprocessable: a parameter is not understood, or the request has been answered.
        NotFound: there is no such request to the caller's organisation.
        NotAllowed: the law does not let the caller lift.
        Unavailable: the answer cannot be logged; then nothing is lifted.
    """
    decided = _read(call)
    names = f"lift-{uuid4().hex}"  # of all its lifts, however many, and whenever it is judged
    with hub.store.read() as connection:
        found = request_of(connection, number)
    if found is None or not is_officer_of(call, found[1].owner):
        raise NotFound
    person = found[0]

    def judge(connection: Connection, access: Access) -> Change:
        now = request_of(connection, number)
        if now is None:
            raise NotFound
        request = now[1]
        if request.standing(call.at) is not LiftState.ASKED:
            raise Unprocessable(
                "the request has been answered, or has lapsed; it is asked for anew if it has to",
                code="request-answered",
            )
        _check_units(directory(connection), request.owner, decided.units)
        blocks = _chosen(access, request, decided)
        lifts = _lifts(call, request, decided, blocks, names)
        stands = _standing(connection, access)
        about = tuple(dict.fromkeys((person, *(stands[each.block][0] for _, each in lifts))))
        after = replace(
            request,
            state=STATES[decided.decision],
            answered=call.at,
            answered_by=call.caller.user,
            answer_reason=decided.reason,
            until=decided.until,
            lifts=tuple(name for name, _ in lifts),
            about=about,
        )

        def write(connection: Connection) -> None:
            _record(connection, stands, lifts, call.at)
            change(connection, person, after)
            told = notice.answered(after, directory(connection).organisation_names)
            notify(connection, about, request.owner, told, call.at)

        said = [{"name": "state", "valueCode": after.state.value}]
        said += [{"name": "lift", "valueString": name} for name in after.lifts]
        query = f"Task/{number}/$answer-lift-request {after.state} {' '.join(after.lifts)}"
        return Change(query.strip(), said, reason=decided.reason, about=access.persons, also=write)

    return carried_out(hub, call, person, Action.LIFT, judge)


def is_officer_of(call: Call, organisation: str) -> bool:
    """Tell whether the caller is an officer in force of an organisation."""
    caller = call.caller
    officer = caller.capacity is Capacity.OFFICER and caller.in_force and caller.strong_auth
    return officer and caller.organisation == organisation


def _chosen(access: Access, request: LiftRequest, decided: _Decided) -> list[Sparr]:
    """The blocks that are to be lifted, each of which the law lets the officer lift."""
    if decided.decision is Decision.REFUSE:
        return []
    standing = [
        each for each in in_force(access.situation, request.kind) if each.owner == request.owner
    ]
    if decided.blocks:
        standing = [each for each in standing if each.id in decided.blocks]
        if {each.id for each in standing} != decided.blocks:
            raise Unprocessable(
                "block takes the id of a block of your organisation's", code="block"
            )
    if not standing:
        raise Unprocessable("no block stands any more; refuse the request", code="block")
    if all(may_lift(access, LiftGround.EMERGENCY, request.emergency, each) for each in standing):
        return standing
    raise NotAllowed(
        "a block is lifted on request for care that is absolutely needed, while there is danger and"
        " the patient can neither consent nor ask",
        code="not-for-the-officer",
    )


def _check_units(known: Directory, owner: str, units: frozenset[str]) -> None:
    entry = known.entries.get(owner)
    if units - {unit.id for unit in (entry.units if entry else ())}:
        raise Unprocessable(
            "unit takes the id of a unit of your organisation's", code="unknown-unit"
        )


def _lifts(
    call: Call,
    request: LiftRequest,
    decided: _Decided,
    blocks: Sequence[Sparr],
    names: str,
) -> list[tuple[str, Lift]]:
    period = Period(call.at, decided.until)
    user = request.user if decided.personal else None
    return [
        (
            f"{names}-{number}",
            Lift(
                each.id,
                LiftGround.EMERGENCY,
                request.organisation,
                request.unit,
                user,
                period,
                decided.units,
                decided.types,
            ),
        )
        for number, each in enumerate(blocks, 1)
    ]


def _standing(connection: Connection, access: Access) -> dict[str, tuple[str, str]]:
    """Return the key that each block stands under, and its name there."""
    return {
        each.content.id: (each.person, name_under_its_key(each.person, each.content))
        for each in known_of(connection, access.persons).entries
        if isinstance(each.content, Sparr)
    }


def _record(
    connection: Connection,
    stands: Mapping[str, tuple[str, str]],
    lifts: Sequence[tuple[str, Lift]],
    at: datetime,
) -> None:
    """Each lift stands under the key that its block stands under."""
    for name, lift in lifts:
        person, block = stands[lift.block]
        record_facts(connection, person, [Fact(name, replace(lift, block=block))], at, API)


def _read(call: Call) -> _Decided:
    top = Reading.of(resource_in(call, "Parameters"))
    decision, reason = top.code("decision", Decision, None), top.text("reason")
    until, blocks = top.instant("until"), top.texts("block")
    personal = top.flag("personal", default=False)
    lifts = decision in (Decision.GRANT, Decision.PART)
    if lifts and (until is None or not call.at < until <= days_later(call.at, LONGEST)):
        top.fail(AT, f"until is needed, lies ahead, and at most {LONGEST.days} days")
    units, types = top.texts("unit"), top.codes("type", InfoType)
    if (decision is Decision.PART) is not bool(blocks or units or types):
        top.fail(
            AT, "a lift in part, and no other, says of which block, unit or type, once for each"
        )
    if decision is None or reason is None:
        top.fail(AT, "decision and reason are needed")
    top.done()
    if decision is None or reason is None:
        raise Unprocessable("decision and reason are needed")
    until = until if lifts else None
    return _Decided(decision, reason, until, blocks, units, types, personal)
