"""$lift-block: the person asks for it, and a block is lifted for good.

Source: SVOD 2:3 third paragraph; PDL 4:5. A block that is not the caller's to lift is answered as
one that is not there.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from consent.facts import Capacity, Operation, Sparr, Target
from hub.api.act.act import Change, carried_out
from hub.api.act.block import require
from hub.api.call import Answer, Call, resource_in
from hub.api.opening.open_parameters import Reading
from hub.api.weighed import Access
from hub.audit.record import Action
from hub.errors import NotFound
from hub.running import Hub
from hub.store.facts import KnownFact, known_of


def lift_block(hub: Hub, call: Call, _kind: str, person: str) -> Answer:
    """Return Parameters with the id of the block that stands no more.

    Raises:
        Unprocessable: a parameter is not understood.
        NotFound: there is no such block, or it is another organisation's.
        NotAllowed: the law does not let the caller lift it.
        Unavailable: the act cannot be logged; then nothing is lifted.
    """
    name = _read(resource_in(call, "Parameters"))

    def judge(connection: Connection, access: Access) -> Change:
        found = block_of(connection, access, name)
        if found is None:
            raise NotFound
        fact, block = found
        require(access, Operation.LIFT, Target(block.owner, block.kind))
        query = f"Patient/{person}/$lift-block {name} {block.kind} {block.owner}"
        lifted = [{"name": "block", "valueString": name}]
        return Change(query, lifted, ended=(fact.id,), of=fact.person, measured=True)

    return carried_out(hub, call, person, Action.LIFT, judge)


def block_of(connection: Connection, access: Access, name: str) -> tuple[KnownFact, Sparr] | None:
    """Return the block of that id, of those that the caller may know of; None where there is none.

    One that stands under another of the person's keys has the name too that it was registered by,
    unless two have.
    """
    known = [
        (each, each.content)
        for each in known_of(connection, access.persons).entries
        if isinstance(each.content, Sparr) and _may_know(access, each.content)
    ]
    named = [pair for pair in known if pair[1].id == name]
    named = named or [pair for pair in known if name_under_its_key(pair[0].person, pair[1]) == name]
    return named[0] if len(named) == 1 else None


def name_under_its_key(person: str, block: Sparr) -> str:
    """Return the name of a block under the key that it stands under, where its lifts know it."""
    return block.id.removeprefix(f"{person}/")


def _may_know(access: Access, block: Sparr) -> bool:
    """The person may know of every block; others of their own organisation's alone (P3)."""
    reader = access.request.reader
    return reader.as_ is Capacity.INDIVIDUAL or reader.organisation == block.owner


def _read(resource: Mapping[str, Any]) -> str:
    top = Reading.of(resource)
    name = top.text("block")
    if name is None:
        top.fail("Parameters.parameter", "block is needed: the id of the block")
    top.done()
    return name or ""
