"""An access that a reviewer puts on the worklist, and why: extra checks on suspicion.

Source: HSLF-FS 2016:40 4 kap. (checks on suspicion beside those that recur; checks are documented).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

from hub.api.call import Call
from hub.api.log import record, write
from hub.audit.record import AccessRecord, Action, Outcome
from hub.errors import BadRequest, Conflict, NotAllowed
from hub.review.listing import item_row, list_item
from hub.review.signals import BY_HAND
from hub.running import Hub
from hub.store.counter import insert_once
from hub.store.instant import at_micros, micros
from hub.store.schema.review import REVIEW_ADDITION, REVIEW_ITEM

LONGEST = 2000
ON_THE_LIST = "the access is on the worklist already"


@dataclass(frozen=True, slots=True)
class Addition:
    """Who put an access on the worklist, when and why."""

    reviewer: str
    at: datetime
    why: str


def add(hub: Hub, call: Call, access: AccessRecord, why: str) -> None:
    """Put an access on the worklist of the reviewer's organisation, and log that.

    Raises:
        NotAllowed: another organisation's staff, or the person, made the access.
        BadRequest: there is no reason, or one that is too long.
        Conflict: it is on the list already.
        Unavailable: the act cannot be logged.
    """
    own = call.caller.organisation or ""
    if access.organisation != own:
        raise NotAllowed("an organisation judges what its own staff did", code="not-own-review")
    if not why or len(why) > LONGEST:
        raise BadRequest("whoever puts an access on the worklist says why", code="reason-needed")
    with hub.store.read() as connection:
        if access.id in on_list(connection, own, (access.id,)):
            raise Conflict(ON_THE_LIST)
    query = f"review-add {access.id}"
    act = record(call, Action.ADMINISTER, Outcome.PERMIT, person=access.person, query=query)
    write(hub.log, replace(act, reason=why))
    row = item_row(access, (BY_HAND.code,))
    said = {name: row[name] for name in ("person", "record", "organisation")}
    said |= {"reviewer": call.caller.user, "at": micros(call.at), "why": why}
    with hub.store.write() as connection:
        made = insert_once(connection, REVIEW_ADDITION, said).returning(REVIEW_ADDITION.c.record)
        if connection.scalar(made) is None:
            raise Conflict(ON_THE_LIST)
        list_item(connection, row)


def on_list(connection: Connection, organisation: str, numbers: Iterable[str]) -> frozenset[str]:
    """Return which records are on the organisation's worklist."""
    table = REVIEW_ITEM.c
    query = select(table.record).where(
        table.record.in_(sorted(numbers)), table.organisation == organisation
    )
    return frozenset(connection.scalars(query))


def addition_of(connection: Connection, organisation: str, number: str) -> Addition | None:
    """Return who put an access on the worklist, if somebody did."""
    table = REVIEW_ADDITION.c
    mine = table.record == number, table.organisation == organisation
    person = select(REVIEW_ITEM.c.person).where(
        REVIEW_ITEM.c.record == number, REVIEW_ITEM.c.organisation == organisation
    )
    row = connection.execute(
        select(table.reviewer, table.at, table.why).where(table.person.in_(person), *mine)
    ).first()
    return None if row is None else Addition(row.reviewer, at_micros(row.at), row.why)
