"""$end-lift: a lift ends before its time, and the block stands again.

Source: SVOD 2:3, 3:5; PDL 4:4, 4:5. Whoever let somebody past a block looks after it: the blocking
organisation's officer ends a lift that is needed no more, or was given to the wrong one. The person
may block at any time, and so may end it too. To everybody else no lift is there (P3): staff who
write down what the person says register the block anew.
"""

from dataclasses import replace

from sqlalchemy import Connection

from consent.facts import Capacity, Lift, Operation, Sparr, Target
from hub.api.act.act import Change, carried_out
from hub.api.act.answer_lift_request import is_officer_of
from hub.api.act.block import require
from hub.api.call import Answer, Call, resource_in
from hub.api.opening.open_parameters import Reading
from hub.api.weighed import Access
from hub.audit.record import Action
from hub.errors import NotFound
from hub.lifting import notice
from hub.lifting.back import back
from hub.running import Hub
from hub.store.directory import directory
from hub.store.facts import KnownFact, known_of
from hub.store.lift_requests import change, notify, request_of, requests_of
from hub.store.lift_timer import Timer, set_timer

AT = "Parameters.parameter"


def end_lift(hub: Hub, call: Call, _kind: str, person: str) -> Answer:
    """Return Parameters with the id of the lift that has ended.

    Raises:
        Unprocessable: a parameter is not understood.
        NotFound: no such lift is in force, or its block is another organisation's.
        NotAllowed: the caller may not end it.
        Unavailable: the act cannot be logged; then nothing is changed.
    """
    top = Reading.of(resource_in(call, "Parameters"))
    name, reason = top.text("lift"), top.text("reason")
    if name is None or reason is None:
        top.fail(AT, "lift and reason are needed")
    top.done()

    def judge(connection: Connection, access: Access) -> Change:
        fact, lift, block = _found(connection, access, name or "", call)
        if access.request.reader.as_ is Capacity.INDIVIDUAL:  # a guardian may not
            require(access, Operation.BLOCK, Target(block.owner, block.kind))
        names = directory(connection).organisation_names
        stands = back(connection, [fact.person], [fact.id], call.at)
        told = notice.ended_early(lift, block.owner, names, stands)
        whom = tuple(dict.fromkeys((person, fact.person)))

        def tell(connection: Connection) -> None:
            set_timer(connection, Timer(fact.person, fact.id), None)
            _end_request(connection, access, block.owner, fact.id, call)
            notify(connection, whom, block.owner, told, call.at)

        return Change(
            f"Patient/{person}/$end-lift {name} {block.kind} {block.owner}",
            [{"name": "lift", "valueString": name}],
            ended=(fact.id,),
            of=fact.person,
            reason=reason,
            also=tell,
        )

    return carried_out(hub, call, person, Action.BLOCK, judge)


def _found(
    connection: Connection, access: Access, name: str, call: Call
) -> tuple[KnownFact, Lift, Sparr]:
    """Return a lift in force with the block that it opens, if the caller may end it."""
    known = known_of(connection, access.persons).entries
    blocks = {each.content.id: each.content for each in known if isinstance(each.content, Sparr)}
    for each in known:
        lift = each.content
        if each.id == name and isinstance(lift, Lift) and lift.period.holds(call.at):
            block = blocks.get(lift.block)
            if block is not None and _may_end(call, access, block):
                return each, lift, block
    raise NotFound


def _may_end(call: Call, access: Access, block: Sparr) -> bool:
    individual = access.request.reader.as_ is Capacity.INDIVIDUAL
    return individual or is_officer_of(call, block.owner)


def _end_request(connection: Connection, access: Access, owner: str, name: str, call: Call) -> None:
    """End the request that gave the lift, where it was the last of what that gave."""
    known = {each.id for each in known_of(connection, access.persons).entries} - {name}
    for person, each in requests_of(connection, owner, access.persons):
        found = request_of(connection, each.id) if name in each.lifts else None
        if found is not None and not known & {*found[1].lifts}:
            change(connection, person, replace(found[1], ended=call.at))
