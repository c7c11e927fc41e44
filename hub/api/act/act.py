"""An act about a person's answers, blocks or relations: judged and written in one transaction.

Source: DESIGN P2, P4, §4. The act is judged once so that it can be logged before anything is
written (P2), and again inside the transaction that writes, behind the person's counter: no fact
can change between what was judged and what is written. Should it have changed since the record was
made, the second judgement decides, and a second record says so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from sqlalchemy import Connection

from consent.facts import Capacity, Operation, Sparr, Target
from consent.reader import STAFF
from consent.scope import scope
from hub.api.access import (
    about_person,
)
from hub.api.act.act_effects import changes, stopped
from hub.api.call import Answer, Call
from hub.api.log import of_each_number, record, write
from hub.api.weighed import Access
from hub.audit.record import Action, Outcome, new_id
from hub.errors import NotAllowed, NotFound, Unprocessable
from hub.running import Hub
from hub.store.counter import lock
from hub.store.facts import Fact, end_facts, linked, record_facts
from hub.store.schema.fact import PERSON_COUNTER

API = "api"
"""Where a fact came from that was registered over the API."""
LONGEST_ORIGIN = 64


@dataclass(frozen=True, slots=True)
class Change:
    """What an act comes to: facts that begin and end, how it is logged, and what is answered.

    `of` is the key that ended facts stand under; new ones stand under the one that was asked about
    unless they belong to what stands under another. `about`: further keys that it concerns. `also`
    writes what is no fact, or is about several keys, in the same transaction. What is `measured`
    answers with what it changes, and a new `block` with the past openings that it would have
    stopped.
    """

    query: str
    answer: Sequence[Mapping[str, Any]]
    facts: tuple[Fact, ...] = ()
    ended: tuple[str, ...] = ()
    of: str | None = None
    about: tuple[str, ...] = ()
    reason: str | None = None
    also: Callable[[Connection], None] | None = None
    origin: str = API
    measured: bool = False
    block: Sparr | None = None


Judge = Callable[[Connection, Access], Change]


def carried_out(hub: Hub, call: Call, person: str, action: Action, judge: Judge) -> Answer:
    """Return Parameters with what the act says, once it is done.

    Raises:
        NotAllowed, NotFound: as `judge` does; the attempt is logged.
        Unavailable: the act cannot be logged; then nothing is changed.
    """
    with hub.store.read() as connection:
        access, change = _judged(hub, connection, call, person, action, judge)
    # The record comes first: should the write then fail, the log says that it was tried (P2).
    permitted = [
        record(call, action, Outcome.PERMIT, access=each, query=change.query)
        for each in of_each_number(access, [*((change.of,) if change.of else ()), *change.about])
    ]
    if change.reason is not None:
        permitted = [replace(each, reason=change.reason) for each in permitted]
    write(hub.log, *permitted)
    denied: list[Access] = []
    try:
        with hub.store.write() as connection:
            lock(connection, PERSON_COUNTER, linked(connection, [person]))
            now = about_person(hub, connection, call, person)
            denied.append(now)
            change = judge(connection, now)
            _apply(connection, person, change, call)
            told = [
                *change.answer,
                *(changes(connection, now, call.caller) if change.measured else ()),
            ]
    except (NotAllowed, NotFound, Unprocessable) as error:
        # also of what has been answered meanwhile: the record before says that it was done
        said = record(call, action, Outcome.DENY, access=denied[-1] if denied else access)
        said = replace(said, query=change.query, refusal=error.code)
        write(hub.log, *(replace(said, id=new_id(), person=each.person) for each in permitted))
        raise
    if change.block is not None:  # of the past: nobody has to wait for it
        with hub.store.read() as connection:
            told += stopped(connection, now, change.block)
    return answer(*told)


def _judged(
    hub: Hub, connection: Connection, call: Call, person: str, action: Action, judge: Judge
) -> tuple[Access, Change]:
    access = about_person(hub, connection, call, person)
    try:
        return access, judge(connection, access)
    except (NotAllowed, NotFound):
        write(hub.log, record(call, action, Outcome.DENY, access=access))
        raise


def _apply(connection: Connection, person: str, change: Change, call: Call) -> None:
    key = change.of or person
    if change.ended:
        end_facts(connection, key, change.ended, call.at, change.origin)
    if change.facts:
        record_facts(connection, key, change.facts, call.at, change.origin)
    if change.also is not None:
        change.also(connection)


def maker(call: Call, access: Access) -> str:
    """Return where a fact came from: the person over the API, or who wrote it down for them."""
    if access.request.reader.as_ is Capacity.INDIVIDUAL:
        return API
    return f"{API}:{call.caller.user}"[:LONGEST_ORIGIN]


def answer(*parameters: Mapping[str, Any]) -> Answer:
    """Return Parameters as an answer."""
    return Answer(
        200, msgspec.json.encode({"resourceType": "Parameters", "parameter": list(parameters)})
    )


def allowed(access: Access, operation: Operation, target: Target) -> bool:
    """Tell whether the law lets the caller do this.

    Staff who ask write down what the person has said; whether they may is the law's to say.
    """
    conveyed = access.request.reader.as_ in STAFF
    request = replace(
        access.request, op=operation, target=replace(target, conveyed=conveyed), relevance=True
    )
    return not scope(access.situation.amid(request=request)).empty
