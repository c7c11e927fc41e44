"""$void-block: a block that was registered by mistake is taken away, as if it had not been.

Source: SVOD 2:3, PDL 4:4. Only the person can have a block lifted; this corrects what staff wrote
down wrongly, such as another person's block. A block that the person set themself is never voided,
and the person is told.
"""

from sqlalchemy import Connection

from consent.mistake import Registered, may_void
from hub.api.act.act import API, Change, carried_out
from hub.api.act.lift import block_of
from hub.api.act.voided import VOIDED
from hub.api.call import Answer, Call, resource_in
from hub.api.opening.open_parameters import Reading
from hub.api.weighed import Access
from hub.audit.record import Action
from hub.errors import NotAllowed, NotFound
from hub.running import Hub
from hub.store.directory import directory
from hub.store.facts import KnownFact
from hub.store.lift_requests import notify

AT = "Parameters.parameter"


def void_block(hub: Hub, call: Call, _kind: str, person: str) -> Answer:
    """Return Parameters with the id of the block that never was.

    Raises:
        Unprocessable: a parameter is not understood.
        NotFound: there is no such block, or it is another organisation's.
        NotAllowed: the caller may not correct it.
        Unavailable: the act cannot be logged; then nothing is changed.
    """
    top = Reading.of(resource_in(call, "Parameters"))
    name, reason = top.text("block"), top.text("reason")
    if name is None or reason is None:
        top.fail(AT, "block and reason are needed")
    top.done()

    def judge(connection: Connection, access: Access) -> Change:
        found = block_of(connection, access, name or "")
        if found is None or access.request.reader.organisation != found[1].owner:
            raise NotFound
        fact, block = found
        if not may_void(access.situation, _registered(fact)):
            raise NotAllowed(
                "a mistaken block is taken away by the organisation's officer, or within a day by"
                " the one who wrote it down; what the person set themself the person lifts",
                code="not-to-void",
            )
        names = directory(connection).organisation_names
        told = tuple(dict.fromkeys((person, fact.person)))
        text = (
            f"{names.get(block.owner, block.owner)} har tagit bort en spärr som registrerats av"
            " misstag. Om du vill att dina uppgifter ska vara spärrade kan du spärra dem igen."
        )
        return Change(
            f"Patient/{person}/$void-block {name} {block.kind} {block.owner}",
            [{"name": "block", "valueString": name}],
            ended=(fact.id,),
            of=fact.person,
            reason=reason,
            origin=VOIDED,
            also=lambda connection: notify(connection, told, block.owner, text, call.at),
        )

    return carried_out(hub, call, person, Action.LIFT, judge)


def _registered(fact: KnownFact) -> Registered:
    """Who wrote it down: a file of the owner's, somebody of its staff, or the person."""
    by = None if fact.origin == API else fact.origin.removeprefix(f"{API}:")
    return Registered(by, fact.recorded)
