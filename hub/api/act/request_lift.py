"""$request-lift: in an emergency the reader asks the vårdgivare that has blocked to lift.

Source: SVOD 3:5 (a block towards others), PDL 4:5 (an inner one). The reader cannot get past a
block alone. Whether the reader may ask is the law's to say; where they may not there is one answer,
whatever the reason: no block, nothing blocked, an omsorgsgivare, no emergency.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from consent.facts import BlockKind, Emergency, Operation, Target
from consent.scope import scope
from hub.api.act.act import Change, carried_out
from hub.api.act.lift_temporarily import LONGEST
from hub.api.call import Answer, Call, resource_in
from hub.api.opening.open_parameters import Reading, emergency_in
from hub.api.own_documents import new_id
from hub.api.weighed import Access
from hub.audit.record import Action
from hub.errors import NotAllowed, Unprocessable
from hub.lifting.duty import Turn, turn_from
from hub.local_clock import days_later
from hub.running import Hub
from hub.store.directory import directory
from hub.store.lift_requests import LiftRequest, LiftState, ask, requests_of
from hub.store.reading import count

AT = "Parameters.parameter"


@dataclass(frozen=True, slots=True)
class _Asked:
    organisation: str
    kind: BlockKind
    reason: str
    emergency: Emergency
    until: datetime | None


def request_lift(hub: Hub, call: Call, _kind: str, person: str) -> Answer:
    """Return Parameters: the request's id, which is that of its Task, and when it escalates.

    Raises:
        Unprocessable: a parameter is not understood.
        NotAllowed: the law does not let the caller ask this organisation.
        Unavailable: the request cannot be logged; then nothing is asked.
    """
    asked = _read(call)
    # Of letters, as all ids that stand in URLs: hexadecimal digits can look like a person number.
    new = f"lift-request-{new_id()}"

    def judge(connection: Connection, access: Access) -> Change:
        if not _may_ask(connection, access, asked):
            raise NotAllowed(
                "a lift is asked for by a vårdgivare's staff, for care that the patient absolutely"
                " needs, of a vårdgivare that has blocked, while there is danger and the patient"
                " cannot ask; $open says whether anybody has",
                code="lift-not-to-be-asked-for",
            )
        turn = turn_from(directory(connection), asked.organisation, 0, call.at)
        request = _request(call, access, asked, new, turn)
        before = _same(connection, access, request)
        stands = before or request
        waits_until = stands.escalates or stands.lapses
        told = [
            {"name": "request", "valueString": stands.id},
            {"name": "escalates", "valueInstant": waits_until.isoformat()},
        ]
        query = f"Patient/{person}/$request-lift {stands.id} {asked.organisation}"
        also = None if before else lambda connection: ask(connection, person, request)
        return Change(query, told, reason=asked.reason, about=access.persons, also=also)

    return carried_out(hub, call, person, Action.LIFT, judge)


def _may_ask(connection: Connection, access: Access, asked: _Asked) -> bool:
    request = replace(
        access.request,
        op=Operation.REQUEST_LIFT,
        target=Target(asked.organisation, asked.kind),
        relevance=True,
        emergency=asked.emergency,
    )
    may = scope(access.situation.amid(request=request))
    # A block that covers nothing shows no rung, and nobody is asked to lift it (P3).
    return count(connection, may, access.persons) > 0


def _request(call: Call, access: Access, asked: _Asked, new: str, turn: Turn) -> LiftRequest:
    reader = access.request.reader
    return LiftRequest(
        new,
        asked.organisation,
        asked.kind,
        reader.organisation or "",
        reader.unit,
        reader.user,
        access.request.purpose,
        asked.reason,
        asked.emergency,
        call.at,
        asked.until,
        level=turn.level,
        addressed=turn.officers,
        escalates=None if turn.within is None else call.at + turn.within,
    )


_ALIKE = ("owner", "kind", "organisation", "unit", "user")
"""What two requests have in common that ask for the same lift: it is for the asking unit."""


def _same(connection: Connection, access: Access, new: LiftRequest) -> LiftRequest | None:
    """The request that the same reader has made already, and nobody has answered."""
    for _, each in requests_of(connection, new.organisation, access.persons):
        alike = all(getattr(each, name) == getattr(new, name) for name in _ALIKE)
        if alike and each.standing(new.asked) is LiftState.ASKED:
            return each
    return None


def _read(call: Call) -> _Asked:
    top = Reading.of(resource_in(call, "Parameters"))
    organisation, reason, until = top.text("organisation"), top.text("reason"), top.instant("until")
    kind = top.code("kind", BlockKind, BlockKind.OUTER) or BlockKind.OUTER
    emergency, wrong = emergency_in(top)
    if until is not None and not call.at < until <= days_later(call.at, LONGEST):
        top.fail(AT, f"until lies ahead, and at most {LONGEST.days} days")
    if organisation is None or reason is None:
        top.fail(AT, "organisation and reason are needed")
    places = [*top.finish(), *wrong]
    if places or organisation is None or reason is None:
        raise Unprocessable("some parameters are not understood", places=places)
    return _Asked(organisation, kind, reason, emergency, until)
