"""$register-block: the person opposes, and a block is set at once.

Source: SVOD 2:3; PDL 4:4; SoLPuL 6. The person acts themself, or staff of the organisation that
holds the information write down what the person says; no reason is asked for. Whether anybody may
is what the law's steps for blocking come to: a guardian may not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection

from consent.facts import BlockKind, InfoType, Kind, Operation, Sparr, Target
from consent.period import Period, period
from hub.api.act.act import Change, allowed, carried_out, maker
from hub.api.call import Answer, Call, resource_in
from hub.api.opening.open_parameters import Reading
from hub.api.weighed import Access
from hub.audit.record import Action
from hub.errors import NotAllowed, Unprocessable
from hub.running import Hub
from hub.store.directory import Directory, directory
from hub.store.facts import Fact


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
    owner = asked.owner or call.caller.organisation or ""
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

    def judge(connection: Connection, access: Access) -> Change:
        _check(directory(connection), asked, owner)
        require(access, Operation.BLOCK, Target(owner, asked.kind))
        query = f"Patient/{person}/$register-block {block.id} {block.kind} {owner}"
        registered = [{"name": "block", "valueString": block.id}]
        facts = (Fact(block.id, block),)
        return Change(
            query, registered, facts, origin=maker(call, access), measured=True, block=block
        )

    return carried_out(hub, call, person, Action.BLOCK, judge)


def require(access: Access, operation: Operation, target: Target) -> None:
    """Return if the law lets the person do this, or the caller write down that they did.

    Raises:
        NotAllowed: it does not.
    """
    if not allowed(access, operation, target):
        raise NotAllowed(
            "only the person can do this, or staff of the blocking organisation who take part in"
            " the care, on the word of a person who is able to take a stand",
            code="not-for-the-person",
        )


def _check(known: Directory, asked: Asked, owner: str) -> None:
    entry = known.entries.get(owner)
    if entry is None:
        raise Unprocessable(
            "owner takes the id of an organisation that the hub knows",
            code="unknown-organisation",
            expression="Parameters.parameter.where(name = 'owner')",
        )
    units = {unit.id for unit in entry.units}
    if asked.unit is not None and units and asked.unit not in units:
        raise Unprocessable(
            "unit takes the id of a unit of the organisation that is to block",
            code="unknown-unit",
            expression="Parameters.parameter.where(name = 'unit')",
        )
    if asked.kind is BlockKind.INNER and Kind.VARDGIVARE not in entry.kind:
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
