"""$register-block: the person opposes, and a block is set at once.

Source: SVOD 2:3; PDL 4:4; SoLPuL 6. The person acts themself, or staff of the organisation that
holds the information write down what the person says; no reason is asked for. Whether anybody may
is what the law's steps for blocking come to: a guardian may not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import msgspec

from consent.facts import (
    BlockKind,
    Capacity,
    InfoType,
    Kind,
    Operation,
    Sparr,
    Target,
)
from consent.period import Period, period
from consent.scope import scope
from consent.situation import Situation
from hub.api.access import Access, about_person
from hub.api.call import Answer, Call, resource_in
from hub.api.log import record, write
from hub.api.open_parameters import Reading
from hub.audit.record import Action, Outcome
from hub.errors import NotAllowed, Unprocessable
from hub.running import Hub
from hub.store.facts import Fact, record_facts

API = "api"
"""Where a fact came from that was registered over the API."""
STAFF = frozenset({Capacity.VARDPERSONAL, Capacity.OMSORGSPERSONAL})


@dataclass(frozen=True, slots=True)
class Asked:
    """A block as it is asked for."""

    kind: BlockKind
    owner: str | None
    unit: str | None
    process: str | None
    information: Period
    excluded_types: frozenset[InfoType]


def register_block(hub: Hub, call: Call, _kind: str, person: str) -> Answer:
    """Return Parameters with the new block's id.

    Raises:
        Unprocessable: a parameter is not understood, or the block could cover nothing.
        NotAllowed: the law does not let the caller block here.
        Unavailable: the act cannot be logged; then nothing is set.
    """
    asked = _read(resource_in(call, "Parameters"))
    with hub.store.read() as connection:
        access = about_person(hub, connection, call, person)
    owner = asked.owner or call.caller.organisation or ""
    _check(access, asked.kind, owner)
    may(call, access, Operation.BLOCK, Target(owner, asked.kind), Action.BLOCK, hub)
    block = Sparr(
        f"sparr-{uuid4().hex}",
        asked.kind,
        owner,
        asked.unit,
        asked.process,
        asked.information,
        asked.excluded_types,
        set_at=call.at,
    )
    query = f"Patient/{person}/$register-block {block.id} {block.kind} {owner}"
    # The record comes first: should the write then fail, the log says that it was tried (P2).
    write(hub.log, record(call, Action.BLOCK, Outcome.PERMIT, access=access, query=query))
    with hub.store.write() as connection:
        record_facts(connection, person, [Fact(block.id, block)], call.at, API)
    return answer({"name": "block", "valueString": block.id})


def answer(*parameters: Mapping[str, Any]) -> Answer:
    """Return Parameters as an answer."""
    return Answer(
        200, msgspec.json.encode({"resourceType": "Parameters", "parameter": list(parameters)})
    )


def may(
    call: Call, access: Access, operation: Operation, target: Target, action: Action, hub: Hub
) -> None:
    """Return if the law lets the person do this, and the caller may say it for them.

    Raises:
        NotAllowed: it does not; the attempt is logged.
    """
    reader = access.request.reader
    conveys = (
        reader.as_ in STAFF
        and reader.organisation == target.owner
        and reader.assignment_valid
        and reader.takes_part
    )
    if conveys:
        reader = replace(reader, as_=Capacity.INDIVIDUAL)
    request = replace(access.request, op=operation, target=target, reader=reader)
    if scope(Situation(access.situation.facts, request)).empty:
        write(hub.log, record(call, action, Outcome.DENY, access=access))
        raise NotAllowed(
            "only the person can do this, or staff of the blocking organisation who take part in"
            " the care, on the word of a person who is able to take a stand",
            code="not-for-the-person",
        )


def _check(access: Access, kind: BlockKind, owner: str) -> None:
    organisation = access.situation.organisation(owner)
    if organisation is None:
        raise Unprocessable(
            "owner takes the id of an organisation that the hub knows",
            code="unknown-organisation",
            expression="Parameters.parameter.where(name = 'owner')",
        )
    if kind is BlockKind.INNER and Kind.VARDGIVARE not in organisation.kind:
        raise Unprocessable(
            "an inner block stands inside a vårdgivare, and this organisation is none (PDL 4:4);"
            " register an outer one",
            code="inner-block-of-omsorgsgivare",
            expression="Parameters.parameter.where(name = 'kind')",
        )


def _read(resource: Mapping[str, Any]) -> Asked:
    top = Reading.of(resource)
    kind = top.code("kind", BlockKind, BlockKind.OUTER) or BlockKind.OUTER
    owner, unit, process = top.text("owner"), top.text("unit"), top.text("process")
    start, end = top.day("informationFrom"), top.day("informationTo")
    excluded = top.codes("excludedType", InfoType)
    if start and end and end < start:
        top.fail("Parameters.parameter", "informationTo is before informationFrom")
    if kind is BlockKind.OUTER and process:
        top.fail("Parameters.parameter", "process is for an inner block; leave it out")
    top.done()
    return Asked(kind, owner, unit, process, period(start, end), excluded)
