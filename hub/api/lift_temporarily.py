"""$lift-block-temporarily: the blocking organisation's officer lets somebody past for a while.

Source: PDL 4:5 (an inner block: by consent, or for care that is absolutely needed), SVOD 3:5 (a
block towards others, asked for in an emergency). The law's own step for lifting decides; the block
stands again by itself when the time has run out, and for everybody else it never fell.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from consent.facts import Capacity, Emergency, Lift, LiftGround, Operation, Sparr, Target
from consent.period import Period
from consent.scope import scope
from consent.situation import Situation
from hub.api.access import Access, about_person
from hub.api.block import API, answer
from hub.api.call import Answer, Call, resource_in
from hub.api.lift import block_of
from hub.api.log import record, write
from hub.api.open_parameters import Reading, emergency_in
from hub.audit.record import Action, Outcome
from hub.errors import NotAllowed, NotFound, Unprocessable
from hub.running import Hub
from hub.store.facts import Fact, record_facts

AT = "Parameters.parameter"
LONGEST = timedelta(days=7)
"""As long as a lift lasts at most; after it the officer decides anew."""


@dataclass(frozen=True, slots=True)
class _Asked:
    block: str
    ground: LiftGround
    until: datetime
    organisation: str | None
    unit: str | None
    user: str | None
    reason: str
    emergency: Emergency


def lift_temporarily(hub: Hub, call: Call, _kind: str, person: str) -> Answer:
    """Return Parameters with the id of the lift.

    Raises:
        Unprocessable: a parameter is not understood, or the lift would last too long.
        NotFound: there is no such block, or it is another organisation's.
        NotAllowed: the law does not let the caller lift it on this ground.
        Unavailable: the act cannot be logged; then nothing is lifted.
    """
    asked = _read(call)
    with hub.store.read() as connection:
        access = about_person(hub, connection, call, person)
        found = block_of(connection, access.persons, asked.block)
    if found is None or access.request.reader.organisation != found[1].owner:
        write(hub.log, record(call, Action.LIFT, Outcome.DENY, access=access))
        raise NotFound
    fact, block = found
    _may(hub, call, access, asked, block)
    lift = Lift(
        block.id,
        asked.ground,
        asked.organisation or block.owner,
        asked.unit,
        asked.user,
        Period(call.at, asked.until),
    )
    name = f"lift-{uuid4().hex}"
    query = f"Patient/{person}/$lift-block-temporarily {name} {block.id} {lift.organisation}"
    # The record comes first: should the write then fail, the log says that it was tried (P2).
    permitted = record(call, Action.LIFT, Outcome.PERMIT, access=access, query=query)
    write(hub.log, replace(permitted, reason=asked.reason))
    with hub.store.write() as connection:
        record_facts(connection, fact.person, [Fact(name, lift)], call.at, API)
    return answer({"name": "lift", "valueString": name})


def _may(hub: Hub, call: Call, access: Access, asked: _Asked, block: Sparr) -> None:
    """The law's step for lifting, with the ground that the officer states."""
    consented = asked.ground is LiftGround.CONSENT
    emergency = replace(asked.emergency, consent_obtainable=consented)
    request = replace(
        access.request,
        op=Operation.LIFT,
        target=Target(block.owner, block.kind),
        relevance=True,
        emergency=emergency,
    )
    officer = access.request.reader.as_ is Capacity.OFFICER
    if officer and not scope(Situation(access.situation.facts, request)).empty:
        return
    write(hub.log, record(call, Action.LIFT, Outcome.DENY, access=access))
    raise NotAllowed(
        "a block is lifted for a while by the blocking organisation's officer alone: with the"
        " person's consent, or for care that is absolutely needed while consent cannot be obtained",
        code="not-for-the-officer",
    )


def _read(call: Call) -> _Asked:
    top = Reading.of(resource_in(call, "Parameters"))
    block, reason, until = top.text("block"), top.text("reason"), top.instant("until")
    ground = top.code("ground", LiftGround, None)
    organisation, unit, user = top.text("organisation"), top.text("unit"), top.text("user")
    emergency, wrong = emergency_in(top)
    if until is not None and not call.at < until <= call.at + LONGEST:
        top.fail(AT, f"until lies ahead, and at most {LONGEST.days} days")
    if block is None or reason is None or until is None or ground is None:
        top.fail(AT, "block, ground, until and reason are needed")
    places = [*top.finish(), *wrong]
    if places or block is None or reason is None or until is None or ground is None:
        raise Unprocessable("some parameters are not understood", places=places)
    return _Asked(block, ground, until, organisation, unit, user, reason, emergency)
