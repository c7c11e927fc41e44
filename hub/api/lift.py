"""$lift-block: the person asks for it, and a block is lifted for good.

Source: SVOD 2:3 third paragraph; PDL 4:5. A block that is not the caller's to lift is answered as
one that is not there.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from consent.facts import Capacity, Operation, Sparr, Target
from hub.api.access import Access, about_person
from hub.api.block import API, answer, may
from hub.api.call import Answer, Call, resource_in
from hub.api.log import record, write
from hub.api.open_parameters import Reading
from hub.audit.record import Action, Outcome
from hub.errors import NotFound
from hub.running import Hub
from hub.store.facts import KnownFact, end_facts, known_of


def lift_block(hub: Hub, call: Call, _kind: str, person: str) -> Answer:
    """Return Parameters with the id of the block that stands no more.

    Raises:
        Unprocessable: a parameter is not understood.
        NotFound: there is no such block, or it is another organisation's.
        NotAllowed: the law does not let the caller lift it.
        Unavailable: the act cannot be logged; then nothing is lifted.
    """
    name = _read(resource_in(call, "Parameters"))
    with hub.store.read() as connection:
        access = about_person(hub, connection, call, person)
        found = block_of(connection, access.persons, name)
    if found is None or not _may_know(access, found[1]):
        write(hub.log, record(call, Action.LIFT, Outcome.DENY, access=access))
        raise NotFound
    fact, block = found
    may(call, access, Operation.LIFT, Target(block.owner, block.kind), Action.LIFT, hub)
    query = f"Patient/{person}/$lift-block {name} {block.kind} {block.owner}"
    # The record comes first: should the write then fail, the log says that it was tried (P2).
    write(hub.log, record(call, Action.LIFT, Outcome.PERMIT, access=access, query=query))
    with hub.store.write() as connection:
        end_facts(connection, fact.person, [fact.id], call.at, API)
    return answer({"name": "block", "valueString": name})


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
