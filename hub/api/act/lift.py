"""$lift-block: the person asks for it, and a block is lifted for good.

Source: SVOD 2:3 third paragraph; PDL 4:5. A block that is not the caller's to lift is answered as
one that is not there.
"""

from collections.abc import Mapping, Sequence
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
        found = block_of(connection, access.persons, name)
        if found is None or not _may_know(access, found[1]):
            raise NotFound
        fact, block = found
        require(access, Operation.LIFT, Target(block.owner, block.kind))
        query = f"Patient/{person}/$lift-block {name} {block.kind} {block.owner}"
        lifted = [{"name": "block", "valueString": name}]
        return Change(query, lifted, ended=(fact.id,), of=fact.person, measured=True)

    return carried_out(hub, call, person, Action.LIFT, judge)


def block_of(
    connection: Connection, persons: Sequence[str], name: str
) -> tuple[KnownFact, Sparr] | None:
    """Return the block of that id as it is known, None where there is none."""
    for each in known_of(connection, persons).entries:
        if isinstance(each.content, Sparr) and each.content.id == name:
            return each, each.content
    return None


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
