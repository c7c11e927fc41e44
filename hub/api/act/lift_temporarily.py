"""$lift-block-temporarily: the blocking organisation's officer lets somebody past for a while.

Source: PDL 4:5 (an inner block: by consent, or for care that is absolutely needed), SVOD 3:5 (a
block towards others, asked for in an emergency). The law's own step for lifting decides; the block
stands again by itself when the time has run out, and for everybody else it never fell.
"""

import os
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection

from consent.facts import Capacity, Emergency, Lift, LiftGround, Operation, Sparr, Target
from consent.period import Period
from consent.scope import scope
from hub.api.act.act import Change, carried_out
from hub.api.act.lift import block_of, name_under_its_key
from hub.api.call import Answer, Call, resource_in
from hub.api.opening.open_parameters import Reading, emergency_in
from hub.api.weighed import Access
from hub.audit.record import Action
from hub.errors import NotAllowed, NotFound, Unprocessable
from hub.lifting import notice
from hub.local_clock import days_later
from hub.running import Hub
from hub.store.directory import directory
from hub.store.facts import Fact
from hub.store.lift_requests import notify
from hub.store.lift_timer import Timer, set_timer

AT = "Parameters.parameter"
SETTING = "SAMVY_LONGEST_LIFT_DAYS"
MOST_DAYS = 30


def longest(written: str) -> timedelta:
    """Return as long as a lift lasts at most; after it the officer decides anew.

    Raises:
        ValueError: it is no whole number of days from 1 to 30.
    """
    if not (written.isascii() and written.isdecimal() and 1 <= int(written) <= MOST_DAYS):
        raise ValueError(f"{SETTING} is a whole number of days from 1 to {MOST_DAYS}; 7 is usual")
    return timedelta(days=int(written))


LONGEST = longest(os.environ.get(SETTING, "7"))


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
    name = f"lift-{uuid4().hex}"

    def judge(connection: Connection, access: Access) -> Change:
        found = block_of(connection, access, asked.block)
        if found is None or access.request.reader.organisation != found[1].owner:
            raise NotFound
        fact, block = found
        _require(access, asked, block)
        organisation = asked.organisation or block.owner
        lasts = Period(call.at, asked.until)
        stands = name_under_its_key(fact.person, block)
        lift = Lift(stands, asked.ground, organisation, asked.unit, asked.user, lasts)
        query = f"Patient/{person}/$lift-block-temporarily {name} {block.id} {organisation}"
        lifted = [{"name": "lift", "valueString": name}]
        told = notice.lifted(lift, block.owner, directory(connection).organisation_names)

        def tell(connection: Connection) -> None:
            whom = tuple(dict.fromkeys((person, fact.person)))
            notify(connection, whom, block.owner, told, call.at)
            set_timer(connection, Timer(fact.person, name), asked.until)

        return Change(
            query, lifted, (Fact(name, lift),), of=fact.person, reason=asked.reason, also=tell
        )

    return carried_out(hub, call, person, Action.LIFT, judge)


def _require(access: Access, asked: _Asked, block: Sparr) -> None:
    if may_lift(access, asked.ground, asked.emergency, block):
        return
    raise NotAllowed(
        "a block is lifted for a while by the blocking organisation's officer alone, for care that"
        " is absolutely needed while consent cannot be obtained: an outer one (SVOD 3:5) only while"
        " there is danger and the person cannot ask; an inner one (PDL 4:5) also with a registered"
        " consent of the person's",
        code="not-for-the-officer",
    )


def may_lift(access: Access, ground: LiftGround, emergency: Emergency, block: Sparr) -> bool:
    """Tell whether the law's step for lifting lets the caller lift a block on this ground."""
    consented = ground is LiftGround.CONSENT
    request = replace(
        access.request,
        op=Operation.LIFT,
        target=Target(block.owner, block.kind),
        relevance=True,
        emergency=replace(emergency, consent_obtainable=consented),
    )
    officer = access.request.reader.as_ is Capacity.OFFICER
    return officer and not scope(access.situation.amid(request=request)).empty


def _read(call: Call) -> _Asked:
    top = Reading.of(resource_in(call, "Parameters"))
    block, reason, until = top.text("block"), top.text("reason"), top.instant("until")
    ground = top.code("ground", LiftGround, None)
    organisation, unit, user = top.text("organisation"), top.text("unit"), top.text("user")
    emergency, wrong = emergency_in(top)
    if until is not None and not call.at < until <= days_later(call.at, LONGEST):
        top.fail(AT, f"until lies ahead, and at most {LONGEST.days} days")
    if block is None or reason is None or until is None or ground is None:
        top.fail(AT, "block, ground, until and reason are needed")
    places = [*top.finish(), *wrong]
    if places or block is None or reason is None or until is None or ground is None:
        raise Unprocessable("some parameters are not understood", places=places)
    return _Asked(block, ground, until, organisation, unit, user, reason, emergency)
